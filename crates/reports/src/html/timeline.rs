//! The run over time: tests, steps, the job's states, requests. Each lane is an SVG image of its own.
//! All lanes lie in one strip, and the script zooms by making the strip wider.

use std::collections::HashSet;

use maud::{Markup, html};

use super::{
    super::{
        model::{Exchange, Job, Run, Sender, Step, Test, TestResult},
        words,
    },
    requests,
};

/// Colours, by their classes, and what they mean.
const LEGEND: [(&str, &str); 7] = [
    ("passed", "as it should be"),
    ("failed", "failed"),
    ("flaky", "flaky"),
    ("expected", "refused as it should be"),
    ("preflight", "preflight"),
    ("trial", "trial"),
    ("page", "page"),
];
const LANE: usize = 22;
const ROW: usize = 9;
/// The highest number of rows of requests. Further simultaneous requests share the last row.
const ROWS: usize = 24;

/// A bar of a lane.
struct Bar {
    from: f64,
    seconds: f64,
    row: usize,
    class: String,
    label: String,
    /// Its tooltip.
    title: String,
}

/// The timeline.
pub(super) fn timeline(run: &Run) -> Markup {
    if run.tests.is_empty() {
        return Markup::default();
    }
    html! {
        section id="timeline" {
            h2 { "Timeline" }
            div.tools {
                button type="button" data-zoom="in" hidden { "Closer" }
                button type="button" data-zoom="out" hidden { "Farther" }
                button type="button" data-zoom="all" hidden { "Whole run" }
                span.note { "Keys + − 0 ← →; Ctrl and the wheel." }
            }
            div.strip tabindex="0" role="region" aria-label="Timeline" data-seconds=(run.seconds) {
                div.reel {
                    (ruler(run.seconds))
                    (lane(run, "tests", "Tests", &tests(run), LANE))
                    (lane(run, "steps", "Steps", &steps(run), LANE))
                    @for job in &run.jobs {
                        (lane(run, "job", &format!("Job {} of {}", job.id, job.test), &states(job), LANE))
                    }
                    @if !run.exchanges.is_empty() {
                        (lane(run, "requests", "Requests", &requests(run), ROW))
                    }
                }
            }
            p.legend {
                @for (class, meaning) in LEGEND { span { span.key.(class) {} (meaning) } " " }
            }
            @for job in &run.jobs {
                (as_table(job))
                @for requeued in &job.requeued {
                    p.note { "Job " (job.id) " was taken from a silent worker: " (requeued.details) }
                }
            }
        }
    }
}

fn lane(run: &Run, class: &str, name: &str, bars: &[Bar], row: usize) -> Markup {
    let rows = bars.iter().map(|bar| bar.row + 1).max().unwrap_or(1);
    let about = format!("{name}: {}, listed below", words::count(bars.len(), "bar"));
    html! {
        p.lane-name { (name) }
        svg.lane.(class) role="img" aria-label=(about) width="100%" height=(rows * row + 2) {
            @for bar in bars { (self::bar(run, bar, row)) }
        }
    }
}

/// A bar, which is visible however short its time was.
fn bar(run: &Run, bar: &Bar, row: usize) -> Markup {
    // With five digits, even a millisecond of an hour makes a difference.
    let percent = |seconds: f64| format!("{:.5}%", seconds / run.seconds.max(0.001) * 100.0);
    let from = (bar.from - run.started_at) / 1000.0;
    let (x, width) = (percent(from), percent(bar.seconds));
    let (y, height) = (bar.row * row + 1, row - 2);
    html! {
        rect.(bar.class) y=(y) height=(height) style={ "x:min(" (x) ",100% - 2px);width:max(2px," (width) ")" } {
            title { (bar.title) }
        }
        @if !bar.label.is_empty() {
            svg x=(x) y=(y) width=(width) height=(height) { text x="4" y="14" { (bar.label) } }
        }
    }
}

/// Tests that ran at the same time lie in rows below one another.
fn tests(run: &Run) -> Vec<Bar> {
    let bar = |test: &Test| result_bar(&test.name, test.result, test.started_at, test.seconds);
    let tests = run.tests.iter().zip(rows_of_tests(run));
    let ran = tests.filter(|(test, _)| test.result != TestResult::Skipped);
    ran.map(|(test, row)| Bar { row, ..bar(test) }).collect()
}

/// Steps lie in the rows of their tests.
fn steps(run: &Run) -> Vec<Bar> {
    let bar = |step: &Step| result_bar(&step.name, step.result, step.started_at, step.seconds);
    let tests = run.tests.iter().zip(rows_of_tests(run));
    let steps = tests.flat_map(|(test, row)| test.steps.iter().map(move |step| (step, row)));
    steps.map(|(step, row)| Bar { row, ..bar(step) }).collect()
}

/// The row of each test: the first that is free when it begins.
fn rows_of_tests(run: &Run) -> Vec<usize> {
    let mut order: Vec<_> = (0..run.tests.len()).collect();
    order.sort_by(|&a, &b| {
        let began = |place: usize| run.tests[place].started_at;
        began(a).total_cmp(&began(b))
    });
    let mut rows = Rows::new(usize::MAX);
    let mut of_tests = vec![0; run.tests.len()];
    for place in order {
        let test = &run.tests[place];
        of_tests[place] = rows.place(test.started_at, test.seconds);
    }
    of_tests
}

/// Rows for bars, which come in the order of their beginnings. The last of `most` rows takes whatever finds
/// no other free.
struct Rows {
    most: usize,
    ends: Vec<f64>,
}

impl Rows {
    const fn new(most: usize) -> Self {
        let ends = Vec::new();
        Self { most, ends }
    }

    /// The first row that is free at `from`.
    fn place(&mut self, from: f64, seconds: f64) -> usize {
        let end = from + seconds * 1000.0;
        let free = self.ends.iter().position(|until| *until <= from);
        let row = free.unwrap_or(self.ends.len()).min(self.most - 1);
        if row == self.ends.len() {
            self.ends.push(end);
        } else {
            self.ends[row] = self.ends[row].max(end);
        }
        row
    }
}

/// The bar of a test or a step.
fn result_bar(name: &str, result: TestResult, from: f64, seconds: f64) -> Bar {
    let result = words::result(result);
    Bar {
        from,
        seconds,
        row: 0,
        class: result.into(),
        label: name.into(),
        title: format!("{name}: {result}, {}", words::seconds(seconds)),
    }
}

fn states(job: &Job) -> Vec<Bar> {
    let ends = job.states.iter().skip(1).map(|state| state.seen_at);
    job.states
        .iter()
        .zip(ends.chain([job.until]))
        .map(|(state, end)| {
            let seconds = ((end - state.seen_at) / 1000.0).max(0.0);
            Bar {
                from: state.seen_at,
                seconds,
                row: 0,
                class: format!("state {}", state.name),
                label: state.name.clone(),
                title: format!("{} for {}", state.name, words::seconds(seconds)),
            }
        })
        .collect()
}

/// Simultaneous requests lie in rows below one another.
fn requests(run: &Run) -> Vec<Bar> {
    let steps = run.tests.iter().flat_map(|test| &test.steps);
    let failed = steps.filter(|step| step.failure.is_some());
    let failed: HashSet<_> = failed
        .flat_map(|step| {
            step.exchanges.iter().filter(|place| {
                step.culprit == Some(**place) || run.exchanges[**place].problem.is_some()
            })
        })
        .collect();
    let mut rows = Rows::new(ROWS);
    run.exchanges
        .iter()
        .enumerate()
        .map(|(place, exchange)| Bar {
            from: exchange.started_at,
            seconds: exchange.seconds,
            row: rows.place(exchange.started_at, exchange.seconds),
            class: class(exchange, failed.contains(&place)).into(),
            label: String::new(),
            title: format!(
                "{}: {} {}: {}, {}",
                requests::purpose(exchange),
                exchange.method,
                requests::path(&exchange.url),
                words::outcome(exchange),
                words::seconds(exchange.seconds)
            ),
        })
        .collect()
}

fn class(exchange: &Exchange, has_failed: bool) -> &'static str {
    match exchange.sender {
        _ if has_failed => "failed",
        // The step expected the refusal.
        Sender::Step if exchange.problem.is_some() => "expected",
        Sender::Step => "passed",
        Sender::Preflight => "preflight",
        Sender::Trial => "trial",
        Sender::Page => "page",
    }
}

/// The scale before the first zoom.
fn ruler(seconds: f64) -> Markup {
    let step = round_step(seconds / 6.0);
    let mut marks = Vec::new();
    let mut at = 0.0;
    while at < seconds && marks.len() < 20 {
        marks.push(at);
        at += step;
    }
    html! {
        svg.ruler width="100%" height="18" aria-hidden="true" {
            @for at in marks {
                @let x = format!("{:.3}%", at / seconds.max(0.001) * 100.0);
                line x1=(x) x2=(x) y1="0" y2="18" {}
                text x=(x) y="13" dx="3" { (words::seconds(at)) }
            }
        }
    }
}

/// The next larger of 1, 2, 5, 10, 20, …
fn round_step(least: f64) -> f64 {
    let magnitude = 10_f64.powf(least.max(0.001).log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * magnitude >= least);
    factor.unwrap_or(10.0) * magnitude
}

fn as_table(job: &Job) -> Markup {
    let ends = job.states.iter().skip(1).map(|state| state.seen_at);
    html! {
        table.states {
            caption { "Job " (job.id) ", watched by " (job.test) }
            thead { tr { th scope="col" { "State" } th scope="col" { "Seen after" } th scope="col" { "Lasted" } } }
            tbody {
                @for (state, end) in job.states.iter().zip(ends.map(Some).chain([None])) {
                    tr {
                        th scope="row" { (state.name) }
                        td { (words::seconds(state.seconds)) }
                        td { @match end { Some(end) => (words::seconds((end - state.seen_at) / 1000.0)), None => "" } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::round_step;

    #[test]
    fn the_scale_has_round_steps() {
        for (least, step) in [(0.3, 0.5), (1.0, 1.0), (7.0, 10.0), (600.0, 1000.0)] {
            assert!((round_step(least) - step).abs() < 1e-9, "{least}");
        }
    }
}
