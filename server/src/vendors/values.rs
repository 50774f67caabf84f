//! Values made of credential fields: what differs by version, plan or region of a vendor without being typed in.
//!
//! A value is used like a field. Of several with the same name, the first counts whose condition holds and whose fields
//! are set; if there is none, the value is unset, and what names it leaves no trace.

use std::borrow::Cow;

use super::credentials::Credentials;
use super::template::Text;

/// One way to make a value.
#[derive(Debug)]
pub(crate) struct DerivedValue {
    pub(crate) name: String,
    pub(crate) template: Text,
    /// Field and the value it must have.
    pub(crate) when: Vec<(String, String)>,
}

/// The credential with everything that can be made of it; values may build on those before them.
pub(crate) fn derive<'c>(values: &[DerivedValue], credentials: &'c Credentials) -> Cow<'c, Credentials> {
    let mut derived = Cow::Borrowed(credentials);
    for value in values {
        let holds = value.when.iter().all(|(field, is)| credentials.get(field) == Some(is));
        if !holds || derived.get(&value.name).is_some() {
            continue;
        }
        if let Some(text) = value.template.fill(&|name| derived.get(name).map(Cow::Borrowed)) {
            derived.to_mut().set(&value.name, text);
        }
    }
    derived
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::template::Braces;

    fn value(name: &str, template: &str, when: &[(&str, &str)]) -> DerivedValue {
        DerivedValue {
            name: name.into(),
            template: Text::parse(template, Braces::Strict).unwrap(),
            when: when.iter().map(|(field, is)| ((*field).to_owned(), (*is).to_owned())).collect(),
        }
    }

    fn credentials(fields: &[(&str, &str)]) -> Credentials {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn conditions() {
        let values = [
            value("in_body", "{key}", &[("style", "body")]),
            value("bearer", "Bearer {key}", &[("style", "header")]),
        ];
        let body = credentials(&[("key", "k"), ("style", "body")]);
        let derived = derive(&values, &body);
        assert_eq!((derived.get("in_body"), derived.get("bearer")), (Some("k"), None));
        let header = credentials(&[("key", "k"), ("style", "header")]);
        let derived = derive(&values, &header);
        assert_eq!((derived.get("in_body"), derived.get("bearer")), (None, Some("Bearer k")));
    }

    #[test]
    fn the_first_that_can_be_made() {
        let values = [value("server", "{auth_url}", &[]), value("server", "{address}/auth", &[])];
        let typed = credentials(&[("address", "https://a"), ("auth_url", "https://b")]);
        assert_eq!(derive(&values, &typed).get("server"), Some("https://b"));
        let empty = credentials(&[("address", "https://a")]);
        assert_eq!(derive(&values, &empty).get("server"), Some("https://a/auth"));
        assert!(matches!(derive(&[], &empty), Cow::Borrowed(_)));
    }
}
