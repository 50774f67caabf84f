//! While a page is in view, it hears what changes elsewhere and fetches it again: an owner connects a vendor, and the
//! colleague's page shows it without a reload.

use gateway_api::{events::Change, paths};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{EventSource, VisibilityState};

use crate::context::Gateway;

/// Listens as long as the page is there. A hidden page does not: browsers keep few connections to one host, and
/// people many tabs. When it is looked at again, everything is fetched again.
pub(crate) fn follow(gateway: Gateway) {
    let source = StoredValue::new_local(None::<EventSource>);
    let look = move || {
        let is_visible = document().visibility_state() == VisibilityState::Visible;
        source.update_value(|source| match (is_visible, source.take()) {
            (true, None) => *source = listen(gateway),
            (true, open) => *source = open,
            (false, open) => open.iter().for_each(EventSource::close),
        });
    };
    look();
    let handle = window_event_listener_untyped("visibilitychange", move |_| {
        look();
        if document().visibility_state() == VisibilityState::Visible {
            for change in Change::ALL {
                gateway.changed(change);
            }
        }
    });
    let leave = window_event_listener_untyped("beforeunload", move |_| gateway.leave());
    on_cleanup(move || {
        handle.remove();
        leave.remove();
    });
}

/// Lost connections come back by themselves (WHATWG HTML section 9.2.3), so nothing is said about them.
fn listen(gateway: Gateway) -> Option<EventSource> {
    let source = EventSource::new(paths::EVENTS).ok()?;
    for change in Change::ALL {
        let heard = Closure::<dyn Fn()>::new(move || gateway.changed(change)).into_js_value();
        // Fails only for what is no function.
        let _ = source.add_event_listener_with_callback(change.as_str(), heard.unchecked_ref());
    }
    Some(source)
}
