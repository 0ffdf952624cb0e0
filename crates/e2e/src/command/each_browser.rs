//! Runs in one browser or in several, one after the other.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use opencloud_browser::{
    engine::Engine,
    process::{Failure, Interrupt, print},
};

use crate::{
    command::{repeat, run},
    options::{RunArgs, Verbosity},
    plan::Plan,
    run::{
        reports,
        session::{self, Order},
    },
};

/// Runs the suite in each of the browsers that are asked for, once or as often as asked for.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let plan = Plan::new(args)?;
    if args.verbosity() != Verbosity::Quiet {
        plan.print_notes();
    }
    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let order = |engine| Order {
        args,
        plan: &plan,
        engine,
        interrupt: &interrupt,
        report: args.report.as_deref(),
    };
    if let [engine] = plan.engines[..] {
        return match args.repeat {
            None => run::run(order(engine)),
            Some(times) => repeat::run(order(engine), times).map(ExitCode::from),
        };
    }
    // What one of them lacks is told, or installed, before the first one's runs, which may take long.
    for engine in &plan.engines {
        session::find_browser(order(*engine))?;
    }
    let orders = plan.engines.iter().map(|engine| order(*engine));
    let Some(times) = args.repeat else {
        return side_by_side(orders, args.report.as_deref());
    };
    let mut exit_code = 0;
    for order in orders {
        announce(order.engine);
        exit_code = exit_code.max(repeat::run(order, times)?);
    }
    Ok(exit_code.into())
}

/// One run a browser, and a report that shows them side by side. Only bad input and a signal keep the others
/// from running.
fn side_by_side<'a>(
    orders: impl Iterator<Item = Order<'a>>,
    directory: Option<&Path>,
) -> Result<ExitCode, Failure> {
    if let Some(directory) = directory {
        reports::prepare(directory)?;
    }
    let directory = reports::directory(&reports::name(), directory)?;
    let (mut exit_code, mut reported, mut end) = (0, Vec::new(), None);
    for order in orders {
        announce(order.engine);
        let id = order.engine.id();
        let report = directory.join(id);
        match run::run(Order {
            report: Some(&report),
            ..order
        }) {
            Ok(_) => {}
            Err(failure @ (Failure::Input(_) | Failure::Interrupted(_))) => end = Some(failure),
            Err(failure) => {
                exit_code = exit_code.max(failure.exit_code());
                failure.report();
            }
        }
        // Bad input leaves no report.
        if report.join(opencloud_reports::RESULTS).is_file() {
            reported.push(id);
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

fn announce(engine: &dyn Engine) {
    print::out(format_args!("{}:", engine.name()));
}
