//! `GET /api/events`: what changes while a page is open.
//!
//! A stream follows the database's events and passes on those that concern the person and the organization they work in,
//! as a kind without data: who hears it asks again. It goes where its session goes, and ends with it.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse,
        sse::{Event as Message, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt as _, stream};
use gateway_api::{
    events::Change,
    ids::{GrantId, OrganizationId},
    problem::Problem,
};
use gateway_store::{Event, StoreError, Topic, grants, teams};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use uuid::Uuid;

use crate::{
    auth::session::{self, Member},
    error::ApiError,
    state::AppState,
};

/// Proxies close what is silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(25);

/// What changes from now on, as server-sent events whose `event` is `connections`, `me`, `organization` or `grants`. Its
/// data is the same word, for browsers drop events without any; ask again for what it names.
#[utoipa::path(get, path = "/api/events", tag = "events", responses(
    (status = 200, content_type = "text/event-stream", body = String), (status = 401, body = Problem)))]
pub async fn get_events(
    State(state): State<AppState>,
    member: Member,
) -> Result<impl IntoResponse, ApiError> {
    // First the events, then what they are compared with: nothing in between is missed.
    let events = state.database.subscribe();
    let teams = team_ids(&state, member.organization.id).await?;
    // A stream that is open must not keep the process from ending.
    let stopping = state.mcp.stopping();
    let follower = Follower { state, events, member, teams, is_over: false };
    let changes = changes(follower).take_until(stopping);
    Ok(Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Follows the events for one person.
struct Follower {
    state: AppState,
    events: Receiver<Event>,
    member: Member,
    /// The sub-teams of the organization: their connections are shown as well.
    teams: Vec<Uuid>,
    /// The session has ended.
    is_over: bool,
}

fn changes(follower: Follower) -> impl Stream<Item = Result<Message, Infallible>> {
    stream::unfold(follower, |mut follower| async move {
        if follower.is_over {
            return None;
        }
        let event = match follower.events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => Event::Everything,
            Err(RecvError::Closed) => return None,
        };
        let changes = follower.concerning(event).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "it could not be found out whom a change concerns");
            Change::ALL.to_vec()
        });
        Some((stream::iter(changes), follower))
    })
    .flatten()
    .map(|change| Ok(Message::default().event(change.as_str()).data(change.as_str())))
}

impl Follower {
    /// What an event means for this person; nothing if it is about somebody else.
    async fn concerning(&mut self, event: Event) -> Result<Vec<Change>, ApiError> {
        let (user, organization) = (self.member.user.id, self.member.organization.id);
        Ok(match event {
            Event::Changed(Topic::Connections, id) => {
                let is_theirs = id == user.uuid() || id == organization.uuid() || self.teams.contains(&id);
                is_theirs.then_some(Change::Connections).into_iter().collect()
            }
            Event::Changed(Topic::User, id) if id == user.uuid() => {
                self.follow_session().await?;
                vec![Change::Me, Change::Connections]
            }
            Event::Changed(Topic::Organization, id) if id == organization.uuid() => {
                self.teams = team_ids(&self.state, organization).await?;
                vec![Change::Organization, Change::Connections]
            }
            Event::Changed(Topic::Grant, id) => {
                let mut connection = self.state.database.read().await?;
                let is_theirs = grants::is_of_user(&mut connection, user, GrantId::from_uuid(id)).await?;
                is_theirs.then_some(Change::Grants).into_iter().collect()
            }
            Event::Changed(Topic::User | Topic::Organization, _) => Vec::new(),
            Event::Everything => {
                self.follow_session().await?;
                Change::ALL.to_vec()
            }
        })
    }

    /// The person may have been removed from the organization, may work in another one, or have signed out.
    async fn follow_session(&mut self) -> Result<(), ApiError> {
        match session::find_again(&self.state, &self.member).await? {
            Some(member) => {
                self.teams = team_ids(&self.state, member.organization.id).await?;
                self.member = member;
            }
            None => self.is_over = true,
        }
        Ok(())
    }
}

async fn team_ids(state: &AppState, organization: OrganizationId) -> Result<Vec<Uuid>, StoreError> {
    let teams = teams::list(&mut state.database.read().await?, organization).await?;
    Ok(teams.into_iter().map(|team| team.id.uuid()).collect())
}
