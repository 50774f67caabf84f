//! The fixture's prompts (MCP 2026-07-28, server/prompts).

use rmcp::{
    ErrorData,
    model::{
        CacheScope, ContentBlock, GetPromptRequestParams, GetPromptResponse, GetPromptResult, InputRequests,
        InputRequiredResult, ListPromptsResult, Prompt, PromptArgument, PromptMessage, Role,
    },
};
use serde_json::Value;

use super::{
    content::{image, resource},
    input::{elicit, request_from},
};

/// The prompt that needs something of the client first.
const NEEDS_INPUT: &str = "test_input_required_result_prompt";
const PROMPTS: &[(&str, &[&str])] = &[
    ("test_simple_prompt", &[]),
    ("test_prompt_with_arguments", &["arg1", "arg2"]),
    ("test_prompt_with_embedded_resource", &["resourceUri"]),
    ("test_prompt_with_image", &[]),
    (NEEDS_INPUT, &[]),
];

/// All of them.
pub(super) fn list(is_modern: bool) -> ListPromptsResult {
    let argument = |name: &&str| PromptArgument::new(*name).with_description("Any text.").with_required(true);
    let prompt = |(name, arguments): &(&str, &[&str])| {
        let arguments: Vec<_> = arguments.iter().map(argument).collect();
        Prompt::new(*name, Some("A prompt of the fixture."), Some(arguments))
    };
    let result = ListPromptsResult::with_all_items(PROMPTS.iter().map(prompt).collect());
    if is_modern { result.with_ttl_ms(0).with_cache_scope(CacheScope::Private) } else { result }
}

/// One of them.
pub(super) fn get(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let argument = |name: &str| {
        let value = request.arguments.as_ref().and_then(|arguments| arguments.get(name));
        value.and_then(Value::as_str).unwrap_or_default()
    };
    let messages = match request.name.as_str() {
        "test_simple_prompt" => vec![text("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (arg1, arg2) = (argument("arg1"), argument("arg2"));
            vec![text(&format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"))]
        }
        "test_prompt_with_embedded_resource" => {
            let content = "Embedded resource content for testing.";
            let resource = resource(argument("resourceUri"), "text/plain", content);
            vec![user(resource), text("Please process the embedded resource above.")]
        }
        "test_prompt_with_image" => vec![user(image()), text("Please analyze the image above.")],
        NEEDS_INPUT => return Ok(needs_input(request)),
        _ => return Err(ErrorData::invalid_params("There is no such prompt.", None)),
    };
    Ok(GetPromptResult::new(messages).into())
}

fn needs_input(request: &GetPromptRequestParams) -> GetPromptResponse {
    let responses = request.input_responses.as_ref();
    let answer = responses.and_then(|responses| responses.get("user_context"));
    if let Some(answer) = answer.filter(|answer| answer.is_object()) {
        return GetPromptResult::new(vec![text(&format!("With the context {answer}"))]).into();
    }
    let question = request_from(elicit("What context should the prompt use?", "context"));
    let requests = InputRequests::from([("user_context".to_owned(), question)]);
    InputRequiredResult::from_input_requests(requests).into()
}

fn user(content: ContentBlock) -> PromptMessage {
    PromptMessage::new(Role::User, content)
}

fn text(text: &str) -> PromptMessage {
    user(ContentBlock::text(text))
}
