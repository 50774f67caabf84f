//! The form of a file of `expectations/`, and where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::recording::Expected;
use crate::rig;

/// The address of the recording server in a file.
pub(super) const SERVER: &str = "{server}";

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contract {
    pub(crate) slug: String,
    /// Addresses of the vendor that must stand in the manifest, and what stands there instead for this test.
    #[serde(default)]
    pub(super) replace: BTreeMap<String, String>,
    pub(super) form: BTreeMap<String, String>,
    /// On every request after those in `before`.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Type of a JSON body.
    #[serde(default = "json")]
    content_type: String,
    /// Comes once, before the first request: the look-up of an address, the token.
    #[serde(default)]
    pub(super) before: Vec<Exchange>,
    pub(super) validation: Option<Validation>,
    #[serde(default)]
    pub(crate) calls: Vec<Call>,
}

/// A request and its answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// `GET /path`, percent-encoded as on the wire.
    pub(crate) request: String,
    /// A list is sent once per item.
    #[serde(default)]
    query: Map<String, Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    /// A form body.
    form: Option<Vec<(String, String)>>,
    /// A multipart body.
    parts: Option<Map<String, Value>>,
    /// Sent without `headers` of the file.
    #[serde(default)]
    anonymous: bool,
    answer: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Validation {
    #[serde(flatten)]
    pub(super) exchange: Exchange,
    pub(super) account: Option<String>,
    /// Comes after a good answer.
    then: Option<Exchange>,
}

impl Validation {
    /// All its requests, in their order.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        std::iter::once(&self.exchange).chain(&self.then)
    }
}

/// A call of a tool.
#[derive(Deserialize)]
pub(crate) struct Call {
    pub(crate) tool: String,
    #[serde(default)]
    pub(super) arguments: Map<String, Value>,
    #[serde(flatten)]
    pub(crate) exchange: Exchange,
}

fn json() -> String {
    "application/json".into()
}

impl Contract {
    pub(super) fn read(file: &Path, server: &str) -> Self {
        Self::parse(&std::fs::read_to_string(file).unwrap(), server)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    pub(super) fn parse(text: &str, server: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(&text.replace(SERVER, server))
    }

    /// The request that must come, with the headers of every request.
    pub(super) fn expected(&self, exchange: &Exchange) -> Expected {
        let expected = exchange.expected(&self.content_type);
        if exchange.anonymous { expected } else { expected.headers(&pairs(&self.headers)) }
    }

    /// The names of the headers of a request, in lower case.
    pub(crate) fn header_names(&self, exchange: &Exchange) -> BTreeSet<String> {
        let common = self.headers.keys().filter(|_| !exchange.anonymous);
        common.chain(exchange.headers.keys()).map(|name| name.to_lowercase()).collect()
    }
}

impl Exchange {
    /// Its query, a list once per item.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        let pairs = self.query.iter().flat_map(|(name, value)| {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            values.into_iter().map(|value| (name.clone(), plain(&value)))
        });
        pairs.collect()
    }

    /// The parts of its body, if that is a form or multipart.
    pub(crate) fn parts(&self) -> Option<Map<String, Value>> {
        let form = self.form.as_ref().map(|form| {
            form.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
        });
        self.parts.clone().or(form)
    }

    /// The names in its query.
    pub(crate) fn query_names(&self) -> BTreeSet<String> {
        self.query.keys().cloned().collect()
    }

    /// The names on the top level of its body; those of the first record if it is a list.
    pub(crate) fn body_names(&self) -> BTreeSet<String> {
        let body = self.body.as_ref().map(|body| body.get(0).unwrap_or(body));
        let members = body.and_then(Value::as_object).or(self.parts.as_ref());
        let form = self.form.iter().flatten().map(|(name, _)| name.clone());
        members.into_iter().flat_map(Map::keys).cloned().chain(form).collect()
    }

    pub(super) fn expected(&self, content_type: &str) -> Expected {
        let (method, path) = self.request.split_once(' ').unwrap_or_else(|| panic!("{}", self.request));
        let expected = Expected::new(method, path)
            .pairs(self.query_pairs())
            .headers(&pairs(&self.headers))
            .answer(200, self.answer.as_ref().unwrap_or(&Value::Object(Map::new())));
        match (&self.body, &self.form, &self.parts) {
            (Some(body), None, None) => expected.json(content_type, body.clone()),
            (None, Some(form), None) => {
                let form: Vec<_> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
                expected.form(&form)
            }
            (None, None, Some(parts)) => expected.parts(parts.clone().into_iter().collect()),
            (None, None, None) => expected,
            _ => panic!("{}: more than one kind of body", self.request),
        }
    }
}

pub(super) fn pairs(map: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    map.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
/// The files, by name.
pub(super) fn files() -> Vec<PathBuf> {
    rig::files("tests/vendors/expectations")
}

/// Every file, read.
pub(crate) fn all() -> Vec<Contract> {
    files().iter().map(|file| Contract::read(file, SERVER)).collect()
}
