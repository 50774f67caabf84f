//! One vendor of the grid: what it is, whether it is connected, and what can be done about it.

use gateway_api::{
    connections::{ConnectionState, ConnectionView},
    problem::Problem,
    vendors::VendorView,
};
use leptos::prelude::*;

use super::{category, vendor_badge::VendorBadge, when::When};
use crate::{client, context::use_gateway, submission::Submission};

/// What the person wants to do with a vendor, in a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Fill the form for the first time.
    Connect(VendorView),
    /// Fill it again.
    Replace(VendorView),
    /// Delete the connection. Slug and name: the manifest may be gone.
    Disconnect(String, String),
}

/// The `id` of a card's heading.
pub(crate) fn title_id(slug: &str) -> String {
    format!("vendor-{slug}")
}

/// The card.
#[component]
pub(crate) fn VendorCard(
    /// From the catalogue.
    vendor: VendorView,
    /// The person's connection, if any.
    connection: Memo<Option<ConnectionView>>,
    /// Where the card's buttons put what is asked.
    asked: RwSignal<Option<Asked>>,
) -> impl IntoView {
    let title_id = title_id(&vendor.slug);
    let test = Submission::new();
    let tested = RwSignal::new(None::<(bool, String)>);
    let is_connected = Memo::new(move |_| connection.with(Option::is_some));
    let tools = match vendor.tool_count {
        1 => "1 tool".to_owned(),
        count => format!("{count} tools"),
    };
    let whole = vendor.clone();
    view! {
        <li>
            <article class="card vendor-card" aria-labelledby=title_id.clone()>
                <div class="vendor-card__head">
                    <VendorBadge color=vendor.color initials=vendor.initials/>
                    <div class="vendor-card__names">
                        <h3 class="vendor-card__name" id=title_id.clone() tabindex="-1">{vendor.name}</h3>
                        <p class="vendor-card__category">{category::title(&vendor.category)} " · " {tools}</p>
                    </div>
                </div>
                <p class="vendor-card__summary">{vendor.summary}</p>
                {move || view! { <State connection=connection.get()/> }}
                <TestOutcome tested problem=test.problem/>
                <div class="vendor-card__actions">
                    {move || {
                        let vendor = whole.clone();
                        if is_connected.get() {
                            view! { <ConnectedButtons vendor asked test tested/> }.into_any()
                        } else {
                            view! { <ConnectButton vendor asked/> }.into_any()
                        }
                    }}
                </div>
            </article>
        </li>
    }
}

#[component]
fn State(connection: Option<ConnectionView>) -> impl IntoView {
    let Some(connection) = connection else {
        return view! { <p class="state">"Not connected"</p> }.into_any();
    };
    let checked_at = connection.checked_at;
    let (class, text) = match connection.state {
        ConnectionState::Connected => ("state state--good", connected_as(connection.account.as_deref())),
        ConnectionState::Dormant => ("state", "Needs Pro".to_owned()),
        ConnectionState::NeedsAttention => {
            let reason = connection.reason.unwrap_or_else(|| "test it to see why".to_owned());
            ("state state--bad", format!("Needs attention: {reason}"))
        }
    };
    view! {
        <div class="vendor-card__state">
            <p class=class>{text}</p>
            <p class="vendor-card__checked">"Calls use your own credentials · checked " <When at=checked_at/></p>
        </div>
    }
    .into_any()
}

fn connected_as(account: Option<&str>) -> String {
    account.map_or_else(|| "Connected".to_owned(), |account| format!("Connected as “{account}”"))
}

/// What the vendor said to the last Test.
#[component]
fn TestOutcome(
    tested: RwSignal<Option<(bool, String)>>,
    problem: RwSignal<Option<Problem>>,
) -> impl IntoView {
    view! {
        <div role="status" class="vendor-card__outcome">
            {move || tested.get().map(|(is_ok, message)| {
                let class = if is_ok { "notice notice--good" } else { "notice notice--error" };
                view! { <p class=class>{message}</p> }
            })}
            {move || problem.get().map(|problem| {
                view! { <p class="notice notice--error">{problem.sentence().to_owned()}</p> }
            })}
        </div>
    }
}

#[component]
fn ConnectButton(vendor: VendorView, asked: RwSignal<Option<Asked>>) -> impl IntoView {
    let gateway = use_gateway();
    let label = format!("Connect {}", vendor.name);
    let is_at_limit = Memo::new(move |_| gateway.is_at_limit());
    view! {
        <button
            type="button"
            class="button button--primary"
            aria-label=label
            aria-describedby=move || is_at_limit.get().then_some("plan-limit")
            disabled=move || !gateway.is_alive.get() || is_at_limit.get()
            on:click=move |_| asked.set(Some(Asked::Connect(vendor.clone())))
        >
            "Connect"
        </button>
    }
}

#[component]
fn ConnectedButtons(
    vendor: VendorView,
    asked: RwSignal<Option<Asked>>,
    test: Submission,
    tested: RwSignal<Option<(bool, String)>>,
) -> impl IntoView {
    let gateway = use_gateway();
    let (name, slug) = (vendor.name.clone(), vendor.slug.clone());
    let run_test = move |_| {
        tested.set(None);
        test.run(client::test_connection(slug.clone()), move |result| {
            tested.try_set(Some((result.is_ok, result.message)));
            gateway.keep_connection(result.connection);
        });
    };
    let is_dead = move || !gateway.is_alive.get();
    let (is_testing, disconnect) = (test.is_busy, Asked::Disconnect(vendor.slug.clone(), name.clone()));
    view! {
        <button type="button" class="button" class:is-busy=move || is_testing.get() aria-label=format!("Test {name}")
            disabled=is_dead on:click=run_test>
            {move || if is_testing.get() { "Testing…" } else { "Test" }}
        </button>
        <button type="button" class="button" aria-label=format!("Replace {name}") disabled=is_dead
            on:click=move |_| asked.set(Some(Asked::Replace(vendor.clone())))>
            "Replace"
        </button>
        <button type="button" class="button button--quiet" aria-label=format!("Disconnect {name}") disabled=is_dead
            on:click=move |_| asked.set(Some(disconnect.clone()))>
            "Disconnect"
        </button>
    }
}
