//! `GET /api/vendors` and `GET /api/vendors/{vendor}`.

use axum::{
    Json,
    extract::{Path, State},
};
use gateway_api::{
    Page,
    problem::Problem,
    vendors::{FieldKind, FieldOption, FieldView, ToolRisk, VendorDetails, VendorTool, VendorView},
};

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

fn view(vendor: &Vendor) -> VendorView {
    VendorView {
        slug: vendor.slug.clone(),
        name: vendor.name.clone(),
        category: vendor.category.clone(),
        summary: vendor.summary.clone(),
        website: vendor.website.clone(),
        color: vendor.color.clone(),
        initials: vendor.initials.clone(),
        tool_count: u32::try_from(vendor.tools.len()).unwrap_or(u32::MAX),
        has_ip_allowlist: vendor.ip_allowlist,
        fields: vendor.fields.iter().map(field_view).collect(),
    }
}

fn details(vendor: &Vendor) -> VendorDetails {
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
