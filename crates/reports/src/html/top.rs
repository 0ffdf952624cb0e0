//! The verdict, what is wrong, and what to do next.

use maud::{Markup, html};
use opencloud_model::event::Blame;

use super::{
    super::{
        model::{Outcome, Run, TestResult},
        problems::{self, Problem},
        words,
    },
    marks::{class, sign},
    test_list,
};

/// How many places of a problem are named. The others are counted.
const PLACES: usize = 4;
/// How many problems the top shows. The list of tests has them all.
const PROBLEMS: usize = 8;

/// The report's top.
pub(super) fn top(run: &Run) -> Markup {
    html! {
        header.(class(run.outcome)) {
            p.kicker { "DECODE OpenCloud as the browser sees it · " (run.environment.about) }
            h1 { (words::headline(run)) }
            p.counts { (counts(run)) }
            (failure(run))
            @let problems = problems::problems(run);
            @if !problems.is_empty() {
                h2 { "What is wrong" }
                ol.problems {
                    @for problem in problems.iter().take(PROBLEMS) { li { (self::problem(problem)) } }
                }
                @let more = problems.len().saturating_sub(PROBLEMS);
                @if more > 0 { p.note { "and " (words::count(more, "more problem")) ", with the tests below" } }
            }
            div.next {
                h2 { "What to do next" }
                (next(run, &problems))
            }
        }
    }
}

fn counts(run: &Run) -> Markup {
    let results = [
        TestResult::Failed,
        TestResult::Error,
        TestResult::Flaky,
        TestResult::Skipped,
        TestResult::Passed,
    ];
    let parts = results.map(|result| (words::tests_with(run, result), result));
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .collect();
    html! {
        @if parts.is_empty() { span { "no test ran" } }
        @for (number, result) in parts {
            span.count { (sign(result)) (words::count(number, "test")) " " (words::result(result)) }
        }
        span { (words::count(run.tests.iter().map(|test| test.steps.len()).sum(), "step")) }
        span { (words::count(run.exchanges.len(), "request")) }
        span { (words::seconds(run.seconds)) }
        span { (words::instant(run.started_at)) }
    }
}

/// Why the run has no verdict.
fn failure(run: &Run) -> Markup {
    let Some(failure) = &run.failure else {
        return Markup::default();
    };
    let mut lines = failure.message.lines();
    let details: Vec<_> = lines.clone().skip(1).collect();
    html! {
        p.lead { (lines.next().unwrap_or_default()) }
        @if !details.is_empty() {
            details { summary { "Details" } pre { (details.join("\n")) } }
        }
    }
}

fn problem(problem: &Problem<'_>) -> Markup {
    let more = problem.places.len().saturating_sub(PLACES);
    html! {
        p.lead { (problem.sentence) }
        @if let Some(request) = problem.request() { p.request { (request) } }
        @if let Some(reason) = &problem.failure.engine {
            p.engine { (reason) }
        }
        p.places {
            "Seen in "
            @for (number, (test, step)) in problem.places.iter().take(PLACES).enumerate() {
                @if number > 0 { "; " }
                a href={ "#" (test_list::id(test, *step)) } {
                    (test.name) @if let Some(step) = step { " › " (step.name) }
                }
            }
            @if more > 0 { " and " (words::count(more, "more place")) }
        }
    }
}

fn next(run: &Run, problems: &[Problem<'_>]) -> Markup {
    let flaky = words::tests_with(run, TestResult::Flaky);
    let blame = words::blame(run);
    html! {
        ul {
            @match (run.outcome, blame) {
                (Outcome::Passed, _) if words::has_checked_nothing(run) => {
                    li { "Provide what the skipped tests ask for, below, or choose other tests." }
                }
                (Outcome::Passed, _) => {
                    @if flaky == 0 { li { "Nothing: OpenCloud does all that these tests ask of it." } }
                    @else {
                        li {
                            "Look at the " (words::count(flaky, "flaky test")) ": "
                            "a request had to be sent again before it succeeded."
                        }
                    }
                }
                (Outcome::Failed, _) => { (advice(run, problems)) }
                (Outcome::Error, Some(Blame::Input)) => {
                    li { "Correct the input as the message above says, then run it again." }
                    li { "Nothing is said here about the OpenCloud under test." }
                }
                (Outcome::Error, _) => {
                    li {
                        "A failure of the test suite, or of the machine that it ran on, "
                        "says nothing about the OpenCloud under test."
                    }
                    li { "Run it again; if it happens again, report it together with the files beside this one." }
                    @if run.tests.iter().any(|test| test.result == TestResult::Failed) {
                        li { "Other tests have found OpenCloud wrong, as said above:" }
                        (advice(run, problems))
                    }
                }
                (Outcome::Interrupted, _) => { li { "Run it again: it was ended before it was done." } }
            }
        }
    }
}

/// Where to look first in OpenCloud.
fn advice(run: &Run, problems: &[Problem<'_>]) -> Markup {
    let settings = settings(problems.iter().map(|problem| &*problem.failure.message));
    let places = problems.iter().flat_map(|problem| &problem.places);
    let shortest = places.min_by(|(a, _), (b, _)| a.seconds.total_cmp(&b.seconds));
    html! {
        @for (service, setting) in settings.iter().take(PLACES) {
            li { "Look at " strong { (service) } ": " (setting) "." }
        }
        @if settings.is_empty() {
            li { "Compare what was expected with what came, in the sentences above; each links to the request behind it." }
        }
        @if let Some((test, _)) = shortest {
            li { "Then try the shortest of the failed tests alone: " code { (words::again(run, &test.name)) } }
        }
    }
}

/// The settings that failures name, each once.
fn settings<'m>(messages: impl Iterator<Item = &'m str>) -> Vec<(&'m str, &'m str)> {
    let mut settings = Vec::new();
    for setting in messages.filter_map(problems::setting) {
        if !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_named_once_wherever_its_problems_stand() {
        let (one, other) = (
            "a (500 from UserAPI, its log)",
            "b (403 from S3, its rules)",
        );
        assert_eq!(
            settings([one, other, one].into_iter()),
            [
                ("500 from UserAPI", "its log"),
                ("403 from S3", "its rules")
            ]
        );
    }
}
