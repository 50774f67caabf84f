//! A light that turns on with Claude's first call.

use std::time::Duration;

use gateway_api::connect::LastCall;
use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*, task::spawn_local};
use web_sys::VisibilityState;

use super::when::When;
use crate::client;

const INTERVAL: Duration = Duration::from_secs(3);

/// What is known about calls.
#[derive(Clone, PartialEq)]
enum Watch {
    /// Not asked yet.
    Starting,
    /// No call yet.
    Waiting,
    /// There was one.
    Called(LastCall),
    /// The gateway does not answer, or the session is over.
    Lost(String),
}

/// Asks the gateway every three seconds while the page is in view.
#[component]
pub(crate) fn FirstCallLight() -> impl IntoView {
    let watch = RwSignal::new(Watch::Starting);
    Effect::new(move || {
        look(watch);
        let handle = set_interval_with_handle(
            move || {
                if document().visibility_state() == VisibilityState::Visible {
                    look(watch);
                }
            },
            INTERVAL,
        );
        on_cleanup(move || {
            if let Ok(handle) = handle {
                handle.clear();
            }
        });
    });
    let class = move || match watch.get() {
        Watch::Called(_) => "light light--on",
        Watch::Lost(_) => "light light--lost",
        Watch::Starting | Watch::Waiting => "light",
    };
    view! {
        <div class=class>
            <span class="light__lamp" aria-hidden="true"></span>
            <div class="light__text" role="status">
                {move || match watch.get() {
                    Watch::Called(call) => view! { <Called call/> }.into_any(),
                    Watch::Lost(why) => view! { <p class="light__title">{why}</p> }.into_any(),
                    Watch::Starting | Watch::Waiting => view! { <NotYet/> }.into_any(),
                }}
            </div>
        </div>
    }
}

#[component]
fn NotYet() -> impl IntoView {
    view! {
        <p class="light__title">"Waiting for Claude’s first call"</p>
        <p class="light__detail">"This turns on by itself as soon as a tool is called."</p>
    }
}

#[component]
fn Called(call: LastCall) -> impl IntoView {
    view! {
        <p class="light__title">"Claude is connected"</p>
        <p class="light__detail">
            "Last call: " <code>{call.tool}</code> " by " {call.client_name} ", " <When at=call.at/>
        </p>
    }
}

fn look(watch: RwSignal<Watch>) {
    spawn_local(async move {
        let now = match client::get_connect_status().await {
            Ok(status) => status.last_call.map_or(Watch::Waiting, Watch::Called),
            Err(problem) => Watch::Lost(problem.sentence().to_owned()),
        };
        // Only changes are drawn, and read out.
        if watch.try_with_untracked(|before| *before != now) == Some(true) {
            watch.try_set(now);
        }
    });
}
