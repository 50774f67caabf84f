//! Whether connections work. Every call, and now and then a check ([`check`]), says something about its vendor and its
//! credential ([`Finding`]); one task ([`record`]) gathers that and writes it in groups, so that no answer waits for it.
//! [`view`] puts it into words.
//!
//! What is written is a summary: the audit log is the truth about calls. What was gathered in the last seconds is lost if
//! the process dies.

pub mod check;
mod finding;
pub mod record;
pub mod view;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

pub use finding::Finding;

use crate::vault::resolve::HeldConnection;

/// So many findings may wait; more than that are left out of the summary.
const QUEUE: usize = 4096;

/// What one request to a vendor said about a connection.
pub(crate) struct Note {
    connection: Arc<HeldConnection>,
    finding: Finding,
    /// Somebody called a tool; otherwise it was a check.
    is_call: bool,
}

pub(crate) enum Message {
    Note(Note),
    Flush(oneshot::Sender<()>),
}

/// Takes what calls say.
#[expect(missing_debug_implementations, reason = "what waits in it holds credentials")]
pub struct Health {
    sender: mpsc::Sender<Message>,
    /// Until [`record::run`] takes it.
    receiver: Mutex<Option<mpsc::Receiver<Message>>>,
}

impl Default for Health {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }
}

impl Health {
    /// Notes what a request said. Never waits.
    pub fn note(&self, connection: &Arc<HeldConnection>, finding: Finding, is_call: bool) {
        if finding == Finding::Nothing {
            return;
        }
        let note = Note { connection: Arc::clone(connection), finding, is_call };
        // Full: the summary misses one of thousands.
        let _ = self.sender.try_send(Message::Note(note));
    }

    /// Waits until everything that was noted so far is written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.sender.send(Message::Flush(done)).await.is_ok() {
            // An error: the task has ended, and there is nobody to write.
            let _ = written.await;
        }
    }

    fn take_receiver(&self) -> Option<mpsc::Receiver<Message>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
