//! `report.html` of several runs, each in a browser of its own, side by side.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use opencloud_model::origin_table::{Cell, OriginTable};

use super::{
    super::{
        model::{Exchange, Outcome, Run, Sender, Test, TestResult},
        words,
    },
    head::head,
    marks::{class, sign},
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
    match &failed[..] {
        [] => format!("Passed in {}", words::count(runs.len(), "browser")),
        failed => format!("Not passed in {}", failed.join(", ")),
    }
}

fn browsers(runs: &[Run]) -> Markup {
    html! {
        section id="browsers" {
            h2 { "Browsers" }
            div.wide tabindex="0" role="region" aria-label="Browsers" {
                table {
                    thead { tr {
                        th scope="col" { "Browser" }
                        th scope="col" { "Verdict" }
                        th scope="col" { "Time" }
                        th scope="col" { "Not told by it" }
                    } }
                    tbody {
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
                    }
                }
            }
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

fn tests(runs: &[Run]) -> Markup {
    let test = |run: &Run, name: &str| -> Option<Test> {
        run.tests.iter().find(|test| test.name == name).cloned()
    };
    html! {
        section id="tests" {
            h2 { "Tests" }
            div.wide tabindex="0" role="region" aria-label="Tests and browsers" {
                table.origins {
                    thead { tr {
                        th scope="col" { "Test" }
                        @for run in runs { th scope="col" { (engine(run)) } }
                    } }
                    tbody {
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
                    }
                }
            }
        }
    }
}

/// Which pages could read which answers: a sign a browser.
fn origins(runs: &[Run]) -> Markup {
    let tables: Vec<_> = runs.iter().filter_map(|run| run.origins.first()).collect();
    let Some(first) = tables.first() else {
        return Markup::default();
    };
    html! {
        section id="origins" {
            h2 { "Who may read" }
            div.wide tabindex="0" role="region" aria-label="Calls, origins and browsers" {
                table.origins {
                    thead { tr {
                        th scope="col" { "Call" }
                        @for origin in &first.origins {
                            th scope="col" {
                                span.origin { code { (origin.origin) } small { (origin.difference) } }
                            }
                        }
                    } }
                    tbody {
                        @for (row, call) in first.rows.iter().enumerate() {
                            tr {
                                th scope="row" { (call.call) }
                                @for column in 0..first.origins.len() {
                                    (cells(&tables, row, column))
                                }
                            }
                        }
                    }
                }
            }
            p.note {
                "A sign for each browser, in the order above: ✓ readable by a page of that origin, – kept from "
                "it, ? not checked; a marked cell is not as it should be."
            }
        }
    }
}

fn cells(tables: &[&OriginTable], row: usize, column: usize) -> Markup {
    let cells: Vec<Option<Cell>> = tables
        .iter()
        .map(|table| table.rows.get(row)?.cells.get(column).copied())
        .collect();
    let is_wrong = cells.iter().flatten().any(|cell| cell.is_wrong());
    let sign = |cell: &Option<Cell>| match cell.and_then(|cell| cell.readable) {
        Some(true) => "✓",
        Some(false) => "–",
        None => "?",
    };
    let signs: String = cells.iter().map(sign).collect();
    html! { td.(if is_wrong { "wrong" } else { "readable" }) { (PreEscaped(signs)) } }
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
            h2 { "Engines differ" }
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
    let of = |run: &Run, name: &str| {
        let test = run.tests.iter().find(|test| test.name == name);
        test.map(|test| test.result)
    };
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
    let Some(first) = runs.iter().find_map(|run| run.origins.first()) else {
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
            let of = |run: &Run| {
                let row = run.origins.first()?.rows.get(row)?;
                row.cells.get(column)?.readable
            };
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
        0 => "not told".to_owned(),
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
            .map(|advice| (advice.what.clone(), advice.mend.clone()))
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
