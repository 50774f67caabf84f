//! Each page, as the server renders it.

use gateway_api::{
    connections::{ConnectionState, ConnectionView, Scope},
    consent::ConsentView,
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
        tool_count: 12,
        has_ip_allowlist: false,
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
    let at = OffsetDateTime::from_unix_timestamp(1_793_696_707).unwrap();
    ConnectionView {
        id: ID.parse().unwrap(),
        vendor: vendor.to_owned(),
        vendor_name: "Alertmanager".to_owned(),
        scope: Scope::Personal,
        team: None,
        account: Some("ACME".to_owned()),
        state: ConnectionState::Connected,
        reason: None,
        created_at: at,
        updated_at: at,
        checked_at: at,
    }
}

fn with_lists(connections: Vec<ConnectionView>) -> Bootstrap {
    let at = OffsetDateTime::from_unix_timestamp(1_793_696_707).unwrap();
    let grant = GrantView {
        id: ID.parse().unwrap(),
        client_name: "Claude Code".to_owned(),
        redirect_host: "localhost:33418".to_owned(),
        organization_id: ID.parse().unwrap(),
        organization_name: "Ada & Co".to_owned(),
        scope: "mcp".to_owned(),
        created_at: at,
        last_used_at: None,
    };
    Bootstrap {
        data: PageData {
            vendors: Some(vec![vendor("alertmanager", "Alertmanager"), vendor("itglue", "IT Glue")]),
            connections: Some(connections),
            grants: Some(vec![grant]),
            ..PageData::default()
        },
        ..somebody()
    }
}

fn consent() -> ConsentView {
    ConsentView {
        id: ID.parse().unwrap(),
        client_name: "<b>Claude</b>".to_owned(),
        client_id: "abc".to_owned(),
        redirect_host: "localhost:33418".to_owned(),
        redirect_uri: "http://localhost:33418/callback".to_owned(),
        is_loopback: true,
        permissions: vec!["Call the tools of your connected vendors".to_owned()],
        organizations: somebody().me.unwrap().organizations,
        expires_at: OffsetDateTime::from_unix_timestamp(1_793_696_707).unwrap(),
    }
}

fn assets() -> Assets {
    Assets {
        script: Some("/pkg/start-1.js".to_owned()),
        css: Some("/pkg/style-1.css".to_owned()),
        preload: vec!["/pkg/app-1.js".to_owned(), "/pkg/app-1_bg.wasm".to_owned()],
    }
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

#[test]
fn the_document_carries_its_assets_and_no_inline_code() {
    let (status, html) = html("/", &nobody());
    assert_eq!(status, 200);
    for part in [
        "<title>MSP MCP Gateway</title>",
        "<script type=\"module\" src=\"/pkg/start-1.js\"></script>",
        "<link rel=\"stylesheet\" href=\"/pkg/style-1.css\">",
        "<link rel=\"modulepreload\" href=\"/pkg/app-1.js\">",
        "href=\"/pkg/app-1_bg.wasm\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert_eq!(html.matches("<script").count(), 2);
    assert!(!html.contains("style=") && !html.contains(" onclick"));
}

#[test]
fn the_embedded_data_cannot_end_its_element() {
    let mut bootstrap = somebody();
    bootstrap.me.as_mut().unwrap().user.name = "</script><script>alert(1)</script><!--".to_owned();
    let (_, html) = html("/settings", &bootstrap);
    assert!(!html.contains("<script>alert"), "{html}");
    let data = html.split_once("id=\"bootstrap\">").unwrap().1.split_once("</script>").unwrap().0;
    assert_eq!(serde_json::from_str::<Bootstrap>(data).unwrap(), bootstrap);
}

#[test]
fn sign_in_keeps_the_way_back_and_offers_what_there_is() {
    let body = body("/auth/login?return_to=%2Fconnect", &nobody());
    assert!(body.contains("href=\"/auth/oidc/entra?return_to=%2Fconnect\""), "{body}");
    assert!(body.contains("Continue with ") && body.contains("Entra ID"));
    assert!(body.contains("for=\"sign-in-email\"") && body.contains("method=\"post\""));
    assert!(!body.contains("Create account"));
}

#[test]
fn a_failed_sign_in_is_explained_in_our_words_only() {
    let body = body("/auth/login?error=%3Cscript%3E", &nobody());
    assert!(body.contains("The sign-in did not work.") && !body.contains("<script"), "{body}");
}

#[test]
fn setup_asks_for_the_account_or_says_where_the_link_is() {
    let mut fresh = nobody();
    fresh.sign_in.needs_setup = true;
    assert!(body("/auth/setup?token=abc", &fresh).contains("Create account"));
    assert!(body("/auth/setup", &fresh).contains("mcp-gateway user create"));
    assert!(body("/auth/setup?token=abc", &nobody()).contains("already set up"));
}

#[test]
fn settings_shows_what_is_connected_and_by_whom() {
    let body = body("/settings", &with_lists(vec![connection("alertmanager")]));
    for part in [
        "Ada &amp; Co",
        "1 of 3 personal connections used",
        "aria-label=\"Connect IT Glue\"",
        "aria-label=\"Test Alertmanager\"",
        "Connected as “ACME”",
        "aria-label=\"Revoke Claude Code\"",
        "Change password",
        "Sign out everywhere",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(!body.contains("aria-label=\"Connect Alertmanager\""));
}

#[test]
fn the_limit_is_said_before_the_click() {
    let full = vec![connection("a"), connection("b"), connection("alertmanager")];
    let body = body("/settings", &with_lists(full));
    assert!(body.contains("Free allows no more"), "{body}");
    assert!(body.contains("no longer knows the vendor"), "orphans stay visible");
}

#[test]
fn settings_without_lists_shows_placeholders() {
    assert!(body("/settings", &somebody()).contains("Loading the vendors"));
}

#[test]
fn consent_names_the_host_and_escapes_the_name() {
    let mut bootstrap = somebody();
    bootstrap.data.consent = Some(Ok(consent()));
    let body = body(&format!("/consent/{ID}"), &bootstrap);
    assert!(body.contains("localhost:33418") && body.contains("&lt;b&gt;Claude&lt;/b&gt;"), "{body}");
    assert!(body.contains("Allow") && body.contains("Deny"));
    bootstrap.data.consent = Some(Err(Problem {
        status: 404,
        code: "not_found".to_owned(),
        title: "Not found.".to_owned(),
        detail: None,
        errors: Vec::new(),
        retry_after: None,
        request_id: None,
    }));
    assert!(self::body(&format!("/consent/{ID}"), &bootstrap).contains("cannot be answered"));
}

#[test]
fn connect_fills_in_the_real_address() {
    let body = body("/connect", &somebody());
    let command = "claude mcp add --transport http msp-mcp-gateway https://gateway.example/v1/mcp";
    assert!(body.contains(command) && body.contains("npx -y mcp-remote https://gateway.example/v1/mcp"));
    assert!(body.contains("Waiting for Claude"));
}

#[test]
fn unknown_paths_are_404_for_everybody() {
    for path in ["/nothing", "//evil.example", "/settings/x", "/%ff"] {
        assert_eq!(html(path, &nobody()).0, 404, "{path}");
        assert_eq!(html(path, &somebody()).0, 404, "{path}");
    }
}

#[test]
fn trouble_replaces_every_page() {
    let problem = Problem {
        status: 503,
        code: "unavailable".to_owned(),
        title: "The database does not answer.".to_owned(),
        detail: None,
        errors: Vec::new(),
        retry_after: None,
        request_id: Some("r-1".to_owned()),
    };
    let (status, html) = html("/settings", &Bootstrap::of_trouble(problem, "http://x".to_owned()));
    assert_eq!(status, 503);
    assert!(html.contains("The database does not answer.") && html.contains("r-1"));
}

#[test]
fn pages_of_a_person_redirect_nobody_to_sign_in() {
    let page = render(&format!("/consent/{ID}"), &nobody(), &assets());
    assert_eq!(page, Page::Redirect(format!("/auth/login?return_to=%2Fconsent%2F{ID}")));
}

#[test]
fn demo_says_so_with_its_key() {
    let mut demo = nobody();
    demo.sign_in.is_demo = true;
    demo.demo_key = Some("demo-key".to_owned());
    assert!(body("/", &demo).contains("demo-key"));
}
