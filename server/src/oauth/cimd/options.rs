//! What an operator decides about client ID metadata documents.

use std::str::FromStr;

use clap::Args;
use ipnet::IpNet;
use url::{Host, Url};

/// Whose documents are fetched, and from where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct ClientMetadataOptions {
    /// Which MCP clients may be known by a client ID metadata document: `any`, `none`, or those on these hosts, e.g.
    /// `claude.ai,vscode.dev`. All others register themselves.
    #[arg(
        id = "client_metadata_hosts",
        long = "client-metadata-hosts",
        env = "MCP_GATEWAY_CLIENT_METADATA_HOSTS",
        default_value = "any",
        value_name = "HOST,.."
    )]
    pub hosts: Hosts,

    /// Networks that these documents may lie in although they are not public, e.g. `10.0.0.0/8`. With a loopback network
    /// also by plain http on this computer, for development.
    #[arg(
        id = "client_metadata_networks",
        long = "client-metadata-networks",
        env = "MCP_GATEWAY_CLIENT_METADATA_NETWORKS",
        value_name = "CIDR,..",
        value_delimiter = ','
    )]
    pub networks: Vec<IpNet>,
}

/// Hosts whose documents are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Hosts {
    /// Every host: a person looks at it before they allow anything.
    #[default]
    Any,
    /// No host: clients register themselves.
    None,
    /// These, as a URL writes them.
    Only(Vec<String>),
}

impl Hosts {
    /// Whether a document at `url` is believed.
    pub fn accepts(&self, url: &Url) -> bool {
        match self {
            Self::Any => true,
            Self::None => false,
            Self::Only(hosts) => url.host_str().is_some_and(|host| hosts.iter().any(|known| known == host)),
        }
    }
}

impl FromStr for Hosts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "any" => Ok(Self::Any),
            "none" => Ok(Self::None),
            list => list.split(',').map(host).collect::<Result<_, _>>().map(Self::Only),
        }
    }
}

fn host(text: &str) -> Result<String, String> {
    let host = Host::parse(text.trim()).map_err(|error| format!("{text:?} is no host: {error}"))?;
    Ok(host.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_none_or_a_list() {
        let accepts =
            |hosts: &str, url: &str| hosts.parse::<Hosts>().unwrap().accepts(&Url::parse(url).unwrap());
        assert!(accepts("any", "https://app.example/client.json"));
        assert!(!accepts("none", "https://app.example/client.json"));
        let hosts = "Claude.ai, app.example,[::1]";
        for right in ["https://claude.ai/x", "https://app.example:8443/x", "https://[::1]/x"] {
            assert!(accepts(hosts, right), "{right}");
        }
        for wrong in ["https://evil.claude.ai/x", "https://claude.ai.evil.example/x", "https://any/x"] {
            assert!(!accepts(hosts, wrong), "{wrong}");
        }
        for wrong in ["", "a,,b", "https://claude.ai", "claude.ai:443", "a b"] {
            assert!(wrong.parse::<Hosts>().is_err(), "{wrong}");
        }
    }
}
