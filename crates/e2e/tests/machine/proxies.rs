//! Proxies: the page's origins and this machine are never asked through one, deployments are.

use std::fs;

use crate::{
    common::{
        E2e,
        stack::{Stack, inputs_zip},
    },
    machine::forward_proxy::{ForwardProxy, HOST},
};

/// Engines that are led to the page in different ways.
const ENGINES: [&str; 2] = ["chromium", "firefox"];

/// A part of the password in a proxy's address.
const PASSWORD: &str = "proxy-password-5a1f";

/// All variables, in both cases, that name this proxy; and one that asks it for this machine, too.
fn behind(mut e2e: E2e, proxy: &ForwardProxy) -> E2e {
    let url = format!("http://ann:{PASSWORD}@{}", proxy.address);
    for key in ["http_proxy", "https_proxy", "all_proxy"] {
        e2e = e2e.env(key, &url).env(&key.to_uppercase(), &url);
    }
    e2e.env("no_proxy", "<-loopback>")
        .env("NO_PROXY", "<-loopback>")
}

#[test]
fn the_pages_origins_and_the_embedded_stack_are_never_asked_through_a_proxy() {
    let frontends = ["http://localhost:8080", "https://ries-lab.github.io"];
    for (engine, frontend) in ENGINES
        .iter()
        .flat_map(|engine| frontends.map(|f| (engine, f)))
    {
        let proxy = ForwardProxy::start();
        let settings = format!("FRONTEND_URL={frontend}\n");
        let e2e = E2e::new(&["--browser", engine, "--filter", "origins::"], &settings);
        let ended = behind(e2e, &proxy).run();
        ended.assert_code(0);
        // The browser's own services are not the page's.
        let asked = proxy.asked();
        let of_page = asked.iter().filter(|asked| {
            ["localhost", "127.0.0.1", "ries-lab", "evil"]
                .iter()
                .any(|part| asked.contains(part))
        });
        assert_eq!(of_page.collect::<Vec<_>>(), [""; 0], "{engine}, {frontend}");
        ended.assert_nothing_left();
    }
}

#[test]
fn a_deployment_and_its_inputs_are_reached_through_the_proxy() {
    let stack = Stack::start(&[]);
    let inputs = tempfile::tempdir().unwrap();
    inputs_zip(&inputs.path().join("inputs.zip"));
    let files = FileServer::start(inputs.path().join("inputs.zip"));
    let settings = stack.settings();
    let account = stack.settings_of_dev();
    let (key, local) = ("\nUSERFACING_API_URL=", format!("http://{HOST}"));
    let port = settings.split(&format!("{key}http://localhost:")).nth(1);
    let port = port.unwrap().split_whitespace().next().unwrap();
    let port = port.trim_matches('\'').to_owned();
    let url = format!("{local}:{port}");
    let more = format!(
        "\nUSERFACING_API_URL={url}\nINPUTS_SOURCE=http://{HOST}:{files}/inputs.zip\n\
         INPUTS_DIRECTORY={}/",
        inputs.path().display()
    );
    for engine in ENGINES {
        let proxy = ForwardProxy::start();
        let settings = format!("{account}{more}{engine}\n");
        let e2e = E2e::new(
            &["--dev", "--browser", engine, "--filter", "files::"],
            &settings,
        );
        let ended = behind(e2e, &proxy).run();
        ended.assert_code(0);
        let asked = proxy.asked();
        for wanted in [format!("{HOST}:{port}"), format!("{HOST}:{files}")] {
            assert!(asked.contains(&wanted), "{wanted}: {asked:?}");
        }
        for name in ["report.html", "junit.xml", "results.json", "trace.har"] {
            assert!(!ended.report(name).contains(PASSWORD), "{name}");
        }
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!told.contains(PASSWORD), "{told}");
    }

    let proxy = ForwardProxy::start();
    let cognito = settings
        .lines()
        .find_map(|line| line.strip_prefix("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER="));
    let args = [
        "--url",
        &url,
        "--cognito",
        cognito.unwrap(),
        "--group",
        "auth",
    ];
    let ended = behind(E2e::subcommand("contract", &args, &settings), &proxy).run();
    let told = format!("{}{}", ended.stdout, ended.stderr);
    assert!(told.contains(" 0 drifted"), "{told}");
    assert!(!told.contains(PASSWORD), "{told}");
    let asked = proxy.asked();
    assert!(!asked.is_empty());
    let others = asked
        .iter()
        .filter(|asked| **asked != format!("{HOST}:{port}"));
    assert_eq!(others.collect::<Vec<_>>(), [""; 0]);
}

/// A server of one file, in a thread that ends with the test.
struct FileServer;

impl FileServer {
    /// Returns its port.
    fn start(file: std::path::PathBuf) -> u16 {
        use std::io::{BufRead as _, BufReader, Write as _};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let body = fs::read(file).unwrap();
            for client in listener.incoming() {
                let mut client = BufReader::new(client.unwrap());
                let mut line = String::new();
                while line != "\r\n" {
                    line.clear();
                    if client.read_line(&mut line).unwrap() == 0 {
                        break;
                    }
                }
                let head = format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let client = client.get_mut();
                let _ = client.write_all(&[head.as_bytes(), &body].concat());
            }
        });
        port
    }
}

#[test]
fn a_proxy_that_demands_a_password_of_the_browser_is_told() {
    let stack = Stack::start(&[]);
    let inputs = tempfile::tempdir().unwrap();
    let zip = inputs.path().join("inputs.zip");
    inputs_zip(&zip);
    let account = stack.settings_of_dev();
    // The embedded Cognito is asked directly; AWS's is asked through the proxy.
    let is_cognito = |line: &&str| line.starts_with("AWS_ENDPOINT_URL_COGNITO");
    let others = account.lines().filter(|line| !is_cognito(line));
    let without_cognito = others.collect::<Vec<_>>().join("\n");
    let aws = "https://cognito-idp.";
    for (settings, user_api, refused) in [
        (
            &account,
            "http://opencloud.test:1234",
            "http://opencloud.test:1234",
        ),
        (
            &account,
            "https://opencloud.test:1234",
            "https://opencloud.test:1234",
        ),
        (&without_cognito, "http://localhost:1234", aws),
    ] {
        let proxy = ForwardProxy::demanding(true);
        let settings = format!(
            "{settings}\nUSERFACING_API_URL={user_api}\nINPUTS_SOURCE={}\nINPUTS_DIRECTORY={}/\n",
            zip.display(),
            inputs.path().display()
        );
        let ended = behind(E2e::new(&["--dev"], &settings), &proxy).run();
        ended.assert_code(2).assert_nothing_left();
        let told = format!("http://{}, demands a password for {refused}", proxy.address);
        ended.tells(&told);
        assert!(!ended.stderr.contains(PASSWORD), "{}", ended.stderr);
    }
}
