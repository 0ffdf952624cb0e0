//! One run, from the command line to the verdict.

use std::{cell::Cell, process::ExitCode};

use opencloud_browser::{process::Failure, traffic::Traffic};

use crate::{
    environment::embedded::EmbeddedStack,
    options::RunArgs,
    plan::Plan,
    run::{
        record::{self, Record},
        session,
        watch::Ending,
    },
};

/// Runs the suite as `args` say.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let opened = Cell::new(false);
    let ended = session::open(args, true, |session| {
        let stack = session.stack()?;
        let (plan, browser) = (session.plan(), session.browser());
        let pairs = session.pairs(stack.as_ref(), &[]);
        let mut record = Record::begin(plan, &pairs, browser, args.verbosity());
        opened.set(true);
        let mut traffic = Traffic::default();
        let assignment = session.assignment(&pairs);
        let ended = browser.record(assignment, &mut |timed| record.take(timed), &mut traffic);
        let ended = ended.and_then(Ending::completed);
        let changes = stack.iter().flat_map(EmbeddedStack::state_changes);
        let changes: Vec<_> = changes.collect();
        record.end(ended, &changes, &traffic, args.report.as_deref())
    });
    if let Err(failure) = &ended
        && !opened.get()
    {
        report_early(args, failure);
    }
    ended
}

/// Bad input is told in one line and a signal needs no report; all else that can go wrong before the
/// page is opened leaves one. Failing to write it comes second to why there is one.
fn report_early(args: &RunArgs, failure: &Failure) {
    if matches!(failure, Failure::Input(_) | Failure::Interrupted(_)) {
        return;
    }
    let Ok(plan) = Plan::new(args) else { return };
    if let Err(error) = record::failed_early(&plan, failure, args.report.as_deref()) {
        Failure::from(error).report();
    }
}
