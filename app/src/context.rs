//! What all components share: the signed-in person, how the gateway is set up, and the lists of the JSON API,
//! each fetched once (`load.rs`) and fetched again when something has changed (`refresh.rs`).

mod load;
mod refresh;

use gateway_api::{
    connections::{ConnectionView, ResolutionView, Scope},
    events::Change,
    grants::GrantView,
    ids::OrganizationId,
    invitations::InvitationView,
    me::Me,
    members::MemberView,
    organizations::{OrganizationSummary, Role},
    service_clients::ServiceClientView,
    session::SignInOptions,
    teams::TeamView,
    vendors::VendorView,
};
use leptos::prelude::*;

pub(crate) use self::load::Load;
use crate::{Bootstrap, bootstrap::PageData, target::Target};

/// The shared state, found with [`use_gateway`].
#[derive(Clone, Copy)]
pub(crate) struct Gateway {
    /// The signed-in person.
    pub(crate) me: RwSignal<Option<Me>>,
    /// The organization they work in. On screen: their Team.
    pub(crate) organization: Memo<Option<OrganizationSummary>>,
    /// How one can sign in.
    pub(crate) sign_in: StoredValue<SignInOptions>,
    /// The gateway's public URL.
    pub(crate) public_url: StoredValue<String>,
    /// The catalogue.
    pub(crate) vendors: RwSignal<Load<Vec<VendorView>>>,
    /// The person's connections.
    pub(crate) connections: RwSignal<Load<Vec<ConnectionView>>>,
    /// What is shared in the organization.
    pub(crate) shared: RwSignal<Load<Vec<ConnectionView>>>,
    /// Which credential the person's calls use.
    pub(crate) resolution: RwSignal<Load<Vec<ResolutionView>>>,
    /// The person's authorized apps.
    pub(crate) grants: RwSignal<Load<Vec<GrantView>>>,
    /// The organization's members.
    pub(crate) members: RwSignal<Load<Vec<MemberView>>>,
    /// Its invitations.
    pub(crate) invitations: RwSignal<Load<Vec<InvitationView>>>,
    /// Its service clients.
    pub(crate) service_clients: RwSignal<Load<Vec<ServiceClientView>>>,
    /// Its sub-teams.
    pub(crate) teams: RwSignal<Load<Vec<TeamView>>>,
    /// The open dialog.
    pub(crate) dialog: RwSignal<Option<ViewFn>>,
    /// What else the page was made with.
    pub(crate) page: StoredValue<PageData>,
    /// The browser has not taken the page over yet: buttons do not work.
    pub(crate) is_dead: RwSignal<bool>,
    /// What has changed and is about to be fetched again; none once the page is being left.
    changes: StoredValue<Option<Vec<Change>>>,
    /// Fetches the lists of this bundle's pages again.
    refresh_lists: fn(Gateway, &[Change]),
}

/// The shared state.
pub(crate) fn use_gateway() -> Gateway {
    expect_context()
}

impl Gateway {
    pub(crate) fn new(bootstrap: Bootstrap, refresh_lists: fn(Self, &[Change])) -> Self {
        let Bootstrap { me, sign_in, public_url, mut data, demo_key: _, trouble: _ } = bootstrap;
        let is_dead = RwSignal::new(true);
        // Effects run in the browser only, after hydration.
        Effect::new(move || is_dead.set(false));
        let me = RwSignal::new(me);
        Self {
            me,
            organization: Memo::new(move |_| me.with(|me| me.as_ref().and_then(Me::organization).cloned())),
            sign_in: StoredValue::new(sign_in),
            public_url: StoredValue::new(public_url),
            vendors: Load::signal(data.vendors.take()),
            connections: Load::signal(data.connections.take()),
            shared: Load::signal(data.shared_connections.take()),
            resolution: Load::signal(data.resolution.take()),
            grants: Load::signal(data.grants.take()),
            members: Load::signal(data.members.take()),
            invitations: Load::signal(data.invitations.take()),
            service_clients: Load::signal(data.service_clients.take()),
            teams: Load::signal(data.teams.take()),
            dialog: RwSignal::new(None),
            page: StoredValue::new(data),
            is_dead,
            changes: StoredValue::new(Some(Vec::new())),
            refresh_lists,
        }
    }

    /// The id of the organization the person works in; read once, not followed.
    pub(crate) fn organization_id(self) -> Option<OrganizationId> {
        self.me.with_untracked(|me| me.as_ref().map(|me| me.organization_id))
    }

    /// The organization's name, to be written on the page.
    pub(crate) fn organization_name(self) -> String {
        self.organization.with(|one| one.as_ref().map(|one| one.name.clone())).unwrap_or_default()
    }

    /// The person owns the organization they work in.
    pub(crate) fn is_owner(self) -> bool {
        self.organization.with(|one| one.as_ref().is_some_and(|one| one.role == Role::Owner))
    }

    /// The plan includes what a team shares: credentials, members, invite links, sub-teams.
    pub(crate) fn has_sharing(self) -> bool {
        self.me.with(|me| me.as_ref().is_some_and(|me| me.plan.has_sharing))
    }

    /// The connections of `target`.
    pub(crate) fn connections_of(self, target: Target) -> Vec<ConnectionView> {
        let list = if target.is_shared() { self.shared } else { self.connections };
        list.with(|load| load.items().iter().filter(|one| target.holds(one)).cloned().collect())
    }

    /// Puts a new or changed connection into its list, in the old one's place.
    pub(crate) fn keep_connection(self, connection: ConnectionView) {
        let list = if connection.scope == Scope::Personal { self.connections } else { self.shared };
        list.update(|load| {
            if let Load::Ready(list) = load {
                match list.iter_mut().find(|old| is_same_place(old, &connection)) {
                    Some(old) => *old = connection,
                    None => list.push(connection),
                }
            }
        });
        self.changed(Change::Connections);
    }

    /// Takes `target`'s connection to `vendor` out of its list.
    pub(crate) fn drop_connection(self, target: Target, vendor: &str) {
        let list = if target.is_shared() { self.shared } else { self.connections };
        list.update(|load| {
            if let Load::Ready(list) = load {
                list.retain(|old| !(old.vendor == vendor && target.holds(old)));
            }
        });
        self.changed(Change::Connections);
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
    one.vendor == other.vendor && one.scope == other.scope && one.team == other.team
}
