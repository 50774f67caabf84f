//! `GET|POST /api/consents/{id}`: a person looks at a pending authorization request, and answers it. What allowing and
//! denying mean stands in `oauth/consent.rs`.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use gateway_api::{
    consent::{ConsentAnswer, ConsentDecision, ConsentView},
    ids::AuthorizationRequestId,
    organizations::OrganizationSummary,
    problem::Problem,
};
use gateway_store::{
    Connection,
    authorization_requests::{self as rows},
    organizations,
};

use super::me::summary;
use crate::{
    auth::session::Member,
    clock::hash_token,
    error::{ApiError, Body},
    oauth::{
        consent::{self, Allowed},
        scope,
    },
    state::AppState,
};

/// What an MCP client asks for. Only the browser that came with the request can see it.
#[utoipa::path(get, path = "/api/consents/{id}", tag = "consents",
    params(("id" = AuthorizationRequestId, Path, description = "the pending request")), responses(
    (status = 200, body = ConsentView), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 429, body = Problem)))]
pub async fn get_consent(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ConsentView>, ApiError> {
    Ok(Json(view(&state, &mut state.database.read().await?, &member, &id, &headers).await?))
}

/// The answer, also for the pages that the server renders.
pub async fn view(
    state: &AppState,
    connection: &mut Connection,
    member: &Member,
    id: &str,
    headers: &HeaderMap,
) -> Result<ConsentView, ApiError> {
    let (id, browser_hash) = waiting(state, id, headers)?;
    let request = rows::find(connection, id, &browser_hash, state.clock.now()).await?;
    let organizations = choices(connection, member).await?;
    Ok(consent::view(request.ok_or(ApiError::NotFound)?, organizations))
}

/// Allow or deny. Each request is answered once; the answer says where the browser goes next.
#[utoipa::path(post, path = "/api/consents/{id}", tag = "consents",
    params(("id" = AuthorizationRequestId, Path, description = "the pending request")),
    request_body = ConsentDecision, responses(
    (status = 200, body = ConsentAnswer), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn answer_consent(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(decision): Body<ConsentDecision>,
) -> Result<Json<ConsentAnswer>, ApiError> {
    let (id, browser_hash) = waiting(&state, &id, &headers)?;
    let mut transaction = state.database.write().await?;
    let request = rows::consume(&mut transaction, id, &browser_hash, state.clock.now()).await?;
    let request = request.ok_or(ApiError::NotFound)?;
    let redirect_to = if decision.is_allowed {
        let wrong = |message| ApiError::field("organization_id", message);
        let organization = decision.organization_id.ok_or_else(|| wrong("Please choose a team."))?;
        let (scope, declined_scope) = scope::decide(&request.scope, decision.scopes.as_deref())
            .ok_or_else(|| ApiError::field("scopes", "The app did not ask for this."))?;
        let allowed = Allowed { organization, scope, declined_scope };
        let given = consent::allow(&state, &mut transaction, request, &member, allowed).await?;
        // An error gives the request back: nothing is committed.
        given.ok_or_else(|| wrong("You are not a member of this team."))?.redirect_to
    } else {
        consent::deny(&state, &mut transaction, request, &member).await?
    };
    transaction.commit().await?;
    Ok(Json(ConsentAnswer { redirect_to }))
}

/// Which request, in which browser. What is not of this form is simply not there.
fn waiting(
    state: &AppState,
    id: &str,
    headers: &HeaderMap,
) -> Result<(AuthorizationRequestId, String), ApiError> {
    let id = id.parse().map_err(|_| ApiError::NotFound)?;
    let browser = consent::browser_token(&state.config, headers).ok_or(ApiError::NotFound)?;
    Ok((id, hash_token(&browser)))
}

/// The organizations of a person, the one they work in first.
async fn choices(connection: &mut Connection, member: &Member) -> Result<Vec<OrganizationSummary>, ApiError> {
    let mut places = organizations::of_user(connection, member.user.id).await?;
    places.sort_by_key(|(organization, _)| organization.id != member.organization.id);
    Ok(places.into_iter().map(summary).collect())
}
