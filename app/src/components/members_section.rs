//! "Members": who belongs to the team, and what owners can change about that.

use gateway_api::{
    ids::UserId,
    members::{MemberView, RemovedMember},
    organizations::Role,
};
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    list_failure::ListFailure,
    member_row::{MemberRow, Rights},
    rows::{Rows, row},
};
use crate::{
    context::{Load, use_gateway},
    search::Search,
};

/// How many rows are drawn before somebody asks for more: 500 would make the page slow, and nobody reads them.
const STEP: usize = 50;

/// The whole section.
#[component]
pub(crate) fn MembersSection(
    /// The person themselves.
    me: UserId,
) -> impl IntoView {
    let gateway = use_gateway();
    let removed = RwSignal::new(None::<RemovedMember>);
    let failure = move || match gateway.members.get() {
        Load::Failed(problem) => {
            Some(view! { <ListFailure problem on_retry=move |()| gateway.load_team()/> })
        }
        Load::Loading | Load::Ready(_) => None,
    };
    view! {
        <section class="card" aria-labelledby="members-title">
            <h2 class="card__title" id="members-title" tabindex="-1">"Members"</h2>
            {move || failure()}
            <div role="status" class="status">
                {move || removed.get().map(|removed| view! { <Removed removed/> })}
            </div>
            <List me removed/>
        </section>
    }
}

/// What ended with a membership.
#[component]
fn Removed(removed: RemovedMember) -> impl IntoView {
    let apps = removed.revoked_apps.join(", ");
    let teams = removed.left_teams.join(", ");
    let sessions = match removed.sessions {
        0 => None,
        1 => Some("One browser session left this team.".to_owned()),
        number => Some(format!("{number} browser sessions left this team.")),
    };
    view! {
        <div class="notice notice--good">
            <p class="notice__title"><bdi>{removed.name}</bdi> " is no longer a member."</p>
            <p>
                {if apps.is_empty() {
                    "No app worked here in their name.".to_owned()
                } else {
                    format!("Cut off from this team: {apps}. Their next call is refused.")
                }}
            </p>
            {(!teams.is_empty()).then(|| view! { <p>"No longer in " <bdi>{teams}</bdi> "."</p> }.into_any())}
            {sessions.map(|sessions| view! { <p>{sessions}</p> }.into_any())}
        </div>
    }
}

#[component]
fn List(me: UserId, removed: RwSignal<Option<RemovedMember>>) -> impl IntoView {
    let gateway = use_gateway();
    let search = RwSignal::new(String::new());
    let limit = RwSignal::new(STEP);
    let matching = Memo::new(move |_| {
        let search = Search::new(&search.get());
        let is_match = |member: &&MemberView| search.is_in(&[&member.name, &member.email]);
        gateway.members.with(|load| load.items().iter().filter(is_match).cloned().collect::<Vec<_>>())
    });
    let rights = Memo::new(move |_| Rights {
        is_owner: gateway.is_owner(),
        is_personal: gateway.organization.with(|one| one.as_ref().is_some_and(|one| one.is_personal)),
        owners: gateway
            .members
            .with(|load| load.items().iter().filter(|member| member.role == Role::Owner).count()),
    });
    let shown = Signal::derive(move || {
        let drawn = |member: &MemberView| {
            let (member, key) = (member.clone(), (member.user_id, member.role, member.name.clone()));
            row(format!("{key:?}"), move || view! { <MemberRow member=member.clone() me rights removed/> })
        };
        matching.with(|all| all.iter().take(limit.get()).map(drawn).collect::<Vec<_>>())
    });
    let total = move || gateway.members.with(|load| load.items().len());
    let is_long = Memo::new(move |_| total() > 10);
    let count = move || match (matching.with(Vec::len), total()) {
        (1, 1) => "1 member".to_owned(),
        (found, all) if found == all => format!("{all} members"),
        (found, all) => format!("{found} of {all} members"),
    };
    view! {
        <div class="member-filter">
            {move || is_long.get().then(|| view! {
                <div class="field">
                    <label class="field__label" for="member-search">"Search members"</label>
                    <input class="input" type="search" id="member-search" autocomplete="off" spellcheck="false"
                        on:input:target=move |event| search.set(event.target().value())/>
                </div>
            }.into_any())}
            <p class="hint" role="status">{move || count()}</p>
        </div>
        <ul class="app-list" role="list">
            <Rows each=shown/>
        </ul>
        {move || (matching.with(Vec::len) > limit.get()).then(|| view! {
            <ActionButton text="Show more members" on_press=move |()| limit.update(|limit| *limit += STEP * 4)/>
        })}
    }
}
