//! Takes the secrets of a credential out of everything that a vendor says.

use std::borrow::Cow;
use std::mem::take;

use serde_json::Value;

use super::credentials::Credentials;
use super::escapes::unescaped;
use super::secret_forms::forms;
use super::vendor::Vendor;

/// Shorter values, in bytes, are not looked for (docs/OPERATIONS.md): they would stand in answers by chance, and the holes
/// that they tear would tell where they are.
const MIN_SECRET: usize = 6;

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// So often are escapes undone to look below them: JSON stands in strings of JSON.
const MAX_LEVELS: usize = 4;

/// The texts that must not be seen, in every form in which they may be echoed.
pub(crate) struct Redactor(Vec<String>);

impl Redactor {
    /// The secret fields of a credential, the token fetched with it, and what base64 makes of it.
    pub(crate) fn new(vendor: &Vendor, credentials: &Credentials, token: Option<&str>) -> Self {
        let mut needles = Vec::new();
        for secret in vendor.secrets(credentials).into_iter().chain(token) {
            needles.extend(forms(secret));
        }
        needles.extend(vendor.auth.encoded(credentials));
        let value = |name: &str| credentials.get(name).map(Cow::Borrowed);
        needles.extend(vendor.values.iter().flat_map(|derived| derived.template.encoded(&value)));
        needles.retain(|needle| needle.len() >= MIN_SECRET);
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
        Self(needles)
    }

    /// The text without secrets, however JSON writes them; the same text if there are none in it. JSON stays JSON.
    pub(crate) fn clean(&self, text: String) -> String {
        if !self.finds(&text) {
            return text;
        }
        match self.clean_json(&text) {
            Some(cleaned) if !self.finds(&cleaned) => cleaned,
            _ => self.clean_text(text),
        }
    }

    /// Whether there is a secret in the text, or in what its escapes mean.
    fn finds(&self, text: &str) -> bool {
        levels(text).any(|level| self.stands_in(&level))
    }

    fn stands_in(&self, text: &str) -> bool {
        self.0.iter().any(|needle| text.contains(needle.as_str()))
    }

    /// The JSON at the beginning of a text string by string, and what stands behind it as text; none if it is no JSON.
    fn clean_json(&self, text: &str) -> Option<String> {
        if !text.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let mut value = values.next()?.ok()?;
        let rest = text.get(values.byte_offset()..)?;
        self.clean_value(&mut value);
        Some(format!("{value}{}", self.clean_text(rest.to_owned())))
    }

    fn clean_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.clean(take(text)),
            Value::Number(number) if self.stands_in(&number.to_string()) => *value = REDACTED.into(),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_value(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.clean_value(member));
                if members.keys().any(|name| self.finds(name)) {
                    *members =
                        take(members).into_iter().map(|(name, value)| (self.clean(name), value)).collect();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A text without secrets; where one stood below escapes, they are undone.
    fn clean_text(&self, text: String) -> String {
        let mut text = text;
        for _ in 0..MAX_LEVELS {
            let Some(found) = levels(&text).find(|level| self.stands_in(level)) else { break };
            text = self.cut_out(found.into_owned());
        }
        text
    }

    fn cut_out(&self, text: String) -> String {
        let mut text = text;
        for needle in &self.0 {
            if text.contains(needle.as_str()) {
                text = text.replace(needle.as_str(), REDACTED);
            }
        }
        text
    }
}

/// The text, and what it is with the escapes in it undone once, twice, ...
fn levels(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let undone = |level: &Cow<'_, str>| unescaped(level).map(Cow::Owned);
    std::iter::successors(Some(Cow::Borrowed(text)), undone).take(MAX_LEVELS)
}

impl Drop for Redactor {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(zeroize::Zeroize::zeroize);
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::testing;

    #[test]
    fn every_form_of_a_secret() {
        let vendor = testing::vendor(
            r#"
            [[fields]]
            name = "user"
            label = "User"
            kind = "text"
            [[fields]]
            name = "key"
            label = "Key"
            kind = "secret"
            [auth.basic]
            username = "{user}"
            password = "{key}"
            "#,
        );
        let credentials = [("user", "someone"), ("key", "pa\"ss/1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let redactor = Redactor::new(&vendor, &credentials.into_iter().collect(), Some("tok123"));
        let clean = |text: &str| redactor.clean(text.to_owned());
        assert_eq!(clean("someone: pa\"ss/1, tok123"), "someone: [redacted], [redacted]");
        assert_eq!(clean(r#"{"a":"pa\"ss/1","b":"pa\"ss\/1"}"#), r#"{"a":"[redacted]","b":"[redacted]"}"#);
        assert_eq!(clean("?key=pa%22ss%2F1"), "?key=[redacted]");
        assert_eq!(clean("Basic c29tZW9uZTpwYSJzcy8x"), "Basic [redacted]");
        assert_eq!(clean("nothing"), "nothing");
    }

    fn redactor(key: &str) -> Redactor {
        let part = "fields = [{ name = \"key\", label = \"Key\", kind = \"secret\" }]";
        let credentials = [("key".to_owned(), key.to_owned())].into_iter().collect();
        Redactor::new(&testing::vendor(part), &credentials, None)
    }

    #[test]
    fn every_escape_of_json() {
        let redactor = redactor("pä\"s's/<1>&+ x%`");
        for echo in [
            r#"pä\"s's/<1>&+ x%`"#,
            r#"pä\"s's\/<1>&+ x%`"#,
            r#"p\u00e4\"s\u0027s/\u003c1\u003e\u0026+ x%`"#,
            // .NET's own: upper-case digits, and more characters than need be.
            r"p\u00E4\u0022s\u0027s/\u003C1\u003E\u0026\u002B x%\u0060",
            r"\u0070\u00e4\u0022s\u0027s\u002f<1\u003E&\u002b\u0020x\u0025`",
        ] {
            let clean = |text: String| redactor.clean(text);
            assert_eq!(clean(format!("{{\"k\": \"key {echo}\"}}")), r#"{"k":"key [redacted]"}"#);
            assert_eq!(clean(format!("{{\"{echo}\":1}}")), r#"{"[redacted]":1}"#);
            assert_eq!(clean(format!("broken: {{\"{echo}\"")), "broken: {\"[redacted]\"");
            let inner = format!("{{\"k\":\"{echo}\"}}");
            let twice = serde_json::json!({ "log": inner }).to_string();
            assert_eq!(clean(twice), r#"{"log":"{\"k\":\"[redacted]\"}"}"#);
        }
    }

    #[test]
    fn json_stays_json() {
        let redactor = redactor("123456");
        let clean = |text: &str| redactor.clean(text.to_owned());
        assert_eq!(
            clean(r#"[{"pin": 123456, "id": 91234567.5}, 7]"#),
            r#"[{"pin":"[redacted]","id":"[redacted]"},7]"#
        );
        assert_eq!(clean("[\"\\n123456\"]\n\n[123456 is cut]"), "[\"\\n[redacted]\"]\n\n[[redacted] is cut]");
        assert_eq!(clean("123456"), "[redacted]");
        assert_eq!(clean("[123] 456, 123456"), "[123] 456, [redacted]");
        assert_eq!(clean("{\"a\": 123456"), "{\"a\": [redacted]");
    }

    /// What looks like JSON at the beginning may be a text.
    #[test]
    fn a_secret_across_json_and_text() {
        assert_eq!(redactor("[12]\"34\"").clean("[12]\"34\" is wrong".to_owned()), "[redacted] is wrong");
    }

    /// It ends, though the secret is found again and again.
    #[test]
    fn a_secret_that_stands_in_its_own_hole() {
        assert!(redactor("redacted").clean("[\"redacted\"]".to_owned()).len() < 100);
    }
}
