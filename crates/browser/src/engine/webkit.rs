//! `WebKitGTK`, driven by `WebKitWebDriver`.
//!
//! It is the engine of Safari in the build that runs on Linux. It has no log of requests, so the page's
//! own events are all that is known of them.

use std::time::Duration;

use opencloud_model::observation::Observation;
use serde_json::{Value, json};

use super::interface::{Engine, Launch};
use crate::{
    driver::{Session, WebDriverError},
    install::Package,
    serve::Cookie,
    traffic::{Exchange, NetworkLog},
};

/// The engine of Safari and of GNOME's browser.
#[derive(Debug)]
pub(super) struct WebKit;

static PACKAGE: Package = Package {
    browser: "WebKit's MiniBrowser",
    driver: "WebKitWebDriver",
    browser_key: "MINIBROWSER",
    driver_key: "WEBKITWEBDRIVER",
    driver_directory_key: "WEBKITWEBDRIVER_DIRECTORY",
    // Where Debian, Arch, Fedora and openSUSE have it.
    browsers: &[
        "MiniBrowser",
        "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
        "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
        "/usr/lib/x86_64-linux-gnu/webkitgtk-6.0/MiniBrowser",
        "/usr/lib/aarch64-linux-gnu/webkitgtk-6.0/MiniBrowser",
        "/usr/lib/webkit2gtk-4.1/MiniBrowser",
        "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
        "/usr/libexec/webkitgtk-6.0/MiniBrowser",
    ],
    drivers: &["WebKitWebDriver"],
    apt: &["webkit2gtk-driver"],
    driver_crate: None,
    tools: &[("Xvfb", "xvfb")],
    commands: &[
        (
            "apt-get",
            "sudo apt-get install -y --no-install-recommends webkit2gtk-driver xvfb",
        ),
        (
            "dnf",
            "sudo dnf install -y webkit2gtk4.1 xorg-x11-server-Xvfb",
        ),
        (
            "pacman",
            "sudo pacman -S --noconfirm webkit2gtk-4.1 xorg-server-xvfb",
        ),
        (
            "zypper",
            "sudo zypper install -y webkit2gtk3-minibrowser xvfb-run",
        ),
    ],
    without_apt: "use a distribution with WebKitGTK's driver, or name the programs in MINIBROWSER and \
                  WEBKITWEBDRIVER",
    website: "https://webkitgtk.org/",
};

impl Engine for WebKit {
    fn id(&self) -> &'static str {
        "webkit"
    }

    fn name(&self) -> &'static str {
        "WebKit"
    }

    fn package(&self) -> &'static Package {
        &PACKAGE
    }

    fn browser_name(&self) -> &'static str {
        "MiniBrowser"
    }

    fn driver_args(&self, port: u16) -> Vec<String> {
        vec![format!("--port={port}")]
    }

    fn ready_message(&self) -> Option<&'static str> {
        None
    }

    fn lost_its_port(&self, driver_output: &str) -> bool {
        driver_output.contains("Failed to start server")
    }

    /// It starts within a second, or at times never: then another attempt helps.
    fn start_limit(&self) -> Duration {
        Duration::from_secs(20)
    }

    /// It has no mode without a window.
    fn needs_display(&self) -> bool {
        true
    }

    /// Its other kind of proxy settings, a script, needs D-Bus.
    fn needs_services(&self) -> bool {
        true
    }

    /// It takes that for mixed content.
    fn trusts_loopback(&self) -> bool {
        false
    }

    fn capabilities(&self, launch: &Launch<'_>) -> Value {
        // The capability of this name wants a proxy for https that speaks TLS itself.
        let proxy = format!("--proxy=http://{}", launch.tls.address());
        // The others are asked through the listener, which asks the proxy of the environment.
        let direct = launch.services.iter();
        let direct = direct.filter(|service| !is_proxied(launch, service));
        let direct = direct.map(|service| format!("--ignore-host={service}"));
        let args: Vec<_> = ["--automation".into(), proxy]
            .into_iter()
            .chain(direct)
            .collect();
        let mut options = json!({ "args": args });
        if let Some(installed) = launch.installed {
            options["binary"] = json!(installed.program);
        }
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": self.browser_name(),
            // It cannot be told of one certificate alone.
            "acceptInsecureCerts": true,
            "webkitgtk:browserOptions": options,
        }}})
    }

    /// The listener is not a client of other kinds of proxies. For a browser elsewhere it asks no other server
    /// at all, as it would for everyone on its network.
    fn obstacle(&self, launch: &Launch<'_>) -> Option<String> {
        let mut servers = launch.proxies.servers();
        if launch.installed.is_none() {
            let (_, proxy) = servers.next()?;
            return Some(format!(
                "{} on another machine cannot be led through the proxy of the environment, {proxy}",
                self.name()
            ));
        }
        let (_, proxy) = servers.find(|(_, proxy)| !proxy.starts_with("http://"))?;
        Some(format!(
            "{} cannot be led through the proxy of the environment, {proxy}: only through one whose \
             address begins with http://",
            self.name()
        ))
    }

    fn no_match(&self) -> &'static str {
        "Failed to match capabilities"
    }

    /// Both are of one version.
    fn driver_version(&self, capabilities: &Value) -> String {
        let version = capabilities["browserVersion"].as_str();
        format!("WebKitWebDriver {}", version.unwrap_or_default())
    }

    /// A cookie needs a page of its host. The address that it is for is one, although it is refused.
    fn set_cookie(&self, session: &Session, cookie: &Cookie) -> Result<(), WebDriverError> {
        session.navigate(&cookie.url)?;
        // Without a domain it is for that host alone.
        let cookie = json!({ "cookie": {
            "name": cookie.name,
            "value": cookie.value,
            "path": cookie.path,
            "httpOnly": true,
            "sameSite": "Strict",
        }});
        session.post("cookie", &cookie)
    }

    fn network_entries(&self, _session: &Session) -> Result<Vec<String>, WebDriverError> {
        Ok(Vec::new())
    }

    fn has_network_log(&self) -> bool {
        false
    }

    fn unknown(&self) -> &'static [&'static str] {
        &[
            "headers",
            "preflights",
            "the parts of a request's time",
            "requests that are no script's",
            "the browser's own reason for a request that failed",
        ]
    }

    fn network_log(&self) -> Box<dyn NetworkLog> {
        Box::new(NoLog)
    }
}

/// Whether the environment names a proxy for a service.
fn is_proxied(launch: &Launch<'_>, service: &str) -> bool {
    ["http", "https"].iter().any(|scheme| {
        let url = format!("{scheme}://{service}");
        launch.proxies.of_url(&url).is_some()
    })
}

/// The log of an engine that has none.
#[derive(Debug)]
struct NoLog;

impl NetworkLog for NoLog {
    fn take(&mut self, _entry: &str) {}

    fn observation(&self, _method: &str, _url: &str, _started_at: f64) -> Option<Observation> {
        None
    }

    fn exchanges(&self) -> Vec<(Exchange, Option<usize>)> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, path::Path};

    use tokio::runtime::Runtime;

    use super::*;
    use crate::{engine::interface::Installed, proxies::Proxies, serve::TlsListener};

    #[test]
    fn services_are_asked_directly_unless_the_environment_names_a_proxy() {
        let runtime = Runtime::new().unwrap();
        let page = ([127, 0, 0, 1], 1).into();
        let origins = ["http://localhost:8080".to_owned()];
        let host = Ipv4Addr::LOCALHOST.into();
        let tls = TlsListener::bind(runtime.handle(), host, page, &origins).unwrap();
        let services = ["localhost:8000".to_owned(), "amazonaws.com".to_owned()];
        let launch = |proxies| Launch {
            installed: Some(Installed {
                program: Path::new("MiniBrowser"),
                profile: Path::new("profile"),
            }),
            headed: false,
            origins: &origins,
            secure: &[],
            mixed_content: false,
            services: &services,
            tls: &tls,
            proxies,
        };
        let proxy = |address: &'static str| {
            Proxies::read(move |key| (key == "https_proxy").then(|| address.into()))
        };
        let args = |proxies| {
            let capabilities = WebKit.capabilities(&launch(proxies));
            let options = &capabilities["capabilities"]["alwaysMatch"]["webkitgtk:browserOptions"];
            options["args"].clone()
        };
        let page = format!("--proxy=http://{}", tls.address());
        let direct = [
            "--ignore-host=localhost:8000",
            "--ignore-host=amazonaws.com",
        ];
        let none = Proxies::default();
        assert_eq!(
            args(&none),
            json!(["--automation", page, direct[0], direct[1]])
        );
        assert_eq!(WebKit.obstacle(&launch(&none)), None);
        let (plain, socks) = (proxy("p.test:1"), proxy("socks5://p.test"));
        assert_eq!(args(&plain), json!(["--automation", page, direct[0]]));
        assert_eq!(WebKit.obstacle(&launch(&plain)), None);
        let obstacle = WebKit.obstacle(&launch(&socks)).unwrap();
        assert!(obstacle.contains("socks5://p.test"), "{obstacle}");
    }
}
