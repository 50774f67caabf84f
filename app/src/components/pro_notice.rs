//! What Pro would add, where something is missing without it.

use leptos::prelude::*;

use super::upgrade_form::UpgradeForm;
use crate::context::use_gateway;

/// The list, and for owners the way to get it.
#[component]
pub(crate) fn ProNotice() -> impl IntoView {
    let gateway = use_gateway();
    view! {
        <section class="card pro-notice" aria-labelledby="pro-title">
            <h2 class="card__title" id="pro-title">"What Pro includes"</h2>
            <ul class="pro-notice__list">
                <li>"Team connections: connect a vendor once, and every member has it in Claude"</li>
                <li>"Members and invite links, without limit"</li>
                <li>"Sub-teams with credentials of their own"</li>
                <li>"Service clients: programs that use the team’s connections without a person"</li>
                <li>"The audit log: who did what, searchable, as CSV"</li>
                <li>"Unlimited personal connections"</li>
            </ul>
            {move || if gateway.is_owner() {
                view! { <UpgradeForm/> }.into_any()
            } else {
                view! { <p class="hint">"An owner of the team can upgrade it."</p> }.into_any()
            }}
        </section>
    }
}
