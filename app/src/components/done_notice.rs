//! What was done on the page before, where that ended with a full load.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::{context::use_gateway, place::use_place};

/// Says it once: the address forgets it, so that a reload or a bookmark does not say it again. Only known words
/// count: the query is anyone's to write.
#[component]
pub(crate) fn DoneNotice() -> impl IntoView {
    let place = use_place();
    let name = untrack(|| use_gateway().organization_name());
    let text = match place.query("done").as_deref() {
        Some("created") => format!("{name} is created, and you work in it now."),
        Some("joined") => format!("Welcome to {name}. What it shares is yours to use from now on."),
        Some("upgraded") => format!("{name} has Pro now."),
        Some("left") => "You have left the team.".to_owned(),
        Some("deleted") => {
            "The team is deleted, with its credentials and the permissions of its apps.".to_owned()
        }
        _ => return ().into_any(),
    };
    let path = place.path().to_owned();
    Effect::new(move || {
        // Where it is refused, the address stays as it is.
        let _ =
            window().history().map(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&path)));
    });
    view! { <p class="notice notice--good" role="status" dir="auto">{text}</p> }.into_any()
}
