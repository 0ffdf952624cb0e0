//! The proxies of the environment: which address is asked through which of them.
//!
//! The browser and our own clients read the variables in the same way. Desktop settings do not count:
//! no client of ours could read them, and a terminal of such a desktop sets the variables itself.

use std::{env, fmt, net::IpAddr};

use ipnet::IpNet;
use url::{Host, Url};

use crate::credentials;

/// The proxies that `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` name, in lower or upper case.
#[derive(Clone, Default)]
pub struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    direct: Vec<Rule>,
}

/// Hosts that are asked without a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// All of them.
    All,
    /// Addresses.
    Network(IpNet),
    /// A host and, if `with_itself` is false, only the hosts below it.
    Host {
        /// The host's name.
        name: String,
        /// The port; `None` for all.
        port: Option<u16>,
        /// Whether the host itself is meant as well.
        with_itself: bool,
    },
}

impl Proxies {
    /// Reads the environment. Passwords in it become known secrets.
    #[must_use]
    pub fn of_environment() -> Self {
        let proxies = Self::read(|key| env::var(key).ok());
        for proxy in [&proxies.http, &proxies.https].into_iter().flatten() {
            credentials::learn_password(proxy);
        }
        proxies
    }

    /// Reads variables. Lower case wins, as with curl.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |key: &str| {
            [key.to_owned(), key.to_uppercase()]
                .iter()
                .filter_map(|key| variable(key))
                .find(|value| !value.trim().is_empty())
        };
        let proxy = |key: &str| value(key).and_then(|value| proxy(value.trim()));
        let all = proxy("all_proxy");
        let direct = value("no_proxy").unwrap_or_default();
        Self {
            http: proxy("http_proxy").or_else(|| all.clone()),
            https: proxy("https_proxy").or(all),
            direct: direct
                .split([',', ' ', ';'])
                .filter_map(|entry| rule(entry.trim()))
                .collect(),
        }
    }

    /// The same, but for `address`, which is asked without a proxy.
    #[must_use]
    pub(crate) fn except(mut self, address: IpAddr) -> Self {
        // A loopback address is asked directly anyway, and an engine may know that rule in other words.
        if !address.is_loopback() {
            self.direct.push(Rule::Network(address.into()));
        }
        self
    }

    /// The proxy through which `url` is asked, with its password; `None` if it is asked directly, as is
    /// everything on this machine.
    #[must_use]
    pub fn of_url(&self, url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        let proxy = match url.scheme() {
            "http" | "ws" => self.http.as_ref()?,
            "https" | "wss" => self.https.as_ref()?,
            _ => return None,
        };
        let host = url.host()?;
        let port = url.port_or_known_default();
        let is_direct = is_this_machine(&host)
            || self
                .direct
                .iter()
                .any(|rule| rule.is_about(&host.to_owned(), port));
        (!is_direct).then(|| proxy.to_string())
    }

    /// The proxy of each scheme that has one, without user and password.
    pub(crate) fn servers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let schemes = [("http", &self.http), ("https", &self.https)];
        schemes.into_iter().filter_map(|(scheme, proxy)| {
            let proxy = proxy.as_ref()?;
            let port = proxy.port_or_known_default().unwrap_or(SOCKS_PORT);
            let host = proxy.host_str()?;
            Some((scheme, format!("{}://{host}:{port}", proxy.scheme())))
        })
    }

    /// The hosts that are asked without a proxy, besides this machine.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.direct
    }

    /// The patterns of hosts that are asked without a proxy, such as `*.example.org:443`.
    pub(crate) fn direct(&self) -> Vec<String> {
        self.direct.iter().flat_map(Rule::patterns).collect()
    }
}

/// Passwords are not for messages.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("servers", &self.servers().collect::<Vec<_>>())
            .field("direct", &self.direct)
            .finish_non_exhaustive()
    }
}

/// The port of a SOCKS proxy without one (RFC 1928, section 3).
const SOCKS_PORT: u16 = 1080;

/// A proxy's address. Without a scheme it speaks http.
fn proxy(value: &str) -> Option<Url> {
    let with_scheme = if value.contains("://") {
        value.to_owned()
    } else {
        format!("http://{value}")
    };
    Url::parse(&with_scheme).ok().filter(Url::has_host)
}

fn rule(entry: &str) -> Option<Rule> {
    if entry == "*" {
        return Some(Rule::All);
    }
    if let Ok(network) = entry.parse() {
        return Some(Rule::Network(network));
    }
    if let Ok(address) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(Rule::Network(address.into()));
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (entry, None),
    };
    let below = name.trim_start_matches('*').strip_prefix('.');
    let name = below.unwrap_or(name).to_ascii_lowercase();
    // What is left out is no name, such as Chromium's `<-loopback>`, which would ask a proxy for this
    // machine.
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_name)).then_some(Rule::Host {
        name,
        port,
        with_itself: below.is_none(),
    })
}

impl Rule {
    fn is_about(&self, host: &Host<String>, asked: Option<u16>) -> bool {
        match (self, host) {
            (Self::All, _) => true,
            (Self::Network(network), Host::Ipv4(address)) => {
                network.contains(&IpAddr::from(*address))
            }
            (Self::Network(network), Host::Ipv6(address)) => {
                network.contains(&IpAddr::from(*address))
            }
            (
                Self::Host {
                    name,
                    port,
                    with_itself,
                },
                Host::Domain(host),
            ) => {
                let host = host.to_ascii_lowercase();
                let is_below = host
                    .strip_suffix(name.as_str())
                    .is_some_and(|rest| rest.ends_with('.'));
                (port.is_none() || *port == asked) && (is_below || *with_itself && host == *name)
            }
            _ => false,
        }
    }

    fn patterns(&self) -> Vec<String> {
        match self {
            Self::All => vec!["*".into()],
            Self::Network(network) => vec![network.to_string()],
            Self::Host {
                name,
                port,
                with_itself,
            } => {
                let port = port.map_or(String::new(), |port| format!(":{port}"));
                let mut patterns = vec![format!("*.{name}{port}")];
                if *with_itself {
                    patterns.push(format!("{name}{port}"));
                }
                patterns
            }
        }
    }
}

/// Whether `host` is this machine, whatever the environment says (RFC 6761, section 6.3, and loopback
/// addresses).
#[must_use]
pub fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::read(|key| {
            let found = variables.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn of_url(variables: &[(&str, &str)], url: &str) -> Option<String> {
        proxies(variables).of_url(url)
    }

    #[test]
    fn a_scheme_has_its_own_proxy_in_either_case() {
        let variables = [
            ("HTTP_PROXY", "upper.test:1"),
            ("http_proxy", "lower.test:2"),
            ("ALL_PROXY", "socks5://all.test"),
        ];
        let http = of_url(&variables, "http://api.test/");
        assert_eq!(http.as_deref(), Some("http://lower.test:2/"));
        let https = of_url(&variables, "https://api.test/");
        assert_eq!(https.as_deref(), Some("socks5://all.test"));
        assert_eq!(of_url(&[("http_proxy", " ")], "http://api.test/"), None);
        assert_eq!(of_url(&[("http_proxy", "http://")], "http://a.test/"), None);
    }

    #[test]
    fn this_machine_is_never_asked_through_a_proxy() {
        let variables = [("all_proxy", "p.test:1"), ("no_proxy", "<-loopback>")];
        for url in [
            "http://localhost:8000/jobs",
            "http://evil.localhost:8080",
            "http://127.0.0.2",
            "https://[::1]:8443",
        ] {
            assert_eq!(of_url(&variables, url), None, "{url}");
        }
        assert!(of_url(&variables, "http://evillocalhost:8080").is_some());
        assert_eq!(proxies(&variables).direct(), [""; 0]);
    }

    #[test]
    fn no_proxy_names_hosts_those_below_them_ports_and_networks() {
        let list = "a.test, .b.test,c.test:81 10.0.0.0/8,[2001:db8::1],*.d.test";
        let variables = [("all_proxy", "p.test:1"), ("NO_PROXY", list)];
        for (url, is_direct) in [
            ("http://a.test", true),
            ("http://x.A.test", true),
            ("http://xa.test", false),
            ("http://b.test", false),
            ("http://x.b.test", true),
            ("http://c.test", false),
            ("http://c.test:81", true),
            ("http://10.1.2.3", true),
            ("http://11.1.2.3", false),
            ("http://[2001:db8::1]", true),
            ("http://x.d.test", true),
        ] {
            assert_eq!(of_url(&variables, url).is_none(), is_direct, "{url}");
        }
        let all = [("all_proxy", "p.test:1"), ("no_proxy", "*")];
        assert_eq!(of_url(&all, "http://a.test"), None);
        let patterns = proxies(&variables).direct();
        assert_eq!(patterns[..3], ["*.a.test", "a.test", "*.b.test"]);
    }

    #[test]
    fn a_password_is_for_the_proxy_alone() {
        let shown = proxies(&[("https_proxy", "http://ann:pass-word@p.test:3128")]);
        let servers: Vec<_> = shown.servers().collect();
        assert_eq!(servers, [("https", "http://p.test:3128".to_owned())]);
        assert!(!format!("{shown:?}").contains("pass-word"));
        let own = shown.of_url("https://api.test");
        assert!(own.unwrap().contains("ann:pass-word@"));
    }
}
