//! A dialog over the page, on the browser's own `<dialog>`: it keeps the focus inside, closes with Escape, and
//! gives the focus back to the button that opened it. There is one at a time: [`Gateway::open_dialog`].

use leptos::{html::Dialog, prelude::*};

use super::action_button::ActionButton;
use crate::context::{Gateway, use_gateway};

impl Gateway {
    /// Shows what `dialog` draws, a [`Modal`].
    pub(crate) fn open_dialog<View: IntoView + 'static>(
        self,
        dialog: impl Fn() -> View + Send + Sync + 'static,
    ) {
        self.dialog.set(Some(ViewFn::from(move || dialog().into_any())));
    }

    /// Takes it out of the page. Where the browser has closed it already, nothing is left to do.
    pub(crate) fn close_dialog(self) {
        self.dialog.set(None);
    }
}

/// Where it stands.
#[component]
pub(crate) fn OpenDialog() -> impl IntoView {
    let gateway = use_gateway();
    view! { {move || gateway.dialog.get().map(|dialog| dialog.run())} }
}

/// Closes the dialog a component stands in; found by [`use_context`].
#[derive(Clone, Copy)]
pub(crate) struct ModalHandle(NodeRef<Dialog>);

impl ModalHandle {
    /// Closes it; `on_close` follows.
    pub(crate) fn close(self) {
        if let Some(dialog) = self.0.try_get_untracked().flatten() {
            dialog.close();
        }
    }
}

/// Opens at once, and leaves the page when it is closed, in whichever way.
#[component]
pub(crate) fn Modal(
    /// Its heading.
    #[prop(into)]
    title: String,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let gateway = use_gateway();
    let dialog = NodeRef::<Dialog>::new();
    provide_context(ModalHandle(dialog));
    Effect::new(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            // Fails only for a dialog that is open or not in the page.
            let _ = dialog.show_modal();
        }
    });
    view! {
        <dialog class="modal" aria-labelledby="modal-title" node_ref=dialog on:close=move |_| gateway.close_dialog()>
            <h2 class="modal__title" id="modal-title">{title}</h2>
            {children()}
        </dialog>
    }
}

/// "Cancel", for the foot of a dialog.
#[component]
pub(crate) fn CancelButton() -> impl IntoView {
    let modal = use_context::<ModalHandle>();
    let close = move |()| {
        if let Some(modal) = modal {
            modal.close();
        }
    };
    view! { <ActionButton text="Cancel" on_press=close/> }
}
