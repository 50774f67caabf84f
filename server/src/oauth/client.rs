//! Which client asks a person: one that registered itself, or one that is known by its metadata document.

use gateway_api::ids::ServiceClientId;
use gateway_store::{StoreError, clients, service_clients};

use super::cimd::{self, CimdError};
use crate::state::AppState;

/// A client, wherever it is known from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// The name it gave itself; anyone can choose any name.
    pub name: String,
    /// Where its authorization responses may go.
    pub redirect_uris: Vec<String>,
}

/// Why there is no client to ask for.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nobody registered it, or it is registered no longer.
    #[error("the client is not registered")]
    Unknown,
    /// It is a service client, which acts for nobody.
    #[error("the client is a service client")]
    ServiceClient,
    /// Its document does not make it one.
    #[error(transparent)]
    Document(#[from] CimdError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The client that sends a person to the authorization endpoint.
pub async fn find(state: &AppState, id: &str) -> Result<Client, FindError> {
    if cimd::is_address(id) {
        let document = state.client_documents.find(id, state.clock.now()).await?;
        return Ok(Client { id: id.to_owned(), name: document.name, redirect_uris: document.redirect_uris });
    }
    let mut connection = state.database.read().await?;
    if let Some(clients::Client { id, name, redirect_uris, .. }) = clients::find(&mut connection, id).await? {
        return Ok(Client { id, name, redirect_uris });
    }
    if let Ok(id) = id.parse::<ServiceClientId>()
        && service_clients::exists(&mut connection, id).await?
    {
        return Err(FindError::ServiceClient);
    }
    Err(FindError::Unknown)
}
