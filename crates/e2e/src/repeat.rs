//! `cargo e2e --repeat N`: the suite again and again, to see whether it keeps its word.

use std::{
    fmt,
    process::ExitCode,
    time::{Duration, Instant},
};

use opencloud_suite::{redact, report::lines};

use crate::{
    backstage::{self, Backstage},
    cli::RunArgs,
    failure::Failure,
    verdict::Tally,
};

/// Runs the suite `times` times, each time on a new embedded stack if it is that which is tested.
pub(crate) fn run(args: &RunArgs, times: u32) -> Result<ExitCode, Failure> {
    backstage::open(args, true, |backstage| {
        let mut series = Series::default();
        for number in 1..=times {
            print!("run {number} of {times}: ");
            series.add(&redact::for_a_while(|| one(backstage))?);
        }
        println!("{series} ({})", backstage.plan().summary());
        Ok(series.exit_code.into())
    })
}

/// One run that is over.
struct Run {
    exit_code: u8,
    is_flaky: bool,
    took: Duration,
}

fn one(backstage: &Backstage<'_>) -> Result<Run, Failure> {
    let stack = backstage.stack()?;
    let started = Instant::now();
    let (mut tally, mut said) = (Tally::default(), String::new());
    let pairs = backstage.pairs(stack.as_ref(), &[]);
    backstage.run(&pairs, &mut |timed| {
        tally.record(&timed.event);
        said += &lines(&timed.event);
    })?;
    let took = started.elapsed();
    let verdict = tally.verdict(took.as_secs_f64(), &backstage.plan().summary());
    println!("{verdict}");
    if tally.exit_code() != 0 {
        print!("{said}");
    }
    Ok(Run {
        exit_code: tally.exit_code(),
        is_flaky: tally.is_flaky(),
        took,
    })
}

/// How a series of runs went.
#[derive(Debug, Default)]
struct Series {
    passed: u32,
    flaky: u32,
    failed: u32,
    times: Vec<Duration>,
    /// That of the gravest failure.
    exit_code: u8,
}

impl Series {
    fn add(&mut self, run: &Run) {
        match (run.exit_code, run.is_flaky) {
            (0, false) => self.passed += 1,
            (0, true) => self.flaky += 1,
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
            ..
        } = self;
        let mut times: Vec<_> = times.iter().map(Duration::as_secs_f64).collect();
        times.sort_by(f64::total_cmp);
        write!(
            f,
            "{} runs: {passed} passed, {flaky} flaky, {failed} failed",
            times.len()
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
    fn a_series_is_told_in_one_line() {
        let mut series = Series::default();
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
}
