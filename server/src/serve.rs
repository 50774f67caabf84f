//! Starting: from options to a gateway that answers.

use std::{
    future::Future,
    net::SocketAddr,
    num::NonZeroU32,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use gateway_store::{Database, Event, Purpose};
use tokio::{net::TcpListener, sync::broadcast};
use url::Url;

use crate::{
    audit::Audit,
    auth::{oidc::Services, passwords::Passwords, setup},
    clock::Clock,
    config::{Config, ServeOptions, master_key_path},
    demo,
    discovery::{self, Discovery},
    health::{self, Health},
    jobs,
    limits::{PerPerson, public::PublicLimits},
    mcp::Mcp,
    oauth::{OAuth, cimd::ClientDocuments},
    router::router,
    state::{App, AppState},
    vault::{MasterKeys, Vault, resolve::Resolver, tokens::StoredTokens},
    vendors::{Catalog, NetworkSettings, VendorClient},
};

/// How long the end of the process waits for what was noted of connections to be written.
const LAST_WRITE: Duration = Duration::from_secs(2);
/// How often one person may have the connection checked: each time makes a dozen requests.
const CHECKS_AT_ONCE: NonZeroU32 = NonZeroU32::new(5).expect("5 is not zero");
const CHECKS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(5).expect("5 is not zero");

/// A gateway that has its address and its data, and is about to answer.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct Gateway {
    /// What every handler reaches.
    pub state: AppState,
    /// Where it listens.
    pub address: SocketAddr,
    listener: TcpListener,
}

impl Gateway {
    /// Opens everything. Nothing is answered before [`Gateway::run`].
    pub async fn start(options: &ServeOptions, clock: Clock) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(options.listen)
            .await
            .with_context(|| format!("cannot listen on {}", options.listen))?;
        let address = listener.local_addr()?;
        let config = Config::resolve(options, address)?;
        let state = open(options, config, clock).await?;
        Ok(Self { state, address, listener })
    }

    /// Answers until `shutdown`, then lets running requests end.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let state = self.state.clone();
        let shutdown = async move {
            shutdown.await;
            // Streams that would stay open keep the process from ending.
            state.mcp.stop();
        };
        let follower = tokio::spawn(follow(self.state.clone()));
        let jobs = tokio::spawn(jobs::run(self.state.clone()));
        let checks = tokio::spawn(health::check::run(self.state.clone()));
        let record = tokio::spawn(health::record::run(self.state.clone()));
        let discovery = tokio::spawn(discovery::run(self.state.clone()));
        let ended = self.state.clone();
        let service = router(self.state).into_make_service_with_connect_info::<SocketAddr>();
        let result = axum::serve(self.listener, service).with_graceful_shutdown(shutdown).await;
        follower.abort();
        jobs.abort();
        checks.abort();
        discovery.abort();
        // A database that is gone must not keep the process from ending.
        let _ = tokio::time::timeout(LAST_WRITE, ended.health.flush()).await;
        record.abort();
        result
    }
}

/// The catalogue. How long it takes is a figure that `cargo xtask bench` reads from the log.
fn load_vendors(options: &ServeOptions, demo: Option<&Url>) -> Catalog {
    let start = Instant::now();
    let (catalog, problems) = Catalog::load(options.vendors_dir.as_deref(), demo);
    let microseconds = start.elapsed().as_micros();
    for problem in problems {
        tracing::error!(%problem, "a vendor manifest was skipped");
    }
    let vendors = catalog.vendors().count();
    let tools: usize = catalog.vendors().map(|vendor| vendor.tools.len()).sum();
    tracing::info!(vendors, tools, microseconds, "the vendors are loaded");
    catalog
}

async fn open(options: &ServeOptions, config: Config, clock: Clock) -> anyhow::Result<AppState> {
    make_data_folder(&config.data_dir)?;
    let database = Database::open(&options.data.database_url(), Purpose::Serve).await?;
    let database = Arc::new(database);
    let key_path = master_key_path(options.master_key_file.as_deref(), &config.data_dir);
    let vault = Vault::open(MasterKeys::read_or_make(&key_path)?, Arc::clone(&database), &clock).await?;
    if !config.vendor_networks.is_empty() {
        tracing::warn!(networks = ?config.vendor_networks, "vendor addresses may also lie in these networks");
    }
    if !config.client_metadata.networks.is_empty() {
        let networks = &config.client_metadata.networks;
        tracing::warn!(?networks, "client metadata documents may also lie in these networks");
    }
    let demo = match config.is_demo {
        true => Some(demo::start().await.context("the demo vendor cannot start")?),
        false => None,
    };
    let demo_url = demo.as_ref().map(|demo| &demo.base_url);
    let catalog = load_vendors(options, demo_url);
    let vendors = VendorClient::new(NetworkSettings {
        allowed: config.vendor_networks.clone(),
        demo: demo.as_ref().map(|demo| demo.address),
        ..NetworkSettings::default()
    })?;
    let tokens = StoredTokens { database: Arc::clone(&database), vault: vault.clone(), clock: clock.clone() };
    let vendors = vendors.with_shared_tokens(Arc::new(tokens));
    let oauth = OAuth::open(&database, &vault, &clock).await?;
    let mcp = Mcp::new(&catalog, &vault, Arc::clone(&database), clock.clone(), &config.public_url)?;
    let app = App {
        oauth,
        limits: PublicLimits::default(),
        client_documents: ClientDocuments::new(&config.client_metadata)?,
        mcp,
        connection_checks: PerPerson::new(CHECKS_AT_ONCE, CHECKS_PER_MINUTE),
        resolver: Resolver::new(Arc::clone(&database)),
        catalog: Arc::new(catalog),
        vendors,
        discovery: Discovery::default(),
        demo,
        health: Health::default(),
        services: Services::new(config.services.clone())?,
        passwords: Passwords::new().map_err(|error| anyhow::anyhow!("argon2: {error}"))?,
        audit: Audit::start(Arc::clone(&database), clock.clone()),
        vault,
        database,
        clock,
        config,
    };
    Ok(AppState(Arc::new(app)))
}

pub(crate) fn make_data_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))
}

/// What to tell the operator: where the gateway is; at first start also how to make the first account.
pub async fn announce(gateway: &Gateway) -> anyhow::Result<String> {
    let next = match setup::link(&gateway.state).await? {
        Some(link) => format!(
            "\nNo account exists yet. Make the first one here (good for 24 hours, for one person):\n\n    {link}\n"
        ),
        None => format!("open {}", gateway.state.config.public_url),
    };
    Ok(format!("listening on http://{}\n{next}\n", gateway.address))
}

/// Keeps every cache true, as long as the gateway runs.
async fn follow(state: AppState) {
    let mut events = state.database.subscribe();
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(broadcast::error::RecvError::Lagged(_)) => Event::Everything,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        tracing::debug!(?event, "changed");
        state.forget(event).await;
    }
}
