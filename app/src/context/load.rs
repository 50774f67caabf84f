//! Lists that may still be on their way, and the first fetch of those a page has to ask for itself.

use std::{future::Future, pin::Pin};

use gateway_api::problem::Problem;
use leptos::{prelude::*, task::spawn_local};

use super::Gateway;
use crate::client;

/// A list that may still be on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Load<T> {
    /// On its way, or not asked for.
    Loading,
    /// There.
    Ready(T),
    /// It could not be had.
    Failed(Problem),
}

impl<T: Send + Sync + 'static> Load<T> {
    pub(super) fn signal(value: Option<T>) -> RwSignal<Self> {
        RwSignal::new(value.map_or(Self::Loading, Self::Ready))
    }
}

impl<T> Load<Vec<T>> {
    /// What is there.
    pub(crate) fn items(&self) -> &[T] {
        match self {
            Self::Ready(items) => items,
            Self::Loading | Self::Failed(_) => &[],
        }
    }
}

impl Gateway {
    /// Fetches what the Settings page shows and does not have yet.
    pub(crate) fn load_settings(self) {
        fetch_missing(self.vendors, client::list_vendors());
        fetch_missing(self.connections, client::list_connections());
        fetch_missing(self.grants, client::list_grants());
        if let Some(organization) = self.organization_id() {
            fetch_missing(self.shared, client::list_shared_connections(organization));
            fetch_missing(self.resolution, client::list_resolution(organization));
        }
    }

    /// The same for the Manage Team page.
    pub(crate) fn load_team(self) {
        let Some(organization) = self.organization_id() else { return };
        fetch_missing(self.vendors, client::list_vendors());
        fetch_missing(self.members, client::list_members(organization));
        fetch_missing(self.shared, client::list_shared_connections(organization));
        fetch_missing(self.teams, client::list_teams(organization));
        if untrack(|| self.is_owner() && self.has_sharing()) {
            fetch_missing(self.invitations, client::list_invitations(organization));
            fetch_missing(self.service_clients, client::list_service_clients(organization));
        }
    }
}

/// Starts the fetch if there is nothing yet; also after a failure, as "Try again" does.
fn fetch_missing<T: PartialEq + Send + Sync + 'static>(
    list: RwSignal<Load<T>>,
    fetch: impl Future<Output = Result<T, Problem>> + 'static,
) {
    if list.with_untracked(|load| matches!(load, Load::Ready(_))) {
        return;
    }
    list.set(Load::Loading);
    keep(list, Box::pin(fetch));
}

/// Puts what is fetched into the list. What stays the same is not drawn again, and what is there already is better than
/// a failure.
pub(super) fn keep<T: PartialEq + Send + Sync + 'static>(list: RwSignal<Load<T>>, fetch: Fetch<T>) {
    spawn_local(async move {
        let fetched = fetch.await.map_or_else(Load::Failed, Load::Ready);
        let is_worse = |old: &Load<T>| matches!((old, &fetched), (Load::Ready(_), Load::Failed(_)));
        if list.with_untracked(|old| *old != fetched && !is_worse(old)) {
            list.set(fetched);
        }
    });
}

/// A call for a list. Boxed, so that keeping is compiled once for each kind of list.
pub(super) type Fetch<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;
