//! The demo ticket desk: a small make-believe vendor with sample data, so that someone without any vendor account can
//! go the whole way. It is there only with `--demo`.
//!
//! It is spoken to like any vendor, over real HTTP on its own loopback port and with an API key, by the manifest
//! `vendors/demo.toml`. Everything is in memory, bounded, and gone when the process ends. Start with [`start`];
//! the routes are in [`routes`], the rules in [`desk`], the sample data in [`data`].

mod data;
mod desk;
mod routes;

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use self::desk::Desk;

/// The published key of the demo; its help text in the manifest says it.
pub const API_KEY: &str = "demo-key";

/// A running demo desk; it ends with this value.
#[derive(Debug)]
pub struct Demo {
    /// Where it listens, as the catalog needs it: `http://127.0.0.1:PORT/`.
    pub base_url: Url,
    /// The same for the network guard.
    pub address: SocketAddr,
    /// The key it wants.
    pub api_key: String,
    server: JoinHandle<()>,
}

/// Starts the desk with fresh sample data on a free loopback port.
#[expect(clippy::missing_panics_doc, reason = "a socket address always makes a URL")]
pub async fn start() -> std::io::Result<Demo> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = routes::router(Desk::with_sample_data());
    let server = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the demo ticket desk stopped");
        }
    });
    let base_url = Url::parse(&format!("http://{address}/")).expect("a socket address makes a URL");
    Ok(Demo { base_url, address, api_key: API_KEY.to_owned(), server })
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.server.abort();
    }
}
