//! How large reports are, and how long they take.

use std::iter;

use rustix::time::{ClockId, clock_gettime};

use super::super::{samples, write};

/// The goal is 0.3 s; this leaves room for a slower machine. Counted is the processor's time, which
/// hardly depends on what else the machine is at. What grows with the square of a run's length takes
/// far longer.
const SECONDS: f64 = 0.9;

#[test]
fn a_large_run_makes_no_large_report_and_takes_no_long_time() {
    let mut run = samples::large();
    let steps: usize = run.tests.iter().map(|test| test.steps.len()).sum();
    assert_eq!((steps, run.exchanges.len()), (200, 2000));
    assert_eq!((run.jobs.len(), run.origins.len()), (20, 2));
    let directory = tempfile::tempdir().unwrap();

    let best = iter::repeat_with(|| {
        let begin = processor_time();
        write(&mut run, Some(directory.path())).unwrap();
        processor_time() - begin
    });
    let best = best.take(3).fold(f64::INFINITY, f64::min);

    let report = directory.path().join("report.html");
    let size = report.metadata().unwrap().len();
    println!("{best:.3} s, report.html has {size} bytes");
    assert!(size < 2_000_000, "{size}");
    assert!(best < SECONDS, "{best}");
}

/// What this thread has taken of a processor's time, in seconds.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = i32::try_from(time.tv_sec).unwrap();
    let nanoseconds = i32::try_from(time.tv_nsec).unwrap();
    f64::from(seconds) + f64::from(nanoseconds) / 1e9
}
