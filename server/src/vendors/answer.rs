//! A vendor's good answer -> the text that the model gets.
//!
//! JSON that fits the budget passes through untouched; a longer list is cut at an item boundary, with a note on how to
//! get the rest. Anything that is not JSON becomes a short error.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::cut::{Cut, cut};
use super::error::CallError;
use super::hide::hide;
use super::manifest::{AfterEntry, AnswerKind, CursorEntry};
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

/// The paging parameters that a tool has.
#[derive(Debug, Default)]
pub(crate) struct Paging {
    pub(crate) size: Option<String>,
    pub(crate) page: Option<String>,
    pub(crate) offset: Option<String>,
    pub(crate) after: Option<AfterEntry>,
    pub(crate) cursor: Option<CursorEntry>,
}

impl Paging {
    /// The names of those parameters.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        let continued = [
            self.after.as_ref().map(|after| &after.parameter),
            self.cursor.as_ref().map(|cursor| &cursor.parameter),
        ];
        let counted = [&self.page, &self.offset, &self.size].map(Option::as_ref);
        counted.into_iter().chain(continued).flatten().map(String::as_str)
    }
}

/// Shapes the body of a good answer within `budget` bytes (the note comes on top).
pub(crate) fn shape(
    tool: &Tool,
    fields: &[String],
    budget: usize,
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
    redactor: &Redactor,
) -> Result<Answer, CallError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Answer { text: format!("Done (HTTP {status}, no content)."), truncated: false });
    }
    let text = json_or_text(tool.answer, status, headers, body, redactor)?;
    let broken = || CallError::Broken("it is broken JSON, and parts of it must stay hidden".into());
    let text = hide(text, &tool.hidden).ok_or_else(broken)?;
    let pointer = tool.result.as_deref().unwrap_or_default();
    // Last, for hiding and selecting read JSON and write it anew: what was escaped may be plain now.
    let text = redactor.clean(select(text, pointer, fields));
    Ok(fit(text, pointer, budget, &tool.paging))
}

/// The text within `budget` bytes: cut between the items of its list at `pointer`, or anywhere if it has none.
pub(crate) fn fit(text: String, pointer: &str, budget: usize, paging: &Paging) -> Answer {
    if text.len() <= budget {
        return Answer { text, truncated: false };
    }
    let text = match cut(&text, pointer, budget) {
        Some(cut) => format!("{}\n\n{}", cut.text, note(&cut, paging)),
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

fn note(cut: &Cut<'_>, paging: &Paging) -> String {
    let Cut { shown, total, .. } = cut;
    let next = next_after(cut, paging.after.as_ref());
    let cursor = paging.cursor.as_ref().map(|cursor| format!("{} from {}", cursor.parameter, cursor.answer));
    let then = paging.page.clone().or(cursor);
    let rest = match (next, &paging.offset, &paging.size, then) {
        (Some(next), ..) => format!("for the rest call again with {next}"),
        (None, Some(offset), ..) => format!("for the rest call again with {offset} larger by {shown}"),
        (None, None, Some(size), Some(then)) => {
            format!("for the rest call again with {size} at most {shown}, and then {then}")
        }
        (None, None, Some(size), None) => {
            format!("call again with {size} at most {shown}, or narrow it with filters")
        }
        _ => "narrow it with filters".to_owned(),
    };
    format!("[Cut to fit: {shown} of {total} items of this page are shown; {rest}.]")
}

/// `min_id=4712`, from the last item that is shown.
fn next_after(cut: &Cut<'_>, after: Option<&AfterEntry>) -> Option<String> {
    let after = after?;
    let last: Value = serde_json::from_str(cut.last).ok()?;
    let value = last.pointer(&after.member)?;
    match value.as_i64() {
        Some(number) => {
            Some(format!("{}={}", after.parameter, number.saturating_add(after.inclusive.into())))
        }
        None => value.as_str().map(|text| format!("{}={text}", after.parameter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(paging: &Paging) -> String {
        let text = r#"{"items":[{"id":7},{"id":8},{"id":9}]}"#;
        let cut = cut(text, "/items", text.len() - 5).unwrap();
        note(&cut, paging)
    }

    #[test]
    fn how_to_get_the_rest() {
        let named = |name: &str| Some(name.to_owned());
        let after = |inclusive| AfterEntry { parameter: "after".into(), member: "/id".into(), inclusive };
        assert!(
            said(&Paging::default())
                .ends_with("2 of 3 items of this page are shown; narrow it with filters.]")
        );
        let paging = Paging { size: named("size"), page: named("page"), ..Paging::default() };
        assert!(said(&paging).contains("call again with size at most 2, and then page."));
        let paging = Paging { size: named("size"), offset: named("from"), ..Paging::default() };
        assert!(said(&paging).contains("call again with from larger by 2."));
        let cursor = CursorEntry { parameter: "token".into(), answer: "/next".into() };
        let paging = Paging { size: named("size"), cursor: Some(cursor), ..Paging::default() };
        assert!(said(&paging).contains("with size at most 2, and then token from /next."));
        let paging = Paging { after: Some(after(false)), ..Paging::default() };
        assert!(said(&paging).contains("call again with after=8."));
        let paging = Paging { after: Some(after(true)), ..Paging::default() };
        assert!(said(&paging).contains("call again with after=9."));
    }
}
