//! What a server may send without being asked. Answers always pass; its own requests and news of changed tools pass now and
//! then; what else it tells, nobody here reads.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sse_stream::Sse;

/// Every reply to a server's request may take so long, and one is sent at a time: if no more requests than that are let in,
/// none can pile up.
pub(super) const REPLY_TIMEOUT: Duration = Duration::from_secs(5);
const UNASKED_AT_ONCE: NonZeroU32 = NonZeroU32::new(20).expect("it is not zero");
/// Events of all kinds, in a second and at once: who sends more is read slower.
const EVENTS: NonZeroU32 = NonZeroU32::new(100).expect("it is not zero");
const EVENTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(1000).expect("it is not zero");
/// Streams that are opened, in a second and at once: a server that ends them all the time says itself how long to wait.
const STREAMS: NonZeroU32 = NonZeroU32::new(1).expect("it is not zero");
const STREAMS_AT_ONCE: NonZeroU32 = NonZeroU32::new(10).expect("it is not zero");
/// The notifications that are read here: the one that is wanted, and the one that begins a stream of it.
const READ: [&str; 2] = ["notifications/tools/list_changed", "notifications/subscriptions/acknowledged"];

/// The pace of one connection's streams.
pub(super) struct Flow {
    events: DefaultDirectRateLimiter,
    unasked: DefaultDirectRateLimiter,
    streams: DefaultDirectRateLimiter,
}

/// What tells the kinds of messages apart (JSON-RPC 2.0, sections 4 and 5).
#[derive(Deserialize)]
struct Head {
    method: Option<String>,
    id: Option<IgnoredAny>,
}

impl Flow {
    pub(super) fn new() -> Self {
        let unasked = Quota::with_period(REPLY_TIMEOUT).expect("the period is not zero");
        Self {
            events: RateLimiter::direct(Quota::per_second(EVENTS).allow_burst(EVENTS_AT_ONCE)),
            unasked: RateLimiter::direct(unasked.allow_burst(UNASKED_AT_ONCE)),
            streams: RateLimiter::direct(Quota::per_second(STREAMS).allow_burst(STREAMS_AT_ONCE)),
        }
    }

    /// Waits until one more stream may be opened.
    pub(super) async fn stream(&self) {
        self.streams.until_ready().await;
    }

    /// The event in its turn. One that does not pass loses its message, but still says where to go on.
    pub(super) async fn event(&self, mut event: Sse) -> Sse {
        self.events.until_ready().await;
        event.data = event.data.filter(|message| self.passes(message));
        event
    }

    fn passes(&self, message: &str) -> bool {
        match serde_json::from_str(message) {
            Ok(Head { method: None, .. }) => true,
            Ok(Head { method: Some(method), id: None }) if !READ.contains(&method.as_str()) => false,
            // Also what cannot be told.
            _ => self.unasked.check().is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

    #[tokio::test]
    async fn answers_pass_and_floods_do_not() {
        let flow = Flow::new();
        let [changed, begun] = READ.map(|method| format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#));
        assert!(flow.passes(PING) && flow.passes(&changed) && flow.passes(&begun));
        assert!(!flow.passes(r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#));
        let passed = (0..1000).filter(|_| flow.passes(PING)).count();
        assert_eq!(passed, UNASKED_AT_ONCE.get() as usize - 3);
        assert!(!flow.passes(&changed));
        for answer in [r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, r#"{"id":null,"error":{"method":"x"}}"#] {
            assert!(flow.passes(answer), "{answer}");
        }
        let mut event = Sse::default().id("7");
        event.data = Some(PING.to_owned());
        let event = flow.event(event).await;
        assert_eq!((event.data, event.id.as_deref()), (None, Some("7")));
    }
}
