//! The product's mark: several lines in, one line out.

use leptos::prelude::*;

/// The mark; says nothing to screen readers, the name stands beside it.
#[component]
pub(crate) fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand__mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
            <rect class="brand__tile" width="32" height="32" rx="8"></rect>
            <path class="brand__line" d="M7 9h4c4 0 5 7 9 7h5M7 16h18M7 23h4c4 0 5-7 9-7"></path>
            <circle class="brand__dot" cx="25" cy="16" r="2.6"></circle>
        </svg>
    }
}
