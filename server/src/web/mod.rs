//! The pages and their files: everything a browser loads that is not `/api`.
//!
//! | route | file |
//! |---|---|
//! | `/pkg/{file}` | `assets.rs`: the built UI, embedded in the binary |
//! | `/favicon.svg`, `/robots.txt` | here |
//! | `/vendors`, `/vendors/{slug}` | `public.rs` sends what `../catalogue.rs` has found: the same for everybody |
//! | any other | `pages.rs`: rendered by `gateway_app`, with the headers of `headers.rs` |

mod assets;
mod headers;
mod pages;
mod public;

use std::future::Future;

use axum::{
    Router,
    extract::Request,
    http::{header, request::Parts},
    response::IntoResponse,
    routing::get,
};
use gateway_app::bootstrap::{Bootstrap, Wanted};

pub use self::public::public_page;

/// All routes, and the fallback for every path nobody else answers.
///
/// `bootstrap` tells what a page begins with: who sends this request, and the data the page wants (nothing for
/// nobody). It answers with [`Bootstrap::of_trouble`] if it cannot tell.
pub fn routes<S, F, Answer>(bootstrap: F) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    F: Fn(Parts, Wanted) -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Bootstrap> + Send + 'static,
{
    // Leptos runs what a page spawns on tokio. Said already in this process: that is all right.
    let _ = any_spawner::Executor::init_tokio();
    if assets::current().bundles.is_empty() {
        tracing::warn!(
            "the UI is not built into this binary: pages have no style and no script (cargo xtask build)"
        );
    }
    Router::new()
        .route("/pkg/{file}", get(assets::serve))
        .route("/favicon.svg", get(favicon))
        .route("/robots.txt", get(robots))
        .fallback(move |request: Request| pages::answer(bootstrap, request))
}

/// The product's mark, once for light and once for dark tab bars.
async fn favicon() -> impl IntoResponse {
    const MARK: &str = include_str!("favicon.svg");
    let day = "public, max-age=86400";
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, day)], MARK)
}

/// Nothing here is for search engines.
async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}

#[cfg(test)]
mod tests;
