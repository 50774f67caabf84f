//! A dialog over the page, on the browser's own `<dialog>`: it keeps the focus inside, closes with Escape, and
//! gives the focus back to the button that opened it.

use leptos::{html::Dialog, prelude::*};

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

/// Opens at once; is to be taken out of the page in `on_close`.
#[component]
pub(crate) fn Modal(
    /// Its heading.
    #[prop(into)]
    title: String,
    /// It was closed, in whichever way.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
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
        <dialog class="modal" aria-labelledby="modal-title" node_ref=dialog on:close=move |_| on_close.run(())>
            <h2 class="modal__title" id="modal-title">{title}</h2>
            {children()}
        </dialog>
    }
}

/// "Cancel", for the foot of a dialog.
#[component]
pub(crate) fn CancelButton() -> impl IntoView {
    let modal = use_context::<ModalHandle>();
    let close = move |_| {
        if let Some(modal) = modal {
            modal.close();
        }
    };
    view! { <button type="button" class="button" on:click=close>"Cancel"</button> }
}
