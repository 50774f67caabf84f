//! The organization this session works in; on screen the person's Team.

use gateway_api::{organizations::Role, plans::PlanView};
use leptos::prelude::*;

use super::plan_badge::PlanBadge;
use crate::context::use_gateway;

/// Name, plan and role.
#[component]
pub(crate) fn TeamCard() -> impl IntoView {
    let gateway = use_gateway();
    view! {
        <section class="card team-card" aria-labelledby="team-title">
            <h2 class="card__title" id="team-title">"Team"</h2>
            {move || gateway.me.get().and_then(|me| {
                let organization = me.organization()?.clone();
                Some(view! {
                    <dl class="facts">
                        <div><dt>"Name"</dt><dd>{organization.name.clone()}</dd></div>
                        <div><dt>"Plan"</dt><dd><PlanBadge plan=organization.plan/> " " {included(&me.plan)}</dd></div>
                        <div><dt>"Your role"</dt><dd>{role(organization.role)}</dd></div>
                    </dl>
                })
            })}
        </section>
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Member => "Member",
    }
}

fn included(plan: &PlanView) -> String {
    plan.personal_connections_max.map_or_else(
        || "Unlimited personal connections".to_owned(),
        |max| format!("{max} personal connections"),
    )
}
