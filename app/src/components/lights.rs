//! The three lights of a connection, in words; the colour only repeats them.

use gateway_api::health::{Light, LightState};
use leptos::prelude::*;

use super::when::When;

/// The lights; nothing without any.
#[component]
pub(crate) fn Lights(
    /// In their order.
    lights: Vec<Light>,
    /// What stands above them, which they need not say again.
    said: String,
) -> impl IntoView {
    (!lights.is_empty()).then(move || {
        let light = |Light { state, words, why, at }: Light| {
            let class = match state {
                LightState::Good => "state state--good",
                LightState::Bad => "state state--bad",
                LightState::Unknown => "state",
            };
            let why = why.filter(|why| !said.contains(why));
            let why = why.map(|why| view! { <span>": " {why}</span> }.into_any());
            view! { <li class=class>{words} {at.map(|at| view! { " " <When at/> }.into_any())} {why}</li> }
                .into_any()
        };
        view! { <ul class="lights" role="list">{lights.into_iter().map(light).collect_view()}</ul> }
            .into_any()
    })
}
