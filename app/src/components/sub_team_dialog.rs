//! What can be done about sub-teams, each in a dialog.

use std::future::Future;

use gateway_api::{
    events::Change,
    problem::Problem,
    teams::{TeamMember, TeamRef},
};
use leptos::prelude::*;

use super::{
    confirm_dialog::ConfirmDialog,
    field::FieldSpec,
    fields_form::{FormDialog, FormSpec, name_field},
};
use crate::{
    client,
    context::{Gateway, use_gateway},
    forms::{FormValues, focus_soon},
    submission::Submission,
};

/// What an owner wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A new one.
    Create,
    /// Another name.
    Rename(TeamRef),
    /// The end of it.
    Delete(TeamRef),
    /// A place for somebody.
    Add(TeamRef),
    /// The end of a place.
    Remove(TeamRef, TeamMember),
}

/// The form or the question, and then the call.
#[component]
pub(crate) fn SubTeamDialog(
    /// What is asked.
    what: Asked,
) -> impl IntoView {
    match what {
        Asked::Create => view! { <Name team=None/> }.into_any(),
        Asked::Rename(team) => view! { <Name team=Some(team)/> }.into_any(),
        Asked::Add(team) => view! { <Add team/> }.into_any(),
        Asked::Delete(team) => view! { <End team member=None/> }.into_any(),
        Asked::Remove(team, member) => view! { <End team member=Some(member)/> }.into_any(),
    }
}

/// Makes `call`; then the lists are fetched again, and the focus goes where the next thing to do is.
fn run(
    gateway: Gateway,
    submission: Submission,
    focus: String,
    call: impl Future<Output = Result<(), Problem>> + 'static,
) {
    submission.run(call, move |()| {
        gateway.changed(Change::Organization);
        gateway.close_dialog();
        focus_soon(&focus);
    });
}

fn heading(team: &TeamRef) -> String {
    format!("sub-team-{}", team.id)
}

#[component]
fn Name(team: Option<TeamRef>) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let title =
        team.as_ref().map_or_else(|| "Create Sub-team".to_owned(), |team| format!("Rename {}", team.name));
    let (action, busy) =
        if team.is_some() { ("Rename", "Renaming…") } else { ("Create Sub-team", "Creating…") };
    let now = team.as_ref().map(|team| team.name.clone());
    let name = move |values: FormValues| {
        let Some(organization) = gateway.organization_id() else { return };
        let (name, team) = (values.trimmed("name"), team.clone());
        let focus = team.as_ref().map_or_else(|| "sub-teams-title".to_owned(), heading);
        run(gateway, submission, focus, async move {
            match team {
                Some(team) => client::rename_team(organization, team.id, name).await,
                None => client::create_team(organization, name).await,
            }
        });
    };
    let fields = vec![FieldSpec { has_focus: true, ..name_field("Sub-team name", now) }];
    let spec = FormSpec { name: "Sub-team", fields, action, busy, is_danger: false };
    view! { <FormDialog title text="" spec submission on_submit=name/> }
}

#[component]
fn Add(team: TeamRef) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let title = format!("Add a member to {}", team.name);
    let choices = untrack(|| outside(gateway, &team));
    let add = move |values: FormValues| {
        let (Some(organization), Ok(user)) = (gateway.organization_id(), values.text("user").parse()) else {
            return;
        };
        let call = client::put_team_member(organization, team.id, user);
        run(gateway, submission, heading(&team), call);
    };
    let text = if choices.is_empty() { "Every member of the team is in it." } else { "" };
    let fields = vec![FieldSpec {
        form: "sub-team",
        name: "user".to_owned(),
        label: "Member".to_owned(),
        is_required: true,
        has_focus: true,
        // Without any, the list of choices still is one.
        choices: if choices.is_empty() { vec![(String::new(), "Nobody".to_owned())] } else { choices },
        ..FieldSpec::default()
    }];
    let spec = FormSpec { name: "Add a member", fields, action: "Add", busy: "Adding…", is_danger: false };
    view! { <FormDialog title text spec submission on_submit=add/> }
}

/// The members who are not in it, as choices.
fn outside(gateway: Gateway, team: &TeamRef) -> Vec<(String, String)> {
    let inside: Vec<_> = gateway.teams.with(|load| {
        let team = load.items().iter().find(|one| one.id == team.id);
        team.map(|team| team.members.iter().map(|member| member.user_id).collect()).unwrap_or_default()
    });
    gateway.members.with(|load| {
        let others = load.items().iter().filter(|member| !inside.contains(&member.user_id));
        others.map(|one| (one.user_id.to_string(), format!("{} ({})", one.name, one.email))).collect()
    })
}

/// Of the sub-team, or of somebody's place in it.
#[component]
fn End(team: TeamRef, member: Option<TeamMember>) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let (title, consequence, action) = match &member {
        Some(member) => (
            format!("Remove {} from {}?", member.name, team.name),
            format!(
                "Their calls no longer use the credentials of {}. They stay a member of the team.",
                team.name
            ),
            "Remove",
        ),
        None => (
            format!("Delete {}?", team.name),
            "Its stored credentials are deleted with it. Its members stay members of the team.".to_owned(),
            "Delete",
        ),
    };
    let end = move |()| {
        let Some(organization) = gateway.organization_id() else { return };
        let (id, user) = (team.id, member.as_ref().map(|member| member.user_id));
        let focus = if user.is_some() { heading(&team) } else { "sub-teams-title".to_owned() };
        run(gateway, submission, focus, async move {
            match user {
                Some(user) => client::delete_team_member(organization, id, user).await,
                None => client::delete_team(organization, id).await,
            }
        });
    };
    view! {
        <ConfirmDialog title consequence action submission on_confirm=end/>
    }
}
