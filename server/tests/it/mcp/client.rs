//! An MCP client that says exactly what a test tells it to.

use std::collections::BTreeMap;

use gateway_api::me::Me;
use gateway_store::audit::AuditRow;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde_json::{Value, json};

use crate::gateway::{Browser, Gateway};

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT_URI: &str = "http://localhost:33418/callback";
/// The current revision.
pub(crate) const MODERN: &str = "2026-07-28";

/// A client that a person has allowed.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) url: String,
    pub(crate) token: String,
}

/// An answer: status, headers of interest, and the one message in it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) session: Option<String>,
    pub(crate) body: Value,
}

impl Client {
    /// Registers, and asks the person behind the browser for consent: the client's id and the request's.
    pub(crate) async fn ask_consent(gateway: &Gateway, browser: &Browser) -> (String, String) {
        Self::ask_consent_for(gateway, browser, "/v1/mcp", None).await
    }

    /// The same for the endpoint at `path`.
    async fn ask_consent_for(
        gateway: &Gateway,
        browser: &Browser,
        path: &str,
        scope: Option<&str>,
    ) -> (String, String) {
        let metadata = json!({"client_name": "Claude Code (test)", "redirect_uris": [REDIRECT_URI],
            "token_endpoint_auth_method": "none"});
        let registered: Value = gateway.browser().post("/register", &metadata).await.json().await.unwrap();
        let client_id = registered["client_id"].as_str().unwrap();
        let url = format!("{}{path}", gateway.url);
        let mut asked = vec![
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", REDIRECT_URI),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("resource", &url),
        ];
        asked.extend(scope.map(|scope| ("scope", scope)));
        let query = serde_urlencoded::to_string(asked).unwrap();
        let answer = browser.get(&format!("/authorize?{query}")).await;
        let consent = answer.headers()[header::LOCATION].to_str().unwrap();
        (client_id.to_owned(), consent.rsplit('/').next().unwrap().to_owned())
    }

    /// Registers, and the person behind the browser allows it.
    pub(crate) async fn connect(gateway: &Gateway, browser: &Browser) -> Self {
        Self::connect_to(gateway, browser, "/v1/mcp").await
    }

    /// The same, with a token for the endpoint at `path`.
    pub(crate) async fn connect_to(gateway: &Gateway, browser: &Browser, path: &str) -> Self {
        let (_, tokens) = Self::tokens_for(gateway, browser, path).await;
        Self::with_tokens(gateway, path, &tokens)
    }

    /// The same, with a token for these scopes.
    pub(crate) async fn connect_with_scope(gateway: &Gateway, browser: &Browser, scope: &str) -> Self {
        let asked = Self::ask_consent_for(gateway, browser, "/v1/mcp", Some(scope)).await;
        let (_, tokens) = Self::tokens_after(gateway, browser, asked).await;
        Self::with_tokens(gateway, "/v1/mcp", &tokens)
    }

    fn with_tokens(gateway: &Gateway, path: &str, tokens: &Value) -> Self {
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        Self { http: gateway.browser().http, url: format!("{}{path}", gateway.url), token }
    }

    /// The client's id, and what the token endpoint gave it.
    pub(crate) async fn tokens_for(gateway: &Gateway, browser: &Browser, path: &str) -> (String, Value) {
        let asked = Self::ask_consent_for(gateway, browser, path, None).await;
        Self::tokens_after(gateway, browser, asked).await
    }

    /// After the person's consent to what was asked.
    async fn tokens_after(
        gateway: &Gateway,
        browser: &Browser,
        (client_id, consent): (String, String),
    ) -> (String, Value) {
        let me: Me = browser.get_json("/api/me").await;
        let decision = json!({"is_allowed": true, "organization_id": me.organization_id});
        let decided: Value =
            browser.post(&format!("/api/consents/{consent}"), &decision).await.json().await.unwrap();
        let back: Url = decided["redirect_to"].as_str().unwrap().parse().unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let exchange = BTreeMap::from([
            ("grant_type", "authorization_code"),
            ("client_id", &client_id),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ]);
        let request = gateway.browser().http.post(format!("{}/token", gateway.url)).form(&exchange);
        let tokens = request.send().await.unwrap().json().await.unwrap();
        (client_id, tokens)
    }

    /// The same app at another address of the gateway.
    pub(crate) fn at(&self, gateway: &Gateway, path_and_query: &str) -> Self {
        Self { url: format!("{}{path_and_query}", gateway.url), ..self.clone() }
    }

    /// A request with the token and the headers that every client sends.
    pub(crate) fn request(&self, method: Method) -> RequestBuilder {
        self.http
            .request(method, &self.url)
            .bearer_auth(&self.token)
            .header(header::ACCEPT, "application/json, text/event-stream")
    }

    /// A POST with this body.
    pub(crate) fn post(&self, body: &Value) -> RequestBuilder {
        self.request(Method::POST).json(body)
    }

    /// A complete request of 2026-07-28.
    pub(crate) fn modern_request(&self, method: &str, params: &Value) -> RequestBuilder {
        let request = self
            .post(&modern_body(method, params))
            .header("MCP-Protocol-Version", MODERN)
            .header("Mcp-Method", method);
        match params["name"].as_str() {
            Some(name) => request.header("Mcp-Name", name),
            None => request,
        }
    }

    /// Sends it.
    pub(crate) async fn modern(&self, method: &str, params: Value) -> Answer {
        read(self.modern_request(method, &params).send().await.unwrap()).await
    }

    /// Calls a tool; the result.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let answer = self.modern("tools/call", json!({"name": tool, "arguments": arguments})).await;
        assert_eq!((answer.status, answer.body["error"].clone()), (200, Value::Null), "{tool}");
        answer.body["result"].clone()
    }

    /// The names of the tools that are listed.
    pub(crate) async fn tool_names(&self) -> Vec<String> {
        let answer = self.modern("tools/list", json!({})).await;
        let tools = answer.body["result"]["tools"].as_array().unwrap();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    /// `initialize` of an older revision; the session id.
    pub(crate) async fn initialize(&self, version: &str) -> String {
        self.initialize_with(version, json!({})).await
    }

    /// The same with these capabilities.
    pub(crate) async fn initialize_with(&self, version: &str, capabilities: Value) -> String {
        let params = json!({"protocolVersion": version, "capabilities": capabilities,
            "clientInfo": {"name": "test", "version": "1"}});
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let answer = read(self.post(&body).send().await.unwrap()).await;
        assert_eq!(answer.body["result"]["protocolVersion"], version);
        let session = answer.session.unwrap();
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let answer = self.in_session(&session, version, &initialized).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        session
    }

    /// A message in a session.
    pub(crate) fn in_session(&self, session: &str, version: &str, body: &Value) -> RequestBuilder {
        self.post(body).header("Mcp-Session-Id", session).header("MCP-Protocol-Version", version)
    }

    /// A request in a session, answered.
    pub(crate) async fn legacy(&self, session: &str, method: &str, params: Value) -> Answer {
        self.legacy_as(7, session, method, params).await
    }

    /// The same under another id: those that are open at the same time must differ.
    pub(crate) async fn legacy_as(&self, id: i64, session: &str, method: &str, params: Value) -> Answer {
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        read(self.in_session(session, "2025-11-25", &body).send().await.unwrap()).await
    }
}

/// The body of a complete request of 2026-07-28.
pub(crate) fn modern_body(method: &str, params: &Value) -> Value {
    let mut params = params.clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    });
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
}

/// The one message of an answer, as JSON or as the last event of a stream.
pub(crate) async fn read(answer: Response) -> Answer {
    let status = answer.status().as_u16();
    let text = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (content_type, session) = (text("content-type").unwrap_or_default(), text("mcp-session-id"));
    let whole = answer.text().await.unwrap();
    let message = if content_type == "text/event-stream" {
        whole.lines().filter_map(|line| line.strip_prefix("data:")).next_back().unwrap_or_default().to_owned()
    } else {
        whole
    };
    let body = if message.is_empty() { Value::Null } else { serde_json::from_str(message.trim()).unwrap() };
    Answer { status, content_type, session, body }
}

/// The text of a tool result.
pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

/// The rows of tool calls, the newest first.
pub(crate) async fn tool_calls(gateway: &Gateway, browser: &Browser) -> Vec<AuditRow> {
    let rows = gateway.audit(browser).await;
    rows.into_iter().filter(|row| row.action == "tool.call").collect()
}

/// A person with the demo desk connected, and their client.
pub(crate) async fn with_demo(gateway: &Gateway, email: &str) -> (Browser, Client) {
    let browser = gateway.member(email).await;
    let answer = browser.put("/api/connections/demo", &json!({"fields": {"api_key": "demo-key"}})).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let client = Client::connect(gateway, &browser).await;
    (browser, client)
}
