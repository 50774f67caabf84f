//! A vendor's answer without a good status -> [`CallError`], with the vendor's own words.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};
use serde_json::Value;
use url::Url;

use super::error::CallError;
use super::redact::Redactor;
use super::retry_after::retry_after;

/// Longest vendor message that is passed on, in characters.
const MAX_MESSAGE: usize = 300;

/// Members that hold the message in error bodies, the most telling first.
const MEMBERS: [&str; 9] = [
    "errors",
    "error_description",
    "detail",
    "message",
    "error",
    "title",
    "reason",
    "description",
    "status_text",
];

/// The error for an answer; `body` may be cut off.
pub(crate) fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    redactor: &Redactor,
) -> CallError {
    // And again after the parsing, for JSON may hide a secret by escapes.
    let message = message(cleaned(body, redactor).as_bytes()).map(|text| redactor.clean(text));
    let code = status.as_u16();
    match code {
        300..=399 => CallError::Redirected { status: code, location: redactor.clean(target(headers)) },
        401 => CallError::Unauthorized { status: code, message },
        403 => CallError::Forbidden { status: code, message },
        404 | 410 => CallError::NotFound { status: code, message },
        429 => CallError::RateLimited { status: code, message, retry_after: retry_after(headers) },
        400..=499 => CallError::Rejected { status: code, message },
        _ => CallError::Failed { status: code, message },
    }
}

/// The text of a body without secrets, before anything is shortened: half a secret would not be found.
pub(crate) fn cleaned(body: &[u8], redactor: &Redactor) -> String {
    let text = body.utf8_chunks().next().map(|chunk| chunk.valid().to_owned());
    redactor.clean(text.unwrap_or_default())
}

/// Scheme and host of a redirect; the rest may hold anything.
fn target(headers: &HeaderMap) -> String {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match Url::parse(location) {
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => "another address of the same host".to_owned(),
    }
}

/// The vendor's message in an error body, on one line.
fn message(body: &[u8]) -> Option<String> {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(value) => words(&value, 0)?,
        Err(_) => {
            std::str::from_utf8(body).ok().map(str::trim).filter(|text| !text.starts_with('<'))?.to_owned()
        }
    };
    one_line(&text)
}

/// The words in a part of a body, on one line.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    one_line(&words(value, 0)?)
}

fn one_line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    (!line.is_empty()).then(|| shorten(&line, MAX_MESSAGE))
}

/// The text, or its beginning with an ellipsis.
pub(crate) fn shorten(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn words(value: &Value, depth: usize) -> Option<String> {
    match value {
        _ if depth > 4 => None,
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Array(items) => {
            let texts: Vec<_> = items.iter().take(5).filter_map(|item| words(item, depth + 1)).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        }
        Value::Object(members) => {
            let named = MEMBERS.iter().filter_map(|name| {
                members
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(name))
                    .and_then(|(_, value)| words(value, depth + 1))
            });
            let mut named = named;
            named.next().or_else(|| fields(members))
        }
        _ => None,
    }
}

/// Field errors such as `{"subject": ["can't be blank"]}`.
fn fields(members: &serde_json::Map<String, Value>) -> Option<String> {
    let texts: Vec<_> = members
        .iter()
        .take(5)
        .filter_map(|(name, value)| match value {
            Value::Array(items) => {
                let texts: Vec<_> = items.iter().filter_map(Value::as_str).collect();
                (!texts.is_empty()).then(|| format!("{name}: {}", texts.join(", ")))
            }
            _ => None,
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        let said = |body: &str| message(body.as_bytes());
        assert_eq!(said(r#""bad matcher format: x""#).as_deref(), Some("bad matcher format: x"));
        assert_eq!(
            said(r#"{"code":602,"message":"id in path is required"}"#).as_deref(),
            Some("id in path is required")
        );
        assert_eq!(
            said(r#"{"errors":[{"title":"Unauthorized","detail":"API key is wrong","status":"403"}]}"#)
                .as_deref(),
            Some("API key is wrong")
        );
        assert_eq!(said(r#"{"errors":["one","two"]}"#).as_deref(), Some("one; two"));
        assert_eq!(
            said(r#"{"timestamp":1,"status":404,"error":"Not Found","path":"/x"}"#).as_deref(),
            Some("Not Found")
        );
        assert_eq!(
            said(r#"{"error":"invalid_grant","error_description":"Bad credentials"}"#).as_deref(),
            Some("Bad credentials")
        );
        assert_eq!(
            said(r#"{"errors":{"subject":["can't be blank"]}}"#).as_deref(),
            Some("subject: can't be blank")
        );
        assert_eq!(said("Unauthorized\n").as_deref(), Some("Unauthorized"));
        assert_eq!(said("<html>x</html>"), None);
        assert_eq!(said(""), None);
        assert_eq!(said(&"x".repeat(400)).map(|text| text.chars().count()), Some(301));
    }
}
