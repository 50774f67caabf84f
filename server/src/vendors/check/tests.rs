//! Every kind of mistake has a message with its line.

mod lengths;
mod requests;
mod responses;
mod tools;

use super::*;
use crate::vendors::testing::{self, manifest};

const FIELD: &str = "[[fields]]\nname = \"key\"\nlabel = \"Key\"\nkind = \"secret\"\nrequired = true\n";

fn problems(text: &str) -> Vec<String> {
    let found = compile(Path::new("sample.toml"), text, None, Schemas::Check).err().unwrap_or_default();
    found.iter().map(ToString::to_string).collect()
}

/// The mistakes in a tool, which starts on line 15.
fn tool(keys: &str) -> Vec<String> {
    let tool = "[[tools]]\nname = \"get_x\"\ntitle = \"Get x\"\ndescription = \"Gets x.\"\nrisk = \"read\"\nmethod = \"GET\"\npath = \"/x\"\n";
    let mut lines: Vec<String> = tool.lines().map(str::to_owned).collect();
    for key in keys.lines().map(str::trim).filter(|key| !key.is_empty()) {
        let name = key.split(" =").next().unwrap_or_default();
        lines.retain(|line| !line.starts_with(&format!("{name} =")));
        lines.push(key.to_owned());
    }
    problems(&manifest(&format!("{FIELD}{}\n", lines.join("\n"))))
}

#[track_caller]
fn expect(found: &[String], line: usize, words: &str) {
    let place = format!("sample.toml:{line}: ");
    assert!(
        found.iter().any(|problem| problem.starts_with(&place) && problem.contains(words)),
        "{line} {words}: {found:#?}"
    );
}

#[test]
fn a_right_manifest() {
    assert_eq!(problems(&manifest(FIELD)), Vec::<String>::new());
}

#[test]
fn syntax_and_shape() {
    expect(&problems("slug = \n"), 1, "");
    expect(&problems(&manifest(&format!("{FIELD}colour = 1\n"))), 15, "unknown field `colour`");
    expect(&problems(&manifest(&FIELD.replace("\"secret\"", "\"hidden\""))), 13, "unknown variant `hidden`");
    expect(&problems(&manifest(&FIELD.replace("true", "1"))), 14, "invalid type");
    expect(&problems(&manifest(&format!("{FIELD}name = \"x\"\n"))), 15, "duplicate key");
    expect(&problems("slug = \"sample\"\n"), 1, "missing field");
    let two = tool("risk = \"reed\"").len() + tool("metod = \"GET\"").len();
    assert_eq!(two, 2);
}

/// A place is looked up in the file, not among the tools that could be read.
#[test]
fn lines_after_a_tool_that_cannot_be_read() {
    let tool = "[[tools]]\nname = \"get_x\"\ntitle = \"Get x\"\ndescription = \"Gets x.\"\nrisk = \"read\"\nmethod = \"GET\"\npath = \"/x\"\n";
    let long = tool.replace("get_x", "get_y").replace("Gets x.", &format!("{}.", "x".repeat(200)));
    let found = problems(&manifest(&format!("{FIELD}{tool}foo = 1\n{long}")));
    expect(&found, 22, "unknown field `foo`");
    expect(&found, 26, "201 characters");
}

/// One run tells all of them, and nothing that is only a consequence.
#[test]
fn every_wrong_key_and_type() {
    let broken =
        manifest(&format!("{FIELD}colour = 1\n[auth]\nbasic = {{ username = 1 }}\nbeerer = \"x\"\n"))
            .replace("initials = \"S\"", "initials = 5");
    let found = problems(&broken);
    expect(&found, 6, "invalid type: integer `5`");
    expect(&found, 15, "unknown field `colour`");
    expect(&found, 17, "invalid type: integer `1`");
    expect(&found, 18, "unknown field `beerer`");
    assert_eq!(found.len(), 4, "{found:#?}");
    let found = tool("risk = \"reed\"\nmetod = \"GET\"\npath = 3");
    expect(&found, 20, "unknown variant `reed`");
    expect(&found, 21, "unknown field `metod`");
    expect(&found, 22, "invalid type");
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn warnings() {
    let warnings = |text: &str| {
        let mut found = Problems::new(Path::new("sample.toml"), text);
        let manifest = found.read().unwrap();
        let vendor = compile(Path::new("sample.toml"), text, None, Schemas::Check).unwrap();
        lint::lint(&manifest, &vendor, text, &mut found);
        found.into_sorted().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let good = manifest(&format!(
        "{FIELD}help = \"Help.\"\nhelp_url = \"https://a.example\"\n[auth]\nbearer = \"{{key}}\"\n"
    ))
    .replace("initials", "api_docs = \"https://a.example\"\ninitials");
    assert_eq!(warnings(&good), Vec::<String>::new());
    let found = warnings(&manifest(&format!("{FIELD}# decide: which?\n")));
    expect(&found, 2, "no `api_docs`");
    expect(&found, 7, "any will pass");
    expect(&found, 11, "no `help`");
    expect(&found, 11, "`help_url`");
    expect(&found, 11, "used nowhere");
    expect(&found, 15, "not decided yet: which?");
    let host = |pattern: &str| {
        let field = format!(
            "[[fields]]\nname = \"tenant\"\nlabel = \"T\"\nhelp = \"T.\"\nkind = \"text\"\n{pattern}\n"
        );
        let base = "[base_url]\ntemplate = \"https://{tenant}.example.com\"\n";
        warnings(
            &good.replace("[base_url]\ntemplate = \"https://api.example.com\"\n", &format!("{field}{base}")),
        )
    };
    assert_eq!(host("pattern = '^[a-z]+$'"), Vec::<String>::new());
    assert!(host("")[0].contains("`tenant` stands in the name of the host"), "{:?}", host(""));
    let tools = |tool: &str| warnings(&good.replace("[[tools]]", &format!("{tool}\n[[tools]]")));
    let tool = |name: &str, method: &str, risk: &str| {
        format!(
            "[[tools]]\nname = \"{name}\"\ntitle = \"T\"\ndescription = \"D.\"\nrisk = \"{risk}\"\nmethod = \"{method}\"\npath = \"/x\"\n"
        )
    };
    assert!(tools(&tool("delete_x", "DELETE", "write"))[0].contains("delete?"));
    assert!(tools(&tool("do_x", "POST", "read"))[0].contains("write?"));
    assert!(tools(&tool("list_x", "GET", "read"))[0].contains("no `result`"));
    assert_eq!(tools(&tool("search_x", "POST", "write")).len(), 1);
}

#[test]
fn mcp_servers() {
    let with = |part: &str| problems(&manifest(&format!("{}{part}\n", testing::MCP.trim_start())));
    assert_eq!(with(""), Vec::<String>::new());
    expect(&with("validation = { path = \"/me\" }"), 15, "no such part");
    expect(&with("failure = { pointer = \"/error\" }"), 15, "the protocol says");
    expect(&with("[[tools]]\nname = \"x\""), 15, "no [[tools]]");
    expect(&with("request = { headers = { Mcp-Session-Id = \"1\" } }"), 15, "belongs to the protocol");
    let auth = manifest(&testing::MCP.trim_start().replace("auth = { headers", "auth = { query"));
    expect(&problems(&auth), 13, "in headers only");
    let pattern = manifest(&testing::MCP.trim_start().replace("*_back", "a*b"));
    expect(&problems(&pattern), 11, "`*` may stand");
    expect(
        &problems(&manifest(&format!("{FIELD}[mcp]\nhidden_tools = [\"x\"]\n"))),
        15,
        "only a vendor of kind mcp",
    );
    let without = manifest(FIELD).replace("validation =", "# validation =");
    expect(&problems(&without), 1, "missing field `validation`");
}

#[test]
fn the_gateways_own_name() {
    let text = manifest(FIELD).replace("slug = \"sample\"", "slug = \"gateway\"");
    assert!(problems(&text).iter().any(|problem| problem.contains("own tools")), "{:?}", problems(&text));
}

#[test]
fn what_has_no_size_is_not_read_without_end() {
    let error = read_file(Path::new("/dev/zero")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn identity() {
    let broken = manifest(FIELD)
        .replace("\"sample\"", "\"Sample\"")
        .replace("#123456", "red")
        .replace("\"psa\"", "\"P S A\"");
    let found = problems(&broken);
    expect(&found, 1, "called Sample.toml");
    expect(&found, 1, "lower-case");
    expect(&found, 3, "one lower-case word");
    expect(&found, 5, "#rrggbb");
}

#[test]
fn fields() {
    let field = |from: &str, to: &str| problems(&manifest(&FIELD.replace(from, to)));
    expect(&field("\"key\"", "\"Key\""), 11, "name of a field");
    expect(&field("\"secret\"", "\"select\""), 13, "a select has options");
    expect(&field("required = true", "pattern = '('"), 14, "unclosed group");
    expect(&field("required = true", "default = 'x'"), 14, "a secret has no default");
    expect(&field("required = true", "help_url = 'http://x.example'"), 14, "no https address");
    expect(&problems(&manifest(&format!("{FIELD}{FIELD}"))), 16, "another field `key`");
}
