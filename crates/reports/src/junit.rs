//! `junit.xml`, for programs that show test results: each test is a test suite, each step a test
//! case.

use std::time::Duration;

use anyhow::Context;
use opencloud_model::event::{Blame, Failure};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::{
    model::{Repeat, Run, Step, Test, TestResult},
    words,
};

/// The report as `JUnit` XML.
pub(super) fn junit(run: &Run) -> anyhow::Result<String> {
    let mut report = new_report(run);
    report.set_time(duration(run.seconds));
    report.add_test_suites(run.tests.iter().map(|test| {
        let mut suite = TestSuite::new(&*test.name);
        suite.set_time(duration(test.seconds));
        suite.add_property(("about", &*test.about));
        suite.add_test_cases(cases(run, test));
        suite
    }));
    if let Some(case) = of_run(run) {
        let mut suite = TestSuite::new("run");
        suite.add_test_case(case);
        report.add_test_suite(suite);
    }
    write(&report)
}

/// The same of several runs: a suite an engine.
pub(super) fn comparison(runs: &[Run]) -> anyhow::Result<String> {
    let mut report = runs.first().map_or_else(|| Report::new(""), new_report);
    report.set_time(duration(runs.iter().map(|run| run.seconds).sum()));
    report.add_test_suites(runs.iter().map(|run| {
        let mut suite = TestSuite::new(run.versions.engine.as_deref().unwrap_or_default());
        suite.set_time(duration(run.seconds));
        suite.add_test_cases(run.tests.iter().flat_map(|test| cases(run, test)));
        suite.add_test_cases(of_run(run));
        suite
    }));
    write(&report)
}

fn new_report(run: &Run) -> Report {
    Report::new(format!("DECODE OpenCloud ({})", run.environment.about))
}

fn write(report: &Report) -> anyhow::Result<String> {
    let xml = report.to_string().context("cannot write JUnit XML")?;
    Ok(without_total_of_skipped(&xml))
}

/// The run itself as a case: without one, a run that failed would look like one with nothing to tell.
fn of_run(run: &Run) -> Option<TestCase> {
    let is_told = |test: &Test| run.failure.is_none() || test.failure == run.failure;
    if run.tests.iter().any(is_told) {
        return None;
    }
    let status = match &run.failure {
        Some(failure) if failure.blame == Blame::Stack => failed(TestResult::Failed, failure),
        Some(failure) => failed(TestResult::Error, failure),
        None => skipped("no test ran"),
    };
    Some(TestCase::new("the run itself", status))
}

/// The schema of Jenkins, among others, allows the number of skipped cases in a suite but not in the
/// total of all suites.
fn without_total_of_skipped(xml: &str) -> String {
    let parts = xml.split_once(" skipped=\"");
    let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once('"')?.1)));
    parts.map_or_else(
        || xml.to_owned(),
        |(before, after)| before.to_owned() + after,
    )
}

/// A case for each step of the test, and for whatever else is to be told of it.
fn cases(run: &Run, test: &Test) -> Vec<TestCase> {
    let steps = test.steps.iter().map(|step| case(run, test, step));
    let gaps = test.not_checked.iter();
    let gaps = gaps.map(|gap| named(test, &gap.what, skipped(&gap.why)));
    // The checks that could not be made are cases of their own, with the same reasons.
    let skipped_whole = test.skipped.as_ref();
    let skipped_whole = skipped_whole.filter(|_| test.not_checked.is_empty());
    let skipped_whole = skipped_whole.map(|why| named(test, "the whole test", skipped(why)));
    let between = words::between_steps(test);
    let between =
        between.map(|failure| named(test, "between its steps", failed(test.result, failure)));
    steps
        .chain(gaps)
        .chain(skipped_whole)
        .chain(between)
        .collect()
}

fn named(test: &Test, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(&*test.name);
    case.set_time(Duration::ZERO);
    case
}

fn case(run: &Run, test: &Test, step: &Step) -> TestCase {
    let mut status = match &step.failure {
        Some(failure) => failed(step.result, failure),
        None => TestCaseStatus::success(),
    };
    for repeat in &step.repeated {
        let mut rerun = TestRerun::new(NonSuccessKind::Failure);
        rerun.set_type("repeated request");
        rerun.set_message(format!("{}: {}", repeat.name, repeat.why));
        status.add_rerun(rerun);
    }
    let mut case = named(test, &step.name, status);
    case.set_time(duration(step.seconds));
    let lines = lines(run, test, step);
    if !lines.is_empty() {
        case.set_system_out(lines);
    }
    case
}

/// A failure of the stack is a failure in this format, any other an error.
fn failed(result: TestResult, failure: &Failure) -> TestCaseStatus {
    let kind = match result {
        TestResult::Error => NonSuccessKind::Error,
        _ => NonSuccessKind::Failure,
    };
    let mut status = TestCaseStatus::non_success(kind);
    let line = failure.message.lines().next().unwrap_or_default();
    status.set_type(format!("{:?}", failure.blame).to_lowercase());
    status.set_message(line).set_description(failure.text());
    status
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}

/// The events of a step: its wait, the states of its job, and its requests.
fn lines(run: &Run, test: &Test, step: &Step) -> String {
    let mut lines = Vec::new();
    if let Some(wait) = &step.waited_for {
        let limit = wait.limit.map(words::seconds);
        let limit = limit.map_or_else(String::new, |limit| format!(", for {limit} at most"));
        lines.push(format!("waiting for {}{limit}", wait.what));
    }
    // A state seen at the boundary of two steps belongs to the first: it has ended that step.
    let end = step.started_at + step.seconds * 1000.0;
    let is_during = |seen_at: f64| step.started_at < seen_at && seen_at <= end;
    for job in run.jobs.iter().filter(|job| job.test == test.name) {
        let states = job.states.iter();
        for state in states.filter(|state| is_during(state.seen_at)) {
            let after = words::seconds(state.seconds);
            lines.push(format!("job {} is {} after {after}", job.id, state.name));
        }
        let requeued = job.requeued.iter();
        for requeued in requeued.filter(|requeued| is_during(requeued.seen_at)) {
            let details = &requeued.details;
            lines.push(format!(
                "job {} was taken from a silent worker: {details}",
                job.id
            ));
        }
    }
    for repeat in &step.repeated {
        let Repeat {
            name, attempt, why, ..
        } = repeat;
        lines.push(format!("{name} again, attempt {attempt}: {why}"));
    }
    let exchanges = step.exchanges.iter();
    let exchanges = exchanges.filter_map(|place| run.exchanges.get(*place));
    lines.extend(exchanges.map(|exchange| {
        format!(
            "{}: {} {}: {}, {}",
            exchange.name.as_deref().unwrap_or_default(),
            exchange.method,
            exchange.url,
            words::outcome(exchange),
            words::seconds(exchange.seconds)
        )
    }));
    lines.join("\n")
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
