//! `/team`: Manage Team. Who belongs to it, who is invited, what is shared, its sub-teams, and its service clients.

use leptos::prelude::*;

use crate::{
    components::{
        attention_banner::AttentionBanner,
        done_notice::DoneNotice,
        dormant_banner::DormantBanner,
        invitations_section::InvitationsSection,
        members_section::MembersSection,
        plan_badge::PlanBadge,
        pro_notice::ProNotice,
        service_clients_section::ServiceClientsSection,
        sub_teams_section::SubTeamsSection,
        team_connections::{ManagedConnections, TeamConnections},
        team_settings::TeamSettings,
    },
    context::use_gateway,
    head::set_title,
};

/// The page. Members read what owners change; without Pro, what it would add stands in place of what it would unlock.
#[component]
pub(crate) fn TeamPage() -> impl IntoView {
    set_title("Manage Team");
    let gateway = use_gateway();
    let rights = Memo::new(move |_| (gateway.is_owner(), gateway.has_sharing()));
    // Again when a role or the plan changes while the page is open.
    Effect::new(move || {
        rights.track();
        gateway.load_team();
    });
    let me = gateway.me.with_untracked(|me| me.as_ref().map(|me| (me.user.id, me.organization_id)));
    me.map(|(me, organization)| {
        view! {
            <div class="page-head">
                <h1 class="page-title">"Manage Team"</h1>
                {move || gateway.organization.get().map(|organization| view! {
                    <p class="page-head__team"><bdi>{organization.name}</bdi> " " <PlanBadge plan=organization.plan/></p>
                }.into_any())}
            </div>
            <DoneNotice/>
            <DormantBanner/>
            <AttentionBanner/>
            <MembersSection me/>
            {move || {
                let (is_owner, has_sharing) = rights.get();
                let has_teams = gateway.teams.with_untracked(|load| !load.items().is_empty());
                let has_shared = gateway.shared.with_untracked(|load| !load.items().is_empty());
                view! {
                    {(!has_sharing).then(|| view! { <ProNotice/> })}
                    {(is_owner && has_sharing).then(|| view! { <InvitationsSection organization/> })}
                    {if is_owner && has_sharing {
                        view! { <ManagedConnections organization/> }.into_any()
                    } else if has_sharing || has_shared {
                        view! { <TeamConnections/> }.into_any()
                    } else {
                        ().into_any()
                    }}
                    {(has_sharing || has_teams).then(|| view! { <SubTeamsSection/> })}
                    {(is_owner && has_sharing).then(|| view! { <ServiceClientsSection organization/> })}
                    {is_owner.then(|| view! { <TeamSettings/> })}
                }
            }}
        }.into_any()
    })
}
