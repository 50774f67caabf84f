//! `notifications/tools/list_changed`, in both eras: on a `subscriptions/listen` stream (MCP 2026-07-28) and on the stream
//! of a session (before). Sent when the list of this very caller is another one than before, and only then.

use std::{sync::Arc, time::Duration};

use gateway_api::ids::GrantId;
use gateway_store::{Event, StoreError, Topic};
use rmcp::{
    Peer, RoleServer,
    service::{SubscriptionContext, SubscriptionSendError},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    discovered,
    view::{Mode, View},
};
use crate::{oauth::bearer::Caller, state::AppState, vault::resolve::Standing, vendors::ToolListId};

/// How often it is looked whether a session that nothing happens in is still there.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Follows one caller's tool list.
pub(super) struct ToolListWatch {
    state: AppState,
    events: Receiver<Event>,
    grant: GrantId,
    standing: Standing,
    view: View,
    listed: Shown,
}

/// The vendors whose tools are listed, and the lists of those that were asked for them.
type Shown = (Vec<String>, Vec<ToolListId>);

/// What the watch has seen.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// Another list.
    Changed,
    /// The same list.
    Same,
    /// The caller may not call any more.
    Ended,
}

impl ToolListWatch {
    /// From now on.
    pub(super) async fn start(state: &AppState, caller: &Caller, view: View) -> Result<Self, StoreError> {
        // First the events, then what they are compared with: nothing in between is missed.
        let events = state.mcp.changes.subscribe();
        let standing = caller.standing();
        let listed = listed(state, standing, &view).await?;
        Ok(Self { state: state.clone(), events, grant: caller.grant_id, standing, view, listed })
    }

    /// Runs until the subscription ends, or the caller's grant does.
    pub(super) async fn tell(mut self, subscription: SubscriptionContext) {
        let stopping = self.state.mcp.stopping.clone();
        let tell = async {
            while self.changed().await {
                if let Err(SubscriptionSendError::SubscriptionClosed) =
                    subscription.sink().notify_tool_list_changed().await
                {
                    break;
                }
            }
        };
        tokio::select! {
            () = tell => {}
            () = subscription.cancelled() => {}
            () = stopping.cancelled() => {}
        }
    }

    /// Runs until the session is gone from this process, or the caller's grant ends.
    pub(super) async fn tell_session(mut self, peer: Peer<RoleServer>) {
        let stopping = self.state.mcp.stopping.clone();
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                has_changed = self.changed() => {
                    if !has_changed || peer.notify_tool_list_changed().await.is_err() {
                        return;
                    }
                }
                _ = look.tick() => if peer.is_transport_closed() { return },
                () = stopping.cancelled() => return,
            }
        }
    }

    /// Waits for another list; false when there is none to wait for any more. May be given up at any await.
    async fn changed(&mut self) -> bool {
        loop {
            let event = match self.events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(_)) => Event::Everything,
                Err(RecvError::Closed) => return false,
            };
            match self.look(event).await {
                Ok(Seen::Changed) => return true,
                Ok(Seen::Same) => {}
                Ok(Seen::Ended) => return false,
                // The client asks again when its copy is too old.
                Err(error) => tracing::warn!(%error, "a change of a tool list could not be looked at"),
            }
        }
    }

    async fn look(&mut self, event: Event) -> Result<Seen, StoreError> {
        if !self.concerns(event).await? {
            return Ok(Seen::Same);
        }
        let Some(caller) = self.state.oauth.live_grants().find(&self.state, self.grant).await? else {
            return Ok(Seen::Ended);
        };
        self.standing = caller.standing();
        let listed = listed(&self.state, self.standing, &self.view).await?;
        if listed == self.listed {
            return Ok(Seen::Same);
        }
        self.listed = listed;
        Ok(Seen::Changed)
    }

    async fn concerns(&self, event: Event) -> Result<bool, StoreError> {
        Ok(match event {
            Event::Changed(Topic::Grant, id) => id == self.grant.uuid(),
            Event::Changed(Topic::User, id) => self.standing.user.is_some_and(|user| user.uuid() == id),
            Event::Changed(Topic::Organization, id) => id == self.standing.organization.uuid(),
            Event::Changed(Topic::Connections, id) => self.state.resolver.may_use(self.standing, id).await?,
            Event::Everything => true,
        })
    }
}

/// What the caller sees. Where tools are searched for, the same three are listed always.
async fn listed(state: &AppState, standing: Standing, view: &View) -> Result<Shown, StoreError> {
    if view.mode == Mode::Search {
        return Ok(Shown::default());
    }
    let usable = discovered::usable(state, standing).await?;
    let ids = discovered::last_ids(state, view, &usable);
    let vendors = usable.into_iter().map(|(vendor, _)| vendor);
    Ok((vendors.filter(|vendor| view.has_vendor(vendor)).collect(), ids))
}

/// Starts to tell a session of the older revisions; nothing waits for it.
pub(super) fn tell_session(state: &AppState, caller: Arc<Caller>, view: View, peer: Peer<RoleServer>) {
    let state = state.clone();
    tokio::spawn(async move {
        match ToolListWatch::start(&state, &caller, view).await {
            Ok(watch) => watch.tell_session(peer).await,
            Err(error) => tracing::warn!(%error, "changes of a tool list will not be told"),
        }
    });
}
