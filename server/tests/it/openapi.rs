//! The OpenAPI document, as a snapshot. Who gets in stands in `access.rs`.

use serde_json::Value;

use crate::gateway::Gateway;

#[tokio::test]
async fn the_document_is_what_it_was() {
    let gateway = Gateway::start().await;
    let document: Value = gateway.browser().get_json("/api/openapi.json").await;
    insta::assert_json_snapshot!("openapi", document, { ".info.version" => "[version]" });
}
