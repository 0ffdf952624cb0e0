//! Chromium and Chrome, driven by chromedriver.

mod network_event;
mod network_log;
mod policy;
mod reason;

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use self::network_log::ChromiumLog;
use super::interface::{Engine, Installed, Launch};
use crate::{
    driver::{Session, WebDriverError},
    install::Package,
    serve::Cookie,
    traffic::NetworkLog,
};

/// The engine of Chrome, Chromium and Edge.
#[derive(Debug)]
pub(super) struct Chromium;

static PACKAGE: Package = Package {
    browser: "Chrome or Chromium",
    driver: "chromedriver",
    browser_key: "CHROME",
    driver_key: "CHROMEDRIVER",
    driver_directory_key: "CHROMEWEBDRIVER",
    browsers: &[
        "google-chrome",
        "google-chrome-stable",
        "chromium",
        "chromium-browser",
        "chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    drivers: &[
        "chromedriver",
        "/usr/lib/chromium-browser/chromedriver",
        "/usr/lib/chromium/chromedriver",
    ],
    apt: &["chromium", "chromium-driver"],
    driver_crate: None,
    tools: &[],
    commands: &[
        (
            "apt-get",
            "sudo apt-get install -y --no-install-recommends chromium chromium-driver",
        ),
        ("dnf", "sudo dnf install -y chromium chromedriver"),
        ("pacman", "sudo pacman -S --noconfirm chromium"),
        ("apk", "sudo apk add chromium chromium-chromedriver"),
        ("zypper", "sudo zypper install -y chromium chromedriver"),
        ("brew", "brew install --cask google-chrome chromedriver"),
    ],
    without_apt: "run npx @puppeteer/browsers install chrome@stable and npx @puppeteer/browsers install \
                  chromedriver@stable, and name the programs that they print in CHROME and CHROMEDRIVER",
    website: "https://googlechromelabs.github.io/chrome-for-testing/",
};

/// An entry of one of the driver's logs.
#[derive(Deserialize)]
struct LogEntry {
    level: String,
    message: String,
}

impl Engine for Chromium {
    fn id(&self) -> &'static str {
        "chromium"
    }

    fn name(&self) -> &'static str {
        "Chrome"
    }

    fn package(&self) -> &'static Package {
        &PACKAGE
    }

    fn browser_name(&self) -> &'static str {
        "chrome"
    }

    fn driver_args(&self, port: u16) -> Vec<String> {
        // The browser's own log shows why it does not start.
        vec![format!("--port={port}"), "--enable-chrome-logs".into()]
    }

    fn ready_message(&self) -> Option<&'static str> {
        Some("started successfully on port ")
    }

    /// It ends if somebody has its port, with either version of the Internet Protocol.
    fn lost_its_port(&self, driver_output: &str) -> bool {
        driver_output.contains("port not available")
    }

    fn capabilities(&self, launch: &Launch<'_>) -> Value {
        let mut options = json!({
            "args": args(launch),
            // Its usual first page is a program of its own, which takes as long as a few tests.
            "prefs": { "session": { "restore_on_startup": 4, "startup_urls": ["about:blank"] } },
            "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
        });
        if let Some(installed) = launch.installed {
            options["binary"] = json!(installed.program);
        }
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": self.browser_name(),
            "goog:chromeOptions": options,
            // Its own reason for a request that failed is in its log of performance.
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        }}})
    }

    fn arguments(&self, launch: &Launch<'_>) -> Option<Vec<String>> {
        Some(args(launch))
    }

    fn obstacle(&self, launch: &Launch<'_>) -> Option<String> {
        let program = launch.installed?.program;
        policy::obstacle(program, launch.origins, launch.proxies)
    }

    fn policies(&self, program: &Path) -> Vec<PathBuf> {
        policy::files(program)
    }

    fn page_error(&self, session: &Session) -> Result<Option<String>, WebDriverError> {
        let entries = self.network_entries(session)?;
        Ok(entries.iter().rev().find_map(|entry| document_error(entry)))
    }

    /// That of Chromium's own builds (`process_singleton_posix.cc`); Chrome's is shorter.
    fn socket(&self) -> &'static str {
        "org.chromium.Chromium.XXXXXX/SingletonSocket"
    }

    fn is_version_mismatch(&self, refusal: &str) -> bool {
        refusal.contains("only supports Chrome version")
    }

    fn no_match(&self) -> &'static str {
        "No matching capabilities found"
    }

    fn driver_version(&self, capabilities: &Value) -> String {
        let version = capabilities["chrome"]["chromedriverVersion"].as_str();
        // Behind the number comes that of its source.
        let number = version.and_then(|version| version.split(' ').next());
        format!("chromedriver {}", number.unwrap_or_default())
    }

    fn set_cookie(&self, session: &Session, cookie: &Cookie) -> Result<(), WebDriverError> {
        let cookie = json!({
            "name": cookie.name,
            "value": cookie.value,
            "url": cookie.url,
            "path": cookie.path,
            "httpOnly": true,
            "sameSite": "Strict",
        });
        devtools_command(session, "Network.setCookie", &cookie)
    }

    fn console_errors(&self, session: &Session) -> Result<Vec<String>, WebDriverError> {
        let entries = entries(session, "browser")?.into_iter();
        let errors = entries.filter(|entry| entry.level == "SEVERE");
        Ok(errors.map(|entry| entry.message).collect())
    }

    /// Every request comes with the call stack of the script that sent it. The stacks make up most
    /// of the log. A browser without this command is merely slower.
    fn shorten_network_log(&self, session: &Session) -> Result<(), WebDriverError> {
        let shallow = json!({ "size": 1 });
        devtools_command(session, "Runtime.setMaxCallStackSizeToCapture", &shallow)
    }

    fn network_entries(&self, session: &Session) -> Result<Vec<String>, WebDriverError> {
        let entries = entries(session, "performance")?.into_iter();
        Ok(entries.map(|entry| entry.message).collect())
    }

    fn unknown(&self) -> &'static [&'static str] {
        &[]
    }

    fn network_log(&self) -> Box<dyn NetworkLog> {
        Box::<ChromiumLog>::default()
    }
}

/// The error of an entry of the network log about a document that did not load.
fn document_error(entry: &str) -> Option<String> {
    let entry: Value = serde_json::from_str(entry).ok()?;
    let message = &entry["message"];
    let is_about_document =
        message["method"] == "Network.loadingFailed" && message["params"]["type"] == "Document";
    let error = message["params"]["errorText"].as_str();
    error.filter(|_| is_about_document).map(str::to_owned)
}

/// Sends a command of the `DevTools` protocol to the page.
fn devtools_command(session: &Session, name: &str, params: &Value) -> Result<(), WebDriverError> {
    let body = json!({ "cmd": name, "params": params });
    session.post::<Value>("goog/cdp/execute", &body).map(drop)
}

/// The entries of a log since the last time.
fn entries(session: &Session, log: &str) -> Result<Vec<LogEntry>, WebDriverError> {
    session.post("se/log", &json!({ "type": log }))
}

fn args(launch: &Launch<'_>) -> Vec<String> {
    let mut args: Vec<String> = [
        "--disable-background-networking",
        "--disable-breakpad",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-extensions",
        "--disable-gpu",
        "--disable-sync",
        "--no-default-browser-check",
        "--no-first-run",
    ]
    .map(Into::into)
    .into();
    if let Some(Installed { profile, .. }) = launch.installed {
        args.push(format!("--user-data-dir={}", profile.display()));
    }
    args.push(format!("--host-resolver-rules={}", resolver_rules(launch)));
    args.push(format!(
        "--ignore-certificate-errors-spki-list={}",
        launch.tls.key_hash()
    ));
    args.extend(proxy_args(launch));
    // The suite needs what browsers give to secure contexts only, and the real frontend has it:
    // on localhost as it is, elsewhere over https.
    if !launch.secure.is_empty() {
        args.push(format!(
            "--unsafely-treat-insecure-origin-as-secure={}",
            launch.secure.join(",")
        ));
    }
    if launch.mixed_content {
        args.push("--allow-running-insecure-content".into());
    }
    if !launch.headed {
        args.push("--headless".into());
    }
    // Nothing is known of another machine. Most nodes of a Grid are containers.
    let is_elsewhere = launch.installed.is_none();
    if is_elsewhere || !has_shared_memory() {
        // The browser uses its temporary directory instead, which takes longer.
        args.push("--disable-dev-shm-usage".into());
    }
    if is_elsewhere || without_sandbox() {
        args.push("--no-sandbox".into());
    }
    args
}

/// The origins stay what they are, wherever their pages come from and whatever else listens there.
fn resolver_rules(launch: &Launch<'_>) -> String {
    let address = launch.tls.address();
    let rules = launch.origins.iter();
    let rules: Vec<_> = rules
        .filter_map(|origin| resolver_rule(origin, address))
        .collect();
    rules.join(",")
}

/// The proxies, without the origins. A rule of the resolver would not keep a request from a proxy, which
/// resolves names itself. The switches win over the settings of the desktop, not over those of a policy.
fn proxy_args(launch: &Launch<'_>) -> Vec<String> {
    let servers = launch.proxies.servers();
    let servers: Vec<_> = servers
        .map(|(scheme, proxy)| format!("{scheme}={}", chromium_proxy(&proxy)))
        .collect();
    if servers.is_empty() {
        return vec!["--no-proxy-server".into()];
    }
    let origins = launch.origins.iter().filter_map(|origin| {
        let url = Url::parse(origin).ok()?;
        Some(format!(
            "{}:{}",
            url.host_str()?,
            url.port_or_known_default()?
        ))
    });
    let direct: Vec<_> = origins.chain(launch.proxies.direct()).collect();
    vec![
        format!("--proxy-server={}", servers.join(";")),
        format!("--proxy-bypass-list={}", direct.join(";")),
    ]
}

/// A proxy in Chromium's words: its SOCKS proxies always resolve names if their version can.
fn chromium_proxy(proxy: &str) -> String {
    for (scheme, its) in [
        ("socks5h://", "socks5://"),
        ("socks4a://", "socks4://"),
        ("socks://", "socks5://"),
    ] {
        if let Some(rest) = proxy.strip_prefix(scheme) {
            return format!("{its}{rest}");
        }
    }
    proxy.to_owned()
}

/// The rule for `--host-resolver-rules` that leads `origin` to `address`; `None` for an origin without a
/// host.
fn resolver_rule(origin: &str, address: SocketAddr) -> Option<String> {
    let url = Url::parse(origin).ok()?;
    let (host, from) = (url.host_str()?, url.port_or_known_default()?);
    Some(format!("MAP {host}:{from} {address}"))
}

/// Chrome refuses to start as root with its sandbox, and in most containers and on many CI
/// machines the kernel refuses it the namespaces that the sandbox is made of. The only page that
/// it opens here is our own.
fn without_sandbox() -> bool {
    rustix::process::geteuid().is_root()
        || env::var_os("CI").is_some()
        || ["/.dockerenv", "/run/.containerenv"]
            .iter()
            .any(|mark| Path::new(mark).exists())
}

/// Whether `/dev/shm` has room for a few browsers. In containers it often has 64 MiB in all, on
/// which one of them runs aground.
fn has_shared_memory() -> bool {
    const ENOUGH: u64 = 1 << 30;
    rustix::fs::statvfs("/dev/shm").is_ok_and(|disk| disk.f_bavail * disk.f_frsize >= ENOUGH)
}

#[cfg(test)]
mod tests;
