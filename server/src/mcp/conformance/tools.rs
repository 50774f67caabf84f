//! What `tools/list` shows of the fixture. Names and arguments are the suite's; two tools at the end are ours.

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

/// Connects every vendor of the catalogue.
pub(super) const CONNECT_ALL: &str = "test_connect_all_vendors";
/// Connects a vendor, or disconnects it again.
pub(super) const TRIGGER_CHANGE: &str = "test_trigger_tool_change";
/// The tool whose schema must come through as it is.
const SCHEMA_TOOL: &str = "json_schema_2020_12_tool";
/// The tool with an argument that clients repeat in a header.
pub(super) const HEADER_TOOL: &str = "test_header_argument";

/// The tools without arguments, and what they do.
const PLAIN: &[(&str, &str)] = &[
    ("test_simple_text", "Answers with a text."),
    ("test_image_content", "Answers with an image."),
    ("test_audio_content", "Answers with a sound."),
    ("test_embedded_resource", "Answers with a resource."),
    ("test_multiple_content_types", "Answers with a text, an image and a resource."),
    ("test_error_handling", "Always fails."),
    ("test_tool_with_progress", "Tells its progress three times."),
    ("test_tool_with_logging", "Logs three times."),
    ("test_logging_tool", "Logs, if the request asks for it."),
    ("test_elicitation_sep1034_defaults", "Asks the person by a form with default values."),
    ("test_elicitation_sep1330_enums", "Asks the person by a form with every kind of choice."),
    ("test_input_required_result_elicitation", "Needs a name of the person."),
    ("test_input_required_result_sampling", "Needs an answer of the client's model."),
    ("test_input_required_result_list_roots", "Needs the client's roots."),
    ("test_input_required_result_request_state", "Needs a confirmation, and its state back."),
    ("test_input_required_result_multiple_inputs", "Needs three things at once."),
    ("test_input_required_result_multi_round", "Needs two things, one after the other."),
    ("test_input_required_result_tampered_state", "Refuses a state that it did not make."),
    ("test_input_required_result_capabilities", "Needs only what the client can give."),
    ("test_streaming_elicitation", "Needs a confirmation of the person."),
    ("test_missing_capability", "Needs a client that has a model."),
    (TRIGGER_CHANGE, "Changes which tools there are."),
    (CONNECT_ALL, "Connects every vendor of the catalogue, with no credentials."),
];

/// Every tool of the fixture.
pub(in crate::mcp) fn tools() -> Vec<Tool> {
    let none = json!({ "type": "object", "additionalProperties": false });
    let mut tools: Vec<_> =
        PLAIN.iter().map(|(name, description)| tool(name, description, none.clone())).collect();
    tools.push(tool("test_sampling", "Asks the client's model.", one_text("prompt")));
    tools.push(tool("test_elicitation", "Asks the person.", one_text("message")));
    tools.push(tool(SCHEMA_TOOL, "Has a schema with the newer keywords.", newer_keywords()));
    let mut in_header = one_text("region");
    in_header["properties"]["region"]["x-mcp-header"] = Value::from("Region");
    tools.push(tool(HEADER_TOOL, "Has an argument that is repeated in a header.", in_header));
    tools
}

/// Whether a tool is the fixture's.
pub(super) fn is_fixture(name: &str) -> bool {
    const OTHERS: [&str; 4] = ["test_sampling", "test_elicitation", SCHEMA_TOOL, HEADER_TOOL];
    PLAIN.iter().any(|(plain, _)| *plain == name) || OTHERS.contains(&name)
}

fn tool(name: &'static str, description: &'static str, schema: Value) -> Tool {
    let schema: JsonObject = serde_json::from_value(schema).expect("a schema is an object");
    Tool::new(name, description, schema).with_annotations(ToolAnnotations::new().read_only(true))
}

fn one_text(name: &str) -> Value {
    json!({
        "type": "object",
        "properties": { name: { "type": "string", "description": "Any text." } },
        "required": [name],
        "additionalProperties": false,
    })
}

/// JSON Schema 2020-12 (SEP-1613, SEP-2106): every keyword that the scenario looks for.
fn newer_keywords() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
            },
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}
