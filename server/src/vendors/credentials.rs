//! The opened credential of one connection: field name -> value. Zeroized on drop, never printed.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

/// Field values of one vendor's credential form, checked by [`check_fields`](super::check_fields).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials(BTreeMap<String, Zeroizing<String>>);

/// The sealed bytes did not hold credentials.
#[derive(Debug, thiserror::Error)]
#[error("the stored credential is not a JSON object of texts")]
pub struct CredentialsFormatError;

impl Credentials {
    /// The value of a field, if it is set.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(|value| value.as_str())
    }

    /// Adds a value that was made of the fields.
    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), Zeroizing::new(value));
    }

    /// Names of the fields that are set, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// JSON bytes for the vault: an object of texts.
    #[expect(clippy::missing_panics_doc, reason = "a map of texts always serialises")]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let plain: BTreeMap<&str, &str> =
            self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Zeroizing::new(serde_json::to_vec(&plain).expect("a map of texts is JSON"))
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CredentialsFormatError> {
        let plain: BTreeMap<String, String> =
            serde_json::from_slice(bytes).map_err(|_| CredentialsFormatError)?;
        Ok(plain.into_iter().collect())
    }
}

impl FromIterator<(String, String)> for Credentials {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Credentials {
        [("api_key".to_owned(), "hunter2\"\n".to_owned())].into_iter().collect()
    }

    #[test]
    fn bytes_and_back() {
        assert!(Credentials::from_bytes(&sample().to_bytes()).unwrap() == sample());
        assert!(Credentials::from_bytes(b"[1]").is_err());
    }

    #[test]
    fn debug_names_the_fields_only() {
        assert_eq!(format!("{:?}", sample()), r#"["api_key"]"#);
    }
}
