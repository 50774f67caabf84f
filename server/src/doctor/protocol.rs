//! With a token: the MCP endpoint in both eras, and whether its streams arrive as they are sent.

use std::time::Duration;

use axum::http::{HeaderName, StatusCode, header};
use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    LEGACY, MODERN, Target,
    contact::{bearer_challenge, parameter, stripped},
    finding::{Finding, Found},
    probe::{Answer, Probe, with_token},
    trouble::unexpected,
};

/// The first event of a stream is sent at once. What has not come by then is held back.
const FIRST_EVENT: Duration = Duration::from_secs(5);
/// The session of an older client.
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
/// Listed where the tools of vendors are not (`?tools=search`).
const CALLS_OTHERS: &str = "gateway__call_tool";

/// The body of a request of 2026-07-28.
pub(super) fn modern_body(method: &str, params: Value) -> Value {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": client_info(),
    });
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

fn client_info() -> Value {
    json!({"name": "mcp-gateway-doctor", "version": env!("CARGO_PKG_VERSION")})
}

fn modern(
    probe: &Probe,
    target: &Target,
    token: &SecretString,
    method: &str,
    params: Value,
) -> RequestBuilder {
    let request = probe.message(target, &modern_body(method, params));
    with_token(request.header("MCP-Protocol-Version", MODERN).header("Mcp-Method", method), token)
}

/// Whether a token is good no longer.
pub(super) async fn refuses(probe: &Probe, target: &Target, token: &SecretString) -> Result<bool, Finding> {
    let answer = probe.send(modern(probe, target, token, "server/discover", json!({}))).await?;
    Ok(answer.status == StatusCode::UNAUTHORIZED)
}

/// `server/discover`: how clients of 2026-07-28 begin.
pub(super) async fn discover(probe: &Probe, target: &Target, token: &SecretString) -> Found<()> {
    let answer = probe.send(modern(probe, target, token, "server/discover", json!({}))).await?;
    let result = result_of(&answer)?;
    let versions = result["supportedVersions"].as_array().cloned().unwrap_or_default();
    let versions: Vec<_> = versions.iter().filter_map(Value::as_str).collect();
    if !versions.contains(&MODERN) {
        return Err(Finding::failed(
            format!("The server speaks {}, but not {MODERN}.", versions.join(", ")),
            "Update the gateway.",
        ));
    }
    Ok((Finding::passed(format!("The token is accepted. The gateway speaks {}.", versions.join(", "))), ()))
}

/// `initialize`, a request in the session, and its end: how older clients go about it.
pub(super) async fn initialize(probe: &Probe, target: &Target, token: &SecretString) -> Found<()> {
    let params = json!({"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client_info()});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
    let answer = probe.send(with_token(probe.message(target, &body), token)).await?;
    let version = result_of(&answer)?["protocolVersion"].as_str().unwrap_or_default().to_owned();
    let Some(session) = answer.header(SESSION).map(str::to_owned) else {
        return Err(Finding::failed(
            "The answer has no Mcp-Session-Id, so older clients lose their session.",
            "Let the reverse proxy pass the headers Mcp-Session-Id and MCP-Protocol-Version in both directions.",
        ));
    };
    let in_session = |request: RequestBuilder| {
        with_token(request.header(SESSION, &session).header("MCP-Protocol-Version", &version), token)
    };
    let ping = json!({"jsonrpc": "2.0", "id": 2, "method": "ping"});
    let pong = probe.send(in_session(probe.message(target, &ping))).await;
    // Whatever came of it, the session is not left behind.
    let ended = probe.send(in_session(probe.delete(&target.mcp))).await?;
    let pong = pong?;
    if pong.status == StatusCode::NOT_FOUND || pong.status == StatusCode::BAD_REQUEST {
        return Err(Finding::failed(
            "The session is lost between two requests.",
            "Let the reverse proxy pass Mcp-Session-Id on. Several replicas must share one PostgreSQL database.",
        ));
    }
    result_of(&pong)?;
    if !ended.status.is_success() {
        return Err(unexpected(&ended, "202 to a DELETE that ends the session"));
    }
    Ok((Finding::passed(format!("Older clients are served, too: {version}, with a session.")), ()))
}

/// `tools/list`: what Claude will see with this token.
pub(super) async fn list_tools(probe: &Probe, target: &Target, token: &SecretString) -> Found<()> {
    let answer = probe.send(modern(probe, target, token, "tools/list", json!({}))).await?;
    let result = result_of(&answer)?;
    let Some(tools) = result["tools"].as_array() else {
        return Err(unexpected(&answer, "a list of tools"));
    };
    let names = || tools.iter().filter_map(|tool| tool["name"].as_str());
    if names().any(|name| name == CALLS_OTHERS) {
        let what = format!("{} tools, which find and call those of the connected vendors.", tools.len());
        return Ok((Finding::passed(what), ()));
    }
    let of_vendors = names().filter(|name| !name.starts_with("gateway__")).count();
    if of_vendors == 0 {
        return Ok((
            Finding::warning(
                format!("{} tools, all of them the gateway's own: no vendor is connected.", tools.len()),
                "Connect a vendor in Settings; its tools are there at once.",
            ),
            (),
        ));
    }
    Ok((Finding::passed(format!("{} tools, {of_vendors} of them of connected vendors.", tools.len())), ()))
}

/// `subscriptions/listen`: does the first event arrive while the stream is open?
pub(super) async fn streams(probe: &Probe, target: &Target, token: &SecretString) -> Found<()> {
    let params = json!({"notifications": {"toolsListChanged": true}});
    let request = modern(probe, target, token, "subscriptions/listen", params);
    let first = async {
        let mut response = probe.open(request).await?;
        if response.status() != StatusCode::OK {
            return Ok((response.status(), Vec::new()));
        }
        let chunk = response.chunk().await.ok().flatten().unwrap_or_default();
        Ok((response.status(), chunk.to_vec()))
    };
    let Ok(first) = tokio::time::timeout(FIRST_EVENT, first).await else {
        return Err(Finding::failed(
            "A stream is open, but its first event does not arrive: something holds it back.",
            "The reverse proxy buffers answers. Switch that off for /v1/ (nginx: proxy_buffering off; Caddy: \
             flush_interval -1), and compression of text/event-stream with it; then let streams stay open (nginx: \
             proxy_read_timeout 1h).",
        ));
    };
    match first? {
        (StatusCode::OK, chunk) if !chunk.is_empty() => {
            Ok((Finding::passed("Events arrive as they are sent, so Claude hears of new tools at once."), ()))
        }
        (status, _) => Err(Finding::failed(
            format!("The stream did not open: the answer is {status}, and nothing in it."),
            "Let the reverse proxy keep answers of type text/event-stream open, and pass them on as they come.",
        )),
    }
}

/// The result of a JSON-RPC answer; or what went wrong.
fn result_of(answer: &Answer) -> Result<Value, Finding> {
    match answer.status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Err(refused_token(answer)),
        _ => return Err(told_error(answer)),
    }
    match answer.message() {
        Some(message) if message["result"].is_object() => Ok(message["result"].clone()),
        _ => Err(told_error(answer)),
    }
}

fn refused_token(answer: &Answer) -> Finding {
    match bearer_challenge(answer) {
        Some(challenge) if parameter(challenge, "error").is_some() => Finding::failed(
            "The gateway refuses this token.",
            "It has expired, was revoked, or is for another gateway. Take a fresh one.",
        ),
        Some(_) => stripped(),
        None => unexpected(answer, "an answer to a request with a token"),
    }
}

/// A JSON-RPC error in its own words; anything else is not the gateway's.
fn told_error(answer: &Answer) -> Finding {
    let message = answer.message();
    let Some(text) = message.as_ref().and_then(|message| message["error"]["message"].as_str()) else {
        return unexpected(answer, "a JSON-RPC answer");
    };
    let what = format!("The gateway answers {}: {text}", answer.status);
    let advice = match answer.status {
        StatusCode::FORBIDDEN => {
            "Let the reverse proxy pass the original Host header (nginx: proxy_set_header Host $host)."
        }
        _ if answer.header(header::VIA).is_some() => {
            "A proxy stands in between: let it pass the headers MCP-Protocol-Version, Mcp-Method and Mcp-Session-Id."
        }
        _ => {
            "Let everything in between pass the headers MCP-Protocol-Version, Mcp-Method and Mcp-Session-Id."
        }
    };
    Finding::failed(what, advice)
}
