//! `/audit`: who did what, for the owners of a team on Pro.

use leptos::prelude::*;

use crate::{
    components::{audit_log::AuditLog, pro_notice::ProNotice},
    context::use_gateway,
    head::set_title,
};

/// The page.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    set_title("Audit");
    let gateway = use_gateway();
    // Followed only as far as it decides what is shown: the rows stay when the rest of `me` changes.
    let rights = Memo::new(move |_| {
        let is_included = gateway.me.with(|me| me.as_ref().is_some_and(|me| me.plan.has_audit_log));
        (gateway.is_owner(), is_included)
    });
    view! {
        <h1 class="page-title">"Audit"</h1>
        {move || match rights.get() {
            (true, true) => view! { <AuditLog/> }.into_any(),
            (false, true) => view! {
                <p class="empty">"Only the owners of the team can read its audit log."</p>
            }.into_any(),
            (_, false) => view! {
                <p class="empty">
                    "The audit log needs Pro. Changes to the team are recorded meanwhile, and can be read after an upgrade."
                </p>
                <ProNotice/>
            }.into_any(),
        }}
    }
}
