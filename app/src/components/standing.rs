//! How a person, or a team, stands with a vendor: connected or not, and which credential a call uses.

use gateway_api::{
    connections::{ConnectionState, ConnectionView, ResolutionView},
    health::Light,
};
use leptos::prelude::*;
use time::OffsetDateTime;

use super::{lights::Lights, when::When};
use crate::{context::Gateway, target::Target};

/// What a card says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    /// There is a connection of the card's own target: it can be tested, replaced, disconnected.
    pub(crate) is_connected: bool,
    class: &'static str,
    text: String,
    reason: Option<String>,
    checked_at: Option<OffsetDateTime>,
    lights: Vec<Light>,
}

impl Standing {
    /// `target`'s with the vendor `slug`, from the lists that are there.
    pub(crate) fn of(gateway: Gateway, target: Target, slug: &str) -> Self {
        let own = gateway.connections_of(target).into_iter().find(|one| one.vendor == slug);
        if target.is_shared() {
            return own.map_or_else(Self::nothing, |own| Self::connected(&own, None));
        }
        let used =
            gateway.resolution.with(|load| load.items().iter().find(|one| one.vendor == slug).cloned());
        match (own, used) {
            (Some(own), used) => {
                let reason =
                    used.map_or_else(|| "Calls use your own credentials".to_owned(), |used| used.reason);
                Self::connected(&own, Some(reason))
            }
            (None, Some(used)) => gateway.shared.with(|load| Self::by_others(used, load.items())),
            (None, None) => Self::nothing(),
        }
    }

    /// Where the card stands in the grid: first what is connected, then what others share, then the rest.
    pub(crate) fn rank(&self) -> u8 {
        match (self.is_connected, self.checked_at.is_some()) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        }
    }

    fn nothing() -> Self {
        let text = "Not connected".to_owned();
        Self { is_connected: false, class: "state", text, reason: None, checked_at: None, lights: Vec::new() }
    }

    fn connected(own: &ConnectionView, reason: Option<String>) -> Self {
        let (class, text) = state_of(own, || connected_as(own.account.as_deref()));
        Self {
            is_connected: true,
            class,
            text,
            reason,
            checked_at: Some(own.checked_at),
            lights: own.lights.clone(),
        }
    }

    /// The person has no credentials of their own, but others share theirs.
    fn by_others(used: ResolutionView, shared: &[ConnectionView]) -> Self {
        let Some(connection) = shared.iter().find(|one| Some(one.id) == used.connection_id) else {
            let sleeps =
                shared.iter().any(|one| one.vendor == used.vendor && one.state == ConnectionState::Dormant);
            let text = if sleeps { "Needs Pro" } else { "Not connected" };
            return Self { text: text.to_owned(), reason: Some(used.reason), ..Self::nothing() };
        };
        let (class, text) = state_of(connection, || "Shared by your team".to_owned());
        let checked_at = Some(connection.checked_at);
        let lights = connection.lights.clone();
        Self { is_connected: false, class, text, reason: Some(used.reason), checked_at, lights }
    }
}

/// What a card shows of it.
#[component]
pub(crate) fn StandingLines(
    /// The standing.
    standing: Standing,
) -> impl IntoView {
    let Standing { class, text, reason, checked_at, lights, .. } = standing;
    let said = text.clone();
    view! {
        <div class="vendor-card__state">
            <p class=class>{text}</p>
            {(reason.is_some() || checked_at.is_some()).then(|| view! {
                <p class="vendor-card__checked">
                    {reason.map(|reason| view! { <span>{reason}</span> }.into_any())}
                    {checked_at.map(|at| view! { <span>"checked " <When at/></span> }.into_any())}
                </p>
            }.into_any())}
            <Lights lights said/>
        </div>
    }
}

/// The state's class and words; `good` says it where all is well.
pub(crate) fn state_of(connection: &ConnectionView, good: impl FnOnce() -> String) -> (&'static str, String) {
    match connection.state {
        ConnectionState::Connected => ("state state--good", good()),
        ConnectionState::Dormant => ("state", "Needs Pro".to_owned()),
        ConnectionState::NeedsAttention => {
            let reason = connection.reason.as_deref().unwrap_or("test it to see why");
            ("state state--bad", format!("Needs attention: {reason}"))
        }
    }
}

fn connected_as(account: Option<&str>) -> String {
    account.map_or_else(|| "Connected".to_owned(), |account| format!("Connected as “{account}”"))
}
