//! The shape of a manifest file, `vendors/<slug>.toml`, as serde reads it. Unknown keys are mistakes.
//!
//! What each key means to an author is explained in `docs/ADDING-A-VENDOR.md`; what makes a manifest right beyond its
//! shape is checked in [`super::check`], which turns it into a [`super::Vendor`].

mod auth;
pub(super) mod tool;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub(crate) use self::auth::{AuthEntry, ClientAuth, Grant, LoginEntry, OAuth2Entry};
pub use self::tool::Risk;
pub(crate) use self::tool::{AnswerKind, Encoding, Paging, ParamEntry, Place, ToolEntry};

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) slug: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) kind: Kind,
    pub(crate) category: String,
    pub(crate) summary: String,
    pub(crate) website: Option<String>,
    pub(crate) api_docs: Option<String>,
    pub(crate) color: String,
    pub(crate) initials: String,
    #[serde(default)]
    pub(crate) ip_allowlist: bool,
    #[serde(default = "yes")]
    pub(crate) verified: bool,
    #[serde(default)]
    pub(crate) uncertain: Vec<String>,
    pub(crate) fields: Vec<FieldEntry>,
    #[serde(default)]
    pub(crate) values: Vec<ValueEntry>,
    pub(crate) base_url: BaseUrlEntry,
    /// Where reads may be sent on to, once.
    pub(crate) redirects: Option<RedirectsEntry>,
    #[serde(default)]
    pub(crate) tls: TlsEntry,
    #[serde(default)]
    pub(crate) auth: AuthEntry,
    #[serde(default)]
    pub(crate) request: RequestEntry,
    /// There unless the vendor is an MCP server.
    pub(crate) validation: Option<ValidationEntry>,
    #[serde(default)]
    pub(crate) mcp: McpEntry,
    #[serde(default)]
    pub(crate) failure: FailureEntry,
    #[serde(default)]
    pub(crate) limits: LimitsEntry,
    #[serde(default)]
    pub(crate) paging: Paging,
    /// Read one by one, so that a mistake in one tool does not hide those in the next.
    #[serde(skip)]
    pub(crate) tools: Vec<ToolEntry>,
}

/// How the vendor is spoken to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// JSON over HTTP; the tools stand in the file.
    #[default]
    Rest,
    /// A remote MCP server (streamable HTTP) at the base URL, which is asked for its tools.
    Mcp,
}

/// What only a vendor of kind `mcp` has.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct McpEntry {
    /// The server's own names of tools that are not passed on; `*` at either end stands for anything.
    #[serde(default)]
    pub(crate) hidden_tools: Vec<String>,
}

/// One field of the credential form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldEntry {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    pub(crate) help_url: Option<String>,
    pub(crate) kind: FieldKind,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) default: Option<String>,
    pub(crate) pattern: Option<String>,
    #[serde(default)]
    pub(crate) options: Vec<OptionEntry>,
}

/// How a credential field is typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Shown while typed.
    Text,
    /// Hidden, and redacted wherever it appears.
    Secret,
    /// One of the options.
    Select,
    /// An http or https address.
    Url,
    /// PEM text of the certificate of a private authority; line breaks do not matter.
    Certificate,
}

/// One choice of a select field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptionEntry {
    pub(crate) value: String,
    pub(crate) label: String,
}

/// A value made of fields, used like a field. Of several with the same name, the first that can be made counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueEntry {
    pub(crate) name: String,
    pub(crate) template: String,
    /// Only where these fields have these values.
    #[serde(default)]
    pub(crate) when: BTreeMap<String, String>,
}

/// What is trusted besides the authorities of the operating system.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsEntry {
    /// The field with the certificate of the only authority that is trusted, where it is set.
    pub(crate) authority: Option<String>,
}

/// Where the API stands: a template, or one URL per value of a select field; a field may be discovered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BaseUrlEntry {
    pub(crate) template: Option<String>,
    pub(crate) select: Option<String>,
    #[serde(default)]
    pub(crate) options: BTreeMap<String, String>,
    pub(crate) discover: Option<DiscoverEntry>,
}

/// A request without credentials that answers a part of the base URL, used while there is no field `assign`, or it is
/// empty. The answer is an address of the vendor's own domain (`host_suffix`), or a text of a known form (`pattern`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiscoverEntry {
    pub(crate) assign: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) answer: String,
    pub(crate) host_suffix: Option<String>,
    pub(crate) pattern: Option<String>,
}

/// The vendor's own hosts that answers may redirect reads to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedirectsEntry {
    pub(crate) host_suffixes: Vec<String>,
}

/// What every request has, besides authentication.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestEntry {
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) content_type: Option<String>,
}

/// The cheapest authenticated request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidationEntry {
    #[serde(default = "get")]
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    /// Sent without the credential, which then stands in the request itself.
    #[serde(default)]
    pub(crate) anonymous: bool,
    #[serde(default = "ok")]
    pub(crate) good: Vec<u16>,
    #[serde(default = "unauthorized")]
    pub(crate) bad_key: Vec<u16>,
    pub(crate) account: Option<String>,
    /// One more that must be good, where the first does not use the credential as the tools do.
    pub(crate) then: Option<Box<ValidationEntry>>,
}

fn get() -> String {
    "GET".to_owned()
}

fn yes() -> bool {
    true
}

fn ok() -> Vec<u16> {
    vec![200]
}

fn unauthorized() -> Vec<u16> {
    vec![401, 403]
}

/// How a failure looks that a status does not tell, or tells wrong.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailureEntry {
    /// A good status is a failure if this is there, and neither null, false, 0 nor empty.
    pub(crate) pointer: Option<String>,
    /// A good status is a failure if `pointer` has this value instead.
    pub(crate) is: Option<Value>,
    /// Where the vendor's most telling words stand; of several places the first that has some.
    pub(crate) message: Option<Pointers>,
    /// Patterns of the body that tell what kind of failure it is.
    pub(crate) unauthorized: Option<WordsEntry>,
    pub(crate) forbidden: Option<WordsEntry>,
    pub(crate) not_found: Option<WordsEntry>,
    pub(crate) rejected: Option<WordsEntry>,
    pub(crate) rate_limited: Option<WordsEntry>,
    /// JSON pointer to the seconds to wait, where no header says them.
    pub(crate) retry_after: Option<String>,
}

/// A pattern of the body, with any status or with some only.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a pattern, or { pattern, statuses }")]
pub(crate) enum WordsEntry {
    Always(String),
    With(StatusWords),
}

/// A pattern that counts with these statuses only.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusWords {
    pub(crate) pattern: String,
    pub(crate) statuses: Vec<u16>,
}

/// One JSON pointer, or several.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a JSON pointer or a list of JSON pointers")]
pub(crate) enum Pointers {
    One(String),
    Several(Vec<String>),
}

impl Pointers {
    /// In their order.
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(pointer) => std::slice::from_ref(pointer),
            Self::Several(pointers) => pointers,
        }
    }
}

/// So many requests in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateEntry {
    pub(crate) requests: u32,
    pub(crate) per_seconds: u32,
}

/// Limits of the vendor and towards it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsEntry {
    pub(crate) rate: Option<String>,
    /// At most so many requests ...
    pub(crate) requests: Option<u32>,
    /// ... in so many seconds, for one credential ...
    pub(crate) per_seconds: Option<u32>,
    /// ... and so many at the same time.
    pub(crate) concurrent: Option<u32>,
    /// Instead of these, for what changes something.
    pub(crate) writes: Option<RateEntry>,
    /// For all credentials together.
    pub(crate) gateway: Option<RateEntry>,
    pub(crate) deadline_seconds: Option<u64>,
    pub(crate) answer_bytes: Option<usize>,
}
