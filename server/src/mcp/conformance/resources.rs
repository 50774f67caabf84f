//! The fixture's resources (MCP 2026-07-28, server/resources).

use rmcp::{
    ErrorData,
    model::{
        CacheScope, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource,
        ResourceContents, ResourceTemplate,
    },
};
use serde_json::json;

use super::content::IMAGE;

const TEXT: &str = "test://static-text";
const BINARY: &str = "test://static-binary";
const WATCHED: &str = "test://watched-resource";
const TEMPLATE: &str = "test://template/{id}/data";

/// All of them.
pub(super) fn list(is_modern: bool) -> ListResourcesResult {
    let resource = |uri, name, mime_type| {
        Resource::new(uri, name).with_description("A resource of the fixture.").with_mime_type(mime_type)
    };
    let result = ListResourcesResult::with_all_items(vec![
        resource(TEXT, "Static text", "text/plain"),
        resource(BINARY, "Static binary", "image/png"),
        resource(WATCHED, "Watched", "text/plain"),
    ]);
    if is_modern { result.with_ttl_ms(0).with_cache_scope(CacheScope::Private) } else { result }
}

/// The one template.
pub(super) fn list_templates(is_modern: bool) -> ListResourceTemplatesResult {
    let template = ResourceTemplate::new(TEMPLATE, "Template")
        .with_description("A template of the fixture.")
        .with_mime_type("application/json");
    let result = ListResourceTemplatesResult::with_all_items(vec![template]);
    if is_modern { result.with_ttl_ms(0).with_cache_scope(CacheScope::Private) } else { result }
}

/// One of them; an unknown one is an error that names it (SEP-2164).
pub(super) fn read(uri: &str, is_modern: bool) -> Result<ReadResourceResult, ErrorData> {
    let contents = match uri {
        TEXT => text(uri, "text/plain", "This is the content of the static text resource."),
        BINARY => ResourceContents::blob(IMAGE, uri).with_mime_type("image/png"),
        WATCHED => text(uri, "text/plain", "This is the content of the watched resource."),
        _ => {
            let id = from_template(uri).ok_or_else(|| {
                ErrorData::resource_not_found("There is no such resource.", Some(json!({ "uri": uri })))
            })?;
            let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
            text(uri, "application/json", &data.to_string())
        }
    };
    let result = ReadResourceResult::new(vec![contents]);
    Ok(if is_modern { result.with_ttl_ms(0).with_cache_scope(CacheScope::Private) } else { result })
}

fn from_template(uri: &str) -> Option<&str> {
    uri.strip_prefix("test://template/")?.strip_suffix("/data")
}

fn text(uri: &str, mime_type: &str, text: &str) -> ResourceContents {
    ResourceContents::text(text, uri).with_mime_type(mime_type)
}
