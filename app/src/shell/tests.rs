//! Each page, as the server renders it. Here is what all of them are tried with.

mod audit;
mod consent;
mod document;
mod invite;
mod settings;
mod sign_in;
mod team;

use gateway_api::{
    connections::{ConnectionState, ConnectionView, Scope},
    consent::{ConsentView, Permission},
    grants::GrantView,
    me::{Me, UserView},
    organizations::{OrganizationSummary, Role},
    plans::{Plan, PlanView},
    problem::Problem,
    session::{SignInOptions, SignInService},
    vendors::{FieldKind, FieldView, VendorView},
};
use time::OffsetDateTime;

use super::*;
use crate::bootstrap::PageData;
use leptos::reactive::owner::Owner;

/// What to answer to a page request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Page {
    Html { status: u16, html: String },
    Redirect(String),
}

/// As `leptos_axum` does it: the UI is rendered inside an owner, then the document is made around it.
fn render(path_and_query: &str, bootstrap: &Bootstrap, assets: &Assets) -> Page {
    let shell = match Shell::new(path_and_query, bootstrap.clone(), assets.clone()) {
        Ok(shell) => shell,
        Err(target) => return Page::Redirect(target),
    };
    let owner = Owner::new_root(None);
    let body = owner.with(|| shell.app().to_html());
    owner.unset_with_forced_cleanup();
    let (status, html) = shell.document(&body);
    Page::Html { status, html }
}

const ID: &str = "0199c1c4-7a5e-7000-8000-000000000001";
const OTHER_ID: &str = "0199c1c4-7a5e-7000-8000-000000000002";

fn nobody() -> Bootstrap {
    Bootstrap {
        me: None,
        sign_in: SignInOptions {
            has_local_accounts: true,
            is_sign_up_open: false,
            needs_setup: false,
            services: vec![SignInService { slug: "entra".to_owned(), name: "Entra ID".to_owned() }],
            is_demo: false,
        },
        public_url: "https://gateway.example".to_owned(),
        demo_key: None,
        data: PageData::default(),
        trouble: None,
    }
}

fn somebody() -> Bootstrap {
    let organization = OrganizationSummary {
        id: ID.parse().unwrap(),
        name: "Ada & Co".to_owned(),
        plan: Plan::Free,
        is_personal: true,
        role: Role::Owner,
    };
    Bootstrap {
        me: Some(Me {
            user: UserView {
                id: ID.parse().unwrap(),
                name: "Ada".to_owned(),
                email: "ada@example.com".to_owned(),
                has_password: true,
                sign_in_services: Vec::new(),
            },
            organization_id: organization.id,
            organizations: vec![organization],
            plan: PlanView {
                plan: Plan::Free,
                personal_connections_max: Some(3),
                personal_connections_used: 1,
                has_sharing: false,
                has_audit_log: false,
                dormant: gateway_api::plans::Dormant::default(),
            },
            mcp_url: "https://gateway.example/v1/mcp".to_owned(),
            is_demo: false,
        }),
        ..nobody()
    }
}

fn vendor(slug: &str, name: &str) -> VendorView {
    VendorView {
        slug: slug.to_owned(),
        name: name.to_owned(),
        category: "monitoring".to_owned(),
        summary: "Alerts and silences.".to_owned(),
        website: None,
        color: "#e6522c".to_owned(),
        initials: "AM".to_owned(),
        tool_count: Some(12),
        has_ip_allowlist: false,
        is_verified: true,
        fields: vec![FieldView {
            name: "password".to_owned(),
            label: "Password".to_owned(),
            help: None,
            help_url: None,
            kind: FieldKind::Secret,
            is_required: true,
            default: None,
            pattern: None,
            options: Vec::new(),
        }],
    }
}

fn connection(vendor: &str) -> ConnectionView {
    let at = moment();
    ConnectionView {
        id: ID.parse().unwrap(),
        vendor: vendor.to_owned(),
        vendor_name: "Alertmanager".to_owned(),
        scope: Scope::Personal,
        team: None,
        account: Some("ACME".to_owned()),
        state: ConnectionState::Connected,
        reason: None,
        lights: Vec::new(),
        created_at: at,
        updated_at: at,
        checked_at: at,
    }
}

fn with_lists(connections: Vec<ConnectionView>) -> Bootstrap {
    let at = moment();
    let grant = GrantView {
        id: ID.parse().unwrap(),
        client_name: "Claude Code".to_owned(),
        redirect_host: "localhost:33418".to_owned(),
        organization_id: ID.parse().unwrap(),
        organization_name: "Ada & Co".to_owned(),
        scope: "mcp:read".to_owned(),
        created_at: at,
        last_used_at: None,
    };
    Bootstrap {
        data: PageData {
            vendors: Some(vec![vendor("alertmanager", "Alertmanager"), vendor("itglue", "IT Glue")]),
            connections: Some(connections),
            grants: Some(vec![grant]),
            shared_connections: Some(Vec::new()),
            resolution: Some(Vec::new()),
            ..PageData::default()
        },
        ..somebody()
    }
}

/// Somebody in the team "Ada & Co", which is on Pro.
fn on_pro(role: Role) -> Bootstrap {
    let mut bootstrap = somebody();
    let me = bootstrap.me.as_mut().unwrap();
    me.plan.plan = Plan::Pro;
    me.plan.personal_connections_max = None;
    me.plan.has_sharing = true;
    me.plan.has_audit_log = true;
    let organization = &mut me.organizations[0];
    organization.plan = Plan::Pro;
    organization.is_personal = false;
    organization.role = role;
    bootstrap
}

fn moment() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_793_696_707).unwrap()
}

fn problem(status: u16, code: &str, title: &str) -> Problem {
    Problem {
        status,
        code: code.to_owned(),
        title: title.to_owned(),
        detail: None,
        errors: Vec::new(),
        retry_after: None,
        request_id: None,
    }
}

/// Each of `parts` stands on the page.
fn assert_has(body: &str, parts: &[&str]) {
    // Between texts that change and texts that do not, Leptos leaves marks for hydration.
    let body = body.replace("<!>", "");
    for part in parts {
        assert!(body.contains(part), "{part} in {body}");
    }
}

/// None of `parts` stands on the page.
fn assert_lacks(body: &str, parts: &[&str]) {
    let shown = body.split("<noscript>").next().unwrap_or_default().replace("<!>", "");
    for part in parts {
        assert!(!shown.contains(part), "{part} in {shown}");
    }
}

fn permission(scope: &str) -> Permission {
    Permission {
        scope: scope.to_owned(),
        sentence: format!("Means {scope}"),
        is_required: scope == "mcp:read",
    }
}

fn consent() -> ConsentView {
    ConsentView {
        id: ID.parse().unwrap(),
        client_name: "<b>Claude</b>".to_owned(),
        client_id: "abc".to_owned(),
        client_host: None,
        redirect_host: "localhost:33418".to_owned(),
        redirect_uri: "http://localhost:33418/callback".to_owned(),
        is_loopback: true,
        permissions: ["mcp:read", "mcp:write"].map(permission).to_vec(),
        organizations: somebody().me.unwrap().organizations,
        expires_at: moment(),
    }
}

fn assets() -> Assets {
    let scripts = |name: &str| Scripts {
        script: format!("/pkg/{name}-start-1.js"),
        preload: vec![format!("/pkg/{name}-1.js"), format!("/pkg/{name}-1_bg.wasm")],
    };
    let bundles = ["entry", "settings", "team", "audit"].map(|name| (name.to_owned(), scripts(name)));
    Assets { css: Some("/pkg/style-1.css".to_owned()), bundles: BTreeMap::from(bundles) }
}

fn html(path: &str, bootstrap: &Bootstrap) -> (u16, String) {
    match render(path, bootstrap, &assets()) {
        Page::Html { status, html } => (status, html),
        Page::Redirect(target) => panic!("{path} leads to {target}"),
    }
}

fn body(path: &str, bootstrap: &Bootstrap) -> String {
    let (_, html) = html(path, bootstrap);
    html.split_once("<body>").unwrap().1.to_owned()
}
