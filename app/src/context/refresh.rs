//! Fetching again what has changed: told by the server ([`crate::live`]) or by what was done on this page.

use std::{future::Future, time::Duration};

use gateway_api::{events::Change, problem::Problem};
use leptos::{prelude::*, task::spawn_local};

use super::{Gateway, Load, load::keep};
use crate::{client, forms::reload};

/// What is done here is also told by the server: both, and whatever comes together, end in one fetch.
const PATIENCE: Duration = Duration::from_millis(120);

impl Gateway {
    /// Something of this kind has changed: what this page shows of it is fetched again, soon.
    pub(crate) fn changed(self, change: Change) {
        let is_first = self.changes.try_update_value(|changes| {
            let changes = changes.as_mut()?;
            let is_first = changes.is_empty();
            if !changes.contains(&change) {
                changes.push(change);
            }
            Some(is_first)
        });
        if is_first.flatten() == Some(true) {
            set_timeout(move || self.refresh(), PATIENCE);
        }
    }

    /// Another page is on its way: nothing that is heard from now on may hold it up.
    pub(crate) fn leave(self) {
        self.changes.set_value(None);
    }

    fn is_left(self) -> bool {
        self.changes.with_value(Option::is_none)
    }

    fn refresh(self) {
        let take = |changes: &mut Option<Vec<Change>>| changes.as_mut().map(std::mem::take);
        let changes = self.changes.try_update_value(take).flatten().unwrap_or_default();
        if changes.contains(&Change::Me) || changes.contains(&Change::Organization) {
            refresh_me(self);
        }
        (self.refresh_lists)(self, &changes);
    }

    /// The lists of the Settings page, as far as these changes concern them.
    pub(crate) fn refresh_settings(self, changes: &[Change]) {
        if changes.contains(&Change::Connections) {
            fetch_again(self.connections, client::list_connections());
        }
        if let Some(organization) = self.organization_id()
            && concerns_credentials(changes)
        {
            fetch_again(self.shared, client::list_shared_connections(organization));
            fetch_again(self.resolution, client::list_resolution(organization));
        }
        if changes.contains(&Change::Grants) {
            fetch_again(self.grants, client::list_grants());
        }
    }

    /// The same for the Manage Team page.
    pub(crate) fn refresh_team(self, changes: &[Change]) {
        let Some(organization) = self.organization_id() else { return };
        if changes.contains(&Change::Organization) {
            fetch_again(self.members, client::list_members(organization));
            fetch_again(self.invitations, client::list_invitations(organization));
            fetch_again(self.service_clients, client::list_service_clients(organization));
            fetch_again(self.teams, client::list_teams(organization));
        }
        if concerns_credentials(changes) {
            fetch_again(self.shared, client::list_shared_connections(organization));
        }
    }
}

/// A plan or a place in a sub-team decides which credential is used, too.
fn concerns_credentials(changes: &[Change]) -> bool {
    [Change::Connections, Change::Me, Change::Organization].iter().any(|change| changes.contains(change))
}

/// Who lost their session or the organization on screen needs another page.
fn refresh_me(gateway: Gateway) {
    spawn_local(async move {
        match client::get_me().await {
            _ if gateway.is_left() => {}
            Ok(me) if Some(me.organization_id) != gateway.organization_id() => reload(),
            Ok(me) if gateway.me.with_untracked(|old| old.as_ref() != Some(&me)) => gateway.me.set(Some(me)),
            Err(problem) if problem.status == 401 => reload(),
            // Nothing new, or no answer: the next event comes with the next try.
            Ok(_) | Err(_) => {}
        }
    });
}

/// Only a list that this page shows. Until the new one is there the old one stays, also if that fails.
fn fetch_again<T: PartialEq + Send + Sync + 'static>(
    list: RwSignal<Load<T>>,
    fetch: impl Future<Output = Result<T, Problem>> + 'static,
) {
    if list.with_untracked(|load| *load != Load::Loading) {
        keep(list, Box::pin(fetch));
    }
}
