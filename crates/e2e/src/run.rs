//! One run, from the command line to the verdict.

use std::process::ExitCode;

use crate::{
    backstage, cli::RunArgs, devtools::Traffic, embedded::EmbeddedStack, failure::Failure,
    record::Record, stage::Ending,
};

/// Runs the suite as `args` say.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    backstage::open(args, true, |backstage| {
        let stack = backstage.stack()?;
        let (plan, stage) = (backstage.plan(), backstage.stage());
        let pairs = backstage.pairs(stack.as_ref(), &[]);
        let mut record = Record::begin(plan, &pairs, stage, args.verbosity());
        let mut traffic = Traffic::default();
        let assignment = backstage.assignment(&pairs);
        let ended = stage.record(assignment, &mut |timed| record.take(timed), &mut traffic);
        let ended = ended.and_then(Ending::completed);
        let changes = stack.iter().flat_map(EmbeddedStack::state_changes);
        let changes: Vec<_> = changes.collect();
        record.end(ended, &changes, &traffic, args.report.as_deref())
    })
}
