//! A vendor's good answer -> the text that the model gets.
//!
//! JSON that fits the budget passes through untouched; a longer list is cut at an item boundary. A note ([`super::paging`])
//! says how to get the rest, or the next page. Anything that is not JSON becomes a short error.

use std::borrow::Cow;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

use super::cut::{Cut, cut};
use super::error::CallError;
use super::hide::hide;
use super::manifest::AnswerKind;
use super::paging::{Asked, Page};
use super::redact::Redactor;
use super::refusal::shorten;
use super::select::select;
use super::vendor::Tool;

/// What a tool call brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The vendor's JSON (or text), possibly cut, without secrets of the credential.
    pub text: String,
    /// Something was left out; the text ends with a note about it.
    pub truncated: bool,
}

/// What is wanted of an answer.
pub(crate) struct Wanted<'c> {
    pub(crate) tool: &'c Tool,
    pub(crate) asked: Asked<'c>,
    /// The only members of each item, if there are any.
    pub(crate) fields: &'c [String],
    /// Most bytes; a note comes on top.
    pub(crate) budget: usize,
}

/// Shapes the body of a good answer.
pub(crate) fn shape(
    wanted: &Wanted<'_>,
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
    redactor: &Redactor,
) -> Result<Answer, CallError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Answer { text: format!("Done (HTTP {status}, no content)."), truncated: false });
    }
    let Wanted { tool, asked, fields, budget } = wanted;
    let text = json_or_text(tool.answer, status, headers, body, redactor)?;
    let broken = || CallError::Broken("it is broken JSON, and parts of it must stay hidden".into());
    let text = hide(text, &tool.hidden).ok_or_else(broken)?;
    let Some(pointer) = tool.result.as_deref() else {
        return Ok(fit(redactor.clean(text).into(), "", *budget, None));
    };
    // With the members that nobody chose: one of them may lead to the next page.
    let page = Page::of(*asked, headers, &text, pointer);
    // Last, for hiding and selecting read JSON and write it anew: what was escaped may be plain now.
    let shown = redactor.clean(select(text.clone(), pointer, fields));
    Ok(fit(shown.into(), pointer, *budget, page.as_ref()))
}

/// The text within `budget` bytes: cut between the items of its list at `pointer`, or anywhere if it has none. `page` is what
/// is known of the list.
pub(crate) fn fit(text: Cow<'_, str>, pointer: &str, budget: usize, page: Option<&Page<'_>>) -> Answer {
    if text.len() <= budget {
        return match page.and_then(Page::more) {
            Some(note) => Answer { text: format!("{text}\n\n{note}"), truncated: false },
            None => Answer { text: text.into_owned(), truncated: false },
        };
    }
    let text = match cut(&text, pointer, budget) {
        Some(Cut { text, shown, total }) => {
            let rest = page.map_or_else(|| "narrow it with filters".to_owned(), |page| page.rest(shown));
            format!("{text}\n\n[Cut to fit: {shown} of {total} items of this page are shown; {rest}.]")
        }
        None => format!(
            "{}\n\n[Cut after {budget} of {} bytes, in the middle: ask for less.]",
            &text[..text.floor_char_boundary(budget)],
            text.len()
        ),
    };
    Answer { text, truncated: true }
}

/// The body as text, still with its secrets; an error, without them, if it is not what the tool answers with.
pub(crate) fn json_or_text(
    kind: AnswerKind,
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
    redactor: &Redactor,
) -> Result<String, CallError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = String::from_utf8(body).map_err(|_| CallError::Broken("it is not valid UTF-8".into()))?;
    if kind == AnswerKind::Json && !is_json(content_type, &text) {
        // Before it is shortened as well: half a secret would not be found.
        let found = redactor.clean(describe(content_type, &redactor.clean(text)));
        return Err(CallError::NotJson { status: status.as_u16(), found });
    }
    Ok(text)
}

/// A JSON type with a JSON beginning is believed; without the type, the whole text must be JSON.
fn is_json(content_type: &str, text: &str) -> bool {
    let declared = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if declared.ends_with("json") && text.trim_start().starts_with(['{', '[', '"']) {
        return true;
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn describe(content_type: &str, text: &str) -> String {
    let lower = text.get(..text.floor_char_boundary(4096)).unwrap_or_default().to_ascii_lowercase();
    if content_type.starts_with("text/html")
        || lower.trim_start().starts_with("<!doctype html")
        || lower.contains("<html")
    {
        let title = lower.find("<title").and_then(|at| {
            let start = at + lower[at..].find('>')? + 1;
            let end = start + lower[start..].find("</title")?;
            text.get(start..end).map(|title| shorten(title.trim(), 80))
        });
        return match title {
            Some(title) if !title.is_empty() => format!("an HTML page (\"{title}\")"),
            _ => "an HTML page".to_owned(),
        };
    }
    match content_type.split(';').next().unwrap_or_default().trim() {
        "" => "something of no declared type".to_owned(),
        declared if declared.ends_with("json") => "broken JSON".to_owned(),
        declared => shorten(declared, 80),
    }
}
