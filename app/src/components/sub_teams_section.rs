//! "Sub-teams": named parts of the team, with members and credentials of their own.

use leptos::prelude::*;

use super::{
    list_failure::ListFailure,
    sub_team::SubTeam,
    sub_team_dialog::{Asked, SubTeamDialog},
};
use crate::context::{Load, use_gateway};

/// The whole section; owners change it where the plan includes sub-teams.
#[component]
pub(crate) fn SubTeamsSection() -> impl IntoView {
    let gateway = use_gateway();
    let asked = RwSignal::new(None::<Asked>);
    let can_manage = Memo::new(move |_| gateway.is_owner() && gateway.has_sharing());
    let ids = Memo::new(move |_| {
        gateway.teams.with(|load| load.items().iter().map(|team| team.id).collect::<Vec<_>>())
    });
    view! {
        <section class="card" aria-labelledby="sub-teams-title">
            <div class="section-head">
                <h2 class="card__title" id="sub-teams-title" tabindex="-1">"Sub-teams"</h2>
                {move || can_manage.get().then(|| view! {
                    <button type="button" class="button" disabled=move || !gateway.is_alive.get()
                        on:click=move |_| asked.set(Some(Asked::Create))>
                        "Create Sub-team"
                    </button>
                })}
            </div>
            <p class="hint">
                "A part of the team, e.g. the service desk, with its own members and its own team connections."
            </p>
            {move || match gateway.teams.get() {
                Load::Failed(problem) => {
                    Some(view! { <ListFailure problem on_retry=move |()| gateway.load_team()/> })
                }
                Load::Loading | Load::Ready(_) => None,
            }}
            {move || ids.with(Vec::is_empty).then(|| view! { <p class="empty">"No sub-teams yet."</p> })}
            <ul class="app-list" role="list">
                <For each=move || ids.get() key=|id| *id let:id><SubTeam id can_manage asked/></For>
            </ul>
            {move || asked.get().map(|what| view! { <SubTeamDialog what asked/> })}
        </section>
    }
}
