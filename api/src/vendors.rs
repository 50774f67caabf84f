//! `GET /api/vendors` and `GET /api/vendors/{vendor}`: what can be connected, from the manifests.

use serde::{Deserialize, Serialize};

/// A vendor of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VendorView {
    /// Stands in URLs, e.g. `datto-rmm`.
    pub slug: String,
    /// E.g. `Datto RMM`.
    pub name: String,
    /// E.g. `rmm`, `psa`, `documentation`.
    pub category: String,
    /// One sentence on what it is.
    pub summary: String,
    /// The vendor's own page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// The card's colour, `#rrggbb`.
    pub color: String,
    /// One to three letters on the card.
    pub initials: String,
    /// How many tools it brings; absent where the vendor's own MCP server tells them, once it is connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_count: Option<u32>,
    /// The vendor restricts API calls to known addresses where the customer says so.
    pub has_ip_allowlist: bool,
    /// Nothing about the vendor itself is unconfirmed; its tools speak for themselves.
    pub is_verified: bool,
    /// The form of its credentials, in order.
    pub fields: Vec<FieldView>,
}

/// A vendor with everything that its page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VendorDetails {
    /// As in the list.
    #[serde(flatten)]
    pub vendor: VendorView,
    /// The vendor's documentation of its API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_docs: Option<String>,
    /// The vendor's rate limit, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<String>,
    /// What could not be confirmed about this vendor, in sentences.
    pub uncertain: Vec<String>,
    /// By name.
    pub tools: Vec<VendorTool>,
}

/// One tool of a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VendorTool {
    /// The name MCP clients see, `vendor__tool`.
    pub name: String,
    /// For people.
    pub title: String,
    /// What it does.
    pub description: String,
    /// What it may do.
    pub risk: ToolRisk,
    /// The vendor's documentation, or the real software, confirms its requests.
    pub is_verified: bool,
    /// Why not, otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
    /// What it takes, by name.
    pub arguments: Vec<ToolArgument>,
    /// Those of its arguments that page through its list; empty if it does not page.
    pub paging: Vec<String>,
}

/// One argument of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolArgument {
    /// Its name.
    pub name: String,
    /// What it is: the JSON Schema type, e.g. `integer`, or `array of string`.
    pub kind: String,
    /// The tool cannot be called without it.
    pub is_required: bool,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What is sent without it, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The only values it takes, as JSON; empty if there are others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// What a tool may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ToolRisk {
    /// Changes nothing.
    Read,
    /// Adds or changes.
    Write,
    /// Removes.
    Delete,
    /// Reveals secrets, runs code, or changes who may do what.
    Admin,
}

/// One field of a credential form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldView {
    /// The key in [`crate::connections::PutConnection::fields`].
    pub name: String,
    /// What stands above it.
    pub label: String,
    /// What it is and where an admin finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The vendor's page on where to find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_url: Option<String>,
    /// What kind of input it is.
    pub kind: FieldKind,
    /// It must not be empty.
    pub is_required: bool,
    /// What stands in it at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// A regular expression the value must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The choices of a `select`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FieldOption>,
}

/// The kind of input of a credential field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Plain text.
    Text,
    /// Never shown while typed, never shown again.
    Secret,
    /// One of `options`.
    Select,
    /// An `http` or `https` URL.
    Url,
}

/// One choice of a `select`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldOption {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}
