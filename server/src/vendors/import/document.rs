//! An OpenAPI document as JSON values: reading JSON or YAML, its version, and references inside it.
//!
//! References to other files or hosts are never followed.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::error::ImportError;
use super::swagger2;

/// Largest document that is read, in bytes.
pub(super) const MAX_DOCUMENT: usize = 32 * 1024 * 1024;

/// Longest chain of references that is followed.
const MAX_CHAIN: usize = 64;

/// A document in the shape of OpenAPI 3.
#[derive(Debug)]
pub(super) struct Document {
    root: Map<String, Value>,
    /// As the document says it, e.g. `OpenAPI 3.0.3`.
    pub(super) version: String,
}

/// Where a reference leads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'d> {
    /// To this value, which is no reference itself.
    Value(&'d Value),
    /// Out of the document.
    External(&'d str),
    /// To nothing.
    Missing(&'d str),
    /// From one reference to the next, without an end.
    Endless(&'d str),
}

impl Document {
    /// Reads a document of any version that is known.
    pub(super) fn read(text: &str) -> Result<Self, ImportError> {
        if text.len() > MAX_DOCUMENT {
            return Err(ImportError::TooLarge { limit: MAX_DOCUMENT });
        }
        let Value::Object(root) = parse(text.trim_start_matches('\u{feff}'))? else {
            return Err(ImportError::NotOpenApi("it is no object".into()));
        };
        let version = version(&root)?;
        if !root.get("paths").is_some_and(Value::is_object) {
            return Err(ImportError::NotOpenApi("it has no `paths`".into()));
        }
        let mut document = Self { root, version };
        if document.root.contains_key("swagger") {
            document.root = swagger2::upgrade(&document);
        }
        Ok(document)
    }

    /// A member of the document, or nothing.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.root.get(key)
    }

    /// All members.
    pub(super) fn root(&self) -> &Map<String, Value> {
        &self.root
    }

    /// A value at a JSON pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer.strip_prefix('/')?.split_once('/').unwrap_or((&pointer[1..], ""));
        let member = self.root.get(&first.replace("~1", "/").replace("~0", "~"))?;
        if rest.is_empty() { Some(member) } else { member.pointer(&format!("/{rest}")) }
    }

    /// Follows a value's `$ref`, and that of what is found, to the end.
    pub(super) fn resolve<'d>(&'d self, value: &'d Value) -> Target<'d> {
        let mut value = value;
        for _ in 0..MAX_CHAIN {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Target::Value(value);
            };
            let Some(fragment) = reference.strip_prefix('#') else { return Target::External(reference) };
            let pointer = percent_decode_str(fragment).decode_utf8_lossy();
            match self.at(&pointer) {
                Some(found) => value = found,
                None => return Target::Missing(reference),
            }
        }
        Target::Endless(value.get("$ref").and_then(Value::as_str).unwrap_or_default())
    }

    /// What a value or its reference says, if it is an object inside the document.
    pub(super) fn object<'d>(&'d self, value: &'d Value) -> Option<&'d Map<String, Value>> {
        match self.resolve(value) {
            Target::Value(value) => value.as_object(),
            Target::External(_) | Target::Missing(_) | Target::Endless(_) => None,
        }
    }
}

impl Target<'_> {
    /// Why there is no value, in words.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Value(_) => None,
            Self::External(reference) => {
                Some(format!("`{reference}` stands outside of the document, and is never fetched"))
            }
            Self::Missing(reference) => Some(format!("`{reference}` leads to nothing")),
            Self::Endless(reference) => {
                Some(format!("`{reference}` refers to itself, by a chain of $ref that has no end"))
            }
        }
    }
}

fn parse(text: &str) -> Result<Value, ImportError> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|error| ImportError::Syntax { format: "JSON", reason: error.to_string() });
    }
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| ImportError::Syntax {
        format: "YAML",
        reason: error.render_with_formatter(&serde_saphyr::UserMessageFormatter),
    })
}

fn version(root: &Map<String, Value>) -> Result<String, ImportError> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(version) = root.get("openapi").map(text) {
        let known = ["3.0", "3.1", "3.2"]
            .iter()
            .any(|known| version == *known || version.starts_with(&format!("{known}.")));
        return if known { Ok(format!("OpenAPI {version}")) } else { Err(ImportError::Version(version)) };
    }
    match root.get("swagger").map(text) {
        Some(version) if ["2.0", "2"].contains(&version.as_str()) => Ok(format!("Swagger {version}")),
        Some(version) => Err(ImportError::Version(version)),
        None => Err(ImportError::NotOpenApi(
            "it has neither `openapi` nor `swagger`, which say the version".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Document::read(text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_document() {
        assert!(error("").starts_with("this is no OpenAPI document"), "{}", error(""));
        assert_eq!(error("[1]"), "this is no OpenAPI document: it is no object");
        assert!(error("{\"a\": 1}").contains("neither `openapi` nor `swagger`"));
        assert!(error("openapi: 3.0.0\ninfo: {}").contains("no `paths`"));
        assert!(error("openapi: 4.0.0\npaths: {}").contains("version 4.0.0"));
        assert!(error("swagger: 1.2\npaths: {}").contains("version 1.2"));
        assert!(error("{\"openapi\": ").starts_with("the document cannot be read as JSON: EOF"));
        let broken = error("openapi: 3.0.0\npaths: [\n");
        assert!(
            broken.starts_with("the document cannot be read as YAML: ") && broken.contains("line"),
            "{broken}"
        );
        assert!(error("openapi: 3.0.0\nopenapi: 3.0.1\npaths: {}").contains("duplicate"));
    }

    #[test]
    fn what_is_too_deep_or_too_much() {
        let json = format!("{{\"openapi\":\"3.0.0\",\"paths\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(error(&json).contains("recursion limit"), "{}", error(&json));
        let yaml = format!("openapi: 3.0.0\npaths: {}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(error(&yaml).starts_with("the document cannot be read as YAML"), "{}", error(&yaml));
        let mut laughs = "openapi: 3.0.0\nl0: &l0 [a, a]\n".to_owned();
        for level in 1..40 {
            let before = vec![format!("*l{}", level - 1); 9].join(", ");
            laughs.extend(["l", &level.to_string(), ": &l", &level.to_string(), " [", &before, "]\n"]);
        }
        assert!(error(&laughs).starts_with("the document cannot be read as YAML"), "{}", error(&laughs));
    }

    #[test]
    fn references() {
        let text = "openapi: 3.1.0\npaths: {/a b: {x: 1}}\na: {$ref: '#/b'}\nb: {$ref: '#/a'}\nc: {$ref: '#/paths/~1a%20b'}\nd: {$ref: 'https://x.example/y'}\ne: {$ref: '#/nope'}\n";
        let document = Document::read(text).unwrap();
        let at = |name: &str| document.resolve(document.get(name).unwrap());
        assert!(at("a").reason().unwrap().contains("refers to itself"));
        assert!(matches!(at("c"), Target::Value(value) if value["x"] == 1));
        assert!(at("d").reason().unwrap().contains("never fetched"));
        assert!(at("e").reason().unwrap().contains("leads to nothing"));
    }
}
