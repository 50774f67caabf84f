//! The network guard: which addresses a vendor call may reach.
//!
//! A person types the address of a self-hosted product, so it must not reach the gateway's own network: only public
//! addresses are allowed, and networks the operator names. The guard stands in the resolver of the HTTP client, so
//! that the address that was checked is the address that is connected to; an address in the URL itself, which never
//! meets a resolver, is checked before the request.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// IPv4 addresses that are not globally reachable (IANA IPv4 Special-Purpose Address Registry), multicast, reserved.
const SPECIAL_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// What the IPv6 registry assigns as global unicast; everything else (loopback, ULA, link-local, NAT64, ...) is special.
const GLOBAL_V6: &str = "2000::/3";

/// Special parts of that: IETF protocols with Teredo, documentation, 6to4.
const SPECIAL_V6: &[&str] = &["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

static SPECIAL: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| SPECIAL_V4.iter().chain(SPECIAL_V6).map(|net| parse(net)).collect());
static GLOBAL: LazyLock<IpNet> = LazyLock::new(|| parse(GLOBAL_V6));

fn parse(net: &str) -> IpNet {
    net.parse().expect("the networks above are valid")
}

/// Decides about addresses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guard {
    /// Networks allowed by the operator.
    pub(crate) allowed: Vec<IpNet>,
    /// The demo ticket desk in this process: this address and port, nothing else on it.
    pub(crate) demo: Option<SocketAddr>,
}

/// The guard refused every address of a host.
#[derive(Debug, thiserror::Error)]
#[error("no allowed address")]
pub(crate) struct AddressRefused;

impl Guard {
    /// Whether an address may be connected to.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allowed.iter().any(|net| net.contains(&address))
    }

    /// Checks an address that stands in the URL itself; names are checked when they are resolved.
    pub(crate) fn check(&self, url: &Url) -> Result<(), AddressRefused> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(AddressRefused),
        };
        let is_demo = url.port_or_known_default().map(|port| SocketAddr::new(address, port)) == self.demo;
        if (self.demo.is_some() && is_demo) || self.allows(address) { Ok(()) } else { Err(AddressRefused) }
    }
}

/// Resolves names by the system and leaves out what the guard refuses.
pub(crate) struct GuardedResolver(pub(crate) Arc<Guard>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|address| guard.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(AddressRefused.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    (address.is_ipv4() || GLOBAL.contains(&address)) && !SPECIAL.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(guard: &Guard, address: &str) -> bool {
        guard.allows(address.parse().unwrap())
    }

    #[test]
    fn public_addresses_only() {
        let guard = Guard::default();
        for public in
            ["1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"]
        {
            assert!(allows(&guard, public), "{public}");
        }
        for refused in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::101:101",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!allows(&guard, refused), "{refused}");
        }
    }

    #[test]
    fn networks_of_the_operator() {
        let guard =
            Guard { allowed: vec!["10.1.0.0/16".parse().unwrap(), "fd00::/8".parse().unwrap()], demo: None };
        assert!(allows(&guard, "10.1.2.3") && allows(&guard, "::ffff:10.1.2.3") && allows(&guard, "fd00::1"));
        assert!(!allows(&guard, "10.2.0.1") && !allows(&guard, "127.0.0.1"));
    }

    #[test]
    fn addresses_in_urls() {
        let guard = Guard { allowed: Vec::new(), demo: Some("127.0.0.1:4000".parse().unwrap()) };
        let check = |url: &str| guard.check(&Url::parse(url).unwrap()).is_ok();
        for allowed in [
            "https://example.com/",
            "http://1.1.1.1/",
            "http://127.0.0.1:4000/api",
            "https://[2606:4700::1111]/",
        ] {
            assert!(check(allowed), "{allowed}");
        }
        for refused in [
            "http://127.0.0.1:4001/",
            "http://127.0.0.2:4000/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]:4000/",
            "http://169.254.169.254/latest/meta-data",
        ] {
            assert!(!check(refused), "{refused}");
        }
    }

    #[tokio::test]
    async fn names_that_point_inside() {
        let resolver = GuardedResolver(Arc::new(Guard::default()));
        let Err(refused) = resolver.resolve("localhost".parse().unwrap()).await else {
            panic!("localhost was allowed")
        };
        assert!(refused.is::<AddressRefused>());
        let open = GuardedResolver(Arc::new(Guard {
            allowed: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
            demo: None,
        }));
        assert!(open.resolve("localhost".parse().unwrap()).await.unwrap().next().is_some());
    }
}
