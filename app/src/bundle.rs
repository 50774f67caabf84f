//! The bundles: which pages a browser loads together, and what of the interface they need.
//!
//! A bundle is a WebAssembly module of its own (`frontend/src/bin/`, a file per bundle). The compiler leaves out what
//! a bundle does not name, so each part below names its pages, the lists they show and the data they begin with. Links
//! are plain links with a full load, so a page never needs another bundle.

pub mod audit;
pub mod entry;
pub mod settings;
pub mod team;

use gateway_api::events::Change;
use leptos::prelude::*;

use crate::{context::Gateway, place::Route};

/// What the interface around a page has to know of its bundle.
#[derive(Clone, Copy)]
pub struct Reach {
    /// Draws a page of the bundle.
    pub(crate) page: fn(Route) -> AnyView,
    /// Fetches again those of the lists on its pages that the changes concern.
    pub(crate) refresh: fn(Gateway, &[Change]),
}

/// The bundles there are.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bundle {
    Entry,
    Settings,
    Team,
    Audit,
}

#[cfg(feature = "ssr")]
impl Bundle {
    /// The one that has this page.
    pub(crate) fn of(route: Route) -> Self {
        match route {
            Route::Settings => Self::Settings,
            Route::Team => Self::Team,
            Route::Audit => Self::Audit,
            Route::Home
            | Route::Login
            | Route::SignUp
            | Route::Setup
            | Route::Connect
            | Route::Consent(_)
            | Route::Invite
            | Route::NotFound => Self::Entry,
        }
    }

    /// Its name: that of its file in `frontend/src/bin/`, and of its entry in the manifest of the built UI.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Settings => "settings",
            Self::Team => "team",
            Self::Audit => "audit",
        }
    }

    pub(crate) fn reach(self) -> Reach {
        match self {
            Self::Entry => entry::REACH,
            Self::Settings => settings::REACH,
            Self::Team => team::REACH,
            Self::Audit => audit::REACH,
        }
    }
}

/// Takes the page over; does nothing on a page that carries no bootstrap. `data` reads what the pages of the bundle
/// begin with.
#[cfg(feature = "hydrate")]
fn hydrate(reach: Reach, data: fn(&crate::json::Fields) -> crate::bootstrap::PageData) {
    if let Some(bootstrap) = crate::bootstrap::read_from_page(data) {
        hydrate_body(move || view! { <crate::App bootstrap reach/> });
    }
}

/// A reader of the named fields of `PageData`; the others stay absent.
#[cfg(feature = "hydrate")]
macro_rules! page_data {
    ($($field:ident),* $(,)?) => {
        |fields: &crate::json::Fields| crate::bootstrap::PageData {
            $($field: fields.read(stringify!($field)),)*
            ..crate::bootstrap::PageData::default()
        }
    };
}
#[cfg(feature = "hydrate")]
use page_data;

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn every_bundle_is_built_by_the_frontend() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend/src/bin");
        let built = std::fs::read_dir(&folder).unwrap();
        let mut built: Vec<_> = built.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        built.sort();
        let mut named = [Bundle::Entry, Bundle::Settings, Bundle::Team, Bundle::Audit]
            .map(|bundle| format!("{}.rs", bundle.name()));
        named.sort();
        assert_eq!(built, named);
    }
}
