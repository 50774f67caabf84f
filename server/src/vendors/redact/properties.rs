//! Whatever a secret is, and however the JSON around it writes it: it stands in no answer, also when the model reads it.

use std::fmt::Write as _;

use proptest::prelude::*;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::Redactor;
use crate::vendors::answer::{Wanted, shape};
use crate::vendors::paging::Asked;
use crate::vendors::testing;
use crate::vendors::vendor::{Action, Vendor};

/// Ways to write a string.
#[derive(Debug, Clone, Copy)]
enum Style {
    /// As few escapes as can be.
    Serde,
    /// Also slashes, as PHP does.
    Slashes,
    /// System.Text.Json's default: what HTML reads, quotes, backslashes, and all that is not ASCII, in upper case.
    DotNet,
    /// Every character, in lower case.
    All,
}

impl Style {
    /// The string with its quotes.
    fn write(self, text: &str) -> String {
        let plain = serde_json::to_string(text).unwrap();
        match self {
            Self::Serde => plain,
            Self::Slashes => plain.replace('/', "\\/"),
            Self::DotNet => quoted(
                text,
                |c| !c.is_ascii_graphic() || "\"&'+<>`\\".contains(c),
                |unit| format!("{unit:04X}"),
            ),
            Self::All => quoted(text, |_| true, |unit| format!("{unit:04x}")),
        }
    }
}

fn quoted(text: &str, is_escaped: impl Fn(char) -> bool, digits: impl Fn(u16) -> String) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if is_escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{}", digits(*unit)).unwrap();
            }
        } else {
            out.push(c);
        }
    }
    out + "\""
}

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![Just(Style::Serde), Just(Style::Slashes), Just(Style::DotNet), Just(Style::All)]
}

/// A value of some rows: the secret stands in some of its strings and names, or in JSON within them.
fn member(secret: String) -> impl Strategy<Value = (String, String)> {
    let echo = ("\\PC{0,4}", "\\PC{0,4}", style(), style()).prop_map(move |(before, after, inner, outer)| {
        let text = format!("{before}{secret}{after}");
        let nested = format!("{{\"k\":{}}}", inner.write(&text));
        (outer.write(&text), outer.write(&nested))
    });
    let plain = ("\\PC{0,8}", style()).prop_map(|(text, style)| style.write(&text));
    (echo, plain, any::<i32>(), 0..5).prop_map(|((text, nested), plain, number, place)| match place {
        0 => ("\"name\"".into(), text),
        1 => ("\"name\"".into(), nested),
        2 => (text, number.to_string()),
        3 => ("\"list\"".into(), format!("[{plain}, {{\"x\": {text}}}, {number}]")),
        _ => ("\"other\"".into(), plain),
    })
}

/// A secret, and a document with rows that echo it.
fn echo() -> impl Strategy<Value = (String, String)> {
    let secrets = prop_oneof!["\\PC{6,20}", "[!-~]{6,40}", "[0-9]{6,9}", r#"["\\/u+]{6,9}"#];
    secrets.prop_flat_map(|secret| {
        let rows = prop::collection::vec(prop::collection::vec(member(secret.clone()), 1..4), 1..4);
        (Just(secret), rows).prop_map(|(secret, rows)| {
            let row = |members: &Vec<(String, String)>| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                format!("{{{}, \"password\": \"pw\"}}", members.join(", "))
            };
            let rows: Vec<_> = rows.iter().map(row).collect();
            (secret, format!("{{\"rows\": [{}]}}", rows.join(",\n ")))
        })
    })
}

fn vendor(hide: &str) -> Vendor {
    testing::vendor(&format!(
        "fields = [{{ name = \"key\", label = \"Key\", kind = \"secret\" }}]\nauth = {{ bearer = \"{{key}}\" }}\n\
         [[tools]]\nname = \"list_x\"\ntitle = \"List x\"\ndescription = \"Lists x.\"\nrisk = \"read\"\n\
         method = \"GET\"\npath = \"/x\"\nresult = \"/rows\"\nhide = {hide}\n"
    ))
}

/// Every text in it, as a reader of JSON sees it.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => {
            found.extend(members.keys().cloned());
            members.values().for_each(|member| texts(member, found));
        }
        Value::String(text) => {
            found.push(text.clone());
            if let Ok(nested) = serde_json::from_str(text) {
                texts(&nested, found);
            }
        }
        other => found.push(other.to_string()),
    }
}

fn check(vendor: &Vendor, fields: &[&str], secret: &str, document: &str) -> Result<(), TestCaseError> {
    let credentials = [("key".to_owned(), secret.to_owned())].into_iter().collect();
    let redactor = Redactor::new(vendor, &credentials, None);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
    let body = document.as_bytes().to_vec();
    let (tool, arguments) = (&vendor.tools[0], Map::new());
    let Action::Request(operation) = &tool.action else { unreachable!("the tools of the manifest") };
    let (paging, query) = (&tool.paging, operation.query.as_slice());
    let asked =
        Asked { paging, query, arguments: &arguments, has_fields: tool.has_fields, redactor: &redactor };
    let wanted = Wanted { tool, asked, fields: &fields, budget: 65536 };
    let answer = shape(&wanted, StatusCode::OK, &headers, body, &redactor);
    let text = answer.map_err(|error| TestCaseError::fail(error.to_string()))?.text;
    prop_assert!(!text.contains(secret), "{text}");
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let mut found = Vec::new();
    if let Some(Ok(value)) = values.next() {
        texts(&value, &mut found);
    }
    prop_assert!(!found.is_empty(), "no JSON: {text}");
    let leak = found.iter().find(|text| text.contains(secret));
    prop_assert!(leak.is_none(), "{leak:?} in {text}");
    prop_assert!(vendor.tools[0].hidden.is_empty() || !text.contains("password"), "{text}");
    Ok(())
}

proptest! {
    #[test]
    fn no_answer_tells_it((secret, document) in echo()) {
        // The hole that it leaves would tell it; and what stands around every string.
        prop_assume!(!super::REDACTED.contains(&secret) && serde_json::from_str::<Value>(&document).is_ok());
        for hide in ["[]", "[\"password\"]"] {
            let vendor = vendor(hide);
            check(&vendor, &[], &secret, &document)?;
            check(&vendor, &["name", "list.x", "other"], &secret, &document)?;
        }
    }
}
