//! `cargo e2e --repeat N`: the output of a series of runs.

use crate::common::{E2e, Ended};
use rustix::process::Signal;

/// A series of `times` runs of a few short tests. It does not say where reports go.
fn series(times: u32, args: &[&str]) -> E2e {
    let args = [&["--filter", "access::"], args].concat();
    E2e::subcommand(&format!("--repeat={times}"), &args, "")
}

/// The last line, without the times.
fn told(ended: &Ended) -> &str {
    ended
        .verdict()
        .split_once("; ")
        .map_or("", |(told, _)| told)
}

#[test]
fn a_series_ends_with_one_line() {
    let ended = series(2, &["--files", "local"]).run();
    ended.assert_code(0);
    assert_eq!(told(&ended), "2 runs: 2 passed, 0 flaky, 0 failed");
    assert!(
        ended
            .verdict()
            .ends_with(" s (embedded, files on the UserAPI's disk)"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.starts_with("run 1 of 2: passed: "),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_run_that_fails_is_told_with_its_report_and_the_series_goes_on() {
    let ended = series(2, &["--fault", "accepts-wrong-password"]).run();
    ended.assert_code(1);
    assert_eq!(told(&ended), "2 runs: 0 passed, 0 flaky, 2 failed");
    for number in ["1", "2"] {
        let run = format!("run {number} of 2: failed\n");
        ended.says(&run);
    }
    assert_eq!(
        ended.stdout.matches("\nreport: ").count(),
        2,
        "{}",
        ended.stdout
    );
}

#[test]
fn a_run_that_repeats_a_request_is_flaky_and_tells_which() {
    let ended = series(1, &["--disturbance", "one-503-on-access-info"]).run();
    ended.assert_code(0);
    assert_eq!(told(&ended), "1 run: 0 passed, 1 flaky, 0 failed");
    ended.says(", attempt 2: answered 503");
}

#[test]
fn a_signal_ends_the_series_of_every_browser() {
    let running = series(1000, &["--browser", "all"]).start_until("run 2 of 1000: passed");
    running.signal(Signal::INT);
    let ended = running.wait();
    ended.assert_code(130).assert_nothing_left();
    assert!(
        ended.only_error().starts_with("error: ended by Ctrl-C"),
        "{}",
        ended.stderr
    );
    assert!(told(&ended).ends_with(" 0 failed"), "{}", ended.stdout);
    for said in ["failed\n", "Firefox:", "WebKit:"] {
        assert!(!ended.stdout.contains(said), "{}", ended.stdout);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_series_that_cannot_go_on_says_how_far_it_came() {
    use crate::common::processes_in;
    use rustix::process::{Pid, kill_process};

    let running = series(1000, &[]).start_until("run 2 of 1000: passed");
    let processes = processes_in(running.temporary.path());
    let browser = processes
        .iter()
        .find(|process| process.line.contains("--user-data-dir="));
    kill_process(
        Pid::from_raw(browser.unwrap().number).unwrap(),
        Signal::KILL,
    )
    .unwrap();
    let ended = running.wait();
    ended.assert_code(3).assert_nothing_left();
    // In the middle of a run, or where the next one begins.
    let ends = ["the browser is gone", "cannot open the test page"];
    assert!(
        ends.iter()
            .any(|end| ended.stderr.contains(&format!("error: {end}"))),
        "{}",
        ended.stderr
    );
    let told = told(&ended);
    assert!(
        told.contains(" of 1000 runs: ") && told.ends_with(" passed, 0 flaky, 1 failed"),
        "{}",
        ended.stdout
    );
}
