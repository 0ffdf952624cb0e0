//! Runs in one browser or in several, one after the other.

use std::{path::Path, process::ExitCode};

use opencloud_browser::{
    engine::Engine,
    process::{Failure, print},
};

use crate::{
    command::{repeat, run},
    options::RunArgs,
    plan::Plan,
    run::reports,
};

/// Runs the suite in each of the browsers that are asked for, once or as often as asked for.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let engines = Plan::new(args)?.engines;
    match (&engines[..], args.repeat) {
        ([_], None) => run::run(args),
        (_, None) => side_by_side(args, &engines),
        (_, Some(times)) => {
            let mut exit_code = 0;
            for engine in &engines {
                announce(*engine, engines.len());
                exit_code = exit_code.max(repeat::run(&alone(args, *engine, None), times)?);
            }
            Ok(exit_code.into())
        }
    }
}

/// One run a browser, and a report that shows them side by side. Only bad input and a signal keep the others
/// from running.
fn side_by_side(args: &RunArgs, engines: &[&'static dyn Engine]) -> Result<ExitCode, Failure> {
    if let Some(directory) = &args.report {
        reports::prepare(directory)?;
    }
    let directory = reports::directory(&reports::name(), args.report.as_deref())?;
    let (mut exit_code, mut reported, mut end) = (0, Vec::new(), None);
    for engine in engines {
        announce(*engine, engines.len());
        let report = directory.join(engine.id());
        match run::run(&alone(args, *engine, Some(&report))) {
            Ok(_) => {}
            Err(failure @ (Failure::Input(_) | Failure::Interrupted(_))) => end = Some(failure),
            Err(failure) => {
                exit_code = exit_code.max(failure.exit_code());
                failure.report();
            }
        }
        // Bad input leaves no report.
        if report.join(opencloud_reports::RESULTS).is_file() {
            reported.push(engine.id());
        }
        if end.is_some() {
            break;
        }
    }
    let (report, runs) = reports::compare(&directory, &reported)?;
    print::out("");
    for run in &runs {
        let engine = run.versions.engine.as_deref().unwrap_or_default();
        print::out(format_args!("{engine}: {}", run.verdict));
        exit_code = exit_code.max(run.exit_code);
    }
    print::out(format_args!("report: {}", report.display()));
    end.map_or(Ok(exit_code.into()), Err)
}

fn announce(engine: &dyn Engine, count: usize) {
    if count > 1 {
        print::out(format_args!("{}:", engine.name()));
    }
}

/// The same run in one browser alone.
fn alone(args: &RunArgs, engine: &dyn Engine, report: Option<&Path>) -> RunArgs {
    RunArgs {
        browsers: vec![engine.id().into()],
        report: report.map(Path::to_owned),
        ..args.clone()
    }
}
