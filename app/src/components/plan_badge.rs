//! The plan, as a small label.

use gateway_api::plans::Plan;
use leptos::prelude::*;

/// `Free` or `Pro`.
#[component]
pub(crate) fn PlanBadge(
    /// The plan.
    plan: Plan,
) -> impl IntoView {
    let class = match plan {
        Plan::Free => "badge",
        Plan::Pro => "badge badge--pro",
    };
    view! { <span class=class title=format!("Plan: {}", plan.title())>{plan.title()}</span> }
}
