//! Browsers that a `WebDriver` starts which is not the run's own.

mod driver;
mod grid;
mod listener;
mod namespaces;

use std::net::TcpListener;

use rustix::process::Signal;
use serde_json::Value;

use self::{
    driver::{ForeignDriver, Guarded},
    listener::listeners_of,
};
use crate::common::{E2e, Ended, Running};

const FILTER: [&str; 2] = ["--filter", "access::user"];

fn run(webdriver: &str, args: &[&str]) -> Ended {
    E2e::new(&[&["--webdriver", webdriver], args].concat(), "").run()
}

fn in_the_middle(webdriver: &str, args: &[&str]) -> Running {
    let job = ["--filter", "lifecycle::", "--seconds-per-state", "5"];
    let args = [&["--webdriver", webdriver], &job[..], args].concat();
    E2e::new(&args, "").start_until("is queued")
}

#[test]
fn a_driver_of_somebody_else_starts_the_browsers_and_stays() {
    let driver = ForeignDriver::start();
    let ended = run(&driver.url(), &FILTER);
    ended.assert_code(0).assert_nothing_left();
    let results = ended.results();
    assert_eq!(results["versions"]["engine"], "chromium");
    // Nothing is lost of what the engine tells.
    assert_eq!(results["versions"]["unknown"], Value::Array(Vec::new()));
    assert_eq!(driver.sessions(), 0);

    let args = ["--webdriver", &driver.url(), "--filter", "access::user"];
    let ended = E2e::subcommand("--repeat=2", &args, "").run();
    ended.assert_code(0);
    let verdict = "2 runs: 2 passed, 0 flaky, 0 failed";
    assert!(ended.verdict().starts_with(verdict), "{}", ended.stdout);
    assert_eq!(driver.sessions(), 0);
}

#[test]
fn no_session_is_left_of_a_run_that_is_killed_or_interrupted() {
    let driver = ForeignDriver::start();
    for (signal, code) in [(Signal::KILL, None), (Signal::INT, Some(130))] {
        let running = in_the_middle(&driver.url(), &[]);
        assert_eq!(driver.sessions(), 1);
        running.signal(signal);
        let ended = running.wait();
        assert_eq!(ended.code, code, "{}", ended.stderr);
        ended.assert_nothing_left();
        driver.wait_until_empty();
    }
}

#[test]
fn a_webdriver_that_dies_is_named() {
    let driver = ForeignDriver::start();
    let url = driver.url();
    let running = in_the_middle(&url, &[]);
    drop(driver);
    let ended = running.wait();
    ended.assert_code(3).assert_nothing_left();
    let told = format!("the browser of {url} is gone in lifecycle::");
    ended.tells(&told);
}

#[test]
fn a_user_is_told_to_the_webdriver_alone() {
    const PASSWORD: &str = "hunter2%2Fof-the-grid";
    let driver = ForeignDriver::start();
    let guarded = Guarded::start(driver.port(), "ann@example.org", "hunter2/of-the-grid");
    let url = format!(
        "http://ann%40example.org:{PASSWORD}@127.0.0.1:{}",
        guarded.port()
    );
    let e2e = E2e::new(&FILTER, "").env("WEBDRIVER_URL", &url);
    let ended = e2e.run();
    ended.assert_code(0).assert_nothing_left();
    assert_eq!(driver.sessions(), 0);
    for report in ["results.json", "report.html", "junit.xml", "trace.har"] {
        let text = ended.report(report);
        assert!(!text.contains("hunter2"), "{report}");
    }

    for wrong in ["", "ann%40example.org:wrong-password@"] {
        let ended = run(
            &format!("http://{wrong}127.0.0.1:{}", guarded.port()),
            &FILTER,
        );
        let error = ended
            .refused(&["refuses the user name and the password"])
            .only_error();
        assert!(!error.contains("wrong-password"), "{error}");
    }
}

#[test]
fn what_is_no_webdriver_is_told_in_one_line() {
    let driver = ForeignDriver::start();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", silent.local_addr().unwrap());
    drop(silent);
    let below = format!("{}/no/such/path", driver.url());
    for (webdriver, args, says) in [
        (
            "grid:4444",
            &[][..],
            "it must start with http:// or https://",
        ),
        (
            "ws://grid:4444",
            &[],
            "it must start with http:// or https://",
        ),
        (
            "http://grid:4444/?a=b",
            &[],
            "it must end before any ? or #",
        ),
        (&closed, &[], "no WebDriver answers at http://127.0.0.1:"),
        (&below, &[], "is not a WebDriver"),
        (
            "http://no-such-host.invalid",
            &[],
            "no-such-host.invalid cannot be found",
        ),
        (
            "http://localhost:4444",
            &["--page-host", "192.0.2.1"],
            "is not an address of this machine",
        ),
        (
            &driver.url(),
            &["--browser", "firefox"],
            "starts no Firefox (browserName firefox)",
        ),
    ] {
        let ended = run(webdriver, args);
        ended.refused(&[says]);
        assert!(!ended.stdout.contains("ok"), "{}", ended.stdout);
        ended.assert_nothing_left();
    }
    assert_eq!(driver.sessions(), 0);
}

#[test]
fn services_of_this_machine_alone_are_refused() {
    let settings = "ENVIRONMENT=local\nEMAIL=a@b.c\nPASSWORD=hunter2\nPAGE_HOST=127.0.0.1\n";
    let ended = E2e::new(&["--webdriver", "http://192.0.2.1:4444"], settings).run();
    let told = "the browsers of http://192.0.2.1:4444 cannot reach http://localhost:8000";
    ended.refused(&[told]);
}

#[test]
fn all_that_a_browser_reaches_listens_at_the_pages_host_and_only_there() {
    let driver = ForeignDriver::start();
    let args = ["--page-host", "127.0.0.2"];
    let running = in_the_middle(&driver.url(), &args);
    let at_host = listeners_of(&running.child, "127.0.0.2");
    let everywhere = listeners_of(&running.child, "0.0.0.0");
    let loopback = listeners_of(&running.child, "127.0.0.1");
    running.signal(Signal::INT);
    running.wait().assert_code(130).assert_nothing_left();
    // The TLS listener, the UserAPI, Cognito and S3.
    assert_eq!((at_host, everywhere), (4, 0));
    // The page's gateway, which the listener alone asks.
    assert_eq!(loopback, 1);
}
