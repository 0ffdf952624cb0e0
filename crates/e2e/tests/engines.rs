//! Every engine that users have: each passes, notices a fault and says why, and leaves nothing.

use std::thread;

use crate::common::{E2e, Ended, Running, processes_in};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// An engine besides the usual one.
struct Case {
    /// Its name on the command line.
    id: &'static str,
    /// A part of its driver's command line.
    driver: &'static str,
    /// Whether it tells of requests.
    tells: bool,
}

const CASES: [Case; 2] = [
    Case {
        id: "firefox",
        driver: "geckodriver --port=",
        tells: true,
    },
    Case {
        id: "webkit",
        driver: "WebKitWebDriver --port=",
        tells: false,
    },
];

fn run(case: &Case, args: &[&str]) -> Ended {
    E2e::new(&[&["--browser", case.id], args].concat(), "").run()
}

#[test]
fn the_suite_passes_at_the_frontends_origin() {
    for case in &CASES {
        for files in ["s3", "local"] {
            let ended = run(case, &["--filter", "files::", "--files", files]);
            ended.assert_code(0).assert_nothing_left();
            let results = ended.results();
            assert_eq!(results["versions"]["engine"], case.id);
            let unknown = results["versions"]["unknown"].as_array().unwrap();
            assert!(!unknown.is_empty());
            assert!(
                ended
                    .report("report.html")
                    .contains(unknown[0].as_str().unwrap())
            );
            // The network's part of each request, and the preflights, which no script sees.
            let exchanges = results["exchanges"].as_array().unwrap();
            let has_wire = |exchange: &&Value| exchange["wire"]["request_headers"].is_array();
            let seen = exchanges.iter().filter(has_wire).count();
            assert_eq!(
                seen == exchanges.len(),
                case.tells,
                "{} of {}",
                seen,
                exchanges.len()
            );
            let preflights = exchanges
                .iter()
                .filter(|seen| seen["sender"] == "preflight");
            assert_eq!(preflights.count() > 0, case.tells);
        }
    }
}

#[test]
fn pages_of_other_origins_read_nothing() {
    for case in &CASES {
        // A page of https asks no service of plain http there.
        let frontends = ["http://localhost:8080", "https://ries-lab.github.io"];
        let count = if case.id == "webkit" { 1 } else { 2 };
        for frontend in &frontends[..count] {
            let settings = format!("FRONTEND_URL={frontend}\n");
            let args = ["--browser", case.id, "--filter", "origins::cors"];
            let ended = E2e::new(&args, &settings).run();
            ended.assert_code(0).assert_nothing_left();
            let table = &ended.results()["origins"][0];
            assert!(table.to_string().contains("evil"), "{}: {table}", case.id);
        }
    }
}

#[test]
fn a_fault_is_noticed_and_its_cause_named() {
    for case in &CASES {
        for (fault, test, says, engine) in [
            (
                "cors-preflight-lacks-put",
                "files::rename",
                "method PUT is not in access-control-allow-methods",
                "Firefox: Did not find method in CORS header ‘Access-Control-Allow-Methods’",
            ),
            (
                "cors-no-headers",
                "access::user",
                "no answer carries access-control-allow-origin",
                "Firefox: CORS header ‘Access-Control-Allow-Origin’ missing: the answer (200)",
            ),
        ] {
            let ended = run(case, &["--fault", fault, "--filter", test]);
            ended.assert_code(1).assert_nothing_left();
            assert!(ended.stdout.contains(says), "{fault}: {}", ended.stdout);
            assert_eq!(
                ended.stdout.contains(engine),
                case.tells,
                "{}",
                ended.stdout
            );
        }
    }
}

fn in_the_middle(case: &Case) -> Running {
    let args = [
        "--browser",
        case.id,
        "--filter",
        "lifecycle::",
        "--seconds-per-state",
        "5",
    ];
    E2e::new(&args, "").start_until("is queued")
}

fn send(signal: Signal, running: &Running, part: &str) {
    let processes = processes_in(running.temporary.path());
    let process = processes.iter().find(|process| process.line.contains(part));
    let process = process.unwrap_or_else(|| panic!("{part}: {processes:?}"));
    kill_process(Pid::from_raw(process.number).unwrap(), signal).unwrap();
}

#[test]
fn a_driver_that_dies_is_told_and_nothing_is_left() {
    for case in &CASES {
        let running = in_the_middle(case);
        send(Signal::KILL, &running, case.driver);
        let ended = running.wait();
        ended.assert_code(3);
        let told = "the browser is gone in lifecycle::";
        ended.tells(told);
        ended.assert_nothing_left();
    }
}

#[test]
fn a_driver_that_hangs_is_told_and_nothing_is_left() {
    // Each waits for an answer for as long as a run does.
    thread::scope(|scope| {
        for case in &CASES {
            scope.spawn(|| {
                let running = in_the_middle(case);
                send(Signal::STOP, &running, case.driver);
                let ended = running.wait();
                ended.assert_code(3);
                let told = "the browser hangs in lifecycle::";
                ended.tells(told);
                ended.assert_nothing_left();
            });
        }
    });
}

#[test]
fn nothing_is_left_of_a_run_that_is_killed_or_interrupted() {
    for case in &CASES {
        for (signal, code) in [(Signal::KILL, None), (Signal::INT, Some(130))] {
            let running = in_the_middle(case);
            running.signal(signal);
            let ended = running.wait();
            assert_eq!(ended.code, code, "{}", ended.stderr);
            ended.assert_nothing_left();
        }
    }
}

#[test]
fn an_engine_that_is_unknown_or_cannot_be_used_is_told_in_one_line() {
    for (args, settings) in [(&["--browser", "opera"][..], ""), (&[], "ENGINE=opera\n")] {
        let ended = E2e::new(args, settings).run();
        ended.refused(&["opera", "chromium, firefox"]);
        assert_eq!(ended.stdout, "");
    }
    let settings = "FRONTEND_URL=https://ries-lab.github.io\n";
    let ended = E2e::new(&["--browser", "webkit"], settings).run();
    ended.refused(&["choose another browser"]);
    let e2e = E2e::new(&["--browser", "firefox"], "");
    let ended = e2e.env("GECKODRIVER", "/no/such/driver").run();
    ended.refused(&["GECKODRIVER=/no/such/driver"]);
    for (key, message) in [
        ("GECKODRIVER", "geckodriver ended"),
        ("FIREFOX", "does not start"),
    ] {
        let ended = E2e::new(&["--browser", "firefox"], "")
            .env(key, "false")
            .run();
        ended.assert_code(3);
        ended.tells(message);
        ended.assert_nothing_left();
    }
}

#[test]
fn several_browsers_get_a_run_each_and_one_report() {
    let args = [
        "--browser",
        "webkit",
        "--browser",
        "firefox",
        "--filter",
        "access::user",
    ];
    let ended = E2e::new(&args, "").run();
    ended.assert_code(0).assert_nothing_left();
    let page = ended.report("report.html");
    let suites = ended.report("junit.xml");
    for case in &CASES {
        let path = format!("{}/results.json", case.id);
        let results: Value = serde_json::from_str(&ended.report(&path)).unwrap();
        assert_eq!(results["versions"]["engine"], case.id);
        let verdict = results["verdict"].as_str().unwrap();
        ended.says(&format!("{}: {verdict}", case.id));
        assert!(page.contains(verdict) && page.contains(&format!("{}/report.html", case.id)));
        assert!(
            suites.contains(&format!("<testsuite name=\"{}\"", case.id)),
            "{suites}"
        );
    }
    assert!(page.contains("Passed in 2 browsers"), "{page}");

    let args = [
        "--browser",
        "all",
        "--fault",
        "cors-no-headers",
        "--filter",
        "access::user",
    ];
    let ended = E2e::new(&args, "").run();
    ended.assert_code(1).assert_nothing_left();
    let page = ended.report("report.html");
    assert!(
        page.contains("Not passed in chromium, firefox, webkit"),
        "{page}"
    );
    let suites = ended.report("junit.xml");
    assert_eq!(suites.matches("<testsuite ").count(), 3, "{suites}");
    assert!(suites.contains("<failure"), "{suites}");
}

#[test]
fn a_browser_that_does_not_start_keeps_no_other_from_running() {
    let args = [
        "--browser",
        "firefox",
        "--browser",
        "webkit",
        "--filter",
        "access::user",
    ];
    let ended = E2e::new(&args, "").env("GECKODRIVER", "false").run();
    ended.assert_code(3).assert_nothing_left();
    ended.tells("geckodriver ended");
    ended.says("webkit: passed");
    let page = ended.report("report.html");
    assert!(page.contains("Not passed in firefox"), "{page}");
}
