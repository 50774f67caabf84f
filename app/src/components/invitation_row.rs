//! One invitation of the list: whom it is for, whether it is still good, and who used it.

use gateway_api::invitations::{InvitationState, InvitationView};
use leptos::prelude::*;

use super::{
    invitations_section::Asked,
    when::{When, utc_date},
};
use crate::context::use_gateway;

/// The invitation, with Revoke while it is good.
#[component]
pub(crate) fn InvitationRow(
    /// The invitation.
    invitation: InvitationView,
    /// Where the button puts what is asked.
    asked: RwSignal<Option<Asked>>,
) -> impl IntoView {
    let gateway = use_gateway();
    let InvitationView { id, note, max_uses, used, state, created_by, created_at, expires_at, uses } =
        invitation;
    let (class, word) = state_of(state);
    let label = format!("Revoke the invitation {}", note.clone().unwrap_or_else(|| utc_date(created_at)));
    let revoke = Asked::Revoke(id, label.clone());
    let title = note
        .unwrap_or_else(|| if max_uses == 1 { "For one person" } else { "For several people" }.to_owned());
    let joined = uses.into_iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
    view! {
        <li class="app-list__item">
            <div class="app-list__text">
                <p class="app-list__name"><bdi>{title}</bdi> " " <span class=class>{word}</span></p>
                <p class="app-list__facts">
                    <span>"by " <bdi>{created_by}</bdi> ", " <When at=created_at/></span>
                    <span>{if state == InvitationState::Active { "until " } else { "was good until " }} <When at=expires_at/></span>
                    <span>{format!("{used} of {max_uses} joined")}</span>
                    {(!joined.is_empty()).then(|| view! { <span>"used by " <bdi>{joined}</bdi></span> })}
                </p>
            </div>
            {(state == InvitationState::Active).then(|| view! {
                <button type="button" class="button button--small" aria-label=label
                    disabled=move || !gateway.is_alive.get()
                    on:click=move |_| asked.set(Some(revoke.clone()))>
                    "Revoke"
                </button>
            })}
        </li>
    }
}

fn state_of(state: InvitationState) -> (&'static str, &'static str) {
    match state {
        InvitationState::Active => ("badge badge--pro", "Active"),
        InvitationState::Expired => ("badge", "Expired"),
        InvitationState::Revoked => ("badge", "Revoked"),
        InvitationState::UsedUp => ("badge", "Used up"),
    }
}
