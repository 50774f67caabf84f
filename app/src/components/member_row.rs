//! One member of the list.

use gateway_api::{
    ids::UserId,
    members::{MemberView, RemovedMember},
    organizations::Role,
};
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    member_dialog::{MemberAction, MemberDialog},
    team_card::role_title,
    when::When,
};
use crate::context::use_gateway;

/// What the person may do with members.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Rights {
    /// They own the team.
    pub(crate) is_owner: bool,
    /// It was made for them alone: one cannot leave it.
    pub(crate) is_personal: bool,
    /// How many do; the last one must stay.
    pub(crate) owners: usize,
}

impl Rights {
    /// What can be done about `member`, the main thing last.
    fn actions(self, member: &MemberView, is_me: bool) -> Vec<MemberAction> {
        let is_last_owner = member.role == Role::Owner && self.owners < 2;
        let of = |make: fn(MemberView) -> MemberAction| make(member.clone());
        match (self.is_owner, is_me) {
            _ if is_last_owner || self.is_personal => Vec::new(),
            (true, false) if member.role == Role::Owner => {
                vec![of(MemberAction::Demote), of(MemberAction::Remove)]
            }
            (true, false) => vec![of(MemberAction::Promote), of(MemberAction::Remove)],
            (true, true) => vec![of(MemberAction::Demote), of(MemberAction::Leave)],
            (false, true) => vec![of(MemberAction::Leave)],
            (false, false) => Vec::new(),
        }
    }
}

/// Name, e-mail, role, since when, and what can be done.
#[component]
pub(crate) fn MemberRow(
    /// The member.
    member: MemberView,
    /// The person who looks.
    me: UserId,
    /// What they may do.
    rights: Memo<Rights>,
    /// Where the page shows what ended with a membership.
    removed: RwSignal<Option<RemovedMember>>,
) -> impl IntoView {
    let gateway = use_gateway();
    let is_me = member.user_id == me;
    let (name, email, joined_at) = (member.name.clone(), member.email.clone(), member.joined_at);
    let class = if member.role == Role::Owner { "badge badge--pro" } else { "badge" };
    let role = role_title(member.role);
    let button = move |action: MemberAction| {
        let (label, word) = (action.label(), action.word());
        let ask = move |()| {
            let action = action.clone();
            gateway.open_dialog(move || view! { <MemberDialog action=action.clone() me removed/> });
        };
        view! { <ActionButton text=word label class="button button--small" on_press=ask/> }
    };
    view! {
        <li class="app-list__item member">
            <div class="app-list__text">
                <p class="app-list__name"><bdi>{name}</bdi> {is_me.then_some(" (you)")} " " <span class=class>{role}</span></p>
                <p class="app-list__facts">
                    <span dir="auto">{email}</span>
                    <span>"joined " <When at=joined_at/></span>
                </p>
            </div>
            <div class="member__actions">
                {move || rights.get().actions(&member, is_me).into_iter().map(button).collect_view()}
            </div>
        </li>
    }
}
