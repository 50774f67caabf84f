//! The shape of a manifest file, `vendors/<slug>.toml`, as serde reads it. Unknown keys are mistakes.
//!
//! What each key means to an author is explained in `docs/ADDING-A-VENDOR.md`; what makes a manifest right beyond its
//! shape is checked in [`super::check`], which turns it into a [`super::Vendor`].

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) slug: String,
    pub(crate) name: String,
    #[serde(default, rename = "kind")]
    _kind: Upstream,
    pub(crate) category: String,
    pub(crate) summary: String,
    pub(crate) website: Option<String>,
    pub(crate) api_docs: Option<String>,
    pub(crate) color: String,
    pub(crate) initials: String,
    #[serde(default)]
    pub(crate) ip_allowlist: bool,
    pub(crate) fields: Vec<FieldEntry>,
    pub(crate) base_url: BaseUrlEntry,
    #[serde(default)]
    pub(crate) auth: AuthEntry,
    #[serde(default)]
    pub(crate) request: RequestEntry,
    pub(crate) validation: ValidationEntry,
    #[serde(default)]
    pub(crate) limits: LimitsEntry,
    #[serde(default)]
    pub(crate) paging: PagingEntry,
    /// Read one by one, so that a mistake in one tool does not hide those in the next.
    #[serde(skip)]
    pub(crate) tools: Vec<ToolEntry>,
}

/// How the vendor is spoken to. Remote MCP servers will be another kind.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Upstream {
    /// JSON over HTTP.
    #[default]
    Rest,
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
}

/// One choice of a select field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptionEntry {
    pub(crate) value: String,
    pub(crate) label: String,
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

/// A request without credentials that answers an address, used while the field `assign` is empty.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiscoverEntry {
    pub(crate) assign: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) answer: String,
    pub(crate) host_suffix: String,
}

/// What proves who we are; the parts add up.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthEntry {
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) basic: Option<BasicEntry>,
    pub(crate) bearer: Option<String>,
    pub(crate) oauth2: Option<OAuth2Entry>,
}

/// HTTP basic authentication (RFC 7617).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BasicEntry {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// A token from the vendor's own token endpoint (RFC 6749, sections 4.3 and 4.4).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuth2Entry {
    pub(crate) grant: Grant,
    pub(crate) token_url: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    #[serde(default)]
    pub(crate) client_auth: ClientAuth,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) scope: Option<String>,
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) token: Option<String>,
    pub(crate) expires_in: Option<String>,
}

/// OAuth 2.0 grant types that need no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    ClientCredentials,
    Password,
}

/// How the client id and secret go to the token endpoint (RFC 6749, section 2.3.1).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// In the form.
    #[default]
    Form,
    /// As HTTP basic authentication.
    Basic,
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
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default = "ok")]
    pub(crate) good: Vec<u16>,
    #[serde(default = "unauthorized")]
    pub(crate) bad_key: Vec<u16>,
    pub(crate) account: Option<String>,
}

fn ok() -> Vec<u16> {
    vec![200]
}

fn unauthorized() -> Vec<u16> {
    vec![401, 403]
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
    pub(crate) deadline_seconds: Option<u64>,
    pub(crate) answer_bytes: Option<usize>,
}

/// Which parameters page through a list, for the note under an answer that was cut.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PagingEntry {
    pub(crate) size: Option<String>,
    pub(crate) page: Option<String>,
    pub(crate) after: Option<AfterEntry>,
}

/// A parameter that continues behind the last record: its value is a member of that record, plus one if a number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AfterEntry {
    pub(crate) parameter: String,
    pub(crate) member: String,
}

/// One tool.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolEntry {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) risk: Risk,
    pub(crate) idempotent: Option<bool>,
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) params: Vec<ParamEntry>,
    pub(crate) body: Option<Value>,
    pub(crate) result: Option<String>,
    #[serde(default)]
    pub(crate) answer: AnswerKind,
}

/// What a tool may do; becomes the MCP annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Changes nothing.
    Read,
    /// Adds or changes.
    Write,
    /// Removes.
    Delete,
    /// Reveals secrets, runs code, or changes who may do what.
    Admin,
}

/// What a good answer is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswerKind {
    /// JSON, or nothing.
    #[default]
    Json,
    /// Any text.
    Text,
}

/// One parameter: its place in the request, and its JSON Schema in the remaining keys.
#[derive(Debug, Deserialize)]
pub(crate) struct ParamEntry {
    pub(crate) name: String,
    #[serde(rename = "in")]
    pub(crate) place: Place,
    #[serde(rename = "as")]
    pub(crate) wire: Option<String>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) repeat: bool,
    #[serde(flatten)]
    pub(crate) schema: Map<String, Value>,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Body,
}
