//! An MCP client and a person who connect with each other.

use std::collections::BTreeMap;

use gateway_api::me::Me;
use gateway_store::audit::AuditRow;
use reqwest::{Response, StatusCode, Url, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::gateway::{Browser, Gateway};

/// RFC 7636 appendix B.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(super) const REDIRECT_URI: &str = "http://localhost:33418/callback";
pub(super) const STATE: &str = "the client's own value &=?";

/// A registered client, and somebody who is signed in.
pub(super) struct Flow {
    pub(super) gateway: Gateway,
    pub(super) browser: Browser,
    pub(super) client_id: String,
}

/// The token endpoint's answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) token_type: String,
    pub(super) expires_in: u64,
    pub(super) refresh_token: String,
    pub(super) scope: String,
}

/// Parameters by name, to be changed by a test.
pub(super) type Parameters = Vec<(&'static str, String)>;

impl Flow {
    pub(super) async fn start() -> Self {
        let gateway = Gateway::start().await;
        let browser = gateway.member("ada@msp.example").await;
        let client_id = register(&gateway, &[REDIRECT_URI]).await;
        Self { gateway, browser, client_id }
    }

    /// At the first of two replicas; the second one.
    pub(super) async fn start_two() -> (Self, Gateway) {
        let (gateway, other) = Gateway::start_two().await;
        let browser = gateway.member("ada@msp.example").await;
        let client_id = register(&gateway, &[REDIRECT_URI]).await;
        (Self { gateway, browser, client_id }, other)
    }

    /// A request as Claude Code sends it.
    pub(super) fn request(&self) -> Parameters {
        vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.client_id.clone()),
            ("redirect_uri", REDIRECT_URI.to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
            ("state", STATE.to_owned()),
            ("scope", "mcp:read mcp:write offline_access".to_owned()),
            ("prompt", "consent".to_owned()),
            ("resource", self.mcp_url()),
        ]
    }

    pub(super) fn mcp_url(&self) -> String {
        format!("{}/v1/mcp", self.gateway.url)
    }

    /// Sends the browser to the authorization endpoint.
    pub(super) async fn authorize(&self, browser: &Browser, parameters: &Parameters) -> Response {
        browser.get(&format!("/authorize?{}", encode(parameters))).await
    }

    /// A request that waits for consent: its id.
    pub(super) async fn pending(&self) -> String {
        let answer = self.authorize(&self.browser, &self.request()).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let location = answer.headers()[header::LOCATION].to_str().unwrap();
        location.strip_prefix("/consent/").unwrap().to_owned()
    }

    /// The person allows it: the parameters that the client gets.
    pub(super) async fn allow(&self, id: &str) -> BTreeMap<String, String> {
        self.allow_some(id, None).await
    }

    /// The same, with only these scopes left ticked.
    pub(super) async fn allow_some(&self, id: &str, scopes: Option<&[&str]>) -> BTreeMap<String, String> {
        let me: Me = self.browser.get_json("/api/me").await;
        let mut decision = json!({"is_allowed": true, "organization_id": me.organization_id});
        if let Some(scopes) = scopes {
            decision["scopes"] = json!(scopes);
        }
        let answer = self.browser.post(&format!("/api/consents/{id}"), &decision).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = answer.json().await.unwrap();
        let to = body["redirect_to"].as_str().unwrap();
        assert!(to.starts_with(&format!("{REDIRECT_URI}?")), "{to}");
        query_of(to)
    }

    /// A fresh authorization code.
    pub(super) async fn code(&self) -> String {
        self.allow(&self.pending().await).await.remove("code").unwrap()
    }

    /// What a client sends for a code.
    pub(super) fn exchange(&self, code: &str) -> Parameters {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("client_id", self.client_id.clone()),
            ("code", code.to_owned()),
            ("redirect_uri", REDIRECT_URI.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
            ("resource", self.mcp_url()),
        ]
    }

    /// What a client sends to refresh.
    pub(super) fn refreshing(&self, refresh_token: &str) -> Parameters {
        vec![
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", self.client_id.clone()),
            ("refresh_token", refresh_token.to_owned()),
            ("resource", self.mcp_url()),
        ]
    }

    /// Asks the token endpoint.
    pub(super) async fn token(&self, parameters: &Parameters) -> Response {
        post_form(&self.gateway, "/token", parameters).await
    }

    /// Tokens, all the way.
    pub(super) async fn tokens(&self) -> Tokens {
        let code = self.code().await;
        good(self.token(&self.exchange(&code)).await).await
    }

    /// Tokens for what is asked for (by scope), of which the person leaves only some ticked.
    pub(super) async fn tokens_for(&self, asked: &str, allowed: &[&str]) -> Tokens {
        let answer = self.authorize(&self.browser, &with(&self.request(), "scope", asked)).await;
        let location = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        let id = location.strip_prefix("/consent/").unwrap();
        let code = self.allow_some(id, Some(allowed)).await.remove("code").unwrap();
        good(self.token(&self.exchange(&code)).await).await
    }

    /// Tokens for a refresh token.
    pub(super) async fn refresh(&self, refresh_token: &str) -> Tokens {
        good(self.token(&self.refreshing(refresh_token)).await).await
    }

    /// The newest audit row of this action. Rows of one moment have no order, and the clock stands still.
    pub(super) async fn audit(&self, action: &str) -> AuditRow {
        let rows = self.gateway.audit(&self.browser).await;
        rows.into_iter().find(|row| row.action == action).unwrap()
    }

    /// The status of a call with this token, as the layer over the MCP endpoint decides.
    pub(super) async fn call(&self, access_token: &str) -> u16 {
        use gateway_server::oauth::{
            bearer::{BearerError, authenticate},
            resource::Resource,
        };
        let mut headers = header::HeaderMap::new();
        headers.insert(header::AUTHORIZATION, format!("Bearer {access_token}").parse().unwrap());
        match authenticate(&self.gateway.state, &headers, &Resource::default()).await {
            Ok(_) => 200,
            Err(BearerError::Invalid) => 401,
            Err(other) => panic!("{other}"),
        }
    }
}

/// Registers a client with these redirect URIs.
pub(super) async fn register(gateway: &Gateway, redirect_uris: &[&str]) -> String {
    let metadata = json!({
        "client_name": "Claude Code (desk)",
        "redirect_uris": redirect_uris,
        "application_type": "native",
        "token_endpoint_auth_method": "none",
    });
    let answer = gateway.browser().post("/register", &metadata).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let body: Value = answer.json().await.unwrap();
    body["client_id"].as_str().unwrap().to_owned()
}

/// Without a cookie and without an origin, as a program does it.
pub(super) async fn post_form(gateway: &Gateway, path: &str, parameters: &Parameters) -> Response {
    let request = gateway.browser().http.post(format!("{}{path}", gateway.url)).form(parameters);
    request.send().await.unwrap()
}

/// The tokens of a good answer.
pub(super) async fn good(answer: Response) -> Tokens {
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    answer.json().await.unwrap()
}

/// Status and code of an error of RFC 6749 section 5.2; fails if the answer is none.
pub(super) async fn error_of(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let body: Value = answer.json().await.unwrap();
    let description = body["error_description"].as_str().unwrap();
    assert!(description.bytes().all(|byte| (0x20..=0x7e).contains(&byte) && !b"\"\\".contains(&byte)));
    (status, body["error"].as_str().unwrap().to_owned())
}

/// The parameters without one.
pub(super) fn without(parameters: &Parameters, name: &str) -> Parameters {
    parameters.iter().filter(|(key, _)| *key != name).cloned().collect()
}

/// The parameters with one replaced, or added.
pub(super) fn with(parameters: &Parameters, name: &'static str, value: &str) -> Parameters {
    let mut changed = without(parameters, name);
    changed.push((name, value.to_owned()));
    changed
}

/// The parameters with one twice.
pub(super) fn doubled(parameters: &Parameters, name: &'static str) -> Parameters {
    let mut changed = parameters.clone();
    changed.extend(parameters.iter().find(|(key, _)| *key == name).cloned());
    changed
}

pub(super) fn encode(parameters: &Parameters) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// The query of a URL by name.
pub(super) fn query_of(url: &str) -> BTreeMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}
