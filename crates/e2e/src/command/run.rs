//! One run, from the command line to the verdict.

use std::{cell::Cell, process::ExitCode};

use opencloud_browser::process::Failure;

use crate::{
    environment::embedded::EmbeddedStack,
    run::{
        record::{self, Record},
        reports,
        session::{self, Order},
    },
};

/// Runs the suite once.
pub(crate) fn run(order: Order<'_>) -> Result<ExitCode, Failure> {
    let opened = Cell::new(false);
    let id = reports::name();
    let ended = session::open(order, &id, |session| {
        let stack = session.stack()?;
        let browser = session.browser();
        let pairs = session.pairs(stack.as_ref(), &[]);
        let verbosity = order.args.verbosity();
        let record = Record::begin(&id, order.plan, &pairs, browser, stack.as_ref(), verbosity);
        opened.set(true);
        let ended = browser.record(session.assignment(&pairs, stack.as_ref()), &mut |timed| {
            record.show(timed);
        });
        let changes = stack.iter().flat_map(EmbeddedStack::state_changes);
        let changes: Vec<_> = changes.collect();
        record.end(ended, &changes, order.report)
    });
    if let Err(failure) = &ended
        && !opened.get()
    {
        report_early(&id, order, failure);
    }
    ended
}

/// Writes the reports of a failure before the page was opened. Bad input and a signal need none. A
/// report that cannot be written is a lesser failure than the one that it is about.
fn report_early(id: &str, order: Order<'_>, failure: &Failure) {
    if matches!(failure, Failure::Input(_) | Failure::Interrupted(_)) {
        return;
    }
    let Order {
        plan,
        engine,
        report,
        ..
    } = order;
    if let Err(error) = record::failed_early(id, plan, engine, failure, report) {
        Failure::from(error).report();
    }
}
