//! The bundle `team`.

use leptos::prelude::*;

use super::Reach;
use crate::{context::Gateway, pages::team::TeamPage};

pub(super) const REACH: Reach =
    Reach { page: |_| view! { <TeamPage/> }.into_any(), refresh: Gateway::refresh_team };

/// Takes its page over.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    let data = super::page_data!(vendors, shared_connections, members, invitations, service_clients, teams);
    super::hydrate(REACH, data);
}
