//! Any path without a page.

use leptos::prelude::*;

use crate::head::{set_status, set_title};

/// The page; answers 404.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    set_title("Not found");
    set_status(404);
    view! {
        <div class="narrow card">
            <h1 class="narrow__title">"There is no such page"</h1>
            <p>"The address may be mistyped, or the link may be old."</p>
            <div class="button-row">
                <a class="button button--primary" href="/">"Go to the first page"</a>
            </div>
        </div>
    }
}
