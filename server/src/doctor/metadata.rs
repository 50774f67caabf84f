//! The two documents a client reads: what the endpoint is (RFC 9728), and who issues tokens for it (RFC 8414).

use axum::http::StatusCode;
use serde_json::Value;
use url::Url;

use super::{
    Target,
    contact::{bearer_challenge, check_public_url, parameter},
    finding::{Finding, Found},
    probe::{Answer, Probe},
    trouble::unexpected,
};
use crate::oauth::metadata::{AUTHORIZATION_SERVER, PROTECTED_RESOURCE};

/// What a client knows of the authorization server.
pub(super) struct Server {
    pub(super) issuer: String,
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) registration: Option<Url>,
    pub(super) revocation: Option<Url>,
    /// It fetches client ID metadata documents (MCP 2026-07-28, client registration).
    pub(super) has_metadata_clients: bool,
}

/// The document that the 401 names, and its copy at the root; the issuer it names.
pub(super) async fn protected_resource(probe: &Probe, target: &Target, first: &Answer) -> Found<String> {
    let named = bearer_challenge(first).and_then(|challenge| parameter(challenge, "resource_metadata"));
    let named = named.and_then(|url| Url::parse(&url).ok()).unwrap_or_else(|| target.at(PROTECTED_RESOURCE));
    let document = read(probe, &named).await?;
    let resource = text(&document, "resource").and_then(|resource| Url::parse(resource).ok());
    let Some(resource) = resource else {
        return Err(Finding::failed("The document names no resource.", "This is not the gateway's answer."));
    };
    check_public_url(target, &resource)?;
    if resource.path() != target.mcp.path() {
        return Err(Finding::failed(
            format!("The document is about {resource}, and you asked {}: clients refuse that.", target.mcp),
            format!("Give clients the address {resource}."),
        ));
    }
    let issuer = document["authorization_servers"][0].as_str().unwrap_or_default().to_owned();
    let Ok(issuer_url) = Url::parse(&issuer) else {
        return Err(Finding::failed(
            "The document names no authorization server.",
            "This is not the gateway's answer.",
        ));
    };
    check_public_url(target, &issuer_url)?;
    // Clients that get no challenge look at the root.
    read(probe, &target.at(PROTECTED_RESOURCE)).await?;
    if resource.query() != target.mcp.query() {
        let what = format!(
            "The document is about {resource}, and you asked {}: some clients refuse that.",
            target.mcp
        );
        return Ok((Finding::warning(what, format!("Give clients the address {resource}.")), issuer));
    }
    Ok((Finding::passed("It names this endpoint, and the gateway itself as who issues tokens."), issuer))
}

/// What the authorization server can do.
pub(super) async fn authorization_server(probe: &Probe, target: &Target, issuer: &str) -> Found<Server> {
    let document = read(probe, &target.at(AUTHORIZATION_SERVER)).await?;
    let named = text(&document, "issuer").unwrap_or_default();
    if named != issuer {
        return Err(Finding::failed(
            format!(
                "The issuer is {named:?} here and {issuer:?} in the other document: clients refuse that."
            ),
            "Both come from --public-url, so something in between mixes two gateways or rewrites answers. Point the \
             reverse proxy's whole host at one gateway, or replicas that have the same --public-url.",
        ));
    }
    let methods = document["code_challenge_methods_supported"].as_array();
    if !methods.is_some_and(|methods| methods.iter().any(|method| method == "S256")) {
        return Err(Finding::failed(
            "It does not offer PKCE with S256, which MCP clients need.",
            "This is not the gateway's answer, or something in between rewrites it.",
        ));
    }
    let endpoint = |name: &str| {
        let url = text(&document, name).and_then(|url| Url::parse(url).ok());
        url.filter(|url| target.is_same_origin(url))
    };
    let (Some(authorization), Some(token)) = (endpoint("authorization_endpoint"), endpoint("token_endpoint"))
    else {
        return Err(Finding::failed(
            "An endpoint is missing, or lies on another host.",
            "Start the gateway with the --public-url under which clients reach it.",
        ));
    };
    let server = Server {
        issuer: issuer.to_owned(),
        authorization,
        token,
        registration: endpoint("registration_endpoint"),
        revocation: endpoint("revocation_endpoint"),
        has_metadata_clients: document["client_id_metadata_document_supported"] == true,
    };
    let what =
        format!("The issuer is {issuer}; it offers PKCE with S256, and its endpoints lie on the same host.");
    Ok((Finding::passed(what), server))
}

/// A JSON document that anybody may read.
async fn read(probe: &Probe, url: &Url) -> Result<Value, Finding> {
    let answer = probe.send(probe.get(url)).await?;
    let expected = format!("200 with JSON at {}", url.path());
    if answer.status != StatusCode::OK {
        return Err(unexpected(&answer, &expected));
    }
    match answer.json() {
        Some(document @ Value::Object(_)) => Ok(document),
        _ => Err(unexpected(&answer, &expected)),
    }
}

fn text<'d>(document: &'d Value, name: &str) -> Option<&'d str> {
    document[name].as_str()
}
