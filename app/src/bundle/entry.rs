//! The bundle `entry`: the light pages, which people pass on their way in. None of them shows a list that others
//! change meanwhile.

use leptos::prelude::*;

use super::Reach;
use crate::{
    pages::{
        connect::ConnectPage, consent::ConsentPage, home::HomePage, invite::InvitePage, login::LoginPage,
        not_found::NotFoundPage, setup::SetupPage, sign_up::SignUpPage,
    },
    place::Route,
};

pub(super) const REACH: Reach = Reach { page, refresh: |_, _| {} };

fn page(route: Route) -> AnyView {
    match route {
        Route::Home => view! { <HomePage/> }.into_any(),
        Route::Login => view! { <LoginPage/> }.into_any(),
        Route::SignUp => view! { <SignUpPage/> }.into_any(),
        Route::Setup => view! { <SetupPage/> }.into_any(),
        Route::Connect => view! { <ConnectPage/> }.into_any(),
        Route::Consent(id) => view! { <ConsentPage id/> }.into_any(),
        Route::Invite => view! { <InvitePage/> }.into_any(),
        // The first three have bundles of their own.
        Route::Settings | Route::Team | Route::Audit | Route::NotFound => {
            view! { <NotFoundPage/> }.into_any()
        }
    }
}

/// Takes a page of this bundle over.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    super::hydrate(REACH, super::page_data!(consent, invitation));
}
