//! What is around each of these pages.

use leptos::prelude::*;

use crate::components::brand_mark::BrandMark;

/// Brand, ways on, and the page. "Settings" leads through sign-in: who is there is not asked.
#[component]
pub(super) fn Frame(
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <header class="site-header">
            <div class="site-header__inner">
                <a class="brand" href="/"><BrandMark/><span class="brand__name">"MCP Gateway"</span></a>
                <nav class="site-nav site-nav--signed-out" aria-label="Main">
                    <a href="/vendors">"Vendors"</a>
                    <a href="/settings">"Settings"</a>
                </nav>
            </div>
        </header>
        <main id="main" class="main" tabindex="-1">{children()}</main>
    }
}
