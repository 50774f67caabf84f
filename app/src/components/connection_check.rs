//! "Does it not connect?": has the gateway take a client's steps towards its own address, and shows what happened.

use gateway_api::{
    connect::{CheckOutcome, CheckStep, ConnectionCheck},
    problem::Problem,
};
use leptos::{prelude::*, task::spawn_local};

use super::{action_button::ActionButton, problem_notice::ProblemNotice};
use crate::client;

/// The panel on the page Connect Claude.
#[component]
pub(crate) fn ConnectionCheckPanel() -> impl IntoView {
    let problem = RwSignal::new(None::<Problem>);
    let found = RwSignal::new(None::<ConnectionCheck>);
    let is_running = RwSignal::new(false);
    let check = move |()| {
        if is_running.get_untracked() {
            return;
        }
        is_running.set(true);
        spawn_local(async move {
            let answer = client::check_connection().await;
            is_running.try_set(false);
            match answer {
                Ok(check) => {
                    problem.try_set(None);
                    found.try_set(Some(check));
                }
                Err(error) => {
                    problem.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="check-title">
            <h2 class="card__title" id="check-title">"Does it not connect?"</h2>
            <p>
                "The gateway can call its own address from outside, as Claude does, and tell where it gets stuck. On \
                 another computer, " <code>"mcp-gateway doctor"</code> " does the same."
            </p>
            <p class="hint">
                "For this it lets an app named Connection doctor in for you, which only looks at the list of your tools, and \
                 cuts it off at the end. Both stand in the audit log."
            </p>
            <ActionButton text="Check the connection" on_press=Callback::new(check)/>
            <ProblemNotice problem/>
            <div role="status">
                {move || is_running.get().then(|| view! { <p>"Checking…"</p> }.into_any())}
                {move || found.get().map(|check| {
                    let has_warning = check.steps.iter().any(|step| step.outcome == CheckOutcome::Warning);
                    let text = match (check.is_good, has_warning) {
                        (true, false) => "Clients can connect: all that Claude does went well.",
                        (true, true) => "Clients can connect. Look at the step that has a hint, though.",
                        (false, _) => "Clients cannot connect. The step that failed says what to do.",
                    };
                    view! { <p>{text}</p> }.into_any()
                })}
            </div>
            {move || found.get().map(|check| view! {
                <ol class="steps" aria-label="Steps of a client">
                    {check.steps.into_iter().map(|step| view! { <Step step/> }.into_any()).collect_view()}
                </ol>
            }.into_any())}
        </section>
    }
}

#[component]
fn Step(step: CheckStep) -> impl IntoView {
    let (word, notice) = match step.outcome {
        CheckOutcome::Passed => ("good", "notice"),
        CheckOutcome::Warning => ("look at this", "notice notice--warning"),
        CheckOutcome::Failed => ("failed", "notice notice--error"),
        CheckOutcome::Skipped => ("not tried", "notice"),
    };
    view! {
        <li>
            <strong>{step.name}</strong> ": " {word} ". " {step.what}
            {step.advice.map(|advice| view! { <p class=notice>{advice}</p> }.into_any())}
        </li>
    }
}
