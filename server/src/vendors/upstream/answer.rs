//! What a tool of an MCP server answers -> the text that the model gets, within the same budget as every vendor's.

use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, ResourceContents};

use super::trouble::Trouble;
use crate::vendors::answer::{Answer, fit};
use crate::vendors::error::CallError;

/// The answer within `budget` bytes, or what the tool says is wrong.
pub(super) fn shape(
    answer: CallToolResponse,
    budget: usize,
    trouble: &Trouble<'_>,
) -> Result<Answer, CallError> {
    match answer {
        CallToolResponse::Complete(result) => {
            let is_error = result.is_error == Some(true);
            let text = text_of(result);
            if is_error {
                return Err(trouble.words(text));
            }
            Ok(fit(trouble.redactor.clean(text).into(), "", budget, None))
        }
        CallToolResponse::InputRequired(_) => {
            Err(trouble.words("It asks its user a question, which this gateway does not pass on.".into()))
        }
        _ => Err(trouble
            .words("It began a task that would have to be asked for later, which is not done here.".into())),
    }
}

/// The text blocks; what is no text is named. Structured content counts where there is nothing else to read: servers send
/// the same as text (MCP 2026-07-28, server/tools, "Structured Content").
fn text_of(result: CallToolResult) -> String {
    let mut parts: Vec<String> =
        result.content.into_iter().map(block).filter(|text| !text.is_empty()).collect();
    if parts.is_empty() {
        parts.extend(result.structured_content.map(|content| content.to_string()));
    }
    if parts.is_empty() { "Done (no content).".to_owned() } else { parts.join("\n") }
}

fn block(block: ContentBlock) -> String {
    match block {
        ContentBlock::Text(text) => text.text,
        ContentBlock::Image(image) => format!("[An image ({}) was left out.]", image.mime_type),
        ContentBlock::Audio(audio) => format!("[A sound ({}) was left out.]", audio.mime_type),
        ContentBlock::ResourceLink(link) => format!("{}: {}", link.name, link.uri),
        ContentBlock::Resource(embedded) => match embedded.resource {
            ResourceContents::TextResourceContents { text, .. } => text,
            ResourceContents::BlobResourceContents { uri, .. } => format!("[A file ({uri}) was left out.]"),
            _ => "[A resource was left out.]".to_owned(),
        },
        _ => "[Something that is no text was left out.]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::vendors::redact::Redactor;
    use crate::vendors::testing;

    fn shaped(result: Value, budget: usize) -> Result<Answer, CallError> {
        let credentials = [("key".to_owned(), "hunter2".to_owned())].into_iter().collect();
        let redactor = Redactor::new(&testing::vendor(testing::MCP), &credentials, None);
        let result: CallToolResult = serde_json::from_value(result).unwrap();
        shape(CallToolResponse::Complete(result), budget, &Trouble { host: "h".into(), redactor: &redactor })
    }

    #[test]
    fn content_becomes_text() {
        let result = json!({"content": [
            {"type": "text", "text": "key=hunter2"},
            {"type": "image", "data": "AAAA", "mimeType": "image/png"},
            {"type": "resource_link", "uri": "file:///a", "name": "a"},
            {"type": "resource", "resource": {"uri": "file:///b", "text": "b"}}]});
        let text = "key=[redacted]\n[An image (image/png) was left out.]\na: file:///a\nb";
        assert_eq!(shaped(result, 1000), Ok(Answer { text: text.into(), truncated: false }));
        let structured = json!({"content": [], "structuredContent": {"a": 1}});
        assert_eq!(shaped(structured, 1000).unwrap().text, r#"{"a":1}"#);
        assert_eq!(shaped(json!({"content": []}), 1000).unwrap().text, "Done (no content).");
    }

    #[test]
    fn a_long_answer_is_cut() {
        let list = json!((0..100).collect::<Vec<_>>()).to_string();
        let answer = shaped(json!({"content": [{"type": "text", "text": list}]}), 50).unwrap();
        assert!(answer.truncated && answer.text.contains("of 100 items"), "{}", answer.text);
        let long = json!({"content": [{"type": "text", "text": "ä".repeat(100)}]});
        assert!(shaped(long, 51).unwrap().text.contains("in the middle"));
    }

    #[test]
    fn a_failed_tool_is_an_error() {
        let result = json!({"isError": true, "content": [{"type": "text", "text": "no hunter2 here"}]});
        assert_eq!(shaped(result, 1000), Err(CallError::Said { message: "no [redacted] here".into() }));
    }
}
