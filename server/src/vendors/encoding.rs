//! A filled body -> bytes and content type: JSON, a form, or multipart parts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use reqwest::header::HeaderValue;
use sha2::{Digest as _, Sha256};

use super::body::Filled;
use super::manifest::Encoding;

/// The body of a request with its content type; `json` is the type of a JSON body.
pub(crate) fn encode(encoding: Encoding, body: &Filled<'_>, json: &HeaderValue) -> (HeaderValue, Bytes) {
    match encoding {
        Encoding::Json => (json.clone(), json_text(body).into()),
        Encoding::Form => {
            let pairs: Vec<_> = members(body).map(|(name, value)| (name, plain(value))).collect();
            let text = serde_urlencoded::to_string(&pairs).expect("pairs of texts are a form");
            (HeaderValue::from_static("application/x-www-form-urlencoded"), text.into())
        }
        Encoding::Multipart => multipart(body),
    }
}

/// One part per member (RFC 7578): texts as they are, anything else as JSON. The boundary is a hash of the parts, so
/// that it cannot stand in them.
fn multipart(body: &Filled<'_>) -> (HeaderValue, Bytes) {
    let parts: Vec<_> = members(body).map(|(name, value)| part(name, value)).collect();
    let boundary = URL_SAFE_NO_PAD.encode(Sha256::digest(parts.concat()));
    let mut text = String::new();
    for part in parts {
        text.extend(["--", &boundary, "\r\n", &part, "\r\n"]);
    }
    text.extend(["--", &boundary, "--\r\n"]);
    let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"));
    (kind.expect("base64 is plain ASCII"), text.into())
}

/// Names of parts are those of a manifest's body, which it writes without quotes and line breaks.
fn part(name: &str, value: &Filled<'_>) -> String {
    let head = format!("Content-Disposition: form-data; name=\"{name}\"\r\n");
    match value.as_text() {
        Some(text) => format!("{head}\r\n{text}"),
        None => format!("{head}Content-Type: application/json\r\n\r\n{}", json_text(value)),
    }
}

fn members<'a, 'f>(body: &'a Filled<'f>) -> impl Iterator<Item = (&'a str, &'a Filled<'f>)> {
    let members = match body {
        Filled::Object(members) => members.as_slice(),
        _ => &[],
    };
    members.iter().map(|(name, value)| (*name, value))
}

fn plain(value: &Filled<'_>) -> String {
    value.as_text().map_or_else(|| json_text(value), str::to_owned)
}

fn json_text(value: &Filled<'_>) -> String {
    serde_json::to_string(value).expect("JSON values serialise to memory")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::vendors::Credentials;
    use crate::vendors::body::{Node, Values};

    fn encoded(encoding: Encoding, template: &Value, arguments: &Value) -> (String, String) {
        let node = Node::parse(template).unwrap();
        let values =
            Values { arguments: arguments.as_object().unwrap(), credentials: &Credentials::default() };
        let json = HeaderValue::from_static("application/vnd.api+json");
        let (kind, bytes) = encode(encoding, &node.fill_body(values), &json);
        (kind.to_str().unwrap().to_owned(), String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn json_keeps_the_vendors_type() {
        let (kind, text) = encoded(Encoding::Json, &json!({"a": "{a}"}), &json!({"a": 1}));
        assert_eq!((kind.as_str(), text.as_str()), ("application/vnd.api+json", r#"{"a":1}"#));
    }

    #[test]
    fn form_pairs() {
        let arguments = json!({"a": "x y&", "b": 2});
        let (kind, text) = encoded(Encoding::Form, &json!({"a": "{a}", "b": "{b}", "c": "{c}"}), &arguments);
        assert_eq!((kind.as_str(), text.as_str()), ("application/x-www-form-urlencoded", "a=x+y%26&b=2"));
    }

    #[test]
    fn multipart_parts() {
        let template = json!({"comment": {"body": "{text}", "public": true}, "name": "{text}"});
        let (kind, text) = encoded(Encoding::Multipart, &template, &json!({"text": "Hä?\r\n--"}));
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let parts: Vec<_> = text.split(&format!("--{boundary}")).collect();
        assert_eq!(parts.len(), 4);
        let json = "\r\nContent-Disposition: form-data; name=\"comment\"\r\nContent-Type: application/json\r\n\r\n{\"body\":\"Hä?\\r\\n--\",\"public\":true}\r\n";
        assert_eq!(parts[1], json);
        assert_eq!(parts[2], "\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nHä?\r\n--\r\n");
        assert_eq!(parts[3], "--\r\n");
    }
}
