//! Text templates: `Bearer {access_token}`, `https://{platform}-api.example.com`, `Basic {b64({user}:{password})}`.
//!
//! `{name}` is replaced by a value, `{b64(text)}` by the base64 of the filled text. Parsed once, when a manifest is
//! loaded. A template that names an unset value yields nothing at all, so that optional things leave no trace.
//! Body templates, which keep types, stand in [`super::body`].

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::host::HostPart;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(Box<str>),
    Value(Box<str>),
    Base64(Text),
}

/// What to do with a brace that starts no placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Braces {
    /// It is a mistake: URLs, paths, headers.
    Strict,
    /// It is text: bodies, where a query language may use braces itself.
    Literal,
}

impl Text {
    /// Parses a template; the error says what is wrong.
    pub(crate) fn parse(source: &str, braces: Braces) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some((part, length)) = placeholder(rest, braces)? {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal).into()));
                }
                parts.push(part);
                rest = &rest[length..];
            } else if braces == Braces::Strict {
                return Err(format!(
                    "`{source}` has a brace that is no placeholder: write {{name}} or {{b64(text)}}"
                ));
            } else {
                literal.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        Ok(Self(parts))
    }

    /// The name, if the template is one placeholder and nothing else.
    pub(crate) fn sole_name(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Value(name)] => Some(name),
            _ => None,
        }
    }

    /// The name that stands at the beginning: in a template of an address, that of another address.
    pub(crate) fn first_name(&self) -> Option<&str> {
        match self.0.first() {
            Some(Part::Value(name)) => Some(name),
            _ => None,
        }
    }

    /// The text that stands at the beginning.
    pub(crate) fn first_literal(&self) -> Option<&str> {
        match self.0.first() {
            Some(Part::Literal(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether a part of it becomes base64.
    pub(crate) fn has_base64(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Base64(_)))
    }

    /// In a template of an address, the names that stand left of the first slash behind `https://`, or behind an address at
    /// its beginning; no name where it is base64.
    pub(crate) fn host_parts(&self) -> Vec<(Option<&str>, HostPart)> {
        let (rest, starts_alone) = match self.0.split_first() {
            Some((Part::Literal(text), rest)) => match text.split_once("://") {
                Some((_, host)) if !ends_host(host) => (rest, host.is_empty()),
                _ => return Vec::new(),
            },
            Some((_, rest)) => (rest, false),
            None => return Vec::new(),
        };
        let ends_alone =
            rest.get(1).is_none_or(|next| matches!(next, Part::Literal(text) if text.starts_with('/')));
        let is_alone = starts_alone && ends_alone;
        let is_host = |part: &&Part| !matches!(part, Part::Literal(text) if ends_host(text));
        let parts = rest.iter().take_while(is_host).filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Value(name) => Some(Some(&**name)),
            Part::Base64(_) => Some(None),
        });
        parts.map(|name| (name, if is_alone { HostPart::Whole } else { HostPart::Part })).collect()
    }

    /// Every name the template refers to.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.0
            .iter()
            .flat_map(|part| match part {
                Part::Literal(_) => Vec::new(),
                Part::Value(name) => vec![&**name],
                Part::Base64(inner) => inner.names(),
            })
            .collect()
    }

    /// The text with every value put in; `None` if one of them is unset.
    pub(crate) fn fill<'v>(&self, value: &impl Fn(&str) -> Option<Cow<'v, str>>) -> Option<String> {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Value(name) => out.push_str(&value(name)?),
                Part::Base64(inner) => STANDARD.encode_string(inner.fill(value)?, &mut out),
            }
        }
        Some(out)
    }

    /// The filled `{b64(...)}` parts alone.
    pub(crate) fn encoded<'v>(&self, value: &impl Fn(&str) -> Option<Cow<'v, str>>) -> Vec<String> {
        let encoded = self.0.iter().filter(|part| matches!(part, Part::Base64(_)));
        encoded.filter_map(|part| Self(vec![part.clone()]).fill(value)).collect()
    }
}

/// Whether the name of the host ends in a text: browsers and servers take a backslash for a slash.
fn ends_host(text: &str) -> bool {
    text.contains(['/', '?', '#', '\\'])
}

/// The placeholder at the start of `text` and its length.
fn placeholder(text: &str, braces: Braces) -> Result<Option<(Part, usize)>, String> {
    if let Some(inner) = text.strip_prefix("{b64(") {
        let Some(end) = inner.find(")}") else { return Ok(None) };
        let part = Part::Base64(Text::parse(&inner[..end], braces)?);
        return Ok(Some((part, "{b64(".len() + end + ")}".len())));
    }
    let Some(end) = text.find('}') else { return Ok(None) };
    let Some(name) = text.get(1..end).filter(|name| is_name(name)) else { return Ok(None) };
    Ok(Some((Part::Value(name.into()), end + 1)))
}

/// `status`, `cred.api_key`: lower-case letters, digits, `_`, with at most one dot.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.')
        && text.matches('.').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str) -> Option<String> {
        Text::parse(template, Braces::Strict).unwrap().fill(&|name| match name {
            "user" => Some("api".into()),
            "password" => Some("p:w".into()),
            _ => None,
        })
    }

    #[test]
    fn values_and_base64() {
        assert_eq!(fill("plain").as_deref(), Some("plain"));
        assert_eq!(fill("{user}-{user}.example").as_deref(), Some("api-api.example"));
        assert_eq!(fill("Basic {b64({user}:{password})}").as_deref(), Some("Basic YXBpOnA6dw=="));
        assert_eq!(fill("a {missing}"), None);
        assert_eq!(fill("{b64({missing})}"), None);
    }

    #[test]
    fn braces() {
        for bad in ["{", "a}", "{User}", "{a b}", "{b64(x}", "{}", "{a.b.c}"] {
            assert!(Text::parse(bad, Braces::Strict).is_err(), "{bad}");
        }
        let graphql = Text::parse("query { tickets { id } } {user}", Braces::Literal).unwrap();
        assert_eq!(graphql.names(), ["user"]);
        assert_eq!(graphql.fill(&|_| Some("x".into())).as_deref(), Some("query { tickets { id } } x"));
    }

    #[test]
    fn values_are_never_templates() {
        let text = Text::parse("{user}", Braces::Strict).unwrap();
        assert_eq!(text.fill(&|_| Some("{password}".into())).as_deref(), Some("{password}"));
    }
}
