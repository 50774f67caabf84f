//! The public pages of the vendors: `/vendors` and `/vendors/{slug}`. Not part of the live interface: the server draws
//! them from the manifests alone, the same for everybody, so they have no script, no session and no bootstrap.
//!
//! `server/src/catalogue.rs` finds what they show. Start at [`CataloguePage::document`].

mod frame;
mod listing;
mod tools;
mod unknown;
mod vendor;

use gateway_api::vendors::{VendorDetails, VendorView};
use leptos::{prelude::*, reactive::owner::Owner};

use self::{frame::Frame, listing::Listing, unknown::Unknown, vendor::VendorPage};
use crate::shell::{Assets, static_document};

/// One of the pages.
#[derive(Debug, Clone)]
pub enum CataloguePage {
    /// What is supported.
    Listing(Search),
    /// One vendor.
    Vendor(Box<VendorDetails>),
    /// There is no vendor of the name in the address.
    Unknown {
        /// That name.
        slug: String,
        /// Vendors that are called like it.
        similar: Vec<VendorView>,
    },
}

/// What was searched for, and what there is of it.
#[derive(Debug, Clone)]
pub struct Search {
    /// As it was typed; empty if nothing was.
    pub query: String,
    /// By name.
    pub found: Vec<Found>,
    /// How many vendors there are at all.
    pub vendors: usize,
    /// How many tools they have together.
    pub tools: usize,
}

/// A vendor that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The vendor.
    pub vendor: VendorView,
    /// The titles of those of its tools that the search is about.
    pub tools: Vec<String>,
}

impl CataloguePage {
    /// The page as a whole HTML document.
    pub fn document(self, assets: &Assets) -> String {
        let title = self.title();
        let owner = Owner::new_root(None);
        let body = owner.with(|| view! { <Frame>{self.main()}</Frame> }.to_html());
        owner.unset_with_forced_cleanup();
        static_document(&title, &body, assets)
    }

    fn title(&self) -> String {
        match self {
            Self::Listing(_) => "Vendors".to_owned(),
            Self::Vendor(details) => details.vendor.name.clone(),
            Self::Unknown { .. } => "No such vendor".to_owned(),
        }
    }

    fn main(self) -> AnyView {
        match self {
            Self::Listing(search) => view! { <Listing search/> }.into_any(),
            Self::Vendor(details) => view! { <VendorPage details=*details/> }.into_any(),
            Self::Unknown { slug, similar } => view! { <Unknown slug similar/> }.into_any(),
        }
    }
}

/// Where a vendor's page is.
pub(crate) fn address(slug: &str) -> String {
    format!("/vendors/{slug}")
}

/// `1 tool`, `2 tools`.
fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests;
