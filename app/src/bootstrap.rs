//! What a page begins with: made by the server for each request, embedded in the HTML as JSON, and read again
//! in the browser at hydration. Both sides render from this value alone, so they agree.

use gateway_api::{
    Page,
    audit::AuditEventView,
    connections::{ConnectionView, ResolutionView},
    consent::ConsentView,
    grants::GrantView,
    ids::AuthorizationRequestId,
    invitations::{InvitationView, OpenedInvitation},
    me::Me,
    members::MemberView,
    problem::Problem,
    service_clients::ServiceClientView,
    session::{SignInOptions, SignInService},
    teams::TeamView,
    vendors::VendorView,
};
use serde::{Deserialize, Serialize};

use crate::place::{Route, invitation_token};

/// The `id` of the script element that holds it.
pub const ELEMENT_ID: &str = "bootstrap";

/// What the server knew when it made the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// The signed-in person; absent if nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub me: Option<Me>,
    /// How one can sign in here.
    pub sign_in: SignInOptions,
    /// The gateway's public URL, without a slash at the end.
    pub public_url: String,
    /// The API key of the built-in demo vendor, with `--demo` only. It protects nothing but sample data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demo_key: Option<String>,
    /// The page's own data, as [`Wanted`] asks for. In the browser each bundle reads what its pages show.
    #[serde(default)]
    #[cfg_attr(feature = "hydrate", serde(skip_deserializing))]
    pub data: PageData,
    /// The page could not be made, e.g. because the database does not answer. Shown instead of any page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Problem>,
}

impl Bootstrap {
    /// The page that says `problem`, when not even the session could be read.
    pub fn of_trouble(problem: Problem, public_url: String) -> Self {
        Self {
            me: None,
            sign_in: SignInOptions {
                has_local_accounts: false,
                is_sign_up_open: false,
                needs_setup: false,
                services: Vec::<SignInService>::new(),
                is_demo: false,
            },
            public_url,
            demo_key: None,
            data: PageData::default(),
            trouble: Some(problem),
        }
    }
}

/// The lists and things a page shows. What is absent the browser fetches by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageData {
    /// The catalogue, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendors: Option<Vec<VendorView>>,
    /// The person's connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<Vec<ConnectionView>>,
    /// The person's authorized apps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<GrantView>>,
    /// The pending authorization request, or why there is none to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Result<ConsentView, Problem>>,
    /// What is shared in the organization: its own connections and its sub-teams'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_connections: Option<Vec<ConnectionView>>,
    /// Which credential the person's calls use, by vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Vec<ResolutionView>>,
    /// The organization's members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<MemberView>>,
    /// Its invitations; absent for who is no owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitations: Option<Vec<InvitationView>>,
    /// Its service clients; absent for who is no owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_clients: Option<Vec<ServiceClientView>>,
    /// Its sub-teams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams: Option<Vec<TeamView>>,
    /// The invitation whose link was opened, or why there is none to show. Also for people who are not signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Result<OpenedInvitation, Problem>>,
    /// The audit rows that the page's query asks for, or why they cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Result<Page<AuditEventView>, Problem>>,
}

/// Which [`PageData`] a page wants, decided by its path. Only for signed-in people, but for [`Wanted::Invitation`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// None.
    Nothing,
    /// Vendors, connections, what is shared, which credential is used, and grants.
    Settings,
    /// Members, invitations, service clients, sub-teams, vendors and what is shared.
    Team,
    /// The audit rows that the query asks for.
    Audit,
    /// The invitation with this token.
    Invitation(String),
    /// One pending authorization request.
    Consent(AuthorizationRequestId),
}

impl Wanted {
    /// What the page at `path` (without query) wants.
    pub fn by_path(path: &str) -> Self {
        match Route::by_path(path) {
            Route::Settings => Self::Settings,
            Route::Team => Self::Team,
            Route::Audit => Self::Audit,
            Route::Invite => Self::Invitation(invitation_token(path).to_owned()),
            Route::Consent(id) => Self::Consent(id),
            _ => Self::Nothing,
        }
    }
}

/// Reads the value the server embedded in this page, and by `data` the page's own data. `None` if the page is not ours.
#[cfg(feature = "hydrate")]
pub(crate) fn read_from_page(data: fn(&crate::json::Fields) -> PageData) -> Option<Bootstrap> {
    use crate::json::{Fields, convert};

    let text = leptos::prelude::document().get_element_by_id(ELEMENT_ID)?.text_content()?;
    let value = js_sys::JSON::parse(&text).ok()?;
    let data = data(&Fields::of(&value, "data"));
    Some(Bootstrap { data, ..convert(value)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_wants_its_own_data() {
        assert_eq!(Wanted::by_path("/settings/"), Wanted::Settings);
        assert_eq!(Wanted::by_path("/"), Wanted::Nothing);
        assert_eq!(Wanted::by_path("/consent/not-an-id"), Wanted::Nothing);
        let id = "0199c1c4-7a5e-7000-8000-000000000001";
        assert_eq!(Wanted::by_path(&format!("/consent/{id}")), Wanted::Consent(id.parse().unwrap()));
    }
}
