//! One invitation of the list: whom it is for, whether it is still good, and who used it.

use gateway_api::{
    events::Change,
    ids::{InvitationId, OrganizationId},
    invitations::{InvitationState, InvitationView},
};
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    confirm_dialog::ConfirmDialog,
    when::{When, utc_date},
};
use crate::{client, context::use_gateway, forms::focus_soon, submission::Submission};

/// The invitation, with Revoke while it is good.
#[component]
pub(crate) fn InvitationRow(
    /// The invitation.
    invitation: InvitationView,
    /// Where it leads.
    organization: OrganizationId,
) -> impl IntoView {
    let gateway = use_gateway();
    let InvitationView { id, note, max_uses, used, state, created_by, created_at, expires_at, uses } =
        invitation;
    let (class, word) = state_of(state);
    let label = format!("Revoke the invitation {}", note.clone().unwrap_or_else(|| utc_date(created_at)));
    let title = format!("{label}?");
    let revoke = move |()| {
        let title = title.clone();
        gateway.open_dialog(move || view! { <Revoke organization id title=title.clone()/> });
    };
    let called = note
        .unwrap_or_else(|| if max_uses == 1 { "For one person" } else { "For several people" }.to_owned());
    let joined = uses.into_iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
    view! {
        <li class="app-list__item">
            <div class="app-list__text">
                <p class="app-list__name"><bdi>{called}</bdi> " " <span class=class>{word}</span></p>
                <p class="app-list__facts">
                    <span>"by " <bdi>{created_by}</bdi> ", " <When at=created_at/></span>
                    <span>{if state == InvitationState::Active { "until " } else { "was good until " }} <When at=expires_at/></span>
                    <span>{format!("{used} of {max_uses} joined")}</span>
                    {(!joined.is_empty()).then(|| view! { <span>"used by " <bdi>{joined}</bdi></span> }.into_any())}
                </p>
            </div>
            {(state == InvitationState::Active).then(|| view! {
                <ActionButton text="Revoke" label class="button button--small" on_press=revoke/>
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

#[component]
fn Revoke(organization: OrganizationId, id: InvitationId, title: String) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let revoke = move |()| {
        submission.run(client::delete_invitation(organization, id), move |()| {
            gateway.changed(Change::Organization);
            gateway.close_dialog();
            focus_soon("invitations-title");
        });
    };
    view! {
        <ConfirmDialog title action="Revoke" submission on_confirm=revoke
            consequence="Its link lets nobody in any more. Who has joined by it stays a member."/>
    }
}
