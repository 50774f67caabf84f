//! The WASM entry points: one program in `bin/` for each bundle of `gateway_app`. The start script runs it as soon as it
//! is loaded, and it takes over the page the server rendered.

/// Takes the page over by `hydrate`; failures go to the browser's console.
pub fn start(hydrate: fn()) {
    console_error_panic_hook::set_once();
    hydrate();
}
