//! `/api/connections`: a person's own credentials.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use gateway_api::{
    Page,
    audit::Outcome,
    connections::{ConnectionState, ConnectionView, PutConnection, TestResult},
    problem::{FieldError, Problem},
};
use gateway_store::{
    Connection, Event, StoreError, Topic, Transaction, audit as audit_rows,
    connections::{self as rows, ConnectionRow, NewConnection, Owner},
    users,
};

use crate::{
    audit::{self, action},
    auth::session::Member,
    error::{ApiError, Body},
    plans,
    state::AppState,
    vault::Place,
    vendors::{CallError, CredentialKey, Credentials, Validated, Vendor, Verdict, check_fields},
};

/// The person's connections, by vendor.
#[utoipa::path(get, path = "/api/connections", tag = "connections", responses(
    (status = 200, body = Page<ConnectionView>), (status = 401, body = Problem)))]
pub async fn list_connections(
    State(state): State<AppState>,
    member: Member,
) -> Result<Json<Page<ConnectionView>>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(Page::whole(views(&state, &mut connection, &member).await?)))
}

/// The list, also for the pages that the server renders.
pub async fn views(
    state: &AppState,
    connection: &mut Connection,
    member: &Member,
) -> Result<Vec<ConnectionView>, StoreError> {
    let found = rows::list(connection, Owner::personal(member.user.id)).await?;
    Ok(found.into_iter().map(|row| view(state, row)).collect())
}

/// Connect a vendor, or replace its credentials. The vendor is asked first; if it refuses, nothing is stored.
#[utoipa::path(put, path = "/api/connections/{vendor}", tag = "connections",
    params(("vendor" = String, Path, description = "the vendor's slug")), request_body = PutConnection, responses(
    (status = 200, description = "replaced", body = ConnectionView),
    (status = 201, description = "connected", body = ConnectionView),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub async fn put_connection(
    State(state): State<AppState>,
    member: Member,
    Path(vendor): Path<String>,
    Body(form): Body<PutConnection>,
) -> Result<(StatusCode, Json<ConnectionView>), ApiError> {
    let vendor = state.catalog.vendor(&vendor).ok_or(ApiError::NotFound)?;
    let owner = Owner::personal(member.user.id);
    check_plan(&mut state.database.read().await?, &member, owner, &vendor.slug).await?;
    let credentials = check_fields(vendor, &form.fields).map_err(|problems| {
        let errors = problems.into_iter().map(|problem| FieldError {
            field: format!("fields.{}", problem.field),
            message: problem.message,
        });
        ApiError::Fields(errors.collect())
    })?;
    let validated = match validate(&state, vendor, &credentials).await {
        Ok(validated) => validated,
        Err(refusal) => return Err(refuse(&state, &member, vendor, &refusal).await?),
    };
    store(&state, &member, vendor, &credentials, validated).await
}

/// Ask the vendor whether it still accepts the stored credentials.
#[utoipa::path(post, path = "/api/connections/{vendor}/test", tag = "connections",
    params(("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 200, body = TestResult), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn test_connection(
    State(state): State<AppState>,
    member: Member,
    Path(slug): Path<String>,
) -> Result<Json<TestResult>, ApiError> {
    let owner = Owner::personal(member.user.id);
    let row = rows::find(&mut state.database.read().await?, owner, &slug).await?.ok_or(ApiError::NotFound)?;
    let vendor = state.catalog.vendor(&slug).ok_or(ApiError::Conflict(
        "The gateway does not know this vendor any more: its manifest was removed. You can disconnect it.",
    ))?;
    let result = match open(&state, owner, &row).await {
        Ok(credentials) => {
            let key = CredentialKey { id: row.id.uuid(), version: row.version };
            // What is remembered of earlier calls must not make an old token look like a good credential.
            state.vendors.forget(row.id.uuid());
            state.vendors.validate(vendor, &credentials, key).await.map_err(|error| error.explain())
        }
        Err(problem) => Err(problem),
    };
    let problem = result.as_ref().err().map(String::as_str);
    let mut transaction = state.database.write().await?;
    let row = rows::set_checked(&mut transaction, owner, &slug, problem, state.clock.now()).await?;
    let row = row.ok_or(ApiError::NotFound)?;
    let event = audit::Event {
        action: action::CONNECTION_TEST,
        vendor: Some(slug),
        outcome: problem.map(|_| Outcome::Error),
        reason: problem.map(str::to_owned),
        credential_scope: Some(owner.scope),
        ..audit::Event::by(&member)
    };
    audit_rows::insert(&mut transaction, vec![event.row(&state.clock)]).await?;
    commit(&state, transaction, owner).await?;
    let message = match &result {
        Ok(Validated { account: Some(account), .. }) => format!("{} accepted it: {account}.", vendor.name),
        Ok(Validated { account: None, .. }) => format!("{} accepted it.", vendor.name),
        Err(problem) => problem.clone(),
    };
    Ok(Json(TestResult { is_ok: result.is_ok(), message, connection: view(&state, row) }))
}

/// Disconnect a vendor: the stored credentials are deleted.
#[utoipa::path(delete, path = "/api/connections/{vendor}", tag = "connections",
    params(("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_connection(
    State(state): State<AppState>,
    member: Member,
    Path(vendor): Path<String>,
) -> Result<StatusCode, ApiError> {
    let owner = Owner::personal(member.user.id);
    let mut transaction = state.database.write().await?;
    let row = rows::delete(&mut transaction, owner, &vendor).await?.ok_or(ApiError::NotFound)?;
    let event = audit::Event {
        action: action::CONNECTION_DELETE,
        vendor: Some(row.vendor),
        credential_scope: Some(owner.scope),
        ..audit::Event::by(&member)
    };
    audit_rows::insert(&mut transaction, vec![event.row(&state.clock)]).await?;
    commit(&state, transaction, owner).await?;
    state.vendors.forget(row.id.uuid());
    Ok(StatusCode::NO_CONTENT)
}

/// Replacing is always possible; one more must fit the plan.
async fn check_plan(
    connection: &mut Connection,
    member: &Member,
    owner: Owner,
    vendor: &str,
) -> Result<(), ApiError> {
    if rows::find(connection, owner, vendor).await?.is_some() {
        return Ok(());
    }
    plans::check_personal_connections(member.organization.plan, rows::count(connection, owner).await?)
}

/// Asks the vendor under a key of its own, so that nothing is remembered of credentials that are not stored.
async fn validate(
    state: &AppState,
    vendor: &Vendor,
    credentials: &Credentials,
) -> Result<Validated, CallError> {
    let key = CredentialKey { id: state.clock.new_uuid(), version: 0 };
    let result = state.vendors.validate(vendor, credentials, key).await;
    state.vendors.forget(key.id);
    result
}

/// The refusal as an answer; that somebody tried is on record.
async fn refuse(
    state: &AppState,
    member: &Member,
    vendor: &Vendor,
    refusal: &CallError,
) -> Result<ApiError, ApiError> {
    let words = refusal.explain();
    let event = audit::Event {
        action: action::CONNECTION_PUT,
        vendor: Some(vendor.slug.clone()),
        outcome: Some(Outcome::Error),
        reason: Some(words.clone()),
        credential_scope: Some(gateway_api::connections::Scope::Personal),
        ..audit::Event::by(member)
    };
    state.audit.record(event).await?;
    Ok(match refusal.verdict() {
        Verdict::BadCredential => ApiError::VendorRefused(words),
        Verdict::CouldNotTell => ApiError::VendorUnreachable(words),
    })
}

async fn store(
    state: &AppState,
    member: &Member,
    vendor: &Vendor,
    credentials: &Credentials,
    validated: Validated,
) -> Result<(StatusCode, Json<ConnectionView>), ApiError> {
    let owner = Owner::personal(member.user.id);
    let internal = |error: crate::vault::VaultError| ApiError::Internal(error.to_string());
    // Deriving the key takes a while: not inside the unit of work.
    let key = state.vault.key(owner).await.map_err(internal)?;
    let mut transaction = state.database.write().await?;
    // Once more, and one after another: two at the same time must not both be the third.
    users::lock(&mut transaction, member.user.id).await?;
    check_plan(&mut transaction, member, owner, &vendor.slug).await?;
    let existing = rows::find(&mut transaction, owner, &vendor.slug).await?;
    let id = existing.as_ref().map_or_else(|| state.clock.new_id(), |row| row.id);
    let place = Place { owner, vendor: &vendor.slug, id };
    let new = NewConnection {
        id,
        vendor: vendor.slug.clone(),
        key_id: key.key_id().to_owned(),
        sealed: key.seal(place, &credentials.to_bytes()).map_err(internal)?,
        account: validated.account,
        created_by: member.user.id,
        now: state.clock.now(),
    };
    let row = rows::put(&mut transaction, owner, &new).await?;
    let event = audit::Event {
        action: action::CONNECTION_PUT,
        vendor: Some(vendor.slug.clone()),
        target: row.account.clone(),
        credential_scope: Some(owner.scope),
        ..audit::Event::by(member)
    };
    audit_rows::insert(&mut transaction, vec![event.row(&state.clock)]).await?;
    commit(state, transaction, owner).await?;
    state.vendors.forget(row.id.uuid());
    let status = if existing.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(view(state, row))))
}

/// When this returns, the next call of this replica goes by what was changed here; the other replicas hear of it.
async fn commit(state: &AppState, mut transaction: Transaction, owner: Owner) -> Result<(), StoreError> {
    let event = Event::Changed(Topic::Connections, owner.id);
    transaction.publish(event);
    transaction.commit().await?;
    state.resolver.apply(event).await;
    Ok(())
}

async fn open(state: &AppState, owner: Owner, row: &ConnectionRow) -> Result<Credentials, String> {
    let place = Place { owner, vendor: &row.vendor, id: row.id };
    let opened = match state.vault.key_of(owner, &row.key_id).await {
        Ok(key) => key.open(place, &row.sealed),
        Err(error) => Err(error),
    };
    let credentials = opened.ok().and_then(|bytes| Credentials::from_bytes(&bytes).ok());
    credentials.ok_or_else(|| {
        "The stored credentials cannot be decrypted. Please enter them again with Replace.".to_owned()
    })
}

fn view(state: &AppState, row: ConnectionRow) -> ConnectionView {
    let vendor_name = state.catalog.vendor(&row.vendor).map(|vendor| vendor.name.clone());
    ConnectionView {
        id: row.id,
        vendor_name: vendor_name.unwrap_or_else(|| row.vendor.clone()),
        vendor: row.vendor,
        scope: row.scope,
        team: None,
        account: row.account,
        state: if row.problem.is_some() {
            ConnectionState::NeedsAttention
        } else {
            ConnectionState::Connected
        },
        reason: row.problem,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        checked_at: row.checked_at.into(),
    }
}
