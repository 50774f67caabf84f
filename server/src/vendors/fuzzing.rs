//! What must be true of every text that is taken for a manifest.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{
    check::{Schemas, compile},
    error::CallError,
    schema::Compiled,
    vendor::{Tool, Vendor},
};

/// A manifest: it loads, and then its tools can be shown to a client, or it is told where it is wrong.
///
/// # Panics
/// A property is broken.
pub fn check_manifest(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let file = PathBuf::from(format!("{}.toml", slug(text)));
    match compile(&file, text, None, Schemas::Check) {
        Ok(vendor) => check_vendor(&vendor),
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            let lines = text.lines().count() + 1;
            for problem in problems {
                assert!((1..=lines).contains(&problem.line), "line {} of {lines}", problem.line);
                assert!(!problem.message.trim().is_empty());
            }
        }
    }
}

/// The slug as most manifests write it, so that the name of the file fits.
fn slug(text: &str) -> &str {
    let value = text.lines().find_map(|line| line.strip_prefix("slug = \""));
    value.and_then(|rest| rest.split('"').next()).unwrap_or("fuzz")
}

fn check_vendor(vendor: &Vendor) {
    let names: Vec<&str> = vendor.tools.iter().map(|tool| tool.full_name.as_str()).collect();
    assert!(!names.is_empty() && names.is_sorted_by(|one, other| one < other), "{names:?}");
    for tool in &vendor.tools {
        check_tool(tool);
    }
}

/// The protocol's rules for a tool (MCP 2026-07-28, server/tools), and Claude's for its name.
fn check_tool(tool: &Tool) {
    let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    assert!(tool.full_name.len() <= 48 && tool.full_name.chars().all(is_good), "{:?}", tool.full_name);
    assert!(!tool.title.trim().is_empty() && !tool.description.trim().is_empty());
    let schema: Value = serde_json::from_str(tool.input_schema.as_str()).expect("a schema is JSON");
    assert!(jsonschema::draft202012::meta::is_valid(&schema), "{schema}");
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["additionalProperties"], false);
    let properties = schema["properties"].as_object().expect("an object schema has properties");
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(required.as_str().is_some_and(|name| properties.contains_key(name)), "{required}");
    }
    // Without arguments it can be called, or it is told what is missing.
    let checked = tool.arguments.check(Map::new(), &Compiled::new());
    assert!(matches!(checked, Ok(_) | Err(CallError::Arguments(_))), "{checked:?}");
}
