//! "Team Connections": what is shared in the organization.

use gateway_api::ids::OrganizationId;
use leptos::prelude::*;

use super::{connection_grid::ConnectionGrid, shared_list::SharedList};
use crate::{context::use_gateway, target::Target};

/// As the members see it, on Settings.
#[component]
pub(crate) fn TeamConnections() -> impl IntoView {
    let gateway = use_gateway();
    let can_manage = move || gateway.is_owner() && gateway.has_sharing();
    view! {
        <section class="card" aria-labelledby="shared-title">
            <div class="section-head">
                <h2 class="card__title" id="shared-title">"Team Connections"</h2>
                {move || can_manage().then(|| view! { <a href="/team#shared-title">"Connect for Team"</a> }.into_any())}
            </div>
            <p class="hint">"Shared by your team. Calls use them where you have no credentials of your own."</p>
            <SharedList/>
        </section>
    }
}

/// As the owners see it, on Manage Team.
#[component]
pub(crate) fn ManagedConnections(
    /// Whose connections.
    organization: OrganizationId,
) -> impl IntoView {
    let chosen = RwSignal::new(Target::Organization(organization));
    view! {
        <section class="connections" aria-labelledby="shared-title">
            <h2 id="shared-title">"Team Connections"</h2>
            <p class="hint">
                "Credentials that members use without seeing them. Whoever has their own for a vendor uses those. "
                <a href="/vendors">"All vendors and their tools"</a>
            </p>
            <ScopeSelect organization chosen/>
            <ConnectionGrid target=chosen.into()/>
        </section>
    }
}

/// With whom, where there is a choice.
#[component]
fn ScopeSelect(organization: OrganizationId, chosen: RwSignal<Target>) -> impl IntoView {
    let gateway = use_gateway();
    let choose = move |id: String| {
        chosen.set(
            id.parse().map_or(Target::Organization(organization), |team| Target::Team(organization, team)),
        );
    };
    view! { {move || {
        let teams = gateway
            .teams
            .with(|load| load.items().iter().map(|team| (team.id, team.name.clone())).collect::<Vec<_>>());
        let now = chosen.get_untracked();
        let is_now = move |id| now == Target::Team(organization, id);
        // Deleted meanwhile, perhaps by another owner.
        if now != Target::Organization(organization) && !teams.iter().any(|(id, _)| is_now(*id)) {
            chosen.set(Target::Organization(organization));
        }
        (!teams.is_empty()).then(|| {
            view! {
                <div class="field scope-select">
                    <label class="field__label" for="scope">"Shared with"</label>
                    <select class="input select" id="scope" autocomplete="off"
                        on:change:target=move |event| choose(event.target().value())>
                        <option value="">"Everyone in " {gateway.organization_name()}</option>
                        {teams.into_iter().map(|(id, name)| view! {
                            <option value=id.to_string() selected=is_now(id)>{name}</option>
                        }.into_any()).collect_view()}
                    </select>
                </div>
            }
            .into_any()
        })
    }} }
}
