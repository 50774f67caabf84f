//! Operations -> tools.

use std::collections::BTreeSet;

use serde_json::Value;

use super::auth::SignIn;
use super::document::Document;
use super::draft::{Manifest, Paging, Tool, Validation};
use super::operations::{Operation, is_asked_for};
use super::params::Parameters;
use super::text::{plain, sentence, shorten, title};
use super::{answer, body, names};

/// Longest full name, description and title of a tool (see `check/tool.rs`).
const MAX_FULL_NAME: usize = 48;
const MAX_DESCRIPTION: usize = 160;
const MAX_TITLE: usize = 60;

/// Words of paths and ids that make a person think of `admin`.
const DELICATE: [&str; 10] = [
    "password",
    "passwords",
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "permission",
    "permissions",
];

/// Words of a POST that may only read.
const READING: [&str; 6] = ["search", "query", "find", "lookup", "filter", "count"];

/// Makes a tool of each operation that can be one.
pub(super) fn add(
    manifest: &mut Manifest,
    document: &Document,
    operations: &[Operation<'_>],
    include: &[String],
    sign_in: &SignIn,
) {
    let mut taken = BTreeSet::new();
    let longest = MAX_FULL_NAME.saturating_sub(manifest.slug.len() + 2);
    for operation in operations {
        let refused = |why: &str| format!("{}: {why}", operation.place());
        if operation.is_deprecated && !is_asked_for(operation, include) {
            manifest.left_out.push(refused("deprecated (--include with its operationId takes it)"));
            continue;
        }
        match tool(document, operation, sign_in) {
            Ok((mut tool, lists)) => {
                tool.name = names::tool(operation, &manifest.slug, lists, longest, &mut taken);
                describe(&mut tool, operation);
                manifest.tools.push(tool);
            }
            Err(why) => manifest.left_out.push(refused(&why)),
        }
    }
}

type Made = Result<(Tool, bool), body::Unusable>;

/// A tool without its texts, and whether it lists.
fn tool(document: &Document, operation: &Operation<'_>, sign_in: &SignIn) -> Made {
    if let Some(broken) = operation.broken.first() {
        return Err(broken.clone());
    }
    let mut decide = BTreeSet::new();
    let mut parameters = Parameters::new(document, &mut decide);
    parameters.read(operation, &sign_in.wire);
    let Some(path) = parameters.path(operation.path) else {
        return Err("its path is no template".into());
    };
    let body = body::read(document, operation, &mut parameters)?;
    let params = parameters.into_params();
    let answer = answer::read(document, operation);
    let is_read = operation.method == "GET";
    let paging = if is_read { answer::paging(&answer, &params) } else { Paging::default() };
    let lists = is_read && answer.list.is_some();
    let risk = risk(operation, &mut decide);
    let is_anonymous = is_anonymous(operation, sign_in, &mut decide);
    if let Some(url) = operation.server {
        decide.insert(format!("the document has this at {}, not at the base URL", plain(url)));
    }
    Ok((
        Tool {
            risk,
            method: operation.method,
            path,
            params,
            body: body.template,
            encoding: body.encoding,
            is_text: answer.is_text,
            result: answer.list.filter(|_| is_read),
            paging,
            is_anonymous,
            origin: operation
                .id
                .map_or_else(|| operation.place(), |id| format!("{} ({id})", operation.place())),
            decide: decide.into_iter().collect(),
            ..Tool::default()
        },
        lists,
    ))
}

fn describe(tool: &mut Tool, operation: &Operation<'_>) {
    let name = title(&tool.name);
    let is_word = |text: &String| text.contains(char::is_alphanumeric);
    let summary = operation.text("summary").map(plain).filter(is_word);
    let description = operation.text("description").map(plain).filter(is_word);
    let fits = |text: &String| text.chars().count() <= MAX_TITLE && !text.contains(". ");
    let heading = summary.clone().filter(fits).unwrap_or(name);
    let texts = [description, summary, Some(heading.clone())].into_iter().flatten();
    let texts: Vec<_> = texts.map(|text| sentence(&shorten(&text, MAX_DESCRIPTION - 1))).collect();
    // A summary that is whole says more than a description that breaks off.
    let whole = texts.iter().find(|text| !text.ends_with('…'));
    let short = whole.or(texts.first()).cloned().unwrap_or_default();
    if short.ends_with('…') {
        tool.decide.push("the description was cut in the middle of a sentence".into());
    }
    tool.title = shorten(heading.trim_end_matches('.'), MAX_TITLE);
    tool.description = short;
}

/// By the method, with a question where that may be wrong.
fn risk(operation: &Operation<'_>, decide: &mut BTreeSet<String>) -> &'static str {
    let text =
        format!("{}_{}", names::snake(operation.path), operation.id.map(names::snake).unwrap_or_default());
    let has = |words: &[&str]| text.split('_').any(|word| words.contains(&word));
    if has(&DELICATE) {
        decide.insert("risk: admin, if it reveals secrets or changes who may do what".into());
    }
    match operation.method {
        "GET" => "read",
        "DELETE" => "delete",
        method => {
            if method == "POST" && has(&READING) {
                decide.insert("risk: read, if it only reads".into());
            }
            "write"
        }
    }
}

/// Whether the document says that nobody needs to sign in; other ways to sign in are named.
fn is_anonymous(operation: &Operation<'_>, sign_in: &SignIn, decide: &mut BTreeSet<String>) -> bool {
    let Some(security) = operation.members.get("security").and_then(Value::as_array) else { return false };
    if security.is_empty() {
        return !sign_in.auth.is_empty();
    }
    let names =
        |way: &Value| way.as_object().map(|way| way.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let ways: Vec<_> = security.iter().map(names).collect();
    if !ways.iter().any(|way| way.iter().all(|name| sign_in.schemes.contains(name))) {
        let ways: Vec<_> = ways.iter().map(|way| way.join(" with ")).collect();
        decide.insert(format!("the document wants another way to sign in here: {}", ways.join(", ")));
    }
    false
}

/// The request that is cheapest and needs the credential.
pub(super) fn validation(tools: &[Tool]) -> Validation {
    let needs_nothing = |tool: &&Tool| {
        tool.method == "GET"
            && !tool.is_anonymous
            && tool.params.iter().all(|param| !param.required || param.schema.contains_key("default"))
    };
    let telling = ["me", "whoami", "self", "account", "profile", "status", "version", "info", "user"];
    let score = |tool: &&Tool| {
        let words = names::snake(&tool.path);
        let place = telling.iter().position(|word| words.split('_').next_back() == Some(word));
        // What the standards put there is for everybody (RFC 8615).
        (tool.path.contains("/.well-known/"), place.unwrap_or(telling.len()), tool.path.len())
    };
    match tools.iter().filter(needs_nothing).min_by_key(score) {
        Some(tool) => Validation {
            path: tool.path.clone(),
            decide: "whether this is the cheapest request that fails with a wrong credential".into(),
        },
        None => Validation {
            path: String::new(),
            decide: "a request that needs the credential and nothing else: the document has none".into(),
        },
    }
}
