//! The body of `tools/list`, written once for all who see the same tools.
//!
//! To write 1,500 tools as JSON takes longer than everything else about the request. So the handler answers with an empty
//! list and leaves the written one in a [`Slot`] of the request, and [`fill`] puts it into the answer when rmcp has
//! checked and framed everything: nothing of the protocol is done here.

use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures::{StreamExt as _, stream};
use moka::future::Cache;
use rmcp::model::Tool;

use super::view::View;
use crate::{oauth::scope::Scopes, vendors::ToolListId};

/// How an empty list is written. It cannot occur inside a string: quotes are escaped there.
const EMPTY: &[u8] = br#""tools":[]"#;
/// The same with what is put in between.
const OPEN: &[u8] = br#""tools":"#;
/// How much written lists may take, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// The answer around the list is smaller than this, in bytes: it repeats the request's id, which is as long as a client
/// likes.
const MAX_ENVELOPE: usize = 4 << 20;

/// Everything that decides what a list says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Listed {
    /// What the address shows.
    pub view: View,
    /// The vendors whose tools the caller may use, in the order of the resolver.
    pub vendors: Vec<String>,
    /// The lists of those vendors that were asked for them.
    pub discovered: Vec<ToolListId>,
    /// How far the caller's calls may go.
    pub scopes: Scopes,
}

/// The lists that were written lately.
pub(super) struct WrittenLists(Cache<Listed, Bytes>);

impl WrittenLists {
    /// With none.
    pub(super) fn new() -> Self {
        let weigh = |_: &Listed, list: &Bytes| u32::try_from(list.len()).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(MAX_BYTES).build())
    }

    /// The JSON array of the tools. The catalogue never changes and lists are named by their content, so
    /// one that was written stays true.
    pub(super) async fn get(
        &self,
        listed: &Listed,
        tools: impl FnOnce() -> Vec<Tool>,
    ) -> Result<Bytes, Arc<serde_json::Error>> {
        let write = async { serde_json::to_vec(&tools()).map(Bytes::from) };
        self.0.try_get_with_by_ref(listed, write).await
    }
}

/// Where the handler leaves the list for the answer of one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Slot(Arc<OnceLock<Bytes>>);

impl Slot {
    /// Leaves it.
    pub(super) fn put(&self, list: Bytes) {
        // A second answer to the same request would be a defect of rmcp; the first one counts.
        let _ = self.0.set(list);
    }
}

/// Puts the list, if one was left, into the answer: JSON, or the events of a stream.
pub(super) async fn fill(response: Response, slot: Slot, is_session: bool) -> Response {
    let content_type = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    match content_type {
        Some(b"application/json") if slot.0.get().is_some() => fill_json(response, &slot).await,
        // Of what is streamed in this protocol only sessions get lists; their handlers may not have begun yet.
        Some(b"text/event-stream") if is_session => fill_events(response, slot),
        _ => response,
    }
}

async fn fill_json(response: Response, slot: &Slot) -> Response {
    let (mut parts, body) = response.into_parts();
    let envelope = to_bytes(body, MAX_ENVELOPE).await.unwrap_or_default();
    let pieces = insert(&envelope, slot);
    let length: usize = pieces.iter().map(Bytes::len).sum();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, axum::Error>))))
}

fn fill_events(response: Response, slot: Slot) -> Response {
    let (parts, body) = response.into_parts();
    let events = body.into_data_stream().flat_map(move |event| {
        let pieces = match event {
            Ok(event) => insert(&event, &slot).into_iter().map(Ok).collect(),
            Err(error) => VecDeque::from([Err(error)]),
        };
        stream::iter(pieces)
    });
    Response::from_parts(parts, Body::from_stream(events))
}

/// The bytes with the list in the place of the empty one.
pub(super) fn insert(bytes: &Bytes, slot: &Slot) -> VecDeque<Bytes> {
    let place = bytes.windows(EMPTY.len()).position(|window| window == EMPTY);
    match (place, slot.0.get()) {
        (Some(place), Some(list)) => {
            let begin = place + OPEN.len();
            VecDeque::from([bytes.slice(..begin), list.clone(), bytes.slice(place + EMPTY.len()..)])
        }
        _ => VecDeque::from([bytes.clone()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(bytes: &'static str, list: Option<&'static str>) -> String {
        let slot = Slot::default();
        if let Some(list) = list {
            slot.put(Bytes::from_static(list.as_bytes()));
        }
        let pieces = insert(&Bytes::from_static(bytes.as_bytes()), &slot);
        let whole: Vec<u8> = pieces.into_iter().flatten().collect();
        String::from_utf8(whole).unwrap()
    }

    #[test]
    fn the_list_takes_the_place_of_the_empty_one() {
        let answer = r#"{"id":1,"result":{"tools":[],"ttlMs":1}}"#;
        assert_eq!(joined(answer, Some("[1,2]")), r#"{"id":1,"result":{"tools":[1,2],"ttlMs":1}}"#);
        assert_eq!(joined(answer, None), answer);
        assert_eq!(joined("data: {}\n\n", Some("[1]")), "data: {}\n\n");
        // An id that looks like a list stays what it is.
        let id = serde_json::json!({"id": "\"tools\":[]", "result": {"tools": []}}).to_string();
        let filled = joined(Box::leak(id.into_boxed_str()), Some("[3]"));
        assert_eq!(filled, r#"{"id":"\"tools\":[]","result":{"tools":[3]}}"#);
    }
}
