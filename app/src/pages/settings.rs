//! `/settings`: team, connections, authorized apps, profile.

use leptos::prelude::*;

use crate::{
    components::{
        attention_banner::AttentionBanner, authorized_apps::AuthorizedApps,
        connections_section::ConnectionsSection, done_notice::DoneNotice, dormant_banner::DormantBanner,
        profile_card::ProfileCard, team_card::TeamCard, team_connections::TeamConnections,
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
        <DoneNotice/>
        <DormantBanner/>
        <AttentionBanner/>
        <TeamCard/>
        <ConnectionsSection/>
        <TeamConnections/>
        <div class="columns">
            <AuthorizedApps/>
            <ProfileCard/>
        </div>
    }
}
