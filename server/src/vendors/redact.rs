//! Takes the secrets of a credential out of everything that a vendor says.

use std::borrow::Cow;

use super::credentials::Credentials;
use super::secret_forms::forms;
use super::vendor::Vendor;

/// Shorter values, in bytes, are not looked for (docs/OPERATIONS.md): they would stand in answers by chance, and the holes
/// that they tear would tell where they are.
const MIN_SECRET: usize = 6;

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

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

    /// The text without secrets; the same text if there are none in it.
    pub(crate) fn clean(&self, text: String) -> String {
        let mut text = text;
        for needle in &self.0 {
            if text.contains(needle.as_str()) {
                text = text.replace(needle.as_str(), REDACTED);
            }
        }
        text
    }
}

impl Drop for Redactor {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(zeroize::Zeroize::zeroize);
    }
}

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
}
