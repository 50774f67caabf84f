//! "Service clients": programs that use what the team shares, without a person.

use gateway_api::{
    events::Change,
    ids::{OrganizationId, ServiceClientId},
    service_clients::{CreateServiceClient, ServiceClientView},
};
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    confirm_dialog::ConfirmDialog,
    field::FieldSpec,
    fields_form::{FormDialog, FormSpec, name_field},
    list_failure::ListFailure,
    snippet::Snippet,
    when::When,
};
use crate::{
    client::{self, ClientSecret},
    context::{Load, use_gateway},
    forms::{FormValues, focus_soon},
    submission::Submission,
};

/// The whole section.
#[component]
pub(crate) fn ServiceClientsSection(
    /// Where they work.
    organization: OrganizationId,
) -> impl IntoView {
    let gateway = use_gateway();
    let secret = RwSignal::new(None::<ClientSecret>);
    view! {
        <section class="card" aria-labelledby="service-clients-title">
            <div class="section-head">
                <h2 class="card__title" id="service-clients-title" tabindex="-1">"Service clients"</h2>
                <ActionButton text="Create Service Client" class="button button--primary"
                    on_press=move |()| gateway.open_dialog(move || view! { <Create organization secret/> })/>
            </div>
            <p class="hint">
                "For programs that work without a person. They use the team’s shared connections, and no others."
            </p>
            {move || secret.get().map(|secret| view! { <NewSecret secret/> })}
            {move || match gateway.service_clients.get() {
                Load::Loading => view! { <p role="status">"Loading…"</p> }.into_any(),
                Load::Failed(problem) => {
                    view! { <ListFailure problem on_retry=move |()| gateway.load_team()/> }.into_any()
                }
                Load::Ready(list) if list.is_empty() => {
                    view! { <p class="empty">"No service clients yet."</p> }.into_any()
                }
                Load::Ready(list) => view! {
                    <ul class="app-list" role="list">
                        {list.into_iter().map(|client| view! { <Row client organization/> }).collect_view()}
                    </ul>
                }.into_any(),
            }}
        </section>
    }
}

#[component]
fn NewSecret(secret: ClientSecret) -> impl IntoView {
    let url = use_gateway().public_url.get_value();
    let ClientSecret { client_id, client_secret } = secret;
    let command = format!("curl {url}/token -d grant_type=client_credentials -u {client_id}:{client_secret}");
    view! {
        <div class="notice notice--info new-link" role="status" id="new-secret" tabindex="-1">
            <p class="notice__title">"Copy the secret now: it is shown only this once."</p>
            <Snippet text=client_secret what="the secret"/>
            <p>"This command gets an access token, good for some minutes, to be sent to the MCP address as a bearer token:"</p>
            <Snippet text=command what="the command"/>
        </div>
    }
}

#[component]
fn Row(client: ServiceClientView, organization: OrganizationId) -> impl IntoView {
    let gateway = use_gateway();
    let ServiceClientView { client_id, name, created_by, created_at, expires_at, is_expired, last_used_at } =
        client;
    let label = format!("Delete {name}");
    let title = format!("{label}?");
    let delete = move |()| {
        let title = title.clone();
        gateway.open_dialog(move || view! { <Delete organization id=client_id title=title.clone()/> });
    };
    view! {
        <li class="app-list__item">
            <div class="app-list__text">
                <p class="app-list__name">
                    <bdi>{name}</bdi> " " {is_expired.then(|| view! { <span class="badge">"Expired"</span> }.into_any())}
                </p>
                <p class="app-list__facts">
                    <span>"by " <bdi>{created_by}</bdi> ", " <When at=created_at/></span>
                    <span>{if is_expired { "was good until " } else { "until " }} <When at=expires_at/></span>
                    <span>
                        {match last_used_at {
                            Some(at) => view! { "last used " <When at/> }.into_any(),
                            None => "never used".into_any(),
                        }}
                    </span>
                    <span>"client id " <code>{client_id.to_string()}</code></span>
                </p>
            </div>
            <ActionButton text="Delete" label class="button button--small" on_press=delete/>
        </li>
    }
}

#[component]
fn Delete(organization: OrganizationId, id: ServiceClientId, title: String) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let delete = move |()| {
        submission.run(client::delete_service_client(organization, id), move |()| {
            gateway.changed(Change::Organization);
            gateway.close_dialog();
            focus_soon("service-clients-title");
        });
    };
    view! {
        <ConfirmDialog title action="Delete" submission on_confirm=delete
            consequence="Its next call is refused. What it did stays in the audit log."/>
    }
}

#[component]
fn Create(organization: OrganizationId, secret: RwSignal<Option<ClientSecret>>) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let create = move |values: FormValues| {
        let expires_in_days = values.text("expires_in_days").parse().ok();
        let body = CreateServiceClient { name: values.trimmed("name"), expires_in_days };
        submission.run(client::create_service_client(organization, body), move |made| {
            secret.set(Some(made));
            gateway.changed(Change::Organization);
            gateway.close_dialog();
            focus_soon("new-secret");
        });
    };
    let choices = [("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("730", "Two years")];
    let spec = FormSpec {
        name: "Create Service Client",
        fields: vec![
            FieldSpec {
                form: "service-client",
                help: Some("What the audit log calls it, e.g. the program it is for.".to_owned()),
                ..name_field("Client name", None)
            },
            FieldSpec {
                form: "service-client",
                name: "expires_in_days".to_owned(),
                label: "Expires after".to_owned(),
                is_required: true,
                default: Some("365".to_owned()),
                choices: choices.map(|(days, label)| (days.to_owned(), label.to_owned())).into(),
                ..FieldSpec::default()
            },
        ],
        action: "Create",
        busy: "Creating…",
        is_danger: false,
    };
    view! { <FormDialog title="Create Service Client" text="" spec submission on_submit=create/> }
}
