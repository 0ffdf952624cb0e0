//! One run, from the command line to the verdict.

use std::{cell::Cell, process::ExitCode};

use opencloud_browser::process::Failure;

use crate::{
    environment::embedded::EmbeddedStack,
    options::RunArgs,
    plan::Plan,
    run::{
        record::{self, Record},
        reports, session,
    },
};

/// Runs the suite as `args` say.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let opened = Cell::new(false);
    let id = reports::name();
    let ended = session::open(args, &id, true, |session| {
        let stack = session.stack()?;
        let (plan, browser) = (session.plan(), session.browser());
        let pairs = session.pairs(stack.as_ref(), &[]);
        let verbosity = args.verbosity();
        let record = Record::begin(&id, plan, &pairs, browser, stack.as_ref(), verbosity);
        opened.set(true);
        let ended = browser.record(session.assignment(&pairs, stack.as_ref()), &mut |timed| {
            record.show(timed);
        });
        let changes = stack.iter().flat_map(EmbeddedStack::state_changes);
        let changes: Vec<_> = changes.collect();
        record.end(ended, &changes, args.report.as_deref())
    });
    if let Err(failure) = &ended
        && !opened.get()
    {
        report_early(&id, args, failure);
    }
    ended
}

/// Writes the reports of a failure before the page was opened. Bad input and a signal need none. A
/// report that cannot be written is a lesser failure than the one that it is about.
fn report_early(id: &str, args: &RunArgs, failure: &Failure) {
    if matches!(failure, Failure::Input(_) | Failure::Interrupted(_)) {
        return;
    }
    let Ok(plan) = Plan::new(args) else { return };
    if let Err(error) = record::failed_early(id, &plan, failure, args.report.as_deref()) {
        Failure::from(error).report();
    }
}
