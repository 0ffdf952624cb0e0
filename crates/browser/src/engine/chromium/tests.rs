use std::{
    io::{BufRead, BufReader, Write},
    net::{self, IpAddr, Ipv4Addr},
    process::Command,
    thread,
};

use opencloud_model::origins;
use tokio::runtime::Runtime;

use super::*;
use crate::{install, proxies::Proxies, serve::TlsListener};

/// Where the page is under plain wasm-pack.
const PAGE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 18080);

fn listener(runtime: &Runtime, page: SocketAddr) -> TlsListener {
    let origins = ["https://localhost".into()];
    let host = Ipv4Addr::LOCALHOST.into();
    TlsListener::bind(runtime.handle(), host, page, &origins).unwrap()
}

/// What the listener's page shows.
const SHOWN: &str = "served over TLS";

/// What a browser that was told of the key of `trusted` shows of what is behind `asked`.
fn seen(trusted: &TlsListener, asked: &TlsListener) -> String {
    let programs = install::ensure(&PACKAGE, Path::new("."), true).unwrap();
    let profile = tempfile::tempdir().unwrap();
    let key = trusted.key_hash();
    let output = Command::new(programs.browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--ignore-certificate-errors-spki-list={key}"))
        .arg(format!("https://localhost:{}/", asked.address().port()))
        .output()
        .unwrap();
    // Newer ones tell why there is no page on stderr alone.
    let output = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&output).into_owned()
}

/// Answers one request. One that is not read to its end would end the connection before the
/// answer has arrived.
fn answer(client: net::TcpStream) {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/html\r\n\r\n";
    let mut client = BufReader::new(client);
    let mut line = String::new();
    // A connection that a browser opens in advance and closes unused asks for nothing.
    while client.read_line(&mut line).is_ok_and(|read| read > 0) {
        if line == "\r\n" {
            let _ = write!(client.get_mut(), "{head}{SHOWN}");
            return;
        }
        line.clear();
    }
}

#[test]
fn the_browser_takes_the_certificate_of_its_listener_and_no_other() {
    let page = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = page.local_addr().unwrap();
    thread::spawn(move || {
        for client in page.incoming() {
            let client = client.unwrap();
            thread::spawn(|| answer(client));
        }
    });
    let runtime = Runtime::new().unwrap();
    let open = || listener(&runtime, address);
    let (own, other) = (open(), open());
    let dom = seen(&own, &own);
    assert!(dom.contains(SHOWN), "{dom}");
    let dom = seen(&own, &other);
    assert!(dom.contains("ERR_CERT_AUTHORITY_INVALID"), "{dom}");
    assert!(!dom.contains(SHOWN), "{dom}");
}

#[test]
fn a_driver_that_starts_does_not_listen_yet() {
    let message = Chromium.ready_message().unwrap();
    assert!("ChromeDriver was started successfully on port 46857.".contains(message));
    assert!(!"Starting ChromeDriver 156.0.8078.79 on port 46857".contains(message));
}

#[test]
fn the_origins_lead_to_the_page() {
    let runtime = Runtime::new().unwrap();
    let tls = listener(&runtime, ([127, 0, 0, 1], 1).into());
    let port = tls.address().port();
    let frontend = "http://localhost:8080";
    let foreign = origins::foreign(frontend)
        .into_iter()
        .map(|foreign| foreign.origin);
    let origins: Vec<_> = [frontend.to_owned()].into_iter().chain(foreign).collect();
    let mut launch = Launch {
        installed: Some(Installed {
            program: Path::new("/usr/bin/chromium"),
            profile: Path::new("profile"),
        }),
        headed: false,
        origins: &origins,
        secure: &[frontend],
        mixed_content: false,
        services: &[],
        tls: &tls,
        proxies: &Proxies::default(),
    };
    let told = args(&launch);
    for host in ["localhost:8080", "localhost:28080", "evil.localhost:8080"] {
        let rule = format!("MAP {host} 127.0.0.1:{port}");
        assert!(told.iter().any(|arg| arg.contains(&rule)), "{told:?}");
    }
    assert!(told.contains(&"--user-data-dir=profile".into()));
    assert!(told.contains(&"--headless".into()));

    // Without a proxy in the environment, the desktop's is not asked either.
    assert!(told.contains(&"--no-proxy-server".into()));

    let proxies = Proxies::read(|key| match key {
        "http_proxy" => Some("http://ann:secret@proxy.test:3128".into()),
        "https_proxy" => Some("socks5h://proxy.test".into()),
        "no_proxy" => Some(".inner.test,<-loopback>".into()),
        _ => None,
    });
    launch.proxies = &proxies;
    let told = args(&launch);
    let servers = "--proxy-server=http=http://proxy.test:3128;https=socks5://proxy.test:1080";
    assert!(told.contains(&servers.into()), "{told:?}");
    let direct = told
        .iter()
        .find_map(|arg| arg.strip_prefix("--proxy-bypass-list="));
    let direct: Vec<_> = direct.unwrap().split(';').collect();
    assert_eq!(direct.last(), Some(&"*.inner.test"));
    for origin in &origins {
        let Ok(url) = Url::parse(origin) else {
            continue;
        };
        let place = url
            .port_or_known_default()
            .map(|port| format!("{}:{port}", url.host_str().unwrap()));
        assert!(direct.contains(&&*place.unwrap()), "{origin}: {direct:?}");
    }

    launch.headed = true;
    assert!(!args(&launch).contains(&"--headless".into()));

    // Another machine has a program and a profile of its own.
    launch.installed = None;
    let elsewhere = Chromium.capabilities(&launch).to_string();
    assert!(!elsewhere.contains("binary") && !elsewhere.contains("--user-data-dir"));
    assert!(elsewhere.contains("--no-sandbox"), "{elsewhere}");
}

#[test]
fn a_rule_leads_an_origin_to_an_address() {
    assert_eq!(
        resolver_rule("https://example.org", PAGE).unwrap(),
        "MAP example.org:443 127.0.0.1:18080"
    );
    let remote = "[fd00::1]:18080".parse().unwrap();
    assert_eq!(
        resolver_rule("http://localhost:8080", remote).unwrap(),
        "MAP localhost:8080 [fd00::1]:18080"
    );
    assert_eq!(resolver_rule(origins::OPAQUE, PAGE), None);
}

/// Under plain wasm-pack, the browser's options cannot be made for the run.
#[test]
fn webdriver_json_leads_all_plain_origins_to_the_page() {
    let options = include_str!("../../../../../webdriver.json");
    let frontend = "http://localhost:8080";
    let foreign = origins::foreign(frontend)
        .into_iter()
        .map(|foreign| foreign.origin);
    let plain = foreign.filter(|origin| origin.starts_with("http://"));
    for origin in plain.chain([frontend.to_owned()]) {
        let rule = resolver_rule(&origin, PAGE).unwrap();
        assert!(options.contains(&rule), "webdriver.json lacks {rule}");
    }
}
