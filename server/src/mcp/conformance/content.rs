//! Tools that answer at once, with every kind of content (MCP 2026-07-28, server/tools, "Tool Result").

use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};

use super::tools::HEADER_TOOL;

/// A PNG of one red pixel.
pub(super) const IMAGE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// A WAV without a sample.
const SOUND: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/// The answer, if the tool is one of these.
pub(super) fn answer(name: &str) -> Option<CallToolResult> {
    let content = match name {
        "test_simple_text" => vec![text("This is a simple text response for testing.")],
        HEADER_TOOL | "json_schema_2020_12_tool" => vec![text("The arguments were accepted.")],
        "test_image_content" => vec![image()],
        "test_audio_content" => vec![ContentBlock::audio(SOUND, "audio/wav")],
        "test_embedded_resource" => {
            vec![resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")]
        }
        "test_multiple_content_types" => vec![
            text("Multiple content types test:"),
            image(),
            resource("test://mixed-content-resource", "application/json", r#"{"test":"data","value":123}"#),
        ],
        "test_error_handling" => {
            let text = text("This tool intentionally returns an error for testing");
            return Some(CallToolResult::error(vec![text]));
        }
        _ => return None,
    };
    Some(CallToolResult::success(content))
}

/// The image, as content.
pub(super) fn image() -> ContentBlock {
    ContentBlock::image(IMAGE, "image/png")
}

/// A text resource, as content.
pub(super) fn resource(uri: &str, mime_type: &str, text: &str) -> ContentBlock {
    ContentBlock::resource(ResourceContents::text(text, uri).with_mime_type(mime_type))
}

fn text(text: &str) -> ContentBlock {
    ContentBlock::text(text)
}
