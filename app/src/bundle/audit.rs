//! The bundle `audit`. Its rows are asked for by the filters, not by what changes.

use leptos::prelude::*;

use super::Reach;
use crate::pages::audit::AuditPage;

pub(super) const REACH: Reach = Reach { page: |_| view! { <AuditPage/> }.into_any(), refresh: |_, _| {} };

/// Takes its page over.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    super::hydrate(REACH, super::page_data!(audit));
}
