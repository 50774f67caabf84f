//! "Sub-teams": named parts of the team, with members and credentials of their own.

use gateway_api::ids::TeamId;
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    list_failure::ListFailure,
    rows::{Rows, row},
    sub_team::SubTeam,
    sub_team_dialog::{Asked, SubTeamDialog},
};
use crate::context::{Load, use_gateway};

/// The whole section; owners change it where the plan includes sub-teams.
#[component]
pub(crate) fn SubTeamsSection() -> impl IntoView {
    let gateway = use_gateway();
    let can_manage = Memo::new(move |_| gateway.is_owner() && gateway.has_sharing());
    let rows = Signal::derive(move || {
        let shown = |id: TeamId| row(id.to_string(), move || view! { <SubTeam id can_manage/> });
        gateway.teams.with(|load| load.items().iter().map(|team| shown(team.id)).collect::<Vec<_>>())
    });
    view! {
        <section class="card" aria-labelledby="sub-teams-title">
            <div class="section-head">
                <h2 class="card__title" id="sub-teams-title" tabindex="-1">"Sub-teams"</h2>
                {move || can_manage.get().then(|| view! {
                    <ActionButton text="Create Sub-team" on_press=move |()| {
                        gateway.open_dialog(|| view! { <SubTeamDialog what=Asked::Create/> });
                    }/>
                }.into_any())}
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
            {move || rows.with(Vec::is_empty).then(|| view! { <p class="empty">"No sub-teams yet."</p> }.into_any())}
            <ul class="app-list" role="list">
                <Rows each=rows/>
            </ul>
        </section>
    }
}
