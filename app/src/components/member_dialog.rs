//! Asks before a membership changes or ends.

use gateway_api::{
    events::Change,
    ids::UserId,
    members::{MemberView, RemovedMember},
    organizations::Role,
};
use leptos::prelude::*;

use super::confirm_dialog::ConfirmDialog;
use crate::{
    client,
    context::use_gateway,
    forms::{focus_soon, leave_for},
    submission::Submission,
};

/// What is to happen to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MemberAction {
    /// The membership ends.
    Remove(MemberView),
    /// The person ends their own.
    Leave(MemberView),
    /// They become an owner.
    Promote(MemberView),
    /// They are no longer one.
    Demote(MemberView),
}

impl MemberAction {
    fn member(&self) -> &MemberView {
        match self {
            Self::Remove(member) | Self::Leave(member) | Self::Promote(member) | Self::Demote(member) => {
                member
            }
        }
    }

    /// The word on the button.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Remove(_) => "Remove",
            Self::Leave(_) => "Leave",
            Self::Promote(_) => "Make owner",
            Self::Demote(_) => "Make member",
        }
    }

    /// The button's name where there are many.
    pub(crate) fn label(&self) -> String {
        let name = &self.member().name;
        match self {
            Self::Remove(_) => format!("Remove {name}"),
            Self::Leave(_) => "Leave the team".to_owned(),
            Self::Promote(_) => format!("Make owner: {name}"),
            Self::Demote(_) => format!("Make member: {name}"),
        }
    }

    /// The question, and what follows from it.
    fn question(&self, team: &str) -> (String, String) {
        let name = &self.member().name;
        match self {
            Self::Remove(_) => (
                format!("Remove {name}?"),
                format!(
                    "Their apps lose {team} with the next call, and they leave its sub-teams. What they connected for \
                     themselves stays theirs."
                ),
            ),
            Self::Leave(_) => (
                format!("Leave {team}?"),
                "Your apps lose this team with the next call. To come back you need a new invitation.".to_owned(),
            ),
            Self::Promote(_) => (
                format!("Make {name} an owner?"),
                "Owners manage members, invitations and team connections, read the audit log, and can delete the team."
                    .to_owned(),
            ),
            Self::Demote(_) => (
                format!("Make {name} a member?"),
                "Members use what is shared. They can no longer change it, or anything else about the team.".to_owned(),
            ),
        }
    }
}

/// The question, and the call if the answer is yes.
#[component]
pub(crate) fn MemberDialog(
    /// What is asked.
    action: MemberAction,
    /// The person who is asked.
    me: UserId,
    /// Where the page shows what ended.
    removed: RwSignal<Option<RemovedMember>>,
) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let hands_over = RwSignal::new(false);
    let (title, consequence) = action.question(&untrack(|| gateway.organization_name()));
    let word = action.word();
    let is_promotion = matches!(action, MemberAction::Promote(_));
    let ends = matches!(action, MemberAction::Remove(_) | MemberAction::Leave(_));
    let done = move |outcome: Option<RemovedMember>| {
        removed.set(outcome);
        gateway.changed(Change::Organization);
        gateway.close_dialog();
        focus_soon("members-title");
    };
    let confirm = move |()| {
        let Some(organization) = gateway.organization_id() else { return };
        let (user, steps_back) = (action.member().user_id, hands_over.get_untracked());
        let is_own = matches!(action, MemberAction::Leave(_));
        let call = async move {
            if ends {
                return client::delete_member(organization, user).await.map(Some);
            }
            let role = if is_promotion { Role::Owner } else { Role::Member };
            client::update_member(organization, user, role).await?;
            if steps_back {
                client::update_member(organization, me, Role::Member).await?;
            }
            Ok(None)
        };
        submission
            .run(call, move |ended| if is_own { leave_for("/settings?done=left") } else { done(ended) });
    };
    view! {
        <ConfirmDialog title consequence action=word is_harmless=is_promotion submission on_confirm=confirm>
            {is_promotion.then(|| view! {
                <label class="choice">
                    <input type="checkbox" on:change:target=move |event| hands_over.set(event.target().checked())/>
                    <span class="choice__name">"Hand over the team: make me a member"</span>
                </label>
            }.into_any())}
        </ConfirmDialog>
    }
}
