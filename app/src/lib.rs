//! The web interface: every page and component, compiled twice.
//!
//! On the server (feature `ssr`) [`render`](shell::render) turns a path and a [`Bootstrap`] into a whole HTML
//! page. In the browser (feature `hydrate`) [`App`] takes that page over, reading the same [`Bootstrap`] from
//! it, so that both sides draw the same thing and nothing moves. All later data comes from our public JSON API
//! by [`client`]; there are no server functions, and no token is kept in the browser.
//!
//! Pages stand in `pages/`, one file each; what they share in `components/`. The rules on who sees which page
//! are in [`gate`]. The words on buttons and labels are a contract with `end2end/`: see `app/README.md`.

#![recursion_limit = "256"]
#![expect(unreachable_pub, reason = "leptos' component macro makes its functions public within their module")]

pub mod bootstrap;
mod client;
mod components;
mod context;
mod forms;
pub mod gate;
mod head;
mod pages;
mod return_to;
#[cfg(feature = "ssr")]
pub mod shell;
mod submission;

use leptos::prelude::*;
use leptos_router::{
    components::{FlatRoutes, Route, Router},
    hooks::use_url,
    path,
};

pub use self::bootstrap::Bootstrap;
use self::{
    components::{demo_banner::DemoBanner, site_header::SiteHeader},
    context::Gateway,
    pages::{
        connect::ConnectPage, consent::ConsentPage, home::HomePage, login::LoginPage,
        not_found::NotFoundPage, settings::SettingsPage, setup::SetupPage, sign_up::SignUpPage,
        trouble::TroublePage,
    },
};

/// The whole interface, from `<body>` down.
#[component]
pub fn App(
    /// What the server knew when it made the page.
    bootstrap: Bootstrap,
) -> impl IntoView {
    let trouble = bootstrap.trouble.clone();
    provide_context(Gateway::new(bootstrap));
    view! {
        <Router>
            <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
            <SiteHeader/>
            <DemoBanner/>
            <MainPart>
                {match trouble {
                    Some(problem) => view! { <TroublePage problem/> }.into_any(),
                    None => view! { <Pages/> }.into_any(),
                }}
            </MainPart>
        </Router>
    }
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view=HomePage/>
            <Route path=path!("/auth/login") view=LoginPage/>
            <Route path=path!("/auth/sign-up") view=SignUpPage/>
            <Route path=path!("/auth/setup") view=SetupPage/>
            <Route path=path!("/settings") view=SettingsPage/>
            <Route path=path!("/connect") view=ConnectPage/>
            <Route path=path!("/consent/:id") view=ConsentPage/>
        </FlatRoutes>
    }
}

/// `<main>`. After a navigation within the app it takes the focus, so that a screen reader starts reading there
/// as it would after a page load.
#[component]
fn MainPart(children: Children) -> impl IntoView {
    let main = NodeRef::<leptos::html::Main>::new();
    let url = use_url();
    Effect::new(move |before: Option<String>| {
        let path = url.with(|url| url.path().to_owned());
        if before.is_some_and(|before| before != path)
            && let Some(main) = main.get_untracked()
        {
            // Fails only where there is nothing to focus.
            let _ = main.focus();
        }
        path
    });
    view! { <main id="main" class="main" tabindex="-1" node_ref=main>{children()}</main> }
}
