//! `report.html` of several runs, each in a browser of its own, side by side.

use std::iter;

use maud::{DOCTYPE, Markup, html};
use opencloud_model::origin_table::{Cell, OriginTable};

use super::{
    super::{
        model::{Exchange, Outcome, Run, Sender, Test, TestResult},
        words,
    },
    head::head,
    marks::{class, sign},
    table::{heads, origin_heads, wide},
};

const STYLE: &str = include_str!("report.css");

/// The page. The report of each run is in a directory beside it, named after its engine.
pub(in super::super) fn comparison(runs: &[Run]) -> String {
    let headline = headline(runs);
    let title = format!("{headline}: DECODE OpenCloud");
    let about = runs.first().map(|run| &*run.environment.about);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(&title, STYLE))
            body {
                header.(class(outcome(runs))) {
                    p.kicker { "DECODE OpenCloud as browsers see it · " (about.unwrap_or_default()) }
                    h1 { (headline) }
                }
                main {
                    (browsers(runs))
                    (tests(runs))
                    (origins(runs))
                    (differences(runs))
                }
            }
        }
    };
    page.into_string()
}

fn engine(run: &Run) -> &str {
    run.versions.engine.as_deref().unwrap_or_default()
}

/// The outcome of all: that of the gravest exit code.
fn outcome(runs: &[Run]) -> Outcome {
    let gravest = runs.iter().max_by_key(|run| run.exit_code);
    gravest.map_or(Outcome::Error, |run| run.outcome)
}

fn headline(runs: &[Run]) -> String {
    let failed = runs.iter().filter(|run| run.outcome != Outcome::Passed);
    let failed: Vec<_> = failed.map(engine).collect();
    let idle = runs.iter().filter(|run| words::has_checked_nothing(run));
    let idle: Vec<_> = idle.map(engine).collect();
    match (&failed[..], &idle[..]) {
        ([], []) => format!("Passed in {}", words::count(runs.len(), "browser")),
        ([], idle) => format!(
            "No verdict: nothing could be checked in {}",
            idle.join(", ")
        ),
        (failed, _) => format!("Not passed in {}", failed.join(", ")),
    }
}

fn browsers(runs: &[Run]) -> Markup {
    let rows = html! {
        @for run in runs {
            tr {
                th scope="row" {
                    a href={ (engine(run)) "/report.html" } { (engine(run)) }
                    " " small { (run.versions.browser.as_deref().unwrap_or_default()) }
                }
                td { (run.verdict) }
                td.time { (words::seconds(run.seconds)) }
                td { (run.versions.unknown.join(", ")) }
            }
        }
    };
    let heads = heads(&["Browser", "Verdict", "Time", "Not reported"]);
    html! {
        section id="browsers" {
            h2 { "Browsers" }
            (wide("Browsers", None, &heads, &rows))
        }
    }
}

/// The names of all tests, in the order in which they ran first.
fn names(runs: &[Run]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for test in runs.iter().flat_map(|run| &run.tests) {
        if !names.contains(&&*test.name) {
            names.push(&test.name);
        }
    }
    names
}

/// The test of this name, if it ran.
fn test<'r>(run: &'r Run, name: &str) -> Option<&'r Test> {
    run.tests.iter().find(|test| test.name == name)
}

fn tests(runs: &[Run]) -> Markup {
    let columns: Vec<_> = iter::once("Test").chain(runs.iter().map(engine)).collect();
    let rows = html! {
        @for name in names(runs) {
            tr {
                th scope="row" { (name) }
                @for run in runs {
                    td {
                        @if let Some(test) = test(run, name) {
                            (sign(test.result)) (words::seconds(test.seconds))
                        } @else { "did not run" }
                    }
                }
            }
        }
    };
    html! {
        section id="tests" {
            h2 { "Tests" }
            (wide("Tests and browsers", Some("origins"), &heads(&columns), &rows))
        }
    }
}

/// The first table of calls and origins: that of each browser that has one has the same rows and columns.
fn table(runs: &[Run]) -> Option<&OriginTable> {
    runs.iter().find_map(|run| run.origins.first())
}

/// What is known of a call and an origin in this browser.
fn cell(run: &Run, row: usize, column: usize) -> Option<Cell> {
    let row = run.origins.first()?.rows.get(row)?;
    row.cells.get(column).copied()
}

/// Which pages could read which answers: a sign a browser.
fn origins(runs: &[Run]) -> Markup {
    let Some(first) = table(runs) else {
        return Markup::default();
    };
    let heads = origin_heads(&first.origins);
    let rows = html! {
        @for (row, call) in first.rows.iter().enumerate() {
            tr {
                th scope="row" { (call.call) }
                @for column in 0..first.origins.len() { (cells(runs, row, column)) }
            }
        }
    };
    html! {
        section id="origins" {
            h2 { "Who may read" }
            (wide("Calls, origins and browsers", Some("origins"), &heads, &rows))
            p.note {
                "A sign for each browser, in the order above: ✓ readable by a page of that origin, – kept from "
                "it, ? not checked; a marked cell is not as it should be."
            }
        }
    }
}

fn cells(runs: &[Run], row: usize, column: usize) -> Markup {
    let cells: Vec<_> = runs.iter().map(|run| cell(run, row, column)).collect();
    let is_wrong = cells.iter().flatten().any(|cell| cell.is_wrong());
    let sign = |cell: &Option<Cell>| match cell.and_then(|cell| cell.readable) {
        Some(true) => "✓",
        Some(false) => "–",
        None => "?",
    };
    let signs: String = cells.iter().map(sign).collect();
    html! { td.(if is_wrong { "wrong" } else { "readable" }) { (signs) } }
}

/// A way in which the browsers differ, and how each behaves.
type Difference = (String, String);

/// Where the runs differ, although they are of one stack.
fn differences(runs: &[Run]) -> Markup {
    let all = [
        results(runs),
        readability(runs),
        preflights(runs),
        gaps(runs),
        advice(runs),
    ];
    let all = all.concat();
    if all.is_empty() {
        return Markup::default();
    }
    html! {
        section id="differences" {
            h2 { "Differences between browsers" }
            dl.facts {
                @for (what, how) in all {
                    dt { (what) }
                    dd { (how) }
                }
            }
        }
    }
}

/// What holds in each browser, if it is not the same in all.
fn unlike<T: PartialEq>(
    runs: &[Run],
    of: impl Fn(&Run) -> T,
    words: impl Fn(&T) -> String,
) -> Option<String> {
    let values: Vec<_> = runs.iter().map(of).collect();
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return None;
    }
    let each = runs.iter().zip(&values);
    let each: Vec<_> = each
        .map(|(run, value)| format!("{} in {}", words(value), engine(run)))
        .collect();
    Some(each.join(", "))
}

fn results(runs: &[Run]) -> Vec<Difference> {
    let of = |run: &Run, name: &str| Some(test(run, name)?.result);
    let words = |result: &Option<TestResult>| match result {
        Some(result) => words::result(*result).to_owned(),
        None => "not run".to_owned(),
    };
    let tests = names(runs).into_iter();
    tests
        .filter_map(|name| Some((name.to_owned(), unlike(runs, |run| of(run, name), words)?)))
        .collect()
}

/// Answers that pages of one origin may read in some browsers only.
fn readability(runs: &[Run]) -> Vec<Difference> {
    let Some(first) = table(runs) else {
        return Vec::new();
    };
    let words = |readable: &Option<bool>| match readable {
        Some(true) => "readable".to_owned(),
        Some(false) => "kept from the page".to_owned(),
        None => "not checked".to_owned(),
    };
    let mut differences = Vec::new();
    for (row, call) in first.rows.iter().enumerate() {
        for (column, origin) in first.origins.iter().enumerate() {
            let of = |run: &Run| cell(run, row, column)?.readable;
            if let Some(how) = unlike(runs, of, words) {
                differences.push((format!("{}, from {}", call.call, origin.origin), how));
            }
        }
    }
    differences
}

/// How many preflights each browser sends: they remember their answers for different times, and ask apart
/// for requests with and without credentials.
fn preflights(runs: &[Run]) -> Vec<Difference> {
    let of = |run: &Run| {
        let is_preflight = |exchange: &&Exchange| exchange.sender == Sender::Preflight;
        run.exchanges.iter().filter(is_preflight).count()
    };
    let words = |count: &usize| match count {
        0 => "not reported".to_owned(),
        count => count.to_string(),
    };
    let how = unlike(runs, of, words).map(|how| ("Preflights".to_owned(), how));
    how.into_iter().collect()
}

/// What was checked in one browser and not in another.
fn gaps(runs: &[Run]) -> Vec<Difference> {
    let gaps = |run: &Run| {
        let gaps = run.tests.iter().flat_map(|test| &test.not_checked);
        gaps.map(|gap| (gap.what.clone(), gap.why.clone()))
            .collect()
    };
    own(runs, "Not checked", gaps)
}

/// Advice that one browser gives reason for, and not another.
fn advice(runs: &[Run]) -> Vec<Difference> {
    let advice = |run: &Run| {
        let advice = run.tests.iter().flat_map(|test| &test.advice);
        advice
            .map(|advice| (advice.what.clone(), advice.fix.clone()))
            .collect()
    };
    own(runs, "Advice", advice)
}

/// What some browsers have that not all have.
fn own(runs: &[Run], kind: &str, of: impl Fn(&Run) -> Vec<Difference>) -> Vec<Difference> {
    let all: Vec<_> = runs.iter().map(of).collect();
    let is_common = |item: &Difference| all.iter().all(|items| items.contains(item));
    let each = runs.iter().zip(&all).flat_map(|(run, items)| {
        let own = items.iter().filter(|item| !is_common(item));
        own.map(move |(what, how)| (format!("{kind} in {}: {what}", engine(run)), how.clone()))
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use opencloud_model::origin_table::{Origin, Row};

    use super::*;

    #[test]
    fn browsers_in_which_nothing_was_checked_have_no_verdict() {
        let run = |engine: &str, result| {
            let test = Test {
                result,
                ..Test::default()
            };
            let mut run = Run {
                tests: vec![test],
                ..Run::default()
            };
            run.versions.engine = Some(engine.into());
            run
        };
        let runs = [
            run("one", TestResult::Passed),
            run("other", TestResult::Skipped),
        ];
        assert_eq!(headline(&runs[..1]), "Passed in 1 browser");
        assert_eq!(
            headline(&runs),
            "No verdict: nothing could be checked in other"
        );
    }

    #[test]
    fn the_sign_of_a_browser_stands_at_its_place_though_another_has_no_table() {
        let table = OriginTable {
            origins: vec![Origin {
                origin: "http://localhost:8080".into(),
                difference: "the frontend".into(),
            }],
            rows: vec![Row {
                call: "rename".into(),
                cells: vec![Cell {
                    readable: Some(true),
                    expected: true,
                }],
            }],
        };
        let with_table = Run {
            origins: vec![table],
            ..Run::default()
        };
        let page = origins(&[Run::default(), with_table]).into_string();
        assert!(page.contains(">?✓</td>"), "{page}");
    }
}
