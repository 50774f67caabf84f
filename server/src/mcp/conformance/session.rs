//! Tools that speak to the client while they run: progress (both eras), log (both eras, in 2026-07-28 only if the request
//! asks for it), and the requests that a server may send in a session (before 2026-07-28).

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolRequestParams, CallToolResult, ContentBlock, ProgressNotificationParam, ServerRequest},
    service::{RequestContext, ServiceError},
};
use serde_json::{Value, json};

use super::{
    super::{error, handler::is_modern},
    input::{form, sample},
};

/// Between two notifications: the suite wants to see that they come one by one.
const PAUSE: Duration = Duration::from_millis(50);

/// Carries the tool out.
pub(super) async fn answer(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let argument = |name: &str| {
        let value = request.arguments.as_ref().and_then(|arguments| arguments.get(name));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let text = match request.name.as_ref() {
        "test_tool_with_progress" => progress(context).await,
        "test_tool_with_logging" | "test_logging_tool" => log(context).await,
        "test_sampling" => ask(context, sample(&argument("prompt"), 100)).await,
        "test_elicitation" => ask(context, two_texts(&argument("message"))).await,
        "test_elicitation_sep1034_defaults" => ask(context, defaults()).await,
        _ => ask(context, choices()).await,
    };
    let text = text.map_err(|error| {
        tracing::error!(%error, "the fixture could not reach its client");
        error::internal()
    })?;
    Ok(CallToolResult::success(vec![ContentBlock::text(text)]))
}

/// Three steps, if the request asks for them.
async fn progress(context: &RequestContext<RoleServer>) -> Result<String, ServiceError> {
    let token = context.meta.get_progress_token();
    for percent in [0.0, 50.0, 100.0] {
        if let Some(token) = &token {
            let step = ProgressNotificationParam::new(token.clone(), percent).with_total(100.0);
            context.peer.notify_progress(step).await?;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok("All steps are done.".to_owned())
}

/// Three messages. Without a level in the request, 2026-07-28 allows none (SEP-2575).
async fn log(context: &RequestContext<RoleServer>) -> Result<String, ServiceError> {
    use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam};

    if !is_modern(context) || context.meta.log_level().is_some() {
        for text in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
            let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, Value::from(text));
            context.peer.notify_logging_message(message).await?;
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok("Everything is logged.".to_owned())
}

/// Sends a request of the server to the client, and waits.
async fn ask(context: &RequestContext<RoleServer>, request: Value) -> Result<String, ServiceError> {
    let request: ServerRequest =
        serde_json::from_value(request).expect("the fixture's requests are of the protocol's form");
    let answer = context.peer.send_request(request).await?;
    Ok(format!("The client answered: {}", serde_json::to_string(&answer).unwrap_or_default()))
}

fn two_texts(message: &str) -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let properties = json!({ "username": text("User's response"), "email": text("User's email address") });
    form(message, &properties, &["username", "email"])
}

/// A default for each kind of value (SEP-1034).
fn defaults() -> Value {
    let properties = json!({
        "name": { "type": "string", "default": "John Doe" },
        "age": { "type": "integer", "default": 30 },
        "score": { "type": "number", "default": 95.5 },
        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
        "verified": { "type": "boolean", "default": true },
    });
    form("Please check these values", &properties, &[])
}

/// Each kind of choice (SEP-1330), also the deprecated one.
fn choices() -> Value {
    let options = json!(["option1", "option2", "option3"]);
    let titled = |noun: &str| {
        json!([
            { "const": "value1", "title": format!("First {noun}") },
            { "const": "value2", "title": format!("Second {noun}") },
            { "const": "value3", "title": format!("Third {noun}") },
        ])
    };
    let properties = json!({
        "untitledSingle": { "type": "string", "enum": options },
        "titledSingle": { "type": "string", "oneOf": titled("Option") },
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": { "type": "array", "items": { "type": "string", "enum": options } },
        "titledMulti": { "type": "array", "items": { "anyOf": titled("Choice") } },
    });
    form("Please choose", &properties, &[])
}
