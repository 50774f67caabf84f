//! Tools that need something of the client first, in several rounds (MCP 2026-07-28, MRTR; SEP-2322). Between the rounds
//! nothing is kept here: the client carries a state that the gateway's own seals protect, bound to the app and to the tool.

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ContentBlock,
        InputRequest, InputRequests, InputRequiredResult, InputResponses,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use super::{super::handler::caller, declared};
use crate::state::AppState;

/// What a sealed state says: how far the client has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Once,
    Several,
    First,
    Second,
}

const STEPS: [Step; 4] = [Step::Once, Step::Several, Step::First, Step::Second];

/// What a tool has seen of the client so far.
struct Round<'a> {
    state: &'a AppState,
    /// Who calls which tool: a state is good for nobody and nothing else.
    binding: String,
    responses: Option<&'a InputResponses>,
    /// What was sealed in the round before.
    step: Option<Step>,
}

/// The answer, if the tool is one of these.
pub(super) fn answer(
    state: &AppState,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Option<Result<CallToolResponse, ErrorData>> {
    let name = request.name.as_ref();
    let is_here = name.starts_with("test_input_required_result_")
        || ["test_streaming_elicitation", "test_missing_capability"].contains(&name);
    is_here.then(|| Round::begin(state, request, context)?.answer(name, &declared(context)))
}

impl<'a> Round<'a> {
    fn begin(
        state: &'a AppState,
        request: &'a CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let caller = caller(&context.extensions)?;
        let binding = format!("{}|{}", caller.grant_id, request.name);
        let mut round = Self { state, binding, responses: request.input_responses.as_ref(), step: None };
        if let Some(sealed) = &request.request_state {
            let step = STEPS.into_iter().find(|step| round.holds(sealed, *step));
            let not_ours = || ErrorData::invalid_params("The requestState is not ours.", None);
            round.step = Some(step.ok_or_else(not_ours)?);
        }
        Ok(round)
    }

    fn answer(&self, name: &str, client: &ClientCapabilities) -> Result<CallToolResponse, ErrorData> {
        match name {
            "test_missing_capability" => needs_model(client),
            "test_streaming_elicitation" => Ok(self.once("confirm", elicit_bool())),
            "test_input_required_result_elicitation" => Ok(self.once("user_name", elicit_name())),
            "test_input_required_result_sampling" => {
                Ok(self.once("capital_question", sample("What is the capital of France?", 100)))
            }
            "test_input_required_result_list_roots" => Ok(self.once("client_roots", list_roots())),
            "test_input_required_result_multiple_inputs" => Ok(self.several()),
            "test_input_required_result_multi_round" => Ok(self.two_rounds()),
            "test_input_required_result_capabilities" => Ok(self.what_the_client_can(client)),
            // request_state, tampered_state
            _ => Ok(self.with_state()),
        }
    }

    /// One request, without a state.
    fn once(&self, key: &str, request: Value) -> CallToolResponse {
        match self.response(key) {
            Some(response) => complete(&format!("The client answered: {response}")),
            None => ask([(key, request)], None),
        }
    }

    /// One request, and a state that must come back.
    fn with_state(&self) -> CallToolResponse {
        match (self.response("confirm"), self.step) {
            (Some(_), Some(Step::Once)) => complete("state-ok"),
            _ => ask([("confirm", elicit_bool())], Some(self.seal(Step::Once))),
        }
    }

    /// Three requests at once.
    fn several(&self) -> CallToolResponse {
        let keys = ["user_name", "greeting", "client_roots"];
        if self.step == Some(Step::Several) && keys.iter().all(|key| self.response(key).is_some()) {
            return complete("The client answered everything.");
        }
        let requests = [elicit_name(), sample("Generate a greeting", 50), list_roots()];
        ask(keys.into_iter().zip(requests), Some(self.seal(Step::Several)))
    }

    /// Two requests, one after the other.
    fn two_rounds(&self) -> CallToolResponse {
        match self.step {
            Some(Step::First) if self.response("step1").is_some() => ask(
                [("step2", elicit("What is your favorite color?", "color"))],
                Some(self.seal(Step::Second)),
            ),
            Some(Step::Second) if self.response("step2").is_some() => complete("Both steps are done."),
            _ => ask([("step1", elicit_name())], Some(self.seal(Step::First))),
        }
    }

    /// Only what was declared may be asked for (MRTR, "only kinds the client declared").
    fn what_the_client_can(&self, client: &ClientCapabilities) -> CallToolResponse {
        let can = [
            client.sampling.is_some().then(|| ("question", sample("Say hello.", 50))),
            client.elicitation.is_some().then(|| ("user_name", elicit_name())),
        ];
        let requests: Vec<_> = can.into_iter().flatten().collect();
        if requests.is_empty() || requests.iter().all(|(key, _)| self.response(key).is_some()) {
            return complete("Nothing more is needed.");
        }
        ask(requests, None)
    }

    /// What the client said to a request; a thing that is no object says nothing.
    fn response(&self, key: &str) -> Option<&Value> {
        self.responses?.get(key).filter(|response| response.is_object())
    }

    fn seal(&self, step: Step) -> String {
        self.state.mcp.seals.seal(&self.about(step), self.state.clock.now())
    }

    fn holds(&self, sealed: &str, step: Step) -> bool {
        self.state.mcp.seals.holds(sealed, &self.about(step), self.state.clock.now())
    }

    fn about(&self, step: Step) -> String {
        format!("{}|{step:?}", self.binding)
    }
}

/// `-32021` for a client that has not declared what is needed (MCP 2026-07-28, basic, "Capabilities").
fn needs_model(client: &ClientCapabilities) -> Result<CallToolResponse, ErrorData> {
    let (can, needed) = (client.sampling.is_some(), ClientCapabilities::builder().enable_sampling().build());
    if can {
        return Ok(complete("The client has a model."));
    }
    Err(ErrorData::missing_required_client_capability(needed))
}

fn complete(text: &str) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(text)]).into()
}

fn ask<'k>(requests: impl IntoIterator<Item = (&'k str, Value)>, state: Option<String>) -> CallToolResponse {
    let requests = requests.into_iter().map(|(key, request)| (key.to_owned(), request_from(request)));
    InputRequiredResult::new(Some(requests.collect::<InputRequests>()), state).into()
}

/// A request in its wire form.
pub(super) fn request_from(request: Value) -> InputRequest {
    serde_json::from_value(request).expect("the fixture's requests are of the protocol's form")
}

/// A form with one text.
pub(super) fn elicit(message: &str, property: &str) -> Value {
    form(message, &json!({ property: { "type": "string" } }), &[property])
}

/// A form.
pub(super) fn form(message: &str, properties: &Value, required: &[&str]) -> Value {
    json!({
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": message,
            "requestedSchema": { "type": "object", "properties": properties, "required": required },
        },
    })
}

/// A question to the client's model.
pub(super) fn sample(question: &str, max_tokens: u32) -> Value {
    json!({
        "method": "sampling/createMessage",
        "params": {
            "messages": [{ "role": "user", "content": { "type": "text", "text": question } }],
            "maxTokens": max_tokens,
        },
    })
}

fn elicit_name() -> Value {
    elicit("What is your name?", "name")
}

fn elicit_bool() -> Value {
    form("Please confirm", &json!({ "ok": { "type": "boolean" } }), &["ok"])
}

fn list_roots() -> Value {
    json!({ "method": "roots/list" })
}
