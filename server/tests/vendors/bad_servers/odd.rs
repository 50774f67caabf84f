//! Lists and answers that nobody would expect, and that are taken as far as they are of use.

use std::sync::atomic::{AtomicUsize, Ordering};

use gateway_server::vendors::Answer;
use serde_json::{Value, json};

use super::rows::{results, script};
use super::server::{Script, result, tool};

/// Pages that never end; the reader does.
pub(super) fn endless_lists() -> Vec<(&'static str, Script)> {
    let page = |id: &Value, number: usize, cursor: String| {
        let tools = [tool(&format!("tool_{number}"), true)];
        result(
            id,
            &json!({"resultType": "complete", "tools": tools, "nextCursor": cursor, "ttlMs": 0, "cacheScope": "private"}),
        )
    };
    let counter = AtomicUsize::new(0);
    vec![
        ("a cursor in a circle", script("tools/list", move |id| page(id, 0, "again".into()))),
        (
            "new pages for ever",
            script("tools/list", move |id| {
                let number = counter.fetch_add(1, Ordering::SeqCst);
                page(id, number, format!("page-{number}"))
            }),
        ),
    ]
}

type GoodRow = (&'static str, Script, fn(&Answer) -> bool);

pub(super) fn odd_answers() -> Vec<GoodRow> {
    let call = "tools/call";
    let items: Vec<_> =
        (0..20_000).map(|number| json!({"id": number, "text": "hunter2&secret/key+"})).collect();
    vec![
        ("no content", results(call, json!({"resultType": "complete", "content": []})), |answer| {
            answer.text.starts_with("Done")
        }),
        (
            "a huge structured content beside a text",
            results(
                call,
                json!({"resultType": "complete",
            "content": [{"type": "text", "text": "short"}], "structuredContent": {"items": items.clone()}}),
            ),
            |answer| answer.text == "short" && !answer.truncated,
        ),
        (
            "a huge structured content alone",
            results(
                call,
                json!({"resultType": "complete", "content": [],
            "structuredContent": {"items": items}}),
            ),
            |answer| answer.truncated && answer.text.len() < 70_000 && !answer.text.contains("hunter2"),
        ),
    ]
}
