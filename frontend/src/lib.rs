//! The WASM entry point: takes over the page the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the start script once the WASM is loaded. Does nothing on a page that carries no bootstrap.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    if let Some(bootstrap) = gateway_app::bootstrap::read_from_page() {
        leptos::mount::hydrate_body(move || {
            use leptos::prelude::*;
            view! { <gateway_app::App bootstrap/> }
        });
    }
}
