//! "Your Connections": the person's own, and the plan's limit.

use leptos::prelude::*;

use super::connection_grid::ConnectionGrid;
use crate::{context::use_gateway, target::Target};

/// The whole section.
#[component]
pub(crate) fn ConnectionsSection() -> impl IntoView {
    view! {
        <section class="connections" aria-labelledby="connections-title">
            <div class="section-head">
                <h2 id="connections-title">"Your Connections"</h2>
                <Limit/>
            </div>
            <p class="hint">
                "Vendors connected with your own credentials. Only your own calls use them, and they come before what \
                 your team shares. "
                <a href="/vendors">"All vendors and their tools"</a>
            </p>
            <ConnectionGrid target=Signal::stored(Target::Personal)/>
        </section>
    }
}

/// How far the plan goes, said before a click runs into it.
#[component]
fn Limit() -> impl IntoView {
    let gateway = use_gateway();
    view! { {move || {
        let max = gateway.personal_connections_max()?;
        let used = gateway.personal_connections_used();
        let plan = gateway.me.with(|me| me.as_ref().map_or("", |me| me.plan.plan.title()));
        let text = if used >= max {
            format!(
                "{used} of {max} personal connections used. {plan} allows no more: disconnect one to connect another."
            )
        } else {
            format!("{used} of {max} personal connections used ({plan})")
        };
        let class = if used >= max { "plan-limit plan-limit--reached" } else { "plan-limit" };
        Some(view! { <p class=class id="plan-limit">{text}</p> }.into_any())
    }} }
}
