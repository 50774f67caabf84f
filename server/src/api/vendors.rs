//! `GET /api/vendors` and `GET /api/vendors/{vendor}`.

use axum::{
    Json,
    extract::{Path, State},
};
use gateway_api::{
    Page,
    problem::Problem,
    vendors::{
        FieldKind, FieldOption, FieldView, ToolArgument, ToolRisk, VendorDetails, VendorTool, VendorView,
    },
};
use serde_json::{Map, Value};

use crate::{
    auth::session::Member,
    error::ApiError,
    state::AppState,
    vendors::{self, Field, Risk, Tool, Vendor},
};

/// Every vendor that can be connected, by name, with the form of its credentials.
#[utoipa::path(get, path = "/api/vendors", tag = "vendors", responses(
    (status = 200, body = Page<VendorView>), (status = 401, body = Problem)))]
pub async fn list_vendors(
    State(state): State<AppState>,
    _: Member,
) -> Result<Json<Page<VendorView>>, ApiError> {
    Ok(Json(Page::whole(views(&state))))
}

/// A vendor with its tools, its limits, and what could not be confirmed about it.
#[utoipa::path(get, path = "/api/vendors/{vendor}", tag = "vendors",
    params(("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 200, body = VendorDetails), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get_vendor(
    State(state): State<AppState>,
    _: Member,
    Path(vendor): Path<String>,
) -> Result<Json<VendorDetails>, ApiError> {
    let vendor = state.catalog.vendor(&vendor).ok_or(ApiError::NotFound)?;
    Ok(Json(details(vendor)))
}

/// The list, also for the pages that the server renders.
pub fn views(state: &AppState) -> Vec<VendorView> {
    state.catalog.vendors().map(|vendor| view(vendor)).collect()
}

/// One vendor of the list.
pub fn view(vendor: &Vendor) -> VendorView {
    VendorView {
        slug: vendor.slug.clone(),
        name: vendor.name.clone(),
        category: vendor.category.clone(),
        summary: vendor.summary.clone(),
        website: vendor.website.clone(),
        color: vendor.color.clone(),
        initials: vendor.initials.clone(),
        tool_count: (!vendor.has_discovered_tools())
            .then(|| u32::try_from(vendor.tools.len()).unwrap_or(u32::MAX)),
        has_ip_allowlist: vendor.ip_allowlist,
        is_verified: vendor.uncertain.is_empty(),
        fields: vendor.fields.iter().map(field_view).collect(),
    }
}

/// One vendor whole, also for its page.
pub fn details(vendor: &Vendor) -> VendorDetails {
    VendorDetails {
        vendor: view(vendor),
        api_docs: vendor.api_docs.clone(),
        rate_limit: vendor.rate_limit.clone(),
        uncertain: vendor.uncertain.clone(),
        tools: vendor.tools.iter().map(tool_view).collect(),
    }
}

fn tool_view(tool: &Tool) -> VendorTool {
    VendorTool {
        name: tool.full_name.clone(),
        title: tool.title.clone(),
        description: tool.description.clone(),
        risk: match tool.risk {
            Risk::Read => ToolRisk::Read,
            Risk::Write => ToolRisk::Write,
            Risk::Delete => ToolRisk::Delete,
            Risk::Admin => ToolRisk::Admin,
        },
        is_verified: tool.uncertain.is_none(),
        uncertain: tool.uncertain.clone(),
        arguments: arguments(&tool.input_schema.object()),
        paging: tool.paging.parameters().map(str::to_owned).collect(),
    }
}

/// The properties of an object schema, in its order.
fn arguments(schema: &Map<String, Value>) -> Vec<ToolArgument> {
    let required: Vec<_> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .map(|(name, property)| ToolArgument {
            name: name.clone(),
            kind: kind_of(property),
            is_required: required.contains(&name.as_str()),
            description: property.get("description").and_then(Value::as_str).map(str::to_owned),
            default: property.get("default").map(Value::to_string),
            choices: property
                .get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(Value::to_string)
                .collect(),
        })
        .collect()
}

/// The `type` of a schema (JSON Schema 2020-12, Validation, section 6.1.1): one, several, or any.
fn kind_of(schema: &Value) -> String {
    match (schema.get("type"), schema.get("items")) {
        (Some(Value::String(kind)), Some(items)) if kind == "array" => format!("array of {}", kind_of(items)),
        (Some(Value::String(kind)), _) => kind.clone(),
        (Some(Value::Array(kinds)), _) => {
            kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn field_view(field: &Field) -> FieldView {
    FieldView {
        name: field.name.clone(),
        label: field.label.clone(),
        help: field.help.clone(),
        help_url: field.help_url.clone(),
        kind: match field.kind {
            vendors::FieldKind::Text | vendors::FieldKind::Certificate => FieldKind::Text,
            vendors::FieldKind::Secret => FieldKind::Secret,
            vendors::FieldKind::Select => FieldKind::Select,
            vendors::FieldKind::Url => FieldKind::Url,
        },
        is_required: field.required,
        default: field.default.clone(),
        pattern: field.pattern.clone(),
        options: field
            .options
            .iter()
            .map(|(value, label)| FieldOption { value: value.clone(), label: label.clone() })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_are_what_the_schema_says() {
        let schema = json!({
            "properties": {
                "id": { "type": "integer", "description": "Ticket id." },
                "state": { "type": "string", "enum": ["open", "closed"], "default": "open" },
                "tags": { "type": "array", "items": { "type": ["string", "null"] } },
                "value": {},
            },
            "required": ["id"],
        });
        let found = arguments(schema.as_object().unwrap());
        let kinds: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.kind.as_str())).collect();
        let tags = ("tags", "array of string or null");
        assert_eq!(kinds, [("id", "integer"), ("state", "string"), tags, ("value", "any")]);
        assert!(found[0].is_required && !found[1].is_required);
        assert_eq!(found[0].description.as_deref(), Some("Ticket id."));
        assert_eq!((found[1].default.as_deref(), found[1].choices.len()), (Some("\"open\""), 2));
    }
}
