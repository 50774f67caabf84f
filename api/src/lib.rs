//! The contract between server and UI: what travels over `/api`, as types.
//!
//! One file per resource, named like the file that answers it in `server/src/api/` and the one that keeps it in
//! `store/src/`. Nothing here knows HTTP, databases or browsers. No type here has a field that could hold a
//! stored secret: what is written by a form ([`connections::PutConnection`], [`session::SignIn`]) only travels
//! towards the server, and implements no `Debug`.
//!
//! Start with [`me::Me`], which is what every page begins with, and [`problem::Problem`], which is every error.

pub mod accounts;
pub mod audit;
pub mod connect;
pub mod connections;
pub mod consent;
pub mod events;
pub mod grants;
pub mod health;
pub mod ids;
pub mod invitations;
pub mod me;
pub mod members;
pub mod organizations;
pub mod paths;
pub mod plans;
pub mod problem;
pub mod service_clients;
pub mod session;
pub mod teams;
pub mod vendors;

/// A list answer: `{"items": [...], "next_cursor": "..."}`. The cursor is absent on the last page.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Opaque; give it back as `?cursor=` to get the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is answered whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}
