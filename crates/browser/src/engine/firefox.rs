//! Firefox, driven by geckodriver.

mod network_event;
mod network_log;
mod pac;
mod policy;
mod profile;
mod reason;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use url::Url;

use self::{network_log::FirefoxLog, reason::BLOCKED};
use super::interface::{Engine, Launch};
use crate::{
    driver::{Session, WebDriverError},
    install::Package,
    proxies::is_this_machine,
    serve::Cookie,
    traffic::NetworkLog,
};

/// The engine of Firefox, Gecko.
#[derive(Debug)]
pub(super) struct Firefox;

static PACKAGE: Package = Package {
    browser: "Firefox",
    driver: "geckodriver",
    browser_key: "FIREFOX",
    driver_key: "GECKODRIVER",
    driver_directory_key: "GECKOWEBDRIVER",
    browsers: &[
        "firefox-esr",
        "firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
    ],
    drivers: &["geckodriver"],
    apt: &["firefox-esr"],
    driver_crate: Some("geckodriver@0.37.1"),
    tools: &[],
    commands: &[
        (
            "apt-get",
            "sudo apt-get install -y --no-install-recommends firefox-esr",
        ),
        ("dnf", "sudo dnf install -y firefox"),
        ("pacman", "sudo pacman -S --noconfirm firefox"),
        ("apk", "sudo apk add firefox"),
        ("zypper", "sudo zypper install -y MozillaFirefox"),
        ("brew", "brew install --cask firefox"),
    ],
    without_apt: "run npx @puppeteer/browsers install firefox@stable, and name the program that it prints in \
                  FIREFOX",
    website: "https://www.mozilla.org/firefox/",
};

/// The events that are read.
const EVENTS: [&str; 5] = [
    "network.beforeRequestSent",
    "network.responseStarted",
    "network.responseCompleted",
    "network.fetchError",
    "log.entryAdded",
];

impl Engine for Firefox {
    fn id(&self) -> &'static str {
        "firefox"
    }

    fn name(&self) -> &'static str {
        "Firefox"
    }

    fn package(&self) -> &'static Package {
        &PACKAGE
    }

    fn browser_name(&self) -> &'static str {
        "firefox"
    }

    fn driver_args(&self, port: u16) -> Vec<String> {
        // Each browser has a port of its own for WebDriver BiDi: the usual one may be taken.
        vec![format!("--port={port}"), "--websocket-port=0".into()]
    }

    fn ready_message(&self) -> Option<&'static str> {
        Some("Listening on ")
    }

    fn lost_its_port(&self, driver_output: &str) -> bool {
        driver_output.contains("Address already in use")
    }

    fn capabilities(&self, launch: &Launch<'_>) -> Value {
        let mut options = json!({
            "args": if launch.headed { &[][..] } else { &["-headless"] },
            "prefs": preferences(launch),
            "profile": profile::archive(launch),
        });
        if let Some(installed) = launch.installed {
            options["binary"] = json!(installed.program);
        }
        let script = pac::url(launch.origins, launch.tls.address(), launch.proxies);
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": self.browser_name(),
            "webSocketUrl": true,
            "proxy": { "proxyType": "pac", "proxyAutoconfigUrl": script },
            "moz:firefoxOptions": options,
        }}})
    }

    fn subscribe(&self, session: &Session) -> Result<(), WebDriverError> {
        session.bidi("session.subscribe", &json!({ "events": EVENTS }))?;
        Ok(())
    }

    fn obstacle(&self, launch: &Launch<'_>) -> Option<String> {
        policy::obstacle(launch.installed?.program)
    }

    fn policies(&self, program: &Path) -> Vec<PathBuf> {
        policy::files(program)
    }

    fn page_error(&self, session: &Session) -> Result<Option<String>, WebDriverError> {
        let entries = self.network_entries(session)?;
        let mut latest_first = entries.iter().rev();
        Ok(latest_first.find_map(|entry| document_error(entry)))
    }

    fn no_match(&self) -> &'static str {
        "Unable to find a matching set of capabilities"
    }

    fn driver_version(&self, capabilities: &Value) -> String {
        let version = capabilities["moz:geckodriverVersion"].as_str();
        format!("geckodriver {}", version.unwrap_or_default())
    }

    fn set_cookie(&self, session: &Session, cookie: &Cookie) -> Result<(), WebDriverError> {
        let url = Url::parse(&cookie.url).ok();
        let domain = url.as_ref().and_then(Url::host_str);
        let cookie = json!({ "cookie": {
            "name": cookie.name,
            "value": { "type": "string", "value": cookie.value },
            "domain": domain,
            "path": cookie.path,
            "httpOnly": true,
            "sameSite": "strict",
        }});
        session.bidi("storage.setCookie", &cookie)?;
        Ok(())
    }

    fn console_errors(&self, session: &Session) -> Result<Vec<String>, WebDriverError> {
        let is_own =
            |method: &str, text: &str| method == "log.entryAdded" && !text.contains(BLOCKED);
        let entries = session.events(is_own)?;
        Ok(entries
            .iter()
            .filter_map(|entry| console_error(entry))
            .collect())
    }

    /// Why an answer is kept from the page is told in the console alone.
    fn network_entries(&self, session: &Session) -> Result<Vec<String>, WebDriverError> {
        session.events(|method, text| method.starts_with("network.") || text.contains(BLOCKED))
    }

    fn unknown(&self) -> &'static [&'static str] {
        &["the address that answered"]
    }

    fn network_log(&self) -> Box<dyn NetworkLog> {
        Box::<FirefoxLog>::default()
    }
}

fn preferences(launch: &Launch<'_>) -> Value {
    json!({
        // Else no request for this machine goes to a proxy.
        "network.proxy.allow_hijacking_localhost": true,
        // Nothing may ever be sent to the real host of an origin.
        "network.proxy.failover_direct": false,
        "dom.securecontext.allowlist": secure_hosts(launch).join(","),
        // The reasons in the console are read.
        "intl.locale.requested": "en-US",
        // Names are resolved where our own clients resolve them.
        "network.trr.mode": 5,
        "security.mixed_content.block_active_content": !launch.mixed_content,
        // The browser's own services: a run needs no network but that of the page.
        "services.settings.server": "data:,#remote-settings-dummy/v1",
        "app.normandy.enabled": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
    })
}

/// The hosts that count as secure although their pages come through a proxy: what a browser holds for
/// this machine, and what is asked for.
fn secure_hosts(launch: &Launch<'_>) -> Vec<String> {
    let is_local = |url: &Url| url.host().is_some_and(|host| is_this_machine(&host));
    let is_asked = |url: &Url| {
        let origin = url.origin().ascii_serialization();
        launch.secure.contains(&&*origin)
    };
    let urls = launch
        .origins
        .iter()
        .filter_map(|origin| Url::parse(origin).ok());
    let secure = urls.filter(|url| is_local(url) || is_asked(url));
    let mut hosts: Vec<_> = secure
        .filter_map(|url| Some(url.host_str()?.to_owned()))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// The error of an entry about a document that did not load.
fn document_error(entry: &str) -> Option<String> {
    let entry: Value = serde_json::from_str(entry).ok()?;
    let params = &entry["params"];
    let is_about_document =
        entry["method"] == "network.fetchError" && params["request"]["destination"] == "document";
    let error = params["errorText"].as_str();
    error.filter(|_| is_about_document).map(str::to_owned)
}

/// The text of an entry of the console, if it is an error.
fn console_error(entry: &str) -> Option<String> {
    let entry: Value = serde_json::from_str(entry).ok()?;
    let params = &entry["params"];
    let text = params["text"].as_str()?;
    if params["level"] != "error" {
        return None;
    }
    // That no script has caught it is said by its kind alone.
    let is_thrown = params["type"] == "javascript";
    Some(if is_thrown {
        format!("Uncaught {text}")
    } else {
        text.to_owned()
    })
}

#[cfg(test)]
mod tests;
