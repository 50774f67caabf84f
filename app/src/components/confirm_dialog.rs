//! Asks once before something is taken away, naming the thing.

use leptos::prelude::*;

use super::{
    modal::{CancelButton, Modal},
    problem_notice::ProblemNotice,
};
use crate::submission::Submission;

/// A question with one dangerous answer.
#[component]
pub(crate) fn ConfirmDialog(
    /// The question, e.g. "Disconnect Datto RMM?".
    #[prop(into)]
    title: String,
    /// What will follow from it.
    #[prop(into)]
    consequence: String,
    /// The button's words, e.g. "Disconnect".
    action: &'static str,
    /// The call that does it.
    submission: Submission,
    /// Starts the call.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// It was closed.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let is_busy = submission.is_busy;
    view! {
        <Modal title on_close>
            <p class="modal__text">{consequence}</p>
            <ProblemNotice problem=submission.problem/>
            <div class="modal__actions">
                <CancelButton/>
                <button
                    type="button"
                    class="button button--danger"
                    class:is-busy=move || is_busy.get()
                    aria-disabled=move || is_busy.get().then_some("true")
                    on:click=move |_| on_confirm.run(())
                >
                    {action}
                </button>
            </div>
        </Modal>
    }
}
