//! The bundle `settings`.

use leptos::prelude::*;

use super::Reach;
use crate::{context::Gateway, pages::settings::SettingsPage};

pub(super) const REACH: Reach =
    Reach { page: |_| view! { <SettingsPage/> }.into_any(), refresh: Gateway::refresh_settings };

/// Takes its page over.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    let data = super::page_data!(vendors, connections, shared_connections, resolution, grants);
    super::hydrate(REACH, data);
}
