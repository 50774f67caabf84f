//! The organization this session works in, and the way into another one.

use gateway_api::{ids::OrganizationId, organizations::OrganizationSummary};
use leptos::prelude::*;

use super::{plan_badge::PlanBadge, problem_notice::ProblemNotice};
use crate::{client, context::use_gateway, forms::reload, submission::Submission};

/// Its name and plan; for people with several a choice.
#[component]
pub(crate) fn OrganizationSwitch() -> impl IntoView {
    let gateway = use_gateway();
    let all = move || gateway.me.with(|me| me.as_ref().map(|me| me.organizations.clone()));
    view! { {move || {
        let now = gateway.organization.get()?;
        let (name, plan) = (now.name.clone(), now.plan);
        let choice = all().filter(|all| all.len() > 1);
        Some(view! {
            <div class="site-header__organization">
                {match choice {
                    Some(all) => view! { <Choice all now=now.id/> }.into_any(),
                    None => view! {
                        <span class="site-header__organization-name" dir="auto" title=name.clone()>{name.clone()}</span>
                    }.into_any(),
                }}
                <PlanBadge plan/>
            </div>
        }.into_any())
    }} }
}

#[component]
fn Choice(all: Vec<OrganizationSummary>, now: OrganizationId) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let choose = move |id: String| {
        if let Ok(id) = id.parse() {
            submission.run(client::update_session(id), |()| reload());
        }
    };
    view! {
        <label class="visually-hidden" for="organization">"Team"</label>
        <select class="select site-header__switch" id="organization" autocomplete="off"
            disabled=move || gateway.is_dead.get()
            on:change:target=move |event| choose(event.target().value())>
            {all.into_iter().map(|one| view! {
                <option value=one.id.to_string() selected=one.id == now>{one.name}</option>
            }.into_any()).collect_view()}
        </select>
        <ProblemNotice problem=submission.problem/>
    }
}
