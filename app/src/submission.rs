//! One call to the server that a person waits for: whether it runs, and why it failed.

use std::{future::Future, pin::Pin};

use gateway_api::problem::Problem;
use leptos::{prelude::*, task::spawn_local};

use crate::forms::focus_first_error;

/// The state of a form or button that calls the server.
#[derive(Clone, Copy)]
pub(crate) struct Submission {
    /// The call runs.
    pub(crate) is_busy: RwSignal<bool>,
    /// Why the last call failed.
    pub(crate) problem: RwSignal<Option<Problem>>,
}

impl Submission {
    pub(crate) fn new() -> Self {
        Self { is_busy: RwSignal::new(false), problem: RwSignal::new(None) }
    }

    /// Runs `call`, unless one runs already, then `on_done` with its result. The component may be gone by then
    /// (a dialog was closed): its signals are then left alone, but `on_done` still hears of it.
    pub(crate) fn run<T: 'static>(
        self,
        call: impl Future<Output = Result<T, Problem>> + 'static,
        on_done: impl FnOnce(T) + 'static,
    ) {
        self.start(Box::pin(async move { call.await.map(on_done) }));
    }

    /// Not generic: what all calls have in common is compiled once.
    fn start(self, call: Pin<Box<dyn Future<Output = Result<(), Problem>>>>) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.problem.set(None);
        spawn_local(async move {
            if let Err(problem) = call.await {
                self.problem.try_set(Some(problem));
                focus_first_error();
            }
            self.is_busy.try_set(false);
        });
    }
}
