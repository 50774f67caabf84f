//! What storing, testing and deleting a connection mean, whosever it is.

use axum::{Json, http::StatusCode};
use gateway_api::{
    audit::Outcome,
    connections::{ConnectionView, PutConnection, Scope, TestResult},
    health::HealthView,
    ids::TeamId,
    problem::FieldError,
};
use gateway_store::{
    Connection, Event, Topic, Transaction,
    connections::{self as rows, ConnectionRow, NewConnection, Owner},
    health as health_rows, teams, users, vendor_tokens,
};

use super::fresh_view;
use crate::{
    audit::{self, action},
    auth::session::Member,
    error::ApiError,
    health::{self, Finding},
    plans::{self, Feature},
    state::AppState,
    vault::Place,
    vendors::{CallError, CredentialKey, Credentials, Validated, Vendor, Verdict, check_fields},
};

/// Said where a stored credential does not open.
const UNREADABLE: &str = "The stored credentials cannot be decrypted. Please enter them again with Replace.";

/// What went wrong, for who asked and for everybody: the vendor's own words are only told to who asked.
struct Words {
    told: String,
    noted: String,
}

/// Has the vendor check the filled form, and stores it.
pub(super) async fn put(
    state: &AppState,
    member: Member,
    owner: Owner,
    vendor: &str,
    form: PutConnection,
) -> Result<(StatusCode, Json<ConnectionView>), ApiError> {
    let vendor = state.catalog.vendor(vendor).ok_or(ApiError::NotFound)?;
    check_plan(&mut state.database.read().await?, &member, owner, &vendor.slug).await?;
    let credentials = check_fields(vendor, &form.fields).map_err(|problems| {
        let errors = problems.into_iter().map(|problem| FieldError {
            field: format!("fields.{}", problem.field),
            message: problem.message,
        });
        ApiError::Fields(errors.collect())
    })?;
    let validated = match validate(state, vendor, &credentials).await {
        Ok(validated) => validated,
        Err(refusal) => return Err(refuse(state, &member, owner, vendor, &refusal).await?),
    };
    store(state, member, owner, vendor, &credentials, validated).await
}

/// Asks the vendor about the stored credentials, and notes what it says.
pub(super) async fn test(
    state: &AppState,
    member: Member,
    owner: Owner,
    slug: String,
) -> Result<Json<TestResult>, ApiError> {
    let row = rows::find(&mut state.database.read().await?, owner, &slug).await?.ok_or(ApiError::NotFound)?;
    if owner.scope != Scope::Personal {
        plans::require(member.organization.plan, Feature::SharedConnections)?;
    }
    let vendor = state.catalog.vendor(&slug).ok_or(ApiError::Conflict(
        "The gateway does not know this vendor any more: its manifest was removed. You can disconnect it.",
    ))?;
    // What is remembered of earlier calls must not make an old token look like a good credential.
    state.vendors.forget(row.id.uuid());
    forget_token(state, &row).await?;
    let (result, finding) = match state.resolver.open(&state.vault, row.clone()).await {
        Ok((held, credentials)) => {
            let result = state.vendors.validate(vendor, &credentials, held.key()).await;
            let finding = Finding::of(&result, vendor.ip_allowlist);
            (result.map_err(|error| Words { told: error.explain(), noted: error.summary() }), Some(finding))
        }
        Err(_) => (Err(Words { told: UNREADABLE.to_owned(), noted: UNREADABLE.to_owned() }), None),
    };
    let problem = match &finding {
        // It says nothing about the connection.
        Some(Finding::Limited(_) | Finding::Nothing) => row.problem.as_deref(),
        Some(finding) => finding.problem(),
        None => Some(UNREADABLE),
    };
    let is_change = problem.is_some() != row.problem.is_some();
    let now = state.clock.now();
    let mut transaction = state.database.write().await?;
    let tested = rows::set_checked(&mut transaction, owner, &slug, problem, now).await?;
    let tested = tested.ok_or(ApiError::NotFound)?;
    if is_change {
        health_rows::insert_change(&mut transaction, state.clock.new_uuid(), tested.id, now, problem).await?;
    }
    let event = audit::Event {
        vendor: Some(slug),
        outcome: result.is_err().then_some(Outcome::Error),
        reason: result.as_ref().err().map(|words| words.noted.clone()),
        ..by(&member, owner, action::CONNECTION_TEST)
    };
    event.write(&state.clock, &mut transaction).await?;
    state.commit(transaction, &[Event::Changed(Topic::Connections, owner.id)]).await?;
    let message = match &result {
        Ok(Validated { account: Some(account), .. }) => format!("{} accepted it: {account}.", vendor.name),
        Ok(Validated { account: None, .. }) => format!("{} accepted it.", vendor.name),
        Err(words) => words.told.clone(),
    };
    if let (Some(finding), Ok((held, _))) = (finding, state.resolver.open(&state.vault, tested.clone()).await)
    {
        state.health.note(&held, finding, false);
        state.health.flush().await;
    }
    Ok(Json(TestResult {
        is_ok: result.is_ok(),
        message,
        connection: fresh_view(state, &member, tested).await?,
    }))
}

/// What is known about a connection.
pub(super) async fn health(
    state: &AppState,
    owner: Owner,
    vendor: &str,
) -> Result<Json<HealthView>, ApiError> {
    // With what was noted a moment ago, for who has just tried something.
    state.health.flush().await;
    let row =
        rows::find(&mut state.database.read().await?, owner, vendor).await?.ok_or(ApiError::NotFound)?;
    Ok(Json(health::view::of_one(state, &row).await?))
}

/// Deletes the stored credentials. Possible on every plan.
pub(super) async fn delete(
    state: &AppState,
    member: Member,
    owner: Owner,
    vendor: &str,
) -> Result<StatusCode, ApiError> {
    let mut transaction = state.database.write().await?;
    let member = lock(&mut transaction, member, owner).await?;
    let row = rows::delete(&mut transaction, owner, vendor).await?.ok_or(ApiError::NotFound)?;
    let event = audit::Event { vendor: Some(row.vendor), ..by(&member, owner, action::CONNECTION_DELETE) };
    event.write(&state.clock, &mut transaction).await?;
    state.commit(transaction, &[Event::Changed(Topic::Connections, owner.id)]).await?;
    state.vendors.forget(row.id.uuid());
    Ok(StatusCode::NO_CONTENT)
}

/// Shared ones need Pro. Of a person's own, replacing is always possible; one more must fit the plan.
async fn check_plan(
    connection: &mut Connection,
    member: &Member,
    owner: Owner,
    vendor: &str,
) -> Result<(), ApiError> {
    let plan = member.organization.plan;
    if owner.scope != Scope::Personal {
        return plans::require(plan, Feature::SharedConnections);
    }
    if rows::find(connection, owner, vendor).await?.is_some() {
        return Ok(());
    }
    plans::check_personal_connections(plan, rows::count(connection, owner).await?)
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
    owner: Owner,
    vendor: &Vendor,
    refusal: &CallError,
) -> Result<ApiError, ApiError> {
    let words = refusal.explain();
    // What the vendor says is for who asked.
    let event = audit::Event {
        vendor: Some(vendor.slug.clone()),
        outcome: Some(Outcome::Error),
        reason: Some(refusal.summary()),
        ..by(member, owner, action::CONNECTION_PUT)
    };
    state.audit.record(event).await?;
    Ok(match (refusal.verdict(), refusal.wait()) {
        (Verdict::BadCredential, _) => ApiError::VendorRefused(words),
        (Verdict::CouldNotTell, Some(wait)) => ApiError::VendorLimited(words, wait.as_secs().max(1)),
        (Verdict::CouldNotTell, None) => ApiError::VendorUnreachable(words),
    })
}

async fn store(
    state: &AppState,
    member: Member,
    owner: Owner,
    vendor: &Vendor,
    credentials: &Credentials,
    validated: Validated,
) -> Result<(StatusCode, Json<ConnectionView>), ApiError> {
    let internal = |error: crate::vault::VaultError| ApiError::Internal(error.to_string());
    // Deriving the key takes a while: not inside the unit of work.
    let key = state.vault.key(owner).await.map_err(internal)?;
    let mut transaction = state.database.write().await?;
    // Once more, and one after another: two at the same time must not both be the third, and what was allowed when the
    // vendor was asked may not be any more.
    let member = lock(&mut transaction, member, owner).await?;
    check_plan(&mut transaction, &member, owner, &vendor.slug).await?;
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
    if existing.as_ref().is_some_and(|existing| existing.problem.is_some()) {
        health_rows::insert_change(&mut transaction, state.clock.new_uuid(), id, new.now, None).await?;
    }
    let event = audit::Event {
        vendor: Some(vendor.slug.clone()),
        target: row.account.clone(),
        ..by(&member, owner, action::CONNECTION_PUT)
    };
    event.write(&state.clock, &mut transaction).await?;
    state.commit(transaction, &[Event::Changed(Topic::Connections, owner.id)]).await?;
    state.vendors.forget(row.id.uuid());
    let status = if existing.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(fresh_view(state, &member, row).await?)))
}

/// Makes others who change the same owner's connections wait, and makes sure that the owner is still there.
async fn lock(transaction: &mut Transaction, member: Member, owner: Owner) -> Result<Member, ApiError> {
    match owner.scope {
        Scope::Personal => users::lock(transaction, member.user.id).await?,
        Scope::Organization => return member.lock_organization(transaction).await,
        Scope::Team => {
            let member = member.lock_organization(transaction).await?;
            let team = teams::find(transaction, member.organization.id, TeamId::from_uuid(owner.id)).await?;
            team.ok_or(ApiError::NotFound)?;
            return Ok(member);
        }
    }
    Ok(member)
}

async fn forget_token(state: &AppState, row: &ConnectionRow) -> Result<(), ApiError> {
    let mut transaction = state.database.write().await?;
    vendor_tokens::delete(&mut transaction, row.id).await?;
    Ok(transaction.commit().await?)
}

fn by(member: &Member, owner: Owner, action: &'static str) -> audit::Event {
    audit::Event { action, credential_scope: Some(owner.scope), ..audit::Event::by(member) }
}
