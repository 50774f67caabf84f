//! `/settings`: team, connections, authorized apps, profile.

use leptos::prelude::*;

use crate::{
    components::{
        authorized_apps::AuthorizedApps, connections_section::ConnectionsSection, profile_card::ProfileCard,
        team_card::TeamCard,
    },
    context::use_gateway,
    head::set_title,
};

/// The page.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    set_title("Settings");
    let gateway = use_gateway();
    Effect::new(move || gateway.load_settings());
    view! {
        <h1 class="page-title">"Settings"</h1>
        <TeamCard/>
        <ConnectionsSection/>
        <div class="columns">
            <AuthorizedApps/>
            <ProfileCard/>
        </div>
    }
}
