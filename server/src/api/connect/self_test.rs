//! The connection doctor in a person's name. It walks from outside, through whatever stands in front of the gateway; in here
//! is what the person does who pressed the button: they allow it, and cut it off.
//!
//! Consent is given to the one request that this walk made, in the browser that it was, for reading, in the organization the
//! person works in. The token goes from `/token` to the walk and nowhere else. Whatever happens, the code or grant and the
//! client are gone at the end.

use std::time::Duration;

use axum::http::HeaderMap;
use gateway_api::{connect::ConnectionCheck, ids::GrantId};
use gateway_store::{StoreError, authorization_requests, clients, codes, grants};
use url::Url;

use crate::{
    audit,
    auth::session::Member,
    clock::{hash_token, random_token},
    doctor::{Consent, Request, Target, Unanswered, Walk},
    error::ApiError,
    oauth::{
        consent::{self, Allowed, Given},
        grants::record_revocation,
        scope::{self, Scope},
    },
    state::AppState,
};

/// The walk ends by then: sooner than the deadline of `/api`, so that there is time to clear up and to answer.
const PATIENCE: Duration = Duration::from_secs(45);
/// Why the grant ends, in the audit log.
const REASON: &str = "the connection check is over";

/// The whole walk.
pub(super) async fn run(state: &AppState, member: &Member) -> Result<ConnectionCheck, ApiError> {
    let internal = |error: &dyn std::error::Error| ApiError::Internal(format!("connection check: {error}"));
    // The operator's own setting, so nobody can send the gateway elsewhere.
    let url: Url = state.config.mcp_url().parse().map_err(|error| internal(&error))?;
    let target = Target::new(url).map_err(|error| internal(&error))?;
    let mut walk = Walk::new(target).map_err(|error| internal(&error))?;
    // Nobody is sent there; no other client has it, so the client with it is the one of this walk.
    let redirect_uri = format!("http://127.0.0.1/connection-doctor/{}", random_token());
    let mut grant = None;
    let walking = walk_on(state, member, &mut walk, &redirect_uri, &mut grant);
    let walked = tokio::time::timeout(PATIENCE, walking).await;
    clear(state, member, walk.client(), &redirect_uri, grant).await?;
    match walked {
        Ok(walked) => walked?,
        Err(_) => walk.give_up(),
    }
    Ok(walk.into_check())
}

async fn walk_on(
    state: &AppState,
    member: &Member,
    walk: &mut Walk,
    redirect_uri: &str,
    grant: &mut Option<GrantId>,
) -> Result<(), ApiError> {
    // The clock out there is this computer's, so there is nothing to compare.
    if walk.begin(redirect_uri, None).await.is_none() {
        return Ok(());
    }
    let consent = match walk.request() {
        Some(request) => Some(answer(state, member, request, grant).await?),
        None => None,
    };
    walk.go_on(consent).await;
    Ok(())
}

/// The person's answer, as where a browser would be sent; notes what it allows.
async fn answer(
    state: &AppState,
    member: &Member,
    request: &Request,
    grant: &mut Option<GrantId>,
) -> Result<Consent, ApiError> {
    let Some(given) = allow(state, member, request).await? else {
        return Ok(Err(Unanswered {
            what: "What a client asks for at this address does not arrive at this gateway.".to_owned(),
            advice: "The public URL leads to another gateway, or to a replica with another database. Point it at this \
                     one; all replicas must share one database."
                .to_owned(),
        }));
    };
    *grant = Some(given.grant_id);
    let redirect_to = given.redirect_to.parse();
    Ok(Ok(redirect_to.map_err(|error| ApiError::Internal(format!("connection check: {error}")))?))
}

/// Consent to the request of this walk; none if it does not wait here.
async fn allow(state: &AppState, member: &Member, request: &Request) -> Result<Option<Given>, ApiError> {
    let Some((id, browser)) = request.waiting().and_then(|waiting| waiting_in(state, waiting)) else {
        return Ok(None);
    };
    let mut transaction = state.database.write().await?;
    let asked = authorization_requests::consume(&mut transaction, id, &browser, state.clock.now()).await?;
    // What came over the network could name a request of somebody else's.
    let asked = asked.filter(|asked| {
        asked.client_id == request.client()
            && asked.redirect_uri == request.redirect_uri()
            && asked.code_challenge == request.challenge()
    });
    let Some(asked) = asked else { return Ok(None) };
    let reading = [Scope::Read.as_str().to_owned()];
    let Some((scope, declined_scope)) = scope::decide(&asked.scope, Some(&reading)) else { return Ok(None) };
    let allowed = Allowed { organization: member.organization.id, scope, declined_scope };
    let given = consent::allow(state, &mut transaction, asked, member, allowed).await?;
    transaction.commit().await?;
    Ok(given)
}

/// The id of the request, and the hash of the browser it waits in.
fn waiting_in(
    state: &AppState,
    (page, cookies): (&Url, &HeaderMap),
) -> Option<(gateway_api::ids::AuthorizationRequestId, String)> {
    let id = page.path().strip_prefix("/consent/")?.parse().ok()?;
    Some((id, hash_token(&consent::browser_token(&state.config, cookies)?)))
}

/// Ends what the walk was given, if it has not given it back, and forgets its client.
async fn clear(
    state: &AppState,
    member: &Member,
    client: Option<&str>,
    redirect_uri: &str,
    grant: Option<GrantId>,
) -> Result<(), StoreError> {
    let mut transaction = state.database.write().await?;
    if let Some(id) = grant {
        // The code first: what is redeemed at this moment is a grant then.
        codes::delete_of_grant(&mut transaction, id).await?;
        if let Some(grant) = grants::revoke(&mut transaction, id, state.clock.now()).await? {
            let by = audit::Event { reason: Some(REASON.to_owned()), ..audit::Event::by(member) };
            record_revocation(&state.clock, &mut transaction, &grant, by).await?;
        }
    }
    if let Some(id) = client
        && let Some(client) = clients::find(&mut transaction, id).await?
        && client.redirect_uris == [redirect_uri]
    {
        clients::delete(&mut transaction, id).await?;
    }
    transaction.commit().await?;
    if let Some(id) = grant {
        state.oauth.live_grants().forget(id).await;
    }
    Ok(())
}
