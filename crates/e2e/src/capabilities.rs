//! What a browser is told at its start.

use std::{env, iter, path::Path};

use opencloud_model::origins;
use serde_json::{Value, json};

use crate::door::Door;

/// What differs from run to run.
#[derive(Debug)]
pub(crate) struct Capabilities<'a> {
    /// The browser's program.
    pub(crate) browser: &'a Path,
    /// A directory for its profile.
    pub(crate) profile: &'a Path,
    /// Whether to show it.
    pub(crate) headed: bool,
    /// The frontends' origins, one of which the page takes.
    pub(crate) frontends: &'a [&'a str],
    /// Where the page is really served, on loopback.
    pub(crate) door: &'a Door,
}

impl Capabilities<'_> {
    /// As a `WebDriver` session is asked for.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": self.browser,
                "args": self.args(),
                // Its usual first page is a program of its own, which takes as long as a few tests.
                "prefs": { "session": { "restore_on_startup": 4, "startup_urls": ["about:blank"] } },
                "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
            },
            // Chrome's own reason for a request that failed is in its log of performance.
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        }}})
    }

    fn args(&self) -> Vec<String> {
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
        args.push(format!("--user-data-dir={}", self.profile.display()));
        args.push(format!("--host-resolver-rules={}", self.resolver_rules()));
        args.push(format!(
            "--ignore-certificate-errors-spki-list={}",
            self.door.key_hash()
        ));
        // The suite needs what browsers give to secure contexts only, and the real frontend has it:
        // on localhost as it is, elsewhere over https.
        args.push(format!(
            "--unsafely-treat-insecure-origin-as-secure={}",
            self.frontends.join(",")
        ));
        if !self.headed {
            args.push("--headless".into());
        }
        if !has_shared_memory() {
            // The browser uses its temporary directory instead, which takes longer.
            args.push("--disable-dev-shm-usage".into());
        }
        if without_sandbox() {
            args.push("--no-sandbox".into());
        }
        args
    }

    /// The origins stay what they are, wherever the page comes from and whatever else listens
    /// there: the frontend's own, and those that are tried in its place.
    fn resolver_rules(&self) -> String {
        let origins = self
            .frontends
            .iter()
            .flat_map(|origin| page_origins(origin));
        let rules: Vec<_> = origins
            .filter_map(|origin| origins::resolver_rule(&origin, self.door.address().port()))
            .collect();
        rules.join(",")
    }
}

/// The origins that a page is opened at: the frontend's own, and those that are tried in its place.
pub(crate) fn page_origins(frontend: &str) -> impl Iterator<Item = String> {
    let foreign = origins::foreign(frontend).into_iter();
    iter::once(frontend.to_owned()).chain(foreign.map(|foreign| foreign.origin))
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
mod tests {
    use super::*;

    #[test]
    fn the_frontends_origin_leads_to_the_page() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let page = ([127, 0, 0, 1], 1).into();
        let door = Door::open(runtime.handle(), page, vec!["localhost".into()]).unwrap();
        let port = door.address().port();
        let mut capabilities = Capabilities {
            browser: Path::new("/usr/bin/chromium"),
            profile: Path::new("profile"),
            headed: false,
            frontends: &["http://localhost:8080"],
            door: &door,
        };
        let args = capabilities.args();
        for host in ["localhost:8080", "localhost:8081", "evil.localhost:8080"] {
            let rule = format!("MAP {host} 127.0.0.1:{port}");
            assert!(args.iter().any(|arg| arg.contains(&rule)), "{args:?}");
        }
        assert!(args.contains(&"--user-data-dir=profile".into()));
        assert!(args.contains(&"--headless".into()));

        capabilities.headed = true;
        assert!(!capabilities.args().contains(&"--headless".into()));
    }
}
