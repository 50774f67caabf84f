//! What a request must not look like, whatever it says: headers that are there twice, compressed bodies, and JSON with a
//! name twice. Programs disagree about which of two counts, so what a proxy or a log saw would not be what is done here
//! (RFC 8259 section 4, RFC 9110 section 5.3).

use std::{collections::HashSet, fmt};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use rmcp::model::ErrorData;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{
    endpoint::{PROTOCOL_VERSION, SESSION_ID},
    error,
};

/// Headers that decide what a request means.
const ONCE: [&str; 6] =
    [SESSION_ID, PROTOCOL_VERSION, "mcp-method", "mcp-name", "content-type", "content-encoding"];

/// The refusal of headers that contradict each other, and of encodings that are not read here.
pub(super) fn refuse_headers(headers: &HeaderMap) -> Option<Response> {
    if let Some(name) = ONCE.into_iter().find(|name| headers.get_all(*name).iter().count() > 1) {
        let message = format!("The header {name} is there more than once.");
        let error = if name.starts_with("mcp-") && name != SESSION_ID {
            ErrorData::header_mismatch(message, None)
        } else {
            ErrorData::invalid_request(message, None)
        };
        return Some(error::answer(StatusCode::BAD_REQUEST, None, error));
    }
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        let message = "Bodies must not be compressed.";
        let mut refusal = error::refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
        // RFC 9110 section 12.5.3.
        refusal.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        return Some(refusal);
    }
    None
}

/// Whether an object of the JSON text, at any depth, has a name twice. A text that is no JSON has not.
pub(super) fn has_duplicate_names(body: &[u8]) -> bool {
    serde_json::from_slice::<Unique>(body).is_err_and(|error| error.to_string().starts_with(DUPLICATE))
}

const DUPLICATE: &str = "a name is there twice";

/// Any JSON without a name twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom(DUPLICATE));
            }
            map.next_value::<Unique>()?;
        }
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_there_once() {
        for good in [r#"{"a":1,"b":{"a":2}}"#, "[{\"a\":1},{\"a\":1}]", "1", "not JSON", "", "{\"a\":1"] {
            assert!(!has_duplicate_names(good.as_bytes()), "{good}");
        }
        for bad in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#, r#"{"a":{"b":1,"b":null}}"#] {
            assert!(has_duplicate_names(bad.as_bytes()), "{bad}");
        }
        assert!(!has_duplicate_names(&vec![b'['; 1 << 20]), "too deep to be read at all");
    }

    #[test]
    fn headers_are_there_once() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            refuse_headers(&headers).map(|refusal| refusal.status().as_u16())
        };
        assert_eq!(headers(&[(SESSION_ID, "a"), ("accept", "a"), ("accept", "b")]), None);
        for name in ONCE {
            assert_eq!(headers(&[(name, "identity"), (name, "identity")]), Some(400), "{name}");
        }
        assert_eq!(headers(&[("content-encoding", "Identity")]), None);
        assert_eq!(headers(&[("content-encoding", "gzip")]), Some(415));
    }
}
