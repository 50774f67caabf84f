//! `/api/organizations/{org}/service-clients`: programs that an organization lets in by a secret. What they do with it is
//! `oauth/client_credentials.rs`.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use gateway_api::{
    Page,
    ids::{OrganizationId, ServiceClientId},
    problem::Problem,
    service_clients::{CreateServiceClient, CreatedServiceClient, ServiceClientView},
};
use gateway_store::{
    Connection, Event, StoreError, Timestamp, Topic, Transaction,
    service_clients::{self as rows, ServiceClient},
};

use crate::{
    audit::{self, action},
    auth::session::{Member, OrganizationOwner},
    clock::{hash_token, random_token},
    error::{ApiError, Body},
    names,
    oauth::scope::Scope,
    plans::{self, Feature},
    state::AppState,
};

/// How many days a secret is good, if nothing else is asked for.
const DEFAULT_DAYS: u32 = 365;
/// How many days at most.
const MAX_DAYS: u32 = 3650;
/// How many an organization may have.
const MAX_CLIENTS: i64 = 100;

/// The organization's service clients, the newest first.
#[utoipa::path(get, path = "/api/organizations/{org}/service-clients", tag = "service clients",
    params(("org" = String, Path, description = "the organization's id")), responses(
    (status = 200, body = Page<ServiceClientView>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)))]
pub async fn list_service_clients(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
) -> Result<Json<Page<ServiceClientView>>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(Page::whole(views(&state, &mut connection, member.organization.id).await?)))
}

/// The list, also for the pages that the server renders.
pub async fn views(
    state: &AppState,
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<ServiceClientView>, StoreError> {
    let now = state.clock.now();
    let found = rows::list(connection, organization).await?;
    Ok(found.into_iter().map(|(client, maker)| view(client, maker.name, now)).collect())
}

/// Make a service client. Its secret is shown this once. With it, `POST /token` with `grant_type=client_credentials` gives
/// a token for the MCP endpoint, which uses what the organization shares.
#[utoipa::path(post, path = "/api/organizations/{org}/service-clients", tag = "service clients",
    params(("org" = String, Path, description = "the organization's id")), request_body = CreateServiceClient, responses(
    (status = 201, body = CreatedServiceClient), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create_service_client(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Body(form): Body<CreateServiceClient>,
) -> Result<(StatusCode, Json<CreatedServiceClient>), ApiError> {
    let name = names::check(&form.name, "Please enter a name.");
    let name = name.map_err(|why| ApiError::field("name", why))?;
    let days = form.expires_in_days.unwrap_or(DEFAULT_DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(ApiError::field("expires_in_days", "Please choose 1 to 3650 days."));
    }
    let secret = random_token();
    let now = state.clock.now();
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    plans::require(member.organization.plan, Feature::ServiceClients)?;
    if rows::count(&mut transaction, member.organization.id).await? >= MAX_CLIENTS {
        return Err(ApiError::Conflict("A team has at most 100 service clients. Please delete one first."));
    }
    let client = ServiceClient {
        id: state.clock.new_id(),
        organization_id: member.organization.id,
        name,
        secret_hash: hash_token(&secret),
        // It can ask nobody for more. Each token may be asked for with less.
        scope: Scope::Admin.with_included(),
        created_by: member.user.id,
        created_at: now,
        expires_at: now.plus(Duration::from_hours(24 * u64::from(days))),
        last_used_at: None,
    };
    rows::insert(&mut transaction, &client).await?;
    record(&state, &mut transaction, &member, action::SERVICE_CLIENT_CREATE, &client).await?;
    state.commit(transaction, &[Event::Changed(Topic::Organization, member.organization.id.uuid())]).await?;
    let client = view(client, member.user.name, now);
    Ok((StatusCode::CREATED, Json(CreatedServiceClient { client_secret: secret, client })))
}

/// Delete a service client: its very next call is refused.
#[utoipa::path(delete, path = "/api/organizations/{org}/service-clients/{id}", tag = "service clients", params(
    ("org" = String, Path, description = "the organization's id"),
    ("id" = String, Path, description = "the service client's client_id")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_service_client(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let id: ServiceClientId = id.parse().map_err(|_| ApiError::NotFound)?;
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    let organization = member.organization.id;
    let client = rows::delete(&mut transaction, organization, id).await?.ok_or(ApiError::NotFound)?;
    record(&state, &mut transaction, &member, action::SERVICE_CLIENT_DELETE, &client).await?;
    let changed =
        [Event::Changed(Topic::Grant, id.uuid()), Event::Changed(Topic::Organization, organization.uuid())];
    state.commit(transaction, &changed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What happened to which service client, by whom.
async fn record(
    state: &AppState,
    transaction: &mut Transaction,
    member: &Member,
    action: &'static str,
    client: &ServiceClient,
) -> Result<(), StoreError> {
    let target = format!("{} ({})", client.name, client.id);
    audit::Event::about(member, action, target).write(&state.clock, transaction).await
}

fn view(client: ServiceClient, created_by: String, now: Timestamp) -> ServiceClientView {
    ServiceClientView {
        client_id: client.id,
        name: client.name,
        created_by,
        created_at: client.created_at.into(),
        expires_at: client.expires_at.into(),
        is_expired: client.expires_at <= now,
        last_used_at: client.last_used_at.map(Into::into),
    }
}
