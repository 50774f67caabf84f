//! A list that could not be fetched.

use gateway_api::problem::Problem;
use leptos::prelude::*;

use super::{action_button::ActionButton, problem_notice::ProblemNotice};

/// Says why, and offers to try again.
#[component]
pub(crate) fn ListFailure(
    /// Why.
    problem: Problem,
    /// Fetches again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    let problem = Signal::stored(Some(problem));
    view! {
        <div class="list-failure">
            <ProblemNotice problem/>
            <ActionButton text="Try again" on_press=on_retry/>
        </div>
    }
}
