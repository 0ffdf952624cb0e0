//! Where the browsers of a run are, and where this machine listens for them.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
};

use opencloud_browser::{
    driver::{WebDriver, check_remote},
    endpoint::Endpoint,
    engine::Engine,
    install,
    process::{Failure, Interrupt, print},
    proxies::is_this_machine,
};
use url::Url;

use crate::{given::Given, project};

/// The keys of the settings.
const WEBDRIVER: &str = "WEBDRIVER_URL";
const PAGE_HOST: &str = "PAGE_HOST";

/// Where the browsers are, and where the page and the embedded stack listen.
#[derive(Clone, Debug)]
pub(crate) struct BrowserLocation {
    /// The `WebDriver` that starts them, unless this machine does.
    webdriver: Option<Endpoint>,
    /// Whether that may start them on another machine.
    is_remote: bool,
    /// The address of this machine at which they find the page and the embedded stack.
    page_host: IpAddr,
    /// Whether the embedded stack is tested.
    has_stack: bool,
}

impl BrowserLocation {
    /// Judges the settings.
    pub(crate) fn of(given: &Given) -> Result<Self, Failure> {
        let values = given.values();
        let url = values
            .url_with_user(WEBDRIVER)
            .map_err(|error| given.refuse(&error))?;
        let is_remote = url.as_ref().is_some_and(|url| !is_loopback(url));
        let named = values
            .address(PAGE_HOST)
            .map_err(|error| given.refuse(&error))?;
        let page_host = match (named, &url) {
            (Some(address), _) => judged(address),
            (None, Some(url)) if is_remote => on_the_way_to(url),
            (None, _) => Ok(Ipv4Addr::LOCALHOST.into()),
        };
        let key = if named.is_some() {
            PAGE_HOST
        } else {
            WEBDRIVER
        };
        let page_host = page_host.map_err(|problem| given.refuse_key(Some(key), &problem))?;
        Ok(Self {
            webdriver: url.map(Endpoint::of_url).transpose()?,
            is_remote,
            page_host,
            has_stack: given.is_embedded(),
        })
    }

    /// Whether this machine starts the browsers.
    pub(crate) fn is_here(&self) -> bool {
        self.webdriver.is_none()
    }

    /// The address at which the page and the embedded stack listen.
    pub(crate) fn page_host(&self) -> IpAddr {
        self.page_host
    }

    /// Whether services at the page's address are on another machine for the browsers.
    fn is_apart(&self) -> bool {
        !self.page_host.is_loopback()
    }

    /// Whether pages of https may ask services of plain http at the page's host, as they may on loopback: what
    /// the suite notices must not depend on where the embedded stack is. A deployment is asked as its users'
    /// browsers ask it.
    pub(crate) fn allows_mixed_content(&self) -> bool {
        self.is_apart() && self.has_stack
    }

    /// Says which `WebDriver` cannot reach the service at `url`, which is on this machine alone.
    pub(crate) fn cannot_reach(&self, url: &str) -> Option<String> {
        let webdriver = self.webdriver.as_ref().filter(|_| self.is_remote)?;
        let service = Url::parse(url).ok().filter(is_loopback)?;
        Some(format!(
            "the browsers of {} cannot reach {service}, an address of this machine alone",
            webdriver.name()
        ))
    }

    /// Prints where this machine listens, if not on loopback.
    pub(crate) fn print_note(&self) {
        let address = self.page_host;
        if !self.is_apart() {
            return;
        }
        print::err(format_args!(
            "note: the test page and the embedded OpenCloud listen on {address} (PAGE_HOST)"
        ));
        if !is_private(address) {
            print::err(format_args!(
                "warning: {address} is not a private address: whatever reaches it can ask them"
            ));
        }
    }

    /// What starts the browsers of `engine`: the programs of this machine, installed where they are
    /// missing, or the `WebDriver` that is named, if it has such a browser.
    pub(crate) fn webdriver(
        &self,
        engine: &dyn Engine,
        install: bool,
        interrupt: &Interrupt,
    ) -> Result<WebDriver, Failure> {
        let root = project::root();
        let Some(endpoint) = &self.webdriver else {
            let programs = install::ensure(engine.package(), &root, install);
            interrupt.check()?;
            return Ok(WebDriver::Installed(programs?));
        };
        check_remote(endpoint, engine, interrupt)?;
        let installed = install::ensure_target(&root, install);
        interrupt.check()?;
        installed?;
        Ok(WebDriver::Remote(endpoint.clone()))
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| is_this_machine(&host))
}

/// The address, if it is one of this machine.
fn judged(address: IpAddr) -> Result<IpAddr, String> {
    if address.is_unspecified() {
        return Err(format!(
            "{PAGE_HOST}={address} stands for all addresses: name the one that the browsers reach"
        ));
    }
    match listens(address) {
        Ok(()) => Ok(address),
        Err(error) => Err(format!(
            "{PAGE_HOST}={address} is not an address of this machine: {error}"
        )),
    }
}

/// A multicast address can be bound to, but not connected to.
fn listens(address: IpAddr) -> io::Result<()> {
    let listener = TcpListener::bind((address, 0))?;
    TcpStream::connect(listener.local_addr()?)?;
    Ok(())
}

/// The address of this machine that a connection to `url` would have. Nothing is sent.
fn on_the_way_to(url: &Url) -> Result<IpAddr, String> {
    let name = url.host_str().unwrap_or_default();
    let addresses = url
        .socket_addrs(|| None)
        .map_err(|error| format!("the host {name} cannot be found: {error}"))?;
    let mut ways = addresses.iter().filter_map(|to| Some((to.ip(), own(*to)?)));
    let (to, own) = ways
        .next()
        .ok_or_else(|| format!("there is no way to {name} from here"))?;
    if is_private(to) && is_private(own) {
        return Ok(own);
    }
    Err(format!(
        "{name} is outside of this machine's private network: name the address at which its browsers reach \
         this machine in {PAGE_HOST} (--page-host)"
    ))
}

fn own(to: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(to).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// Whether an address is for one network alone: RFC 1918, RFC 4193, link-local, loopback, and the shared
/// addresses of RFC 6598.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && second & 0xc0 == 64;
            v4.is_private() || v4.is_link_local() || v4.is_loopback() || is_shared
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::Source;

    fn location(pairs: &[(&str, &str)]) -> Result<BrowserLocation, String> {
        let mut given = Given::default();
        for (key, value) in pairs {
            given.set(key, value, Source::Environment);
        }
        BrowserLocation::of(&given).map_err(|failure| failure.to_string())
    }

    #[test]
    fn this_machine_listens_on_loopback_unless_a_browser_is_elsewhere() {
        for webdriver in ["", "http://localhost:4444", "http://127.0.0.1:4444/wd/hub"] {
            let location = location(&[(WEBDRIVER, webdriver)]).unwrap();
            assert_eq!(location.page_host(), Ipv4Addr::LOCALHOST, "{webdriver}");
            assert_eq!(location.cannot_reach("http://localhost:8000"), None);
        }
        let remote = [
            (WEBDRIVER, "http://ann:pass-word@192.0.2.1:4444"),
            (PAGE_HOST, "127.0.0.1"),
        ];
        let told = location(&remote)
            .unwrap()
            .cannot_reach("http://localhost:8000");
        let told = told.unwrap();
        assert!(
            told.contains("http://192.0.2.1:4444 cannot reach http://localhost:8000"),
            "{told}"
        );
        assert!(!told.contains("pass-word"), "{told}");
    }

    #[test]
    fn only_the_embedded_stack_may_be_asked_by_pages_of_https() {
        let at = |page_host: &str, has_stack| {
            let location = BrowserLocation {
                webdriver: None,
                is_remote: false,
                page_host: page_host.parse().unwrap(),
                has_stack,
            };
            location.allows_mixed_content()
        };
        assert!(at("10.0.0.1", true));
        // Browsers allow it there.
        assert!(!at("127.0.0.1", true));
        assert!(!at("10.0.0.1", false));
        let stacks = ["", "embedded", "dev"]
            .map(|environment| location(&[("ENVIRONMENT", environment)]).unwrap().has_stack);
        assert_eq!(stacks, [true, true, false]);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (key, value, says) in [
            (PAGE_HOST, "192.0.2.1", "is not an address of this machine"),
            (PAGE_HOST, "224.0.0.1", "is not an address of this machine"),
            (PAGE_HOST, "0.0.0.0", "stands for all addresses"),
            (PAGE_HOST, "localhost", "is not an IP address"),
            (
                WEBDRIVER,
                "grid:4444",
                "must start with http:// or https://",
            ),
            (
                WEBDRIVER,
                "ftp://grid",
                "must start with http:// or https://",
            ),
            (WEBDRIVER, "http://grid/?a", "must end before any ? or #"),
            (
                WEBDRIVER,
                "http://no-such-host.invalid",
                "no-such-host.invalid cannot be found",
            ),
        ] {
            let error = location(&[(key, value)]).unwrap_err();
            assert!(
                error.contains(says) && error.contains("from the environment"),
                "{error}"
            );
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[test]
    fn an_address_of_one_network_is_private() {
        for private in [
            "10.0.0.1",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in ["172.32.0.1", "100.128.0.1", "198.51.100.1", "2001:db8::1"] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }
}
