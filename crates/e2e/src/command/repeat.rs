//! `cargo e2e --repeat N`: the suite again and again, to see whether its result is always the same.

use std::{
    fmt,
    time::{Duration, Instant},
};

use opencloud_browser::process::{Failure, print};
use opencloud_model::{
    event::{Blame, Event},
    lines::lines,
    redact,
};
use opencloud_reports::count;

use crate::{
    environment::embedded::EmbeddedStack,
    options::Verbosity,
    plan::Plan,
    run::{
        record::Record,
        reports,
        session::{self, Order, RunSession},
        watch::Ending,
    },
};

/// Runs the suite `times` times; the embedded stack is a new one each time. Whatever ends the series,
/// its last line says how many runs there were. Returns the exit code, or fails if a signal has ended it.
pub(crate) fn run(order: Order<'_>, times: u32) -> Result<u8, Failure> {
    session::open(order, &reports::name(), |session| {
        let mut series = Series::new(times, is_undisturbed(order.plan));
        let mut end = None;
        for number in 1..=times {
            print::raw(format_args!("run {number} of {times}: "));
            match redact::forget_after(|| one(session)) {
                Ok(run) => series.add(&run),
                Err(failure @ Failure::Interrupted(_)) => {
                    end = Some(failure);
                    break;
                }
                // Without a verdict, there is no browser to go on with.
                Err(failure) => {
                    failure.report();
                    series.add_failure(&failure);
                    break;
                }
            }
        }
        print::out(format_args!("{series} ({})", order.plan.summary()));
        if series.is_undisturbed && series.flaky > 0 {
            print::err(
                "error: requests had to be repeated, though nothing disturbs the embedded OpenCloud",
            );
        }
        end.map_or(Ok(series.exit_code), Err)
    })
}

/// Whether the stack is the embedded one, without any fault or disturbance.
fn is_undisturbed(plan: &Plan) -> bool {
    let embedded = plan.embedded.as_ref();
    embedded.is_some_and(|embedded| embedded.faults.is_empty() && embedded.disturbances.is_empty())
}

/// A run that has ended.
struct Run {
    exit_code: u8,
    is_flaky: bool,
    took: Duration,
}

/// Runs the suite once. A run that fails or is flaky leaves its reports; under a disturbance, repeated
/// requests are no surprise.
fn one(session: &RunSession<'_>) -> Result<Run, Failure> {
    let stack = session.stack()?;
    let (plan, browser) = (session.plan(), session.browser());
    let pairs = session.pairs(stack.as_ref(), &[]);
    let (id, verbosity) = (reports::name(), Verbosity::Quiet);
    let record = Record::begin(&id, plan, &pairs, browser, stack.as_ref(), verbosity);
    let mut repeats = String::new();
    let mut events = Vec::new();
    let started = Instant::now();
    let ended = browser.record(session.assignment(&pairs, stack.as_ref()), &mut |timed| {
        if matches!(timed.event, Event::Repeated { .. }) {
            repeats += &lines(&timed.event);
        }
        events.push(timed.clone());
    });
    let progress = &ended.progress;
    let run = Run {
        exit_code: progress.exit_code(),
        is_flaky: progress.is_flaky(),
        took: started.elapsed(),
    };
    let disturbed = plan
        .embedded
        .as_ref()
        .is_some_and(|embedded| !embedded.disturbances.is_empty());
    let passed = matches!(ended.ending, Ok(Ending::Complete)) && run.exit_code == 0;
    if passed && (disturbed || !run.is_flaky) {
        print::out(progress.verdict(run.took.as_secs_f64(), &plan.summary()));
        repeats.lines().for_each(print::out);
    } else {
        print::out(match ended.ending {
            _ if passed => "flaky",
            Err(Failure::Interrupted(_)) => "ended early",
            _ => "failed",
        });
        repeats.lines().for_each(print::out);
        for timed in &events {
            record.show(timed);
        }
        let changes = stack.iter().flat_map(EmbeddedStack::state_changes);
        record.end(ended, &changes.collect::<Vec<_>>(), None)?;
    }
    Ok(run)
}

/// The results of a series of runs.
#[derive(Debug, Default)]
struct Series {
    /// How many there should be.
    wanted: u32,
    /// Whether no request should have to be repeated.
    is_undisturbed: bool,
    passed: u32,
    flaky: u32,
    failed: u32,
    times: Vec<Duration>,
    /// The exit code of the gravest failure.
    exit_code: u8,
}

impl Series {
    fn new(wanted: u32, is_undisturbed: bool) -> Self {
        Self {
            wanted,
            is_undisturbed,
            ..Self::default()
        }
    }

    /// Adds a run without a verdict.
    fn add_failure(&mut self, failure: &Failure) {
        self.failed += 1;
        self.exit_code = self.exit_code.max(failure.exit_code());
    }

    fn add(&mut self, run: &Run) {
        match (run.exit_code, run.is_flaky) {
            (0, false) => self.passed += 1,
            (0, true) => {
                self.flaky += 1;
                // An answer was lost between two programs of ours on one machine.
                if self.is_undisturbed {
                    self.exit_code = Blame::Ourselves.exit_code();
                }
            }
            _ => self.failed += 1,
        }
        self.exit_code = self.exit_code.max(run.exit_code);
        self.times.push(run.took);
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            flaky,
            failed,
            times,
            wanted,
            ..
        } = self;
        let runs = passed + flaky + failed;
        if runs < *wanted {
            write!(f, "{runs} of ")?;
        }
        let mut times: Vec<_> = times.iter().map(Duration::as_secs_f64).collect();
        times.sort_by(f64::total_cmp);
        write!(
            f,
            "{}: {passed} passed, {flaky} flaky, {failed} failed",
            count(*wanted as usize, "run")
        )?;
        if let (Some(least), Some(most)) = (times.first(), times.last()) {
            let median = times[times.len() / 2];
            write!(f, "; {least:.1} to {most:.1} s, median {median:.1} s")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_reported_in_one_line() {
        let mut series = Series::new(5, false);
        for (exit_code, is_flaky, seconds) in [
            (0, false, 5),
            (0, true, 9),
            (1, true, 7),
            (3, false, 6),
            (0, false, 4),
        ] {
            series.add(&Run {
                exit_code,
                is_flaky,
                took: Duration::from_secs(seconds),
            });
        }
        assert_eq!(
            series.to_string(),
            "5 runs: 2 passed, 1 flaky, 2 failed; 4.0 to 9.0 s, median 6.0 s"
        );
        assert_eq!(series.exit_code, 3);
    }

    #[test]
    fn a_repeat_is_our_own_failure_where_nothing_disturbs() {
        for (is_undisturbed, exit_code) in [(true, 3), (false, 0)] {
            let mut series = Series::new(2, is_undisturbed);
            for is_flaky in [true, false] {
                series.add(&Run {
                    exit_code: 0,
                    is_flaky,
                    took: Duration::from_secs(4),
                });
            }
            assert_eq!(series.exit_code, exit_code);
        }
    }

    #[test]
    fn a_series_that_ends_early_says_so() {
        let mut series = Series::new(9, false);
        series.add(&Run {
            exit_code: 0,
            is_flaky: false,
            took: Duration::from_secs(4),
        });
        series.add_failure(&Failure::ours_with("the browser is gone", ""));
        assert_eq!(
            series.to_string(),
            "2 of 9 runs: 1 passed, 0 flaky, 1 failed; 4.0 to 4.0 s, median 4.0 s"
        );
        assert_eq!(series.exit_code, 3);
    }
}
