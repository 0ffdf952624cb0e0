use std::{
    io::{BufRead, BufReader},
    net::Ipv4Addr,
    process::{Child, Command, Stdio},
    thread,
};

use tokio::runtime::Runtime;

use super::*;
use crate::{
    endpoint::Endpoint,
    engine::interface::Installed,
    install,
    proxies::Proxies,
    serve::{TlsListener, listen_on_localhost},
};

/// What `work` finds out about a start of the browser.
pub(super) fn with_launch<T>(headed: bool, work: impl FnOnce(&Launch<'_>) -> T) -> T {
    let runtime = Runtime::new().unwrap();
    let page = ([127, 0, 0, 1], 1).into();
    let host = Ipv4Addr::LOCALHOST.into();
    let origins = ["https://localhost".into()];
    let tls = TlsListener::bind(runtime.handle(), host, page, &origins).unwrap();
    let frontend = "http://frontend.test";
    let origins = [
        frontend,
        "null",
        "https://localhost:8080",
        "http://evil.localhost:8080",
        "http://evillocalhost:8080",
    ];
    work(&Launch {
        installed: Some(Installed {
            program: Path::new("/usr/bin/firefox-esr"),
            profile: Path::new("profile"),
        }),
        headed,
        origins: &origins.map(Into::into),
        secure: &[frontend],
        mixed_content: false,
        services: &[],
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
    // Not that of a look-alike that is not a host of this machine.
    assert_eq!(
        preferences["dom.securecontext.allowlist"],
        "evil.localhost,frontend.test,localhost"
    );
    let headed = with_launch(true, |launch| Firefox.capabilities(launch));
    assert!(!headed.to_string().contains("-headless"));
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

/// A browser with a driver, and no page.
struct Driven {
    driver: Child,
    session: Session,
    _profile: tempfile::TempDir,
}

impl Driven {
    fn start() -> Self {
        let programs = install::ensure(&PACKAGE, Path::new("."), true).unwrap();
        let (port, listeners) = listen_on_localhost(0).unwrap();
        drop(listeners);
        let mut driver = Command::new(&programs.driver)
            .args(Firefox.driver_args(port))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(driver.stdout.take().unwrap());
        let mut lines = stdout.lines().map_while(Result::ok);
        let message = Firefox.ready_message().unwrap();
        lines.find(|line| line.contains(message)).unwrap();
        // Nobody may be stopped by a full pipe.
        thread::spawn(move || lines.count());
        let profile = tempfile::tempdir().unwrap();
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "webSocketUrl": true,
            "moz:firefoxOptions": {
                "binary": programs.browser,
                "args": ["-headless", "-profile", profile.path()],
            },
        }}});
        let endpoint = Endpoint::of_port(port).unwrap();
        let opened = Session::open(&endpoint, &capabilities, Firefox.start_limit());
        let mut session = opened.unwrap();
        session.connect_bidi().unwrap();
        Self {
            driver,
            session,
            _profile: profile,
        }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.session.delete();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

#[test]
fn the_script_leads_where_our_own_clients_go() {
    let origins = [
        "http://localhost:8080",
        "https://frontend.test",
        "http://[::1]:8080",
    ];
    let others = [
        "http://localhost:28080/",
        "http://localhost/",
        "https://localhost:8080/",
        "http://evil.localhost:8080/",
        "http://127.0.0.2:8000/a?b#c",
        "http://[::1]:8000/",
        "http://[2001:db8::1:1]:8000/",
        "http://[2001:db9::1]/",
        "http://10.200.0.1:8000/",
        "http://10.1.0.1:8000/",
        "http://x.a.test/",
        "http://a.test/",
        "http://xa.test/",
        "http://b.test:81/",
        "http://b.test/",
        "https://api.test:8443/jobs",
        "https://b.test:81/",
    ];
    let variables = |all: bool| {
        Proxies::read(move |key| {
            let value = match key {
                "http_proxy" => "p.test:1",
                "https_proxy" => "socks5://s.test:2",
                "no_proxy" if all => "*",
                "no_proxy" => "10.128.0.0/9,.a.test,b.test:81,2001:db8::/32",
                _ => return None,
            };
            Some(value.into())
        })
    };
    let browser = Driven::start();
    for proxies in [Proxies::default(), variables(false), variables(true)] {
        let page = ([127, 0, 0, 1], 4242).into();
        let script = pac::script(&origins.map(Into::into), page, &proxies);
        let script = format!(
            "{script}\nreturn arguments[0].map((url) => FindProxyForURL(url, new URL(url).hostname));"
        );
        let urls: Vec<_> = origins.map(|origin| format!("{origin}/a")).into();
        let urls: Vec<_> = urls.into_iter().chain(others.map(Into::into)).collect();
        let led: Vec<String> = browser.session.execute(&script, &json!([urls])).unwrap();
        for (url, led) in urls.iter().zip(led) {
            let expected = if origins.iter().any(|origin| *url == format!("{origin}/a")) {
                "PROXY 127.0.0.1:4242"
            } else {
                match proxies.of_url(url).as_deref() {
                    None => "DIRECT",
                    Some("http://p.test:1/") => "PROXY p.test:1",
                    Some("socks5://s.test:2") => "SOCKS5 s.test:2",
                    Some(other) => panic!("{other}"),
                }
            };
            assert_eq!(led, expected, "{url} {proxies:?}");
        }
    }
}
