//! Where a vendor's API stands for one credential: by template, by a select field, or discovered.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::Regex;
use url::Url;

use super::credentials::Credentials;
use super::error::CallError;
use super::template::Text;

/// The base URL of a vendor.
#[derive(Debug)]
pub(crate) struct BaseUrl {
    pub(crate) source: Source,
    pub(crate) discover: Option<Discover>,
}

#[derive(Debug)]
pub(crate) enum Source {
    Template(Text),
    Select { field: String, options: BTreeMap<String, String> },
}

/// A request that answers a part of the base URL, such as Autotask's zone lookup.
#[derive(Debug)]
pub(crate) struct Discover {
    /// The credential field that the answer stands for, or a name of its own.
    pub(crate) assign: String,
    pub(crate) url: Text,
    pub(crate) query: Vec<(Box<str>, Text)>,
    /// JSON pointer into the answer.
    pub(crate) answer: String,
    pub(crate) form: Form,
}

/// What an answer must look like to be believed.
#[derive(Debug)]
pub(crate) enum Form {
    /// An address whose host ends with this, or equals it if there is no dot in front: credentials go nowhere else.
    Address { host_suffix: String },
    /// A text, such as a part of the path; it has no way to name another host.
    Text(Regex),
}

impl BaseUrl {
    /// The lookup that this credential needs, if it needs one.
    pub(crate) fn lookup(&self, credentials: &Credentials) -> Option<&Discover> {
        self.discover.as_ref().filter(|discover| credentials.get(&discover.assign).is_none())
    }

    /// The base URL, without a slash at the end. `discovered` is the answer of [`lookup`](Self::lookup).
    pub(crate) fn of<'a>(
        &'a self,
        credentials: &'a Credentials,
        discovered: Option<&'a str>,
    ) -> Result<Cow<'a, str>, CallError> {
        let assigned = self.discover.as_ref().map(|discover| discover.assign.as_str());
        match &self.source {
            Source::Template(template) => template
                .fill(&|name| {
                    let value =
                        credentials.get(name).or_else(|| discovered.filter(|_| assigned == Some(name)));
                    value.map(Cow::Borrowed)
                })
                .map(|url| Cow::Owned(url.trim_end_matches('/').to_owned()))
                .ok_or_else(|| CallError::Credential("its address is missing".into())),
            Source::Select { field, options } => credentials
                .get(field)
                .and_then(|value| options.get(value))
                .map(|url| Cow::Borrowed(url.as_str()))
                .ok_or_else(|| CallError::Credential(format!("its {field} is not one of the vendor's"))),
        }
    }
}

impl Discover {
    /// Where to ask.
    pub(crate) fn url(&self, credentials: &Credentials) -> Result<Url, CallError> {
        let value = |name: &str| credentials.get(name).map(Cow::Borrowed);
        let missing = || CallError::Credential("a field needed to find its address is missing".into());
        let mut url = Url::parse(&self.url.fill(&value).ok_or_else(missing)?).map_err(|_| missing())?;
        for (name, template) in &self.query {
            url.query_pairs_mut().append_pair(name, &template.fill(&value).ok_or_else(missing)?);
        }
        Ok(url)
    }

    /// What the answer says, if it can be believed: an address of the vendor's own, as safe as the lookup itself or
    /// safer, or a text of the expected form. Without a slash at the end.
    pub(crate) fn accept(&self, asked: &Url, answer: &serde_json::Value) -> Result<String, CallError> {
        let text = match answer.pointer(&self.answer) {
            Some(serde_json::Value::String(text)) => text,
            None | Some(serde_json::Value::Null) => {
                return Err(CallError::Credential("the vendor knows no address for this account".into()));
            }
            Some(_) => return Err(CallError::Broken("the vendor named an address that is no text".into())),
        };
        let host_suffix = match &self.form {
            Form::Address { host_suffix } => host_suffix,
            Form::Text(pattern) if pattern.is_match(text) => {
                return Ok(text.trim_end_matches('/').to_owned());
            }
            Form::Text(_) => {
                return Err(CallError::Broken("the vendor named no path of the expected form".into()));
            }
        };
        let url = Url::parse(text).ok().filter(|url| is_own(url.host_str().unwrap_or_default(), host_suffix));
        let url =
            url.filter(|url| url.scheme() == "https" || url.scheme() == asked.scheme()).filter(is_plain);
        match url {
            Some(url) => Ok(url.as_str().trim_end_matches('/').to_owned()),
            None => Err(CallError::Broken("the vendor named an address that is not its own".into())),
        }
    }
}

/// Nothing that would change what is put behind it, and no credentials of its own.
fn is_plain(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none()
}

/// Whether a host is the one that is meant, or of the domain that is, which begins with a dot.
pub(crate) fn is_own(host: &str, host_suffix: &str) -> bool {
    let is_domain = host_suffix.starts_with('.');
    host == host_suffix || (is_domain && host.ends_with(host_suffix))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::vendors::template::Braces;

    fn discover() -> Discover {
        Discover {
            assign: "zone_url".into(),
            url: Text::parse("https://webservices.autotask.net/zone", Braces::Strict).unwrap(),
            query: vec![("user".into(), Text::parse("{username}", Braces::Strict).unwrap())],
            answer: "/url".into(),
            form: Form::Address { host_suffix: ".autotask.net".into() },
        }
    }

    #[test]
    fn discovered_addresses() {
        let asked = Url::parse("https://webservices.autotask.net/zone").unwrap();
        let accept = |url: &str| discover().accept(&asked, &json!({ "url": url }));
        assert_eq!(
            accept("https://webservices5.autotask.net/ATServicesRest/").unwrap(),
            "https://webservices5.autotask.net/ATServicesRest"
        );
        for evil in [
            "https://autotask.net.evil.example/",
            "https://evilautotask.net/",
            "http://webservices5.autotask.net/",
            "https://evil.example/.autotask.net",
            "https://somebody:else@webservices5.autotask.net/",
            "https://webservices5.autotask.net/?next=",
            "https://webservices5.autotask.net/#",
            "nonsense",
        ] {
            assert!(accept(evil).is_err(), "{evil}");
        }
        assert!(discover().accept(&asked, &json!({"url": null})).is_err());
    }

    #[test]
    fn discovered_paths() {
        let form = Form::Text(Regex::new("^v[0-9_]+(release)?/$").unwrap());
        let discover = Discover { assign: "codebase".into(), answer: "/Codebase".into(), form, ..discover() };
        let asked = Url::parse("https://api-na.myconnectwise.net/login/companyinfo/acme").unwrap();
        let accept = |path: &str| discover.accept(&asked, &json!({ "Codebase": path }));
        assert_eq!(accept("v2025_1/").unwrap(), "v2025_1");
        assert_eq!(accept("v4_6_release/").unwrap(), "v4_6_release");
        for evil in ["v2025_1/../../evil/", "@evil.example/", ".evil.example/", ""] {
            assert!(accept(evil).is_err(), "{evil}");
        }
    }

    #[test]
    fn a_typed_address_needs_no_lookup() {
        let base = BaseUrl {
            source: Source::Template(Text::parse("{zone_url}/V1.0", Braces::Strict).unwrap()),
            discover: Some(discover()),
        };
        let typed: Credentials =
            [("zone_url".to_owned(), "https://webservices3.autotask.net/ATServicesRest".to_owned())]
                .into_iter()
                .collect();
        assert!(base.lookup(&typed).is_none());
        assert_eq!(base.of(&typed, None).unwrap(), "https://webservices3.autotask.net/ATServicesRest/V1.0");
        let empty: Credentials = [("username".to_owned(), "a b@c".to_owned())].into_iter().collect();
        let lookup = base.lookup(&empty).unwrap();
        assert_eq!(
            lookup.url(&empty).unwrap().as_str(),
            "https://webservices.autotask.net/zone?user=a+b%40c"
        );
        assert_eq!(base.of(&empty, Some("https://z")).unwrap(), "https://z/V1.0");
        assert!(base.of(&empty, None).is_err());
    }
}
