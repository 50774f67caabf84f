//! Reading forms. Values are read from the page when a form is sent, never mirrored in signals: what was typed
//! before the WASM had loaded counts too, and secrets are held no longer than needed.

use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{FormData, HtmlElement, HtmlFormElement};

/// The values of a form that is being sent.
pub(crate) struct FormValues(FormData);

impl FormValues {
    /// Takes the submission over from the browser.
    pub(crate) fn of(event: &SubmitEvent) -> Option<Self> {
        event.prevent_default();
        let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
        FormData::new_with_form(&form).ok().map(Self)
    }

    /// The field's value as typed; empty if there is no such field.
    pub(crate) fn text(&self, name: &str) -> String {
        self.0.get(name).as_string().unwrap_or_default()
    }

    /// The field's value without space around it, for everything but passwords.
    pub(crate) fn trimmed(&self, name: &str) -> String {
        self.text(name).trim().to_owned()
    }
}

/// After a refusal: puts the cursor into the first wrong field, so that it is found without looking for it.
pub(crate) fn focus_first_error() {
    request_animation_frame(|| {
        let Ok(Some(field)) = document().query_selector("[aria-invalid=true]") else { return };
        if let Ok(field) = field.dyn_into::<HtmlElement>() {
            // Fails only where there is nothing to focus.
            let _ = field.focus();
        }
    });
}

/// Leaves for another page, with a full load: the session, and so everything, may be another one there.
pub(crate) fn leave_for(address: &str) {
    // The browser refuses only addresses that are none.
    let _ = window().location().assign(address);
}

/// Makes the page anew: it may be another one by now.
pub(crate) fn reload() {
    // The browser refuses only pages that are not its own.
    let _ = window().location().reload();
}

/// Puts the focus on the element called `id` once the page has settled, e.g. on the heading of a card whose button
/// is gone now.
pub(crate) fn focus_soon(id: &str) {
    let id = id.to_owned();
    request_animation_frame(move || {
        let Some(element) = document().get_element_by_id(&id) else { return };
        if let Ok(element) = element.dyn_into::<HtmlElement>() {
            // Fails only where there is nothing to focus.
            let _ = element.focus();
        }
    });
}
