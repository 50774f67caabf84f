//! "Invitations": links that let colleagues join.

use gateway_api::{
    events::Change,
    ids::OrganizationId,
    invitations::{CreateInvitation, InvitationState, InvitationView},
};
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    field::FieldSpec,
    fields_form::{FormDialog, FormSpec},
    invitation_row::InvitationRow,
    list_failure::ListFailure,
    snippet::Snippet,
};
use crate::{
    client::{self, InvitationLink},
    context::{Load, use_gateway},
    forms::{FormValues, focus_soon},
    submission::Submission,
};

/// The whole section.
#[component]
pub(crate) fn InvitationsSection(
    /// Where they lead.
    organization: OrganizationId,
) -> impl IntoView {
    let gateway = use_gateway();
    let link = RwSignal::new(None::<String>);
    view! {
        <section class="card" aria-labelledby="invitations-title">
            <div class="section-head">
                <h2 class="card__title" id="invitations-title" tabindex="-1">"Invitations"</h2>
                <ActionButton text="Create Invite Link" class="button button--primary"
                    on_press=move |()| gateway.open_dialog(move || view! { <Create organization link/> })/>
            </div>
            <p class="hint">"Whoever opens the link can join the team. It expires after 7 days."</p>
            {move || link.get().map(|link| view! { <NewLink link/> })}
            {move || match gateway.invitations.get() {
                Load::Loading => view! { <p role="status">"Loading…"</p> }.into_any(),
                Load::Failed(problem) => {
                    view! { <ListFailure problem on_retry=move |()| gateway.load_team()/> }.into_any()
                }
                Load::Ready(list) => view! { <List list organization/> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn NewLink(link: String) -> impl IntoView {
    view! {
        <div class="notice notice--info new-link" role="status" id="new-link" tabindex="-1">
            <p class="notice__title">"Copy the link now: it is shown only this once."</p>
            <p>"Send it to your colleague. Lost it? Revoke it below and create another one."</p>
            <Snippet text=link what="the link"/>
        </div>
    }
}

/// What is still good stands in front; the rest is out of the way.
#[component]
fn List(list: Vec<InvitationView>, organization: OrganizationId) -> impl IntoView {
    if list.is_empty() {
        return view! { <p class="empty">"No invitations yet."</p> }.into_any();
    }
    let (active, past): (Vec<_>, Vec<_>) =
        list.into_iter().partition(|invitation| invitation.state == InvitationState::Active);
    let rows = move |list: Vec<InvitationView>| {
        view! {
            <ul class="app-list" role="list">
                {list.into_iter().map(|invitation| view! { <InvitationRow invitation organization/> }).collect_view()}
            </ul>
        }.into_any()
    };
    let earlier = format!("Earlier invitations ({})", past.len());
    view! {
        {rows(active)}
        {(!past.is_empty()).then(|| view! {
            <details class="disclosure"><summary>{earlier}</summary>{rows(past)}</details>
        }.into_any())}
    }
    .into_any()
}

#[component]
fn Create(organization: OrganizationId, link: RwSignal<Option<String>>) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let create = move |values: FormValues| {
        let note = Some(values.trimmed("note")).filter(|note| !note.is_empty());
        let body = CreateInvitation { max_uses: values.text("max_uses").parse().ok(), note };
        submission.run(client::create_invitation(organization, body), move |InvitationLink { url }| {
            link.set(Some(url));
            gateway.changed(Change::Organization);
            gateway.close_dialog();
            focus_soon("new-link");
        });
    };
    let several =
        ["2", "5", "10", "25", "100"].map(|number| (number.to_owned(), format!("Up to {number} people")));
    let choices = [("1".to_owned(), "One person".to_owned())].into_iter().chain(several).collect();
    let spec = FormSpec {
        name: "Create Invite Link",
        fields: vec![
            FieldSpec {
                form: "invitation",
                name: "max_uses".to_owned(),
                label: "Who can join with it".to_owned(),
                is_required: true,
                default: Some("1".to_owned()),
                choices,
                ..FieldSpec::default()
            },
            FieldSpec {
                form: "invitation",
                name: "note".to_owned(),
                label: "Note".to_owned(),
                input_type: "text",
                autocomplete: "off",
                max_length: Some(200),
                help: Some("Whom or what it is for. The invited person sees it as well.".to_owned()),
                ..FieldSpec::default()
            },
        ],
        action: "Create Link",
        busy: "Creating the link…",
        is_danger: false,
    };
    view! {
        <FormDialog title="Create Invite Link" text="" spec submission on_submit=create/>
    }
}
