//! The proxy auto-configuration (PAC) that leads a browser to the page.

use std::net::SocketAddr;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ipnet::IpNet;
use serde_json::{Map, Value, json};

use crate::proxies::{Proxies, Rule};

/// The script, which reads the object `known`. As in `proxies.rs`, this machine is asked directly.
const SCRIPT: &str = include_str!("pac.js");

/// The address of a script that leads `origins` to `page`, and everything else where `proxies` lead it.
pub(super) fn url(origins: &[String], page: SocketAddr, proxies: &Proxies) -> String {
    let script = script(origins, page, proxies);
    let script = BASE64_STANDARD.encode(script);
    format!("data:application/x-ns-proxy-autoconfig;base64,{script}")
}

/// The script itself.
pub(super) fn script(origins: &[String], page: SocketAddr, proxies: &Proxies) -> String {
    let servers: Map<_, _> = proxies
        .servers()
        .map(|(scheme, proxy)| (scheme.to_owned(), server(&proxy).into()))
        .collect();
    let rules = proxies.rules();
    let networks = rules.iter().filter_map(|rule| match rule {
        Rule::Network(network) => Some(bits(network)),
        _ => None,
    });
    let hosts = rules.iter().filter_map(|rule| match rule {
        Rule::Host {
            name,
            port,
            with_itself,
        } => Some(json!([
            name,
            port.map(|port| port.to_string()),
            with_itself
        ])),
        _ => None,
    });
    let known = json!({
        "origins": origins,
        "page": format!("PROXY {page}"),
        "servers": servers,
        "allDirect": rules.contains(&Rule::All),
        "networks": networks.collect::<Vec<Value>>(),
        "hosts": hosts.collect::<Vec<_>>(),
    });
    format!("const known = {known};\n{SCRIPT}")
}

/// A proxy in the words of such scripts.
fn server(proxy: &str) -> String {
    let (scheme, address) = proxy.split_once("://").unwrap_or(("http", proxy));
    let kind = match scheme {
        "https" => "HTTPS",
        "socks4" | "socks4a" => "SOCKS4",
        scheme if scheme.starts_with("socks") => "SOCKS5",
        _ => "PROXY",
    };
    format!("{kind} {address}")
}

/// The length of the network's addresses in bits, and the bits that they have in common.
fn bits(network: &IpNet) -> Value {
    let (length, all) = match network {
        IpNet::V4(network) => (32, format!("{:032b}", network.network().to_bits())),
        IpNet::V6(network) => (128, format!("{:0128b}", network.network().to_bits())),
    };
    json!([length, all[..usize::from(network.prefix_len())]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_knows_the_page_and_the_proxies() {
        let proxies = Proxies::read(|key| {
            let value = match key {
                "http_proxy" => "ann:pass-word@p.test:1",
                "https_proxy" => "socks5h://s.test",
                "no_proxy" => "10.128.0.0/9,.a.test:81",
                _ => return None,
            };
            Some(value.into())
        });
        let origins = ["http://localhost:8080".to_owned()];
        let script = script(&origins, ([127, 0, 0, 1], 4242).into(), &proxies);
        let known = script.lines().next().unwrap();
        let known = known.trim_start_matches("const known = ");
        let known: Value = serde_json::from_str(known.trim_end_matches(';')).unwrap();
        assert_eq!(
            known,
            json!({
                "origins": ["http://localhost:8080"],
                "page": "PROXY 127.0.0.1:4242",
                "servers": { "http": "PROXY p.test:1", "https": "SOCKS5 s.test:1080" },
                "allDirect": false,
                "networks": [[32, "000010101"]],
                "hosts": [["a.test", "81", false]],
            })
        );
        let url = url(&origins, ([127, 0, 0, 1], 4242).into(), &proxies);
        let encoded = url.split_once(";base64,").unwrap().1;
        assert_eq!(BASE64_STANDARD.decode(encoded).unwrap(), script.as_bytes());
    }
}
