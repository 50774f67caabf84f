//! The configuration: every option as a flag and as `MCP_GATEWAY_<NAME>` in the environment.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use gateway_api::plans::Plan;
use ipnet::IpNet;
use url::Url;

use crate::{
    auth::oidc::{ServiceConfig, read_services},
    oauth::cimd::ClientMetadataOptions,
};

/// What `mcp-gateway serve` and the operator's commands share: where the data is.
#[derive(Debug, Clone, Args)]
pub struct DataOptions {
    /// Folder for the database, the master key and everything else that must be kept. Made if it is missing.
    #[arg(long, env = "MCP_GATEWAY_DATA_DIR", default_value = "data", value_name = "DIR")]
    pub data_dir: PathBuf,

    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. Without it: SQLite in the data folder.
    // Hidden from --help's current value: it may hold a password.
    #[arg(long, env = "MCP_GATEWAY_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

impl DataOptions {
    /// The database URL, given or by default.
    pub fn database_url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("gateway.sqlite").display()))
    }
}

/// The options of `mcp-gateway serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// Address to listen on. Port 0 takes a free one and prints it.
    #[arg(long, env = "MCP_GATEWAY_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// The URL under which browsers and MCP clients reach the gateway. Never change it once clients are connected:
    /// it is the OAuth issuer. Without it: http:// and the address listened on.
    #[arg(long, env = "MCP_GATEWAY_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,

    /// Where the data is.
    #[command(flatten)]
    pub data: DataOptions,

    /// File with the master key(s) that seal all credentials. Without it: `master.key` in the data folder, made at
    /// first start.
    #[arg(long, env = "MCP_GATEWAY_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,

    /// Folder with vendor manifests of your own; they add to the built-in ones or replace them.
    #[arg(long, env = "MCP_GATEWAY_VENDORS_DIR", value_name = "DIR")]
    pub vendors_dir: Option<PathBuf>,

    /// Networks that vendor addresses may lie in although they are not public, e.g. `10.0.0.0/8` for an office LAN.
    #[arg(long, env = "MCP_GATEWAY_VENDOR_NETWORKS", value_name = "CIDR", value_delimiter = ',')]
    pub vendor_networks: Vec<IpNet>,

    /// Which MCP clients may be known by a client ID metadata document.
    #[command(flatten)]
    pub client_metadata: ClientMetadataOptions,

    /// Who may make an account.
    #[arg(long, env = "MCP_GATEWAY_SIGN_UP", default_value = "invited", value_enum)]
    pub sign_up: SignUp,

    /// The plan of every new organization: `pro` for operators who host only for themselves.
    #[arg(long, env = "MCP_GATEWAY_DEFAULT_PLAN", default_value = "free", value_parser = parse_plan(), value_name = "PLAN")]
    pub default_plan: Plan,

    /// Sign-in with e-mail and password. `false` leaves only the services of --oidc-file.
    #[arg(long, env = "MCP_GATEWAY_LOCAL_ACCOUNTS", default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub local_accounts: bool,

    /// TOML file with OpenID Connect services to sign in with (docs/OPERATIONS.md, "Single sign-on").
    #[arg(long, env = "MCP_GATEWAY_OIDC_FILE", value_name = "FILE")]
    pub oidc_file: Option<PathBuf>,

    /// How long audit rows are kept, e.g. `365d` or `2years`; a number alone is days. `forever` or `0` keeps them all.
    #[arg(long, env = "MCP_GATEWAY_AUDIT_RETENTION", default_value = "365d", value_name = "DURATION")]
    pub audit_retention: Retention,

    /// Addresses of reverse proxies whose `X-Forwarded-For` header names the caller.
    #[arg(long, env = "MCP_GATEWAY_TRUSTED_PROXIES", value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,

    /// Adds the built-in ticket desk with sample data as a vendor, to try everything without an account anywhere.
    #[arg(long, env = "MCP_GATEWAY_DEMO")]
    pub demo: bool,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SignUp {
    /// Whoever holds an invitation, and whom the operator lets in.
    Invited,
    /// Everybody who can reach the gateway.
    Open,
    /// Only whom the operator lets in by `mcp-gateway user create`.
    Closed,
}

/// How long something is kept; none = for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention(pub Option<Duration>);

impl FromStr for Retention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "forever" {
            return Ok(Self(None));
        }
        let duration = match text.parse::<u32>() {
            Ok(days) => Duration::from_hours(24 * u64::from(days)),
            Err(_) => humantime::parse_duration(text)
                .map_err(|_| "give a time like 365d or 2years, a number of days, or `forever`".to_owned())?,
        };
        Ok(Self(Some(duration).filter(|duration| !duration.is_zero())))
    }
}

/// `free` or `pro` on the command line.
pub fn parse_plan() -> impl TypedValueParser<Value = Plan> {
    PossibleValuesParser::new([Plan::Free.as_str(), Plan::Pro.as_str()]).try_map(|text| text.parse::<Plan>())
}

/// The configuration of a running gateway.
#[derive(Debug, Clone)]
pub struct Config {
    /// Without a trailing slash, e.g. `https://gateway.example`: the OAuth issuer and the origin of every page.
    pub public_url: String,
    /// Where the data is.
    pub data_dir: PathBuf,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// The plan of every new organization.
    pub default_plan: Plan,
    /// E-mail and password are accepted.
    pub has_local_accounts: bool,
    /// The OpenID Connect services, in the order of the file.
    pub services: Vec<ServiceConfig>,
    /// How long audit rows are kept; none = for good.
    pub audit_retention: Option<Duration>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Networks that vendor addresses may lie in although they are not public.
    pub vendor_networks: Vec<IpNet>,
    /// Which MCP clients may be known by a client ID metadata document.
    pub client_metadata: ClientMetadataOptions,
    /// The demo vendor is there.
    pub is_demo: bool,
}

/// A configuration that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The public URL is none.
    #[error("--public-url {0}: {1}")]
    PublicUrl(Url, &'static str),
    /// The file of OpenID Connect services cannot be used.
    #[error("--oidc-file {}: {}", .0.display(), .1)]
    OidcFile(PathBuf, String),
}

impl Config {
    /// Resolves the options, once the address is known that is really listened on.
    pub fn resolve(options: &ServeOptions, listening: SocketAddr) -> Result<Self, ConfigError> {
        let public_url = match &options.public_url {
            Some(url) => check_public_url(url)?,
            None => default_public_url(listening),
        };
        let services = match &options.oidc_file {
            Some(file) => {
                read_services(file).map_err(|problem| ConfigError::OidcFile(file.clone(), problem))?
            }
            None => Vec::new(),
        };
        Ok(Self {
            public_url,
            data_dir: options.data.data_dir.clone(),
            sign_up: options.sign_up,
            default_plan: options.default_plan,
            has_local_accounts: options.local_accounts,
            services,
            audit_retention: options.audit_retention.0,
            trusted_proxies: options.trusted_proxies.clone(),
            vendor_networks: options.vendor_networks.clone(),
            client_metadata: options.client_metadata.clone(),
            is_demo: options.demo,
        })
    }

    /// Pages are reached by https: cookies can say so.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The MCP endpoint: the OAuth resource identifier (RFC 8707), without a trailing slash.
    pub fn mcp_url(&self) -> String {
        format!("{}{}", self.public_url, gateway_api::paths::MCP)
    }
}

/// The file with the master keys.
pub fn master_key_path(given: Option<&Path>, data_dir: &Path) -> PathBuf {
    given.map_or_else(|| data_dir.join("master.key"), Path::to_path_buf)
}

fn check_public_url(url: &Url) -> Result<String, ConfigError> {
    let refuse = |why| Err(ConfigError::PublicUrl(url.clone(), why));
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return refuse("a URL with a host is needed, like https://gateway.example"),
    };
    if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback) {
        return refuse("https is needed; plain http is for this computer only (127.0.0.1, localhost)");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return refuse("it must not have a path, a query or a user name: give the gateway a host of its own");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// A browser cannot open 0.0.0.0 or [::], so the default names this computer.
fn default_public_url(listening: SocketAddr) -> String {
    let host = match listening.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    format!("http://{host}:{}", listening.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        let check = |text: &str| check_public_url(&text.parse().unwrap());
        assert_eq!(check("https://gateway.example/").unwrap(), "https://gateway.example");
        assert_eq!(check("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(check("http://localhost").unwrap(), "http://localhost");
        for wrong in [
            "http://gateway.example",
            "https://g.example/path",
            "https://g.example/?q",
            "https://u@g.example",
            "data:x",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn retention_is_a_time_or_days_or_forever() {
        let days = |days: u64| Some(Duration::from_hours(24 * days));
        for (text, expected) in [
            ("365d", days(365)),
            ("30", days(30)),
            ("2weeks", days(14)),
            ("0", None),
            ("0s", None),
            ("forever", None),
        ] {
            assert_eq!(text.parse(), Ok(Retention(expected)), "{text}");
        }
        for wrong in ["", "-1", "never", "12 parsecs"] {
            assert!(wrong.parse::<Retention>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_default_public_url_can_be_opened() {
        assert_eq!(default_public_url("0.0.0.0:80".parse().unwrap()), "http://127.0.0.1:80");
        assert_eq!(default_public_url("[::1]:80".parse().unwrap()), "http://[::1]:80");
    }
}
