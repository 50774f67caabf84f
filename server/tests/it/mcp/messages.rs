//! The messages of a stream of server-sent events, as a client reads them.

use std::{collections::VecDeque, time::Duration};

use reqwest::{Response, StatusCode};
use serde_json::Value;

/// Nobody waits that long for what really comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The messages of a stream, one after the other.
pub(crate) struct Messages {
    answer: Response,
    /// What came and is not yet a whole message.
    pub(crate) text: String,
    read: VecDeque<Value>,
}

impl Messages {
    /// Of a stream that was just opened.
    pub(crate) fn of(answer: Response) -> Self {
        assert_eq!(answer.status(), StatusCode::OK);
        Self { answer, text: String::new(), read: VecDeque::new() }
    }

    /// The next message; null if the stream has ended.
    pub(crate) async fn next(&mut self) -> Value {
        tokio::time::timeout(PATIENCE, self.read_on()).await.expect("no message came")
    }

    async fn read_on(&mut self) -> Value {
        loop {
            if let Some(message) = self.read.pop_front() {
                return message;
            }
            let Some(chunk) = self.answer.chunk().await.unwrap() else { return Value::Null };
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                let data: String = event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
                if !data.trim().is_empty() {
                    self.read.push_back(serde_json::from_str(data.trim()).unwrap());
                }
            }
        }
    }
}
