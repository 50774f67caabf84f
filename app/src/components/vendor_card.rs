//! One vendor of the grid: what it is, whether it is connected, and what can be done about it.

use gateway_api::{problem::Problem, vendors::VendorView};
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    category,
    history::History,
    standing::{Standing, StandingLines},
    tool_count,
    vendor_badge::VendorBadge,
    vendor_dialogs::{ask_to_disconnect, open_form},
};
use crate::{client, context::use_gateway, submission::Submission, target::Target};

/// The `id` of a card's heading.
pub(crate) fn title_id(slug: &str) -> String {
    format!("vendor-{slug}")
}

/// The card.
#[component]
pub(crate) fn VendorCard(
    /// From the catalogue.
    vendor: VendorView,
    /// Whose connection it is about.
    target: Signal<Target>,
) -> impl IntoView {
    let gateway = use_gateway();
    let title_id = title_id(&vendor.slug);
    let test = Submission::new();
    let tested = RwSignal::new(None::<(bool, String)>);
    let slug = vendor.slug.clone();
    let standing = Memo::new(move |_| Standing::of(gateway, target.get(), &slug));
    let is_connected = Memo::new(move |_| standing.with(|standing| standing.is_connected));
    let tools = tool_count::of(&vendor);
    let of = format!(" of {}", vendor.name);
    let has_own_tools = vendor.tool_count.is_none();
    let whole = vendor.clone();
    view! {
        <li>
            <article class="card vendor-card" aria-labelledby=title_id.clone()>
                <div class="vendor-card__head">
                    <VendorBadge color=vendor.color initials=vendor.initials/>
                    <div class="vendor-card__names">
                        <h3 class="vendor-card__name" id=title_id.clone() tabindex="-1">{vendor.name}</h3>
                        <p class="vendor-card__category">
                            {category::title(&vendor.category)} " · "
                            <a href=format!("/vendors/{}", vendor.slug)>{tools}<span class="visually-hidden">{of}</span></a>
                        </p>
                    </div>
                </div>
                <p class="vendor-card__summary">{vendor.summary}</p>
                {move || view! { <StandingLines standing=standing.get()/> }}
                <TestOutcome tested problem=test.problem/>
                <div class="vendor-card__actions">
                    {move || {
                        let vendor = whole.clone();
                        if is_connected.get() {
                            let slug = vendor.slug.clone();
                            view! { <ConnectedButtons vendor target test tested/> <History target slug has_own_tools/> }.into_any()
                        } else {
                            view! { <ConnectButton vendor target/> }.into_any()
                        }
                    }}
                </div>
            </article>
        </li>
    }
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
                view! { <p class=class>{message}</p> }.into_any()
            })}
            {move || problem.get().map(|problem| {
                view! { <p class="notice notice--error">{problem.sentence().to_owned()}</p> }.into_any()
            })}
        </div>
    }
}

#[component]
fn ConnectButton(vendor: VendorView, target: Signal<Target>) -> impl IntoView {
    let gateway = use_gateway();
    let is_shared = untrack(|| target.get().is_shared());
    let is_at_limit = Memo::new(move |_| !is_shared && gateway.is_at_limit());
    let name = vendor.name.clone();
    view! {
        <button
            type="button"
            class="button button--primary"
            aria-describedby=move || is_at_limit.get().then_some("plan-limit")
            disabled=move || gateway.is_dead.get() || is_at_limit.get()
            on:click=move |_| open_form(gateway, target, vendor.clone(), false)
        >
            <span>
                "Connect" <span class="visually-hidden">" " {name}</span> {is_shared.then_some(" for Team")}
            </span>
        </button>
    }
}

#[component]
fn ConnectedButtons(
    vendor: VendorView,
    target: Signal<Target>,
    test: Submission,
    tested: RwSignal<Option<(bool, String)>>,
) -> impl IntoView {
    let gateway = use_gateway();
    let (name, slug) = (vendor.name.clone(), vendor.slug.clone());
    let (tested_slug, named) = (slug.clone(), name.clone());
    let run_test = move |_| {
        tested.set(None);
        test.run(client::test_connection(target.get_untracked(), tested_slug.clone()), move |result| {
            tested.try_set(Some((result.is_ok, result.message)));
            gateway.keep_connection(result.connection);
        });
    };
    let is_testing = test.is_busy;
    view! {
        <button type="button" class="button" class:is-busy=move || is_testing.get() aria-label=format!("Test {name}")
            disabled=move || gateway.is_dead.get() on:click=run_test>
            {move || if is_testing.get() { "Testing…" } else { "Test" }}
        </button>
        <ActionButton text="Replace" label=format!("Replace {name}")
            on_press=move |()| open_form(gateway, target, vendor.clone(), true)/>
        <ActionButton text="Disconnect" label=format!("Disconnect {name}") class="button button--quiet"
            on_press=move |()| ask_to_disconnect(gateway, target, slug.clone(), named.clone())/>
    }
}

/// What the dialog is called, and, for those who hear it, the button.
pub(crate) fn connect_title(vendor: &str, is_shared: bool) -> String {
    format!("Connect {vendor}{}", if is_shared { " for Team" } else { "" })
}
