//! Manifest + arguments + credentials -> one HTTP request, without authentication (see [`super::auth`]).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request};
use serde_json::Value;
use url::Url;

use super::body::{Node, Values, value_text};
use super::encoding;
use super::error::{ArgumentProblem, CallError};
use super::manifest::Encoding;
use super::template::Text;

/// Everything but the unreserved characters of RFC 3986, section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request of a manifest, parsed.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: Text,
    pub(crate) query: Vec<QueryItem>,
    pub(crate) headers: Vec<(HeaderName, Text)>,
    pub(crate) body: Option<Node>,
    pub(crate) encoding: Encoding,
    /// The credential is not put into it.
    pub(crate) anonymous: bool,
}

/// One part of a query.
#[derive(Debug)]
pub(crate) struct QueryItem {
    /// Wire name, not yet encoded.
    pub(crate) name: Box<str>,
    pub(crate) value: QueryValue,
}

#[derive(Debug)]
pub(crate) enum QueryValue {
    Fixed(Text),
    Argument { name: Box<str>, repeat: bool },
}

impl Operation {
    /// The request against a base URL; `content_type` is that of a JSON body.
    pub(crate) fn request(
        &self,
        base: &str,
        values: Values<'_>,
        content_type: &HeaderValue,
    ) -> Result<Request, CallError> {
        let mut request = Request::new(self.method.clone(), self.url(base, values)?);
        for (name, template) in &self.headers {
            if let Some(value) = template.fill(&|name| values.text(name)) {
                let value = header_value(name, &value)
                    .map_err(|error| argument_in_header(name, template, values).unwrap_or(error))?;
                request.headers_mut().insert(name, value);
            }
        }
        if let Some(body) = &self.body {
            let (content_type, bytes) =
                encoding::encode(self.encoding, &body.fill_body(values), content_type);
            *request.body_mut() = Some(bytes.into());
            request.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        Ok(request)
    }

    fn url(&self, base: &str, values: Values<'_>) -> Result<Url, CallError> {
        let unusable = |name: &&str| values.text(name).is_none_or(|value| climbs(&value));
        if let Some(name) = self.path.names().into_iter().find(unusable) {
            return Err(unusable_in_path(name));
        }
        let encoded = |name: &str| values.text(name).map(|value| encode(&value).into());
        let path = self.path.fill(&encoded).unwrap_or_default();
        let mut url = format!("{base}{path}");
        let mut separator = if url.contains('?') { '&' } else { '?' };
        for item in &self.query {
            item.each_value(values, |value| {
                url.push(separator);
                separator = '&';
                url.extend(utf8_percent_encode(&item.name, ENCODED));
                url.push('=');
                url.extend(utf8_percent_encode(value, ENCODED));
            });
        }
        Url::parse(&url).map_err(|_| CallError::Credential("its address is not a URL".into()))
    }
}

impl QueryItem {
    fn each_value(&self, values: Values<'_>, mut add: impl FnMut(&str)) {
        match &self.value {
            QueryValue::Fixed(text) => {
                if let Some(value) = text.fill(&|name| values.text(name)) {
                    add(&value);
                }
            }
            QueryValue::Argument { name, repeat } => match values.arguments.get(&**name) {
                Some(Value::Array(items)) if *repeat => {
                    items.iter().filter_map(value_text).for_each(|value| add(&value));
                }
                Some(value) => {
                    if let Some(value) = value_text(value) {
                        add(&value);
                    }
                }
                None => {}
            },
        }
    }
}

/// Percent-encodes a value for a path segment or a query.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}

/// A header value from a filled template; marked sensitive, so that it is never logged.
pub(crate) fn header_value(name: &HeaderName, value: &str) -> Result<HeaderValue, CallError> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| CallError::Credential(format!("a value cannot be sent in the header {name}")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What is wrong with a header that cannot be sent, if it comes from an argument: the credential is not to blame.
fn argument_in_header(name: &HeaderName, template: &Text, values: Values<'_>) -> Option<CallError> {
    let cannot_be_sent = |argument: &&str| {
        let text = values.arguments.get(*argument).and_then(value_text);
        text.is_some_and(|text| HeaderValue::from_str(&text).is_err())
    };
    let argument = template.names().into_iter().find(cannot_be_sent)?;
    let message =
        format!("cannot be sent in the header {name}: it has a line break or another control character");
    Some(wrong_argument(argument, message))
}

/// Whether a value would change which resource the path names, also when it is encoded (RFC 3986, section 5.2.4): it is
/// empty or dots, or has a segment of dots. Proxies decode %2F, and some servers take `\` for it and cut a segment at `;`.
fn climbs(value: &str) -> bool {
    let is_step = |segment: &str| {
        let segment = segment.split(';').next().unwrap_or_default().trim();
        segment == "." || segment == ".."
    };
    value.chars().all(|c| c == '.') || value.split(['/', '\\']).any(is_step)
}

fn unusable_in_path(name: &str) -> CallError {
    match name.strip_prefix("cred.") {
        Some(field) => CallError::Credential(format!("its field {field} cannot stand in a path")),
        None => wrong_argument(name, "cannot be empty, or have dots alone between slashes".into()),
    }
}

fn wrong_argument(name: &str, message: String) -> CallError {
    CallError::Arguments(vec![ArgumentProblem { pointer: format!("/{name}"), message }])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;
    use crate::vendors::Credentials;
    use crate::vendors::template::Braces;

    fn operation(path: &str, query: Vec<QueryItem>) -> Operation {
        let path = Text::parse(path, Braces::Strict).unwrap();
        Operation {
            method: Method::GET,
            path,
            query,
            headers: Vec::new(),
            body: None,
            encoding: Encoding::Json,
            anonymous: false,
        }
    }

    fn url(operation: &Operation, arguments: &Value) -> Result<Url, CallError> {
        let values =
            Values { arguments: arguments.as_object().unwrap(), credentials: &Credentials::default() };
        operation.url("https://api.example.com/v1", values)
    }

    #[test]
    fn query_rules() {
        let item = |name: &str, wire: &str, repeat| QueryItem {
            name: wire.into(),
            value: QueryValue::Argument { name: name.into(), repeat },
        };
        let fixed = QueryItem {
            name: "active".into(),
            value: QueryValue::Fixed(Text::parse("true", Braces::Strict).unwrap()),
        };
        let operation = operation(
            "/x",
            vec![
                fixed,
                item("size", "page[size]", false),
                item("ids", "ids", false),
                item("filter", "filter", true),
            ],
        );
        let url = |arguments: Value| url(&operation, &arguments).unwrap().to_string();
        assert_eq!(url(json!({})), "https://api.example.com/v1/x?active=true");
        assert_eq!(
            url(json!({"size": 5, "ids": [1, 2], "filter": ["a=\"b\"", "c&d"]})),
            "https://api.example.com/v1/x?active=true&page%5Bsize%5D=5&ids=1%2C2&filter=a%3D%22b%22&filter=c%26d"
        );
    }

    #[test]
    fn a_path_value_cannot_climb() {
        let operation = operation("/organizations/{id}/relationships/documents", Vec::new());
        for dots in [
            "",
            ".",
            "..",
            "...",
            "../users/current",
            "..\\users",
            "a/../../b",
            "a/./b",
            "a/..",
            "/..",
            "..;x=1/users",
            "a/.. /b",
        ] {
            assert!(
                matches!(url(&operation, &json!({"id": dots})), Err(CallError::Arguments(_))),
                "{dots:?}"
            );
        }
        for harmless in
            ["a/b", "a..b", "..a", ".gitignore", "v1.0/x", "...x/...", "%2e%2e", "%2E%2e%2Fx", "a;b"]
        {
            let url = url(&operation, &json!({"id": harmless})).unwrap();
            assert_eq!(url.path(), format!("/v1/organizations/{}/relationships/documents", encode(harmless)));
        }
    }

    /// A line break in an argument says nothing about the credential.
    #[test]
    fn what_cannot_be_sent_in_a_header() {
        let header = |name: &'static str, source: &str| {
            (HeaderName::from_static(name), Text::parse(source, Braces::Strict).unwrap())
        };
        let headers = vec![header("x-note", "Note: {note}"), header("x-key", "{cred.key}")];
        let operation = Operation { headers, ..operation("/x", Vec::new()) };
        let request = |note: &str, key: &str| {
            let arguments = json!({ "note": note });
            let credentials = [("key".to_owned(), key.to_owned())].into_iter().collect();
            let values = Values { arguments: arguments.as_object().unwrap(), credentials: &credentials };
            operation.request(
                "https://api.example.com",
                values,
                &HeaderValue::from_static("application/json"),
            )
        };
        assert!(request("a", "k").is_ok() && request("ä", "k").is_ok());
        for note in ["a\r\nx-evil: 1", "a\nb", "\u{7f}"] {
            let Err(CallError::Arguments(problems)) = request(note, "k") else { panic!("{note:?}") };
            assert_eq!(problems[0].pointer, "/note");
        }
        assert!(matches!(request("a", "k\n"), Err(CallError::Credential(_))));
    }

    proptest! {
        /// Whatever a path argument is, it stays one segment of the same resource on the same host.
        #[test]
        fn path_encoding(value in "\\PC*") {
            prop_assume!(!climbs(&value));
            let mut arguments = Map::new();
            arguments.insert("id".into(), Value::String(value.clone()));
            let url = url(&operation("/device/{id}/alerts", Vec::new()), &Value::Object(arguments)).unwrap();
            prop_assert_eq!(url.host_str(), Some("api.example.com"));
            prop_assert_eq!(url.query(), None);
            prop_assert_eq!(url.fragment(), None);
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 4);
            prop_assert_eq!(percent_encoding::percent_decode_str(segments[2]).decode_utf8().unwrap(), value);
        }

        /// A query value never becomes another parameter.
        #[test]
        fn query_encoding(value in "\\PC*") {
            let item = QueryItem { name: "q".into(), value: QueryValue::Argument { name: "q".into(), repeat: false } };
            let url = url(&operation("/x", vec![item]), &json!({"q": value.clone()})).unwrap();
            let pairs: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, vec![("q".to_owned(), value)]);
        }
    }
}
