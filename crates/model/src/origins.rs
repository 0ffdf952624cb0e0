//! Origins that a careless check could confuse with the frontend's.

use url::{Host, Url};

use crate::bad_port::is_bad_port;

/// An origin that the services must not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The origin, as a browser sends it.
    pub origin: String,
    /// How it differs from the frontend's.
    pub difference: &'static str,
}

/// The origin of a frontend that runs on its developer's machine.
pub const DEVELOPMENT: &str = "http://localhost:8080";

/// Origins at which developers try other frontends: the ports that such servers take by themselves.
const DEVELOPMENT_SERVERS: [&str; 3] = [
    "http://localhost:3000",
    "http://localhost:4200",
    "http://localhost:5173",
];

/// The origins at which developers try other frontends, but for that of the UserAPI at `user_api`: a browser that
/// is led to a page there would not reach it.
pub fn development_servers(user_api: &str) -> impl Iterator<Item = &'static str> {
    let taken = sent(user_api);
    let mut servers = DEVELOPMENT_SERVERS.to_vec();
    servers.retain(|server| taken.as_deref() != Some(*server));
    servers.into_iter()
}

/// The opaque origin, which a browser sends as `null`: that of a sandboxed frame.
pub const OPAQUE: &str = "null";

/// How far the port of a look-alike is from the frontend's.
const FAR: u16 = 20_000;

/// Whether the page is served at the origin of the service at `address`, so that the browser would not reach that.
#[must_use]
pub(crate) fn is_taken(frontend: &str, address: &str) -> bool {
    let Some(origin) = sent(address) else {
        return false;
    };
    origin == frontend
        || foreign(frontend)
            .iter()
            .any(|foreign| foreign.origin == origin)
}

/// The origins that are tried in place of `frontend`, which must be an origin itself.
#[must_use]
pub fn foreign(frontend: &str) -> Vec<Foreign> {
    let mut origins = vec![Foreign {
        origin: OPAQUE.into(),
        difference: "opaque origin",
    }];
    let Ok(url) = Url::parse(frontend) else {
        return origins;
    };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return origins;
    };
    let scheme = url.scheme();
    let explicit = url.port().map_or(String::new(), |port| format!(":{port}"));
    let mut add = |written: String, difference| {
        // A browser leaves a scheme's own port out; and some of what is made here is not a host.
        let Some(origin) = sent(&written) else { return };
        if origin != frontend && !origins.iter().any(|known| known.origin == origin) {
            origins.push(Foreign { origin, difference });
        }
    };

    let other_scheme = if scheme == "https" { "http" } else { "https" };
    add(format!("{other_scheme}://{host}{explicit}"), "other scheme");
    // A service is more often at the next port than at one far away. Browsers open no page at some ports.
    let is_good = |port: &u16| !is_bad_port(*port);
    let far = port.checked_add(FAR).unwrap_or_else(|| port - FAR);
    let other_port = (far..=u16::MAX).find(is_good).unwrap_or(port - 1);
    add(format!("{scheme}://{host}:{other_port}"), "other port");
    if let Some(Host::Domain(host)) = url.host() {
        if host == "localhost" {
            add(
                format!("{scheme}://127.0.0.1{explicit}"),
                "same machine, other host",
            );
        }
        add(
            format!("{scheme}://evil{host}{explicit}"),
            "host with the same ending",
        );
        add(format!("{scheme}://evil.{host}{explicit}"), "sub-domain");
        // With a port behind it, the host cannot be the beginning of another.
        if url.port().is_none() {
            add(
                format!("{scheme}://{host}.evil.test"),
                "host with the same beginning",
            );
            if host.contains('.') {
                let careless = host.replacen('.', "x", 1);
                add(
                    format!("{scheme}://{careless}"),
                    "another character for a dot",
                );
            }
        }
    }
    if host != "localhost" {
        add(DEVELOPMENT.into(), "a developer's own frontend");
    }
    origins
}

/// An origin as a browser sends it.
fn sent(origin: &str) -> Option<String> {
    Some(Url::parse(origin).ok()?.origin().ascii_serialization())
}

/// Why a page at `page` cannot open one at `foreign` in a frame, if that is so. `https` says whether this
/// run serves pages over https.
#[must_use]
pub fn obstacle(page: &str, foreign: &str, https: bool) -> Option<&'static str> {
    let is_https = |origin: &str| origin.starts_with("https://");
    if is_https(foreign) && !is_https(page) && !https {
        return Some("the page is not served over https; `cargo e2e` does that");
    }
    // Mixed Content, "should fetching request be blocked": frames are let through only from
    // localhost, which is trusted as if it were https (Secure Contexts, section 3.1).
    let of_developers = foreign == DEVELOPMENT || DEVELOPMENT_SERVERS.contains(&foreign);
    let plain = !(is_https(foreign) || of_developers || foreign == OPAQUE);
    (is_https(page) && plain).then_some("a page of https holds no frame of plain http")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(frontend: &str) -> Vec<String> {
        let foreign = foreign(frontend);
        foreign.into_iter().map(|foreign| foreign.origin).collect()
    }

    #[test]
    fn look_alikes_of_the_local_frontend() {
        assert_eq!(
            origins("http://localhost:8080"),
            [
                "null",
                "https://localhost:8080",
                "http://localhost:28080",
                "http://127.0.0.1:8080",
                "http://evillocalhost:8080",
                "http://evil.localhost:8080",
            ]
        );
    }

    #[test]
    fn look_alikes_of_the_public_frontend() {
        assert_eq!(
            origins("https://ries-lab.github.io"),
            [
                "null",
                "http://ries-lab.github.io",
                "https://ries-lab.github.io:20443",
                "https://evilries-lab.github.io",
                "https://evil.ries-lab.github.io",
                "https://ries-lab.github.io.evil.test",
                "https://ries-labxgithub.io",
                "http://localhost:8080",
            ]
        );
    }

    #[test]
    fn no_service_can_be_where_a_page_is_served() {
        let is_taken = |address| is_taken(DEVELOPMENT, address);
        assert!(is_taken("http://localhost:8080/api/v1"));
        assert!(is_taken("https://localhost:8080"));
        assert!(is_taken("http://127.0.0.1:8080"));
        assert!(!is_taken("http://localhost:8081"));
        assert!(!is_taken("http://localhost:8000"));
    }

    #[test]
    fn what_keeps_a_page_from_a_frame() {
        let public = "https://ries-lab.github.io";
        assert!(obstacle(public, "http://ries-lab.github.io", true).is_some());
        for framed in [OPAQUE, DEVELOPMENT, "https://ries-lab.github.io:20443"] {
            assert_eq!(obstacle(public, framed, true), None, "{framed}");
        }
        let twin = "https://localhost:8080";
        assert!(obstacle(DEVELOPMENT, twin, false).is_some());
        assert_eq!(obstacle(DEVELOPMENT, twin, true), None);
        assert_eq!(obstacle(DEVELOPMENT, "http://127.0.0.1:8080", false), None);
    }
}
