//! Checks of single texts, shared by head and tools. Each says what is wrong.

use std::collections::BTreeMap;

use regex::Regex;
use reqwest::header::HeaderName;
use url::Url;

use super::problems::Problems;
use crate::vendors::template::{Braces, Text};

/// `[a-z][a-z0-9_]*` without a double underscore, which separates vendor and tool.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !text.contains("__")
        && !text.ends_with('_')
}

/// `[a-z][a-z0-9-]*`.
pub(crate) fn is_slug(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !text.contains("--")
        && !text.ends_with('-')
}

/// A JSON pointer (RFC 6901).
pub(super) fn check_pointer(problems: &mut Problems<'_>, place: &str, pointer: &str) {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        problems.add(
            place,
            format!("`{pointer}` is no JSON pointer: it starts with /, or is empty for the whole answer"),
        );
    }
}

/// A text that people or models read: there, and not too long.
pub(super) fn check_text(problems: &mut Problems<'_>, place: &str, text: &str, longest: usize) {
    if text.trim().is_empty() {
        problems.add(place, "must not be empty");
    }
    let length = text.chars().count();
    if length > longest {
        problems.add(place, format!("{length} characters, at most {longest} are allowed"));
    }
}

/// A link that the UI shows.
pub(super) fn check_link(problems: &mut Problems<'_>, place: &str, link: Option<&String>) {
    if let Some(link) = link
        && Url::parse(link).is_ok_and(|url| url.scheme() == "https")
    {
        return;
    }
    if let Some(link) = link {
        problems.add(place, format!("`{link}` is no https address"));
    }
}

/// A regular expression.
pub(super) fn pattern(problems: &mut Problems<'_>, place: &str, source: &str) -> Option<Regex> {
    Regex::new(source).map_err(|error| problems.add(place, error.to_string())).ok()
}

/// A template whose names are all known.
pub(super) fn template(
    problems: &mut Problems<'_>,
    place: &str,
    source: &str,
    known: &[&str],
) -> Option<Text> {
    match Text::parse(source, Braces::Strict) {
        Ok(text) => {
            check_names(problems, place, &text.names(), known);
            Some(text)
        }
        Err(message) => {
            problems.add(place, message);
            None
        }
    }
}

/// Names used in a template: each must be known.
pub(super) fn check_names(problems: &mut Problems<'_>, place: &str, used: &[&str], known: &[&str]) {
    for name in used.iter().filter(|name| !known.contains(name)) {
        problems.add(place, format!("`{{{name}}}` is unknown here; known: {}", known.join(", ")));
    }
}

/// Header names and their templates.
pub(super) fn headers(
    problems: &mut Problems<'_>,
    place: &str,
    headers: &BTreeMap<String, String>,
    known: &[&str],
) -> Vec<(HeaderName, Text)> {
    let mut parsed = Vec::new();
    for (name, source) in headers {
        let place = format!("{place}/{name}");
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(header) => parsed.extend(template(problems, &place, source, known).map(|text| (header, text))),
            Err(_) => problems.add(&place, format!("`{name}` is no header name")),
        }
    }
    parsed
}

/// Fixed query parts or form members and their templates.
pub(super) fn pairs(
    problems: &mut Problems<'_>,
    place: &str,
    pairs: &BTreeMap<String, String>,
    known: &[&str],
) -> Vec<(Box<str>, Text)> {
    let mut parsed = Vec::new();
    for (name, source) in pairs {
        let text = template(problems, &format!("{place}/{name}"), source, known);
        parsed.extend(text.map(|text| (name.as_str().into(), text)));
    }
    parsed
}
