//! One sub-team: its name and who is in it.

use gateway_api::{
    ids::TeamId,
    teams::{TeamRef, TeamView},
};
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    sub_team_dialog::{Asked, SubTeamDialog},
};
use crate::context::use_gateway;

/// More members than this stand folded.
const FEW: usize = 12;

/// The sub-team `id`; drawn again when it changes, not when another one does.
#[component]
pub(crate) fn SubTeam(
    /// Which one.
    id: TeamId,
    /// The person may change it.
    can_manage: Memo<bool>,
) -> impl IntoView {
    let gateway = use_gateway();
    let team = Memo::new(move |_| {
        gateway.teams.with(|load| load.items().iter().find(|team| team.id == id).cloned())
    });
    let is_open = RwSignal::new(untrack(|| team.get()).is_some_and(|team| team.members.len() <= FEW));
    view! {
        <li class="sub-team">
            {move || team.get().map(|team| view! { <Shown team can_manage is_open/> })}
        </li>
    }
}

#[component]
fn Shown(team: TeamView, can_manage: Memo<bool>, is_open: RwSignal<bool>) -> impl IntoView {
    let this = TeamRef { id: team.id, name: team.name.clone() };
    let count = match team.members.len() {
        0 => "Nobody is in it".to_owned(),
        1 => "1 member".to_owned(),
        number => format!("{number} members"),
    };
    let buttons = {
        let this = this.clone();
        move || {
            can_manage.get().then(|| {
                let name = &this.name;
                let of = |label: String, word, asks| view! { <Ask label word asks/> };
                view! {
                    <div class="member__actions">
                        {of(format!("Add a member to {name}"), "Add a member", Asked::Add(this.clone()))}
                        {of(format!("Rename {name}"), "Rename", Asked::Rename(this.clone()))}
                        {of(format!("Delete {name}"), "Delete", Asked::Delete(this.clone()))}
                    </div>
                }
                .into_any()
            })
        }
    };
    let members = team.members.into_iter().map(move |member| {
        let label = format!("Remove {} from {}", member.name, this.name);
        let asks = Asked::Remove(this.clone(), member.clone());
        view! {
            <li class="sub-team__member">
                <bdi>{member.name}</bdi>
                {move || can_manage.get().then(|| {
                    view! { <Ask label=label.clone() word="Remove" asks=asks.clone()/> }
                })}
            </li>
        }
        .into_any()
    });
    view! {
        <div class="app-list__item">
            <h3 class="app-list__name" dir="auto" id=format!("sub-team-{}", team.id) tabindex="-1">{team.name}</h3>
            {move || buttons()}
        </div>
        <details class="disclosure" open=is_open.get_untracked()
            on:toggle:target=move |event| is_open.set(event.target().has_attribute("open"))>
            <summary>{count}</summary>
            <ul class="sub-team__members" role="list">{members.collect_view()}</ul>
        </details>
    }
}

#[component]
fn Ask(label: String, word: &'static str, asks: Asked) -> impl IntoView {
    let gateway = use_gateway();
    let ask = move |()| {
        let what = asks.clone();
        gateway.open_dialog(move || view! { <SubTeamDialog what=what.clone()/> });
    };
    view! { <ActionButton text=word label class="button button--small" on_press=ask/> }
}
