//! What happened with a connection in the last 30 days, and what its vendor's MCP server offers to it; asked for when
//! somebody opens it.

use gateway_api::health::{DiscoveredTools, HealthView};
use leptos::prelude::*;

use super::{tool_count, when::When};
use crate::{client, submission::Submission, target::Target};

/// Closed at first.
#[component]
pub(crate) fn History(
    /// Whose connection.
    target: Signal<Target>,
    /// The vendor's slug.
    slug: String,
    /// The vendor is asked for its tools.
    has_own_tools: bool,
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
            <summary>{if has_own_tools { "Tools and last 30 days" } else { "Last 30 days" }}</summary>
            {move || match (asked.problem.get(), found.get()) {
                (Some(problem), _) => view! { <p class="notice notice--error">{problem.sentence().to_owned()}</p> }.into_any(),
                (None, None) => view! { <p role="status">"Loading…"</p> }.into_any(),
                (None, Some(health)) => view! {
                    {health.tools.clone().map(tools)}
                    {list(health)}
                }.into_any(),
            }}
        </details>
    }
}

/// What is passed on, what is not and why, and whether the server told it the last time.
fn tools(tools: DiscoveredTools) -> AnyView {
    let left_out = tools
        .left_out
        .into_iter()
        .map(|tool| view! { <li>"Left out: " <code>{tool.name}</code> ", " {tool.reason}</li> }.into_any());
    view! {
        <ul role="list">
            <li>{tool_count::in_words(tools.count)} " of its MCP server"</li>
            {tools.problem.map(|why| view! { <li>"Not told the last time: " {why}</li> }.into_any())}
            {left_out.collect_view()}
        </ul>
    }
    .into_any()
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
