//! A filled body -> bytes and content type: JSON, a form, or multipart parts.

use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _};
use reqwest::header::HeaderValue;
use reqwest::multipart::{Form, Part};

use super::body::Filled;
use super::error::CallError;
use super::manifest::Encoding;

/// The body of a request with its content type; `json` is the type of a JSON body.
pub(crate) fn encode(
    encoding: Encoding,
    body: &Filled<'_>,
    json: &HeaderValue,
) -> Result<(HeaderValue, Bytes), CallError> {
    match encoding {
        Encoding::Json => Ok((json.clone(), json_text(body).into())),
        Encoding::Form => {
            let pairs: Vec<_> = members(body).map(|(name, value)| (name, plain(value))).collect();
            let text = serde_urlencoded::to_string(&pairs).expect("pairs of texts are a form");
            Ok((HeaderValue::from_static("application/x-www-form-urlencoded"), text.into()))
        }
        Encoding::Multipart => multipart(body),
    }
}

/// One part per member (RFC 7578): texts as they are, anything else as JSON.
fn multipart(body: &Filled<'_>) -> Result<(HeaderValue, Bytes), CallError> {
    let broken = |_| CallError::Broken("a body part could not be written".into());
    let mut form = Form::new();
    for (name, value) in members(body) {
        let part = match value.as_text() {
            Some(text) => Part::text(text.to_owned()),
            None => Part::text(json_text(value)).mime_str("application/json").map_err(broken)?,
        };
        form = form.part(name.to_owned(), part);
    }
    let kind = format!("multipart/form-data; boundary={}", form.boundary());
    let kind = HeaderValue::from_str(&kind).expect("a boundary is plain ASCII");
    let chunks = form.into_stream().collect::<Vec<_>>().now_or_never().expect("every part is in memory");
    let chunks: Vec<Bytes> = chunks.into_iter().collect::<Result<_, _>>().map_err(broken)?;
    Ok((kind, chunks.concat().into()))
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
        let (kind, bytes) = encode(encoding, &node.fill_body(values), &json).unwrap();
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
