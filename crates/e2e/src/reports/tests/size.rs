//! How large reports are; how long they take is printed.

use std::time::Instant;

use super::super::{samples, write};

#[test]
fn a_large_run_makes_no_large_report() {
    let run = samples::large();
    let steps: usize = run.tests.iter().map(|test| test.steps.len()).sum();
    assert_eq!((steps, run.exchanges.len()), (200, 2000));
    let directory = tempfile::tempdir().unwrap();

    let begin = Instant::now();
    write(&run, Some(directory.path())).unwrap();
    let taken = begin.elapsed();

    let report = directory.path().join("report.html");
    let size = report.metadata().unwrap().len();
    println!("{taken:?}, report.html has {size} bytes");
    assert!(size < 2_000_000, "{size}");
}
