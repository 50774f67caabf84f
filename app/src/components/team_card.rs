//! The organization this session works in; on screen the person's Team.

use gateway_api::{organizations::Role, plans::Plan};
use leptos::prelude::*;

use super::{create_team_form::CreateTeamForm, plan_badge::PlanBadge, upgrade_form::UpgradeForm};
use crate::context::{Gateway, use_gateway};

/// Name, plan and role, and the ways to another plan or team.
#[component]
pub(crate) fn TeamCard() -> impl IntoView {
    let gateway = use_gateway();
    view! {
        <section class="card team-card" aria-labelledby="team-title">
            <h2 class="card__title" id="team-title">"Team"</h2>
            {move || gateway.organization.get().map(|organization| {
                let can_upgrade = organization.plan == Plan::Free && organization.role == Role::Owner;
                view! {
                    <dl class="facts">
                        <div><dt>"Name"</dt><dd dir="auto">{organization.name}</dd></div>
                        <div><dt>"Plan"</dt><dd><PlanBadge plan=organization.plan/> " " {included(gateway)}</dd></div>
                        <div><dt>"Your role"</dt><dd>{role_title(organization.role)}</dd></div>
                    </dl>
                    <div class="button-row"><a class="button" href="/team">"Manage Team"</a></div>
                    {can_upgrade.then(|| view! {
                        <details class="disclosure"><summary>"Upgrade"</summary><UpgradeForm/></details>
                    }.into_any())}
                    <NewTeam is_first=organization.is_personal/>
                }.into_any()
            })}
        </section>
    }
}

/// Open for who has none yet, out of the way for the others.
#[component]
fn NewTeam(is_first: bool) -> impl IntoView {
    if is_first {
        return view! {
            <div class="team-card__new">
                <p>"Create a team to share connections with your colleagues."</p>
                <CreateTeamForm/>
            </div>
        }
        .into_any();
    }
    view! { <details class="disclosure"><summary>"Create a Team"</summary><CreateTeamForm/></details> }
        .into_any()
}

/// As shown.
pub(crate) fn role_title(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Member => "Member",
    }
}

fn included(gateway: Gateway) -> String {
    match gateway.personal_connections_max() {
        None => "Unlimited personal connections".to_owned(),
        Some(max) => format!("{max} personal connections"),
    }
}
