use std::fs;

use tokio::runtime::Runtime;

use super::*;
use crate::{proxies::Proxies, serve::TlsListener};

/// What `work` finds out about a start of the browser.
fn with_launch<T>(headed: bool, work: impl FnOnce(&Launch<'_>) -> T) -> T {
    let runtime = Runtime::new().unwrap();
    let page = ([127, 0, 0, 1], 1).into();
    let tls = TlsListener::bind(runtime.handle(), page, vec!["localhost".into()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let frontend = "http://frontend.test";
    let origins = [
        frontend,
        "null",
        "https://localhost:8080",
        "http://evil.localhost:8080",
        "http://evillocalhost:8080",
    ];
    work(&Launch {
        program: Path::new("/usr/bin/firefox-esr"),
        profile: &directory.path().join("profile"),
        headed,
        origins: &origins.map(Into::into),
        secure: &[frontend],
        tls: &tls,
        proxies: &Proxies::default(),
    })
}

#[test]
fn the_browser_is_led_to_the_page_and_tells_of_its_requests() {
    let capabilities = with_launch(false, |launch| Firefox.capabilities(launch));
    let wanted = &capabilities["capabilities"]["alwaysMatch"];
    assert_eq!(wanted["webSocketUrl"], true);
    assert_eq!(wanted["proxy"]["proxyType"], "pac");
    // Only the listener's certificate is taken.
    assert_eq!(wanted["acceptInsecureCerts"], Value::Null);
    let options = &wanted["moz:firefoxOptions"];
    assert!(
        options["args"]
            .as_array()
            .unwrap()
            .contains(&"-headless".into())
    );
    let preferences = &options["prefs"];
    assert_eq!(preferences["network.proxy.allow_hijacking_localhost"], true);
    assert_eq!(preferences["network.proxy.failover_direct"], false);
    // Not that of a look-alike that is no host of this machine.
    assert_eq!(
        preferences["dom.securecontext.allowlist"],
        "evil.localhost,frontend.test,localhost"
    );
    let headed = with_launch(true, |launch| Firefox.capabilities(launch));
    assert!(!headed.to_string().contains("-headless"));
}

#[test]
fn the_certificate_is_taken_at_the_origins_of_https_alone() {
    let (written, hash) = with_launch(false, |launch| {
        Firefox.prepare(launch).unwrap();
        let written = fs::read_to_string(launch.profile.join(EXCEPTIONS)).unwrap();
        (written, launch.tls.certificate_hash())
    });
    let fingerprint: Vec<_> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    let lines: Vec<_> = written.lines().collect();
    let expected = format!("localhost:8080:\t{SHA_256}\t{}\t", fingerprint.join(":"));
    assert_eq!(lines, [expected]);
}

#[test]
fn an_error_that_no_script_catches_is_told_as_such() {
    let said = |kind: &str, level: &str| {
        let params = json!({ "type": kind, "level": level, "text": "Error: boom" });
        console_error(&json!({ "method": "log.entryAdded", "params": params }).to_string())
    };
    assert_eq!(said("javascript", "error").unwrap(), "Uncaught Error: boom");
    assert_eq!(said("console", "error").unwrap(), "Error: boom");
    assert_eq!(said("console", "info"), None);
}
