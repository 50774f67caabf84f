//! Stands in for every page while the gateway cannot work, e.g. because its database does not answer.

use gateway_api::problem::Problem;
use leptos::prelude::*;

use crate::{
    components::problem_notice::ProblemNotice,
    head::{set_status, set_title},
};

/// The page; answers with the problem's status.
#[component]
pub(crate) fn TroublePage(
    /// What is wrong.
    problem: Problem,
) -> impl IntoView {
    set_title("Trouble");
    set_status(problem.status);
    let problem = Signal::stored(Some(problem));
    view! {
        <div class="narrow card">
            <h1 class="narrow__title">"This page cannot be shown right now"</h1>
            <ProblemNotice problem/>
            <p class="hint">"Reload the page in a minute. Claude’s calls may be affected as well."</p>
        </div>
    }
}
