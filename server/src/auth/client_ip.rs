//! The address of the caller.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use ipnet::IpNet;

use crate::state::AppState;

/// Where the request comes from, as far as can be trusted. An IPv4 address is told as one, also where the socket or a proxy
/// writes it as IPv6 (`::ffff:192.0.2.1`).
#[derive(Debug, Clone, Copy)]
pub struct ClientIp(pub IpAddr);

impl FromRequestParts<AppState> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        // Without a socket (in tests through the router) the caller is this computer.
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip());
        Ok(Self(resolve(peer, &parts.headers, &state.config.trusted_proxies)))
    }
}

/// Walks `X-Forwarded-For` from the right, as long as it was written by a proxy that the operator trusts.
fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).collect();
    let mut caller = peer;
    for hop in hops.into_iter().rev() {
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        caller = address.to_canonical();
        if !is_trusted(&caller) {
            break;
        }
    }
    caller
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let caller = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            resolve(peer.parse().unwrap(), &headers, &trusted).to_string()
        };
        assert_eq!(caller("192.0.2.1", "198.51.100.7"), "192.0.2.1", "not a proxy: its claim is ignored");
        assert_eq!(caller("10.0.0.1", "198.51.100.7"), "198.51.100.7");
        assert_eq!(
            caller("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2"),
            "198.51.100.7",
            "forged part ignored"
        );
        assert_eq!(caller("10.0.0.1", "nonsense"), "10.0.0.1");
        // As `--listen [::]:8080` sees them.
        assert_eq!(caller("::ffff:10.0.0.1", "198.51.100.7, ::ffff:10.0.0.2"), "198.51.100.7");
        assert_eq!(caller("::ffff:10.0.0.1", "::ffff:198.51.100.7"), "198.51.100.7");
        assert_eq!(caller("::ffff:192.0.2.1", "198.51.100.7"), "192.0.2.1");
    }
}
