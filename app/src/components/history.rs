//! What happened with a connection in the last 30 days; asked for when somebody opens it.

use gateway_api::health::HealthView;
use leptos::prelude::*;

use super::when::When;
use crate::{client, submission::Submission, target::Target};

/// Closed at first.
#[component]
pub(crate) fn History(
    /// Whose connection.
    target: Signal<Target>,
    /// The vendor's slug.
    slug: String,
) -> impl IntoView {
    let asked = Submission::new();
    let found = RwSignal::new(None::<HealthView>);
    let open = move |_| {
        if found.with_untracked(Option::is_none) {
            asked.run(client::connection_health(target.get_untracked(), slug.clone()), move |view| {
                found.try_set(Some(view));
            });
        }
    };
    view! {
        <details class="history" on:toggle=open>
            <summary>"Last 30 days"</summary>
            {move || match (asked.problem.get(), found.get()) {
                (Some(problem), _) => view! { <p class="notice notice--error">{problem.sentence().to_owned()}</p> }.into_any(),
                (None, None) => view! { <p role="status">"Loading…"</p> }.into_any(),
                (None, Some(health)) => list(health).into_any(),
            }}
        </details>
    }
}

fn list(health: HealthView) -> AnyView {
    if health.days.is_empty() && health.changes.is_empty() {
        return view! { <p class="hint">"Nothing yet."</p> }.into_any();
    }
    let changes = health.changes.into_iter().map(|change| {
        let words =
            change.reason.map_or_else(|| "good again".to_owned(), |why| format!("needs attention: {why}"));
        view! { <li><When at=change.at/> " " {words}</li> }.into_any()
    });
    let days = health.days.into_iter().map(|day| view! { <li>{day.date} ": " {day.words}</li> }.into_any());
    view! { <ul role="list">{changes.collect_view()}{days.collect_view()}</ul> }.into_any()
}
