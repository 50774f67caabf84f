//! What all components share: the signed-in person, how the gateway is set up, and the lists of the JSON API,
//! each fetched once and then kept up to date by the components that change it.

use std::future::Future;

use gateway_api::{
    connections::{ConnectionView, Scope},
    grants::GrantView,
    me::Me,
    problem::Problem,
    session::SignInOptions,
    vendors::VendorView,
};
use leptos::{prelude::*, task::spawn_local};

use crate::{Bootstrap, bootstrap::PageData, client};

/// A list that may still be on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Load<T> {
    /// On its way.
    Loading,
    /// There.
    Ready(T),
    /// It could not be had.
    Failed(Problem),
}

impl<T> Load<T> {
    fn from_page(value: Option<T>) -> Self {
        value.map_or(Self::Loading, Self::Ready)
    }
}

/// The shared state, found with [`use_gateway`].
#[derive(Clone, Copy)]
pub(crate) struct Gateway {
    /// The signed-in person.
    pub(crate) me: RwSignal<Option<Me>>,
    /// How one can sign in.
    pub(crate) sign_in: StoredValue<SignInOptions>,
    /// The gateway's public URL.
    pub(crate) public_url: StoredValue<String>,
    /// The key of the demo vendor.
    pub(crate) demo_key: StoredValue<Option<String>>,
    /// The catalogue.
    pub(crate) vendors: RwSignal<Load<Vec<VendorView>>>,
    /// The person's connections.
    pub(crate) connections: RwSignal<Load<Vec<ConnectionView>>>,
    /// The person's authorized apps.
    pub(crate) grants: RwSignal<Load<Vec<GrantView>>>,
    /// What else the page was made with.
    pub(crate) page: StoredValue<PageData>,
    /// The browser has taken the page over: buttons work from now on.
    pub(crate) is_alive: RwSignal<bool>,
}

/// The shared state.
pub(crate) fn use_gateway() -> Gateway {
    expect_context()
}

impl Gateway {
    pub(crate) fn new(bootstrap: Bootstrap) -> Self {
        let Bootstrap { me, sign_in, public_url, demo_key, mut data, trouble: _ } = bootstrap;
        let is_alive = RwSignal::new(false);
        // Effects run in the browser only, after hydration.
        Effect::new(move || is_alive.set(true));
        Self {
            me: RwSignal::new(me),
            sign_in: StoredValue::new(sign_in),
            public_url: StoredValue::new(public_url),
            demo_key: StoredValue::new(demo_key),
            vendors: RwSignal::new(Load::from_page(data.vendors.take())),
            connections: RwSignal::new(Load::from_page(data.connections.take())),
            grants: RwSignal::new(Load::from_page(data.grants.take())),
            page: StoredValue::new(data),
            is_alive,
        }
    }

    /// Fetches what the Settings page shows and does not have yet.
    pub(crate) fn load_settings(self) {
        fetch_missing(self.vendors, client::list_vendors);
        fetch_missing(self.connections, client::list_connections);
        fetch_missing(self.grants, client::list_grants);
    }

    /// Puts a new or changed connection into the list, in the old one's place.
    pub(crate) fn keep_connection(self, connection: ConnectionView) {
        self.connections.update(|load| {
            if let Load::Ready(list) = load {
                match list.iter_mut().find(|old| is_same_place(old, &connection)) {
                    Some(old) => *old = connection,
                    None => list.push(connection),
                }
            }
        });
    }

    /// Takes the person's own connection to `vendor` out of the list.
    pub(crate) fn drop_connection(self, vendor: &str) {
        self.connections.update(|load| {
            if let Load::Ready(list) = load {
                list.retain(|old| !(old.vendor == vendor && old.scope == Scope::Personal));
            }
        });
    }

    /// How many personal connections the person has: from the list if it is there, else as the server counted.
    pub(crate) fn personal_connections_used(self) -> usize {
        let listed = self.connections.with(|load| match load {
            Load::Ready(list) => Some(list.iter().filter(|one| one.scope == Scope::Personal).count()),
            Load::Loading | Load::Failed(_) => None,
        });
        listed.unwrap_or_else(|| {
            let counted = self.me.with(|me| me.as_ref().map_or(0, |me| me.plan.personal_connections_used));
            usize::try_from(counted).unwrap_or(usize::MAX)
        })
    }

    /// How many the plan allows; `None` = unlimited.
    pub(crate) fn personal_connections_max(self) -> Option<usize> {
        let max = self.me.with(|me| me.as_ref().and_then(|me| me.plan.personal_connections_max))?;
        usize::try_from(max).ok()
    }

    /// Another personal connection would be refused.
    pub(crate) fn is_at_limit(self) -> bool {
        self.personal_connections_max().is_some_and(|max| self.personal_connections_used() >= max)
    }
}

fn is_same_place(one: &ConnectionView, other: &ConnectionView) -> bool {
    one.vendor == other.vendor && one.scope == other.scope
}

/// Starts the fetch if there is nothing yet; also after a failure, as "Try again" does.
fn fetch_missing<T, F>(list: RwSignal<Load<T>>, fetch: impl FnOnce() -> F + 'static)
where
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, Problem>> + 'static,
{
    if list.with_untracked(|load| matches!(load, Load::Ready(_))) {
        return;
    }
    list.set(Load::Loading);
    spawn_local(async move {
        list.set(match fetch().await {
            Ok(items) => Load::Ready(items),
            Err(problem) => Load::Failed(problem),
        });
    });
}
