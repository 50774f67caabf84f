//! The web interface: every page and component, compiled twice.
//!
//! On the server (feature `ssr`) a [`Shell`](shell::Shell) turns a path and a [`Bootstrap`] into a whole HTML
//! page. In the browser (feature `hydrate`) the page's [`bundle`] takes that page over, reading the same [`Bootstrap`]
//! from it, so that both sides draw the same thing and nothing moves. All later data comes from our public JSON API
//! by [`client`]; there are no server functions, and no token is kept in the browser.
//!
//! Pages stand in `pages/`, one file each; what they share in `components/`. The rules on who sees which page
//! are in [`gate`]. The words on buttons and labels are a contract with `end2end/`: see `app/README.md`.

#![recursion_limit = "256"]
#![expect(unreachable_pub, reason = "leptos' component macro makes its functions public within their module")]

pub mod bootstrap;
pub mod bundle;
#[cfg(feature = "ssr")]
pub mod catalogue;
mod client;
mod components;
mod context;
mod forms;
#[cfg(feature = "ssr")]
mod gate;
mod head;
mod json;
mod live;
mod pages;
mod place;
mod return_to;
mod search;
#[cfg(feature = "ssr")]
pub mod shell;
mod submission;
mod target;

use leptos::prelude::*;

pub use self::bootstrap::Bootstrap;
use self::{
    bundle::Reach,
    components::{demo_banner::DemoBanner, modal::OpenDialog, site_header::SiteHeader},
    context::Gateway,
    pages::trouble::TroublePage,
    place::Place,
};

/// The whole interface, from `<body>` down.
#[component]
pub(crate) fn App(
    /// What the server knew when it made the page.
    bootstrap: Bootstrap,
    /// The bundle that has the page.
    reach: Reach,
) -> impl IntoView {
    let (trouble, demo_key) = (bootstrap.trouble.clone(), bootstrap.demo_key.clone());
    // The server has provided the request's.
    let place = use_context::<Place>().unwrap_or_else(Place::of_browser);
    let route = place.route();
    provide_context(place);
    let gateway = Gateway::new(bootstrap, reach.refresh);
    provide_context(gateway);
    Effect::new(move || {
        if gateway.me.with_untracked(Option::is_some) {
            live::follow(gateway);
        }
    });
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <SiteHeader/>
        <DemoBanner key=demo_key/>
        <main id="main" class="main" tabindex="-1">
            {match trouble {
                Some(problem) => view! { <TroublePage problem/> }.into_any(),
                None => (reach.page)(route),
            }}
        </main>
        <OpenDialog/>
    }
}
