//! What a page begins with: the session, and the data its path wants. Joins `web`, which renders, to `api`, which knows.

use axum::{Router, extract::FromRequestParts as _, http::request::Parts};
use gateway_api::organizations::Role;
use gateway_app::bootstrap::{Bootstrap, PageData, Wanted};

use crate::{
    api::{self, connections::shared},
    auth::session::{MaybeMember, Member},
    demo,
    error::ApiError,
    state::AppState,
    web,
};

/// The pages and their files, and the fallback for every path that nobody else answers.
pub fn routes(state: &AppState) -> Router<AppState> {
    let for_pages = state.clone();
    web::routes(move |parts, wanted| bootstrap(for_pages.clone(), parts, wanted))
}

/// The page's beginning; if it cannot be made, the page that says so.
async fn bootstrap(state: AppState, mut parts: Parts, wanted: Wanted) -> Bootstrap {
    match try_bootstrap(&state, &mut parts, wanted).await {
        Ok(bootstrap) => bootstrap,
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            Bootstrap::of_trouble(error.problem(), state.config.public_url.clone())
        }
    }
}

async fn try_bootstrap(state: &AppState, parts: &mut Parts, wanted: Wanted) -> Result<Bootstrap, ApiError> {
    let MaybeMember(member) = MaybeMember::from_request_parts(parts, state).await?;
    let sign_in = api::session::sign_in_options(state).await?;
    let me = match &member {
        Some(member) => Some(api::me::me(state, &mut state.database.read().await?, member).await?),
        None => None,
    };
    let data = match (wanted, &member) {
        (Wanted::Invitation(token), _) => invitation(state, member.as_ref(), &token).await?,
        (wanted, Some(member)) => data(state, parts, member, wanted).await?,
        (_, None) => PageData::default(),
    };
    let demo_key = state.config.is_demo.then(|| demo::API_KEY.to_owned());
    Ok(Bootstrap { me, sign_in, public_url: state.config.public_url.clone(), demo_key, data, trouble: None })
}

async fn data(
    state: &AppState,
    parts: &Parts,
    member: &Member,
    wanted: Wanted,
) -> Result<PageData, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(match wanted {
        Wanted::Nothing | Wanted::Invitation(_) => PageData::default(),
        Wanted::Audit => {
            let page = match api::audit::first_page(&mut connection, member, parts.uri.query()).await {
                Err(error) if error.problem().status >= 500 => return Err(error),
                result => result.map_err(|error| error.problem()),
            };
            PageData { audit: Some(page), ..PageData::default() }
        }
        Wanted::Team => {
            let organization = member.organization.id;
            let (invitations, service_clients) = match member.role {
                Role::Owner => (
                    Some(api::invitations::views(state, &mut connection, organization).await?),
                    Some(api::service_clients::views(state, &mut connection, organization).await?),
                ),
                Role::Member => (None, None),
            };
            PageData {
                vendors: Some(api::vendors::views(state)),
                shared_connections: Some(shared::views(state, &mut connection, member).await?),
                members: Some(api::members::views(&mut connection, organization).await?),
                invitations,
                service_clients,
                teams: Some(api::teams::views(&mut connection, organization).await?),
                ..PageData::default()
            }
        }
        Wanted::Settings => PageData {
            vendors: Some(api::vendors::views(state)),
            connections: Some(api::connections::views(state, &mut connection, member).await?),
            shared_connections: Some(shared::views(state, &mut connection, member).await?),
            resolution: Some(shared::resolution(state, member).await?),
            grants: Some(api::grants::views(state, &mut connection, member.user.id).await?),
            ..PageData::default()
        },
        Wanted::Consent(id) => {
            let consent =
                api::consent::view(state, &mut connection, member, &id.to_string(), &parts.headers).await;
            PageData { consent: Some(consent.map_err(|error| error.problem())), ..PageData::default() }
        }
    })
}

/// Also for people who are not signed in.
async fn invitation(state: &AppState, member: Option<&Member>, token: &str) -> Result<PageData, ApiError> {
    let mut connection = state.database.read().await?;
    let opened = api::invitations::opened(state, &mut connection, member, token).await;
    Ok(PageData { invitation: Some(opened.map_err(|error| error.problem())), ..PageData::default() })
}
