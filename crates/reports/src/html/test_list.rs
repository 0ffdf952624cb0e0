//! The tests with their steps; those that failed first.

use std::cmp::Reverse;

use maud::{Markup, html};
use opencloud_model::event::Failure;

use super::{
    super::{
        model::{Run, Step, Test, TestResult},
        problems, words,
    },
    exchange,
    marks::sign,
};

/// The tests with their steps.
pub(super) fn test_list(run: &Run) -> Markup {
    let mut tests: Vec<_> = run.tests.iter().collect();
    tests.sort_by_key(|test| Reverse(test.result));
    html! {
        section id="tests" {
            h2 { "Tests" }
            @if tests.is_empty() { p { "No test ran." } }
            @for test in tests { (test_details(run, test)) }
        }
    }
}

/// The HTML id of a test or of one of its steps.
pub(super) fn id(test: &Test, step: Option<&Step>) -> String {
    let number = step.and_then(|step| {
        let mut steps = test.steps.iter();
        steps.position(|other| std::ptr::eq(other, step))
    });
    let test: String = test
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    match number {
        Some(number) => format!("test-{test}-{number}"),
        None => format!("test-{test}"),
    }
}

fn is_noteworthy(result: TestResult) -> bool {
    matches!(
        result,
        TestResult::Failed | TestResult::Error | TestResult::Flaky
    )
}

fn test_details(run: &Run, test: &Test) -> Markup {
    html! {
        details.test id=(id(test, None)) open[is_noteworthy(test.result)] {
            summary {
                (sign(test.result)) strong { (test.name) }
                span.time { (words::count(test.steps.len(), "step")) ", " (words::seconds(test.seconds)) }
            }
            @if !test.about.is_empty() { p.about { (test.about) } }
            @if let Some(why) = &test.skipped { p { @if test.steps.is_empty() { "Did not run: " } @else { "Nothing could be checked: " } (why) } }
            @if let Some(failure) = words::between_steps(test) { (message(failure)) }
            ol.steps {
                @for step in &test.steps { (self::step(run, test, step)) }
            }
            @if !test.measured.is_empty() {
                dl.facts {
                    @for fact in &test.measured { dt { (fact.what) } dd { (format!("{:.3}", fact.value)) } }
                }
            }
        }
    }
}

fn step(run: &Run, test: &Test, step: &Step) -> Markup {
    html! {
        li.step id=(id(test, Some(step))) {
            div.line {
                (sign(step.result)) span.name { (step.name) }
                span.time { (words::seconds(step.seconds)) }
            }
            @for repeat in &step.repeated {
                p.repeat { "Sent again: " (repeat.name) ", attempt " (repeat.attempt) ", because " (repeat.why) }
            }
            @if let Some(failure) = &step.failure {
                (message(failure))
                @if failure.out_of_time { p.note { "It was found out only because a time limit ran out." } }
                @if let Some(wait) = &step.waited_for {
                    p.note {
                        "It was waiting for " (wait.what)
                        @if let Some(limit) = wait.limit { ", for " (words::seconds(limit)) " at most" } "."
                    }
                }
                @if let Some(culprit) = step.culprit.and_then(|place| run.exchanges.get(place)) {
                    (exchange::exchange(run, culprit))
                }
            }
            @if is_noteworthy(step.result) && step.exchanges.len() > 1 {
                details {
                    summary { "All " (words::count(step.exchanges.len(), "request")) " of this step" }
                    ul.requests {
                        @for exchange in step.exchanges.iter().filter_map(|place| run.exchanges.get(*place)) {
                            li { code { (exchange.method) " " (exchange.url) } ": " (words::outcome(exchange)) ", " (words::seconds(exchange.seconds)) }
                        }
                    }
                }
            }
            @if step.failure.is_some() {
                button.show type="button" data-from=(step.started_at) data-seconds=(step.seconds) hidden { "Show in the timeline" }
            }
        }
    }
}

/// A failure's message, with the browser's reason below it.
fn message(failure: &Failure) -> Markup {
    let lines: Vec<_> = failure.message.lines().collect();
    html! {
        div.message {
            p.lead { (problems::sentence(&failure.message)) }
            @if let Some(request) = problems::request(&failure.message) { p.request { (request) } }
            @if lines.len() > 1 { pre { (lines[1..].join("\n")) } }
            @if let Some(reason) = &failure.engine { p.engine { (reason) } }
        }
    }
}
