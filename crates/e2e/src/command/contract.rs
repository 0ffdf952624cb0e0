//! `cargo e2e contract`: compares a deployment's answers with the recorded ones.

mod comparison;
mod options;
mod record;

use std::process::ExitCode;

use opencloud_browser::process::Failure;
use opencloud_contract::Report;

use self::comparison::Comparison;
pub(crate) use self::options::ContractArgs;
use crate::run::reports;

/// Compares, and says how it went.
pub(crate) fn run(args: ContractArgs) -> Result<ExitCode, Failure> {
    if let (Some(file), Some(url)) = (&args.record, &args.url) {
        return record::record(&args, file, url);
    }
    let comparison = Comparison::new(args)?;
    if let Some(directory) = &comparison.args.report {
        reports::prepare(directory)?;
    }
    let (deployment, replays, operations) = match &comparison.args.url {
        Some(url) => comparison.at_url(url)?,
        None if comparison.args.local => comparison.local()?,
        None => comparison.embedded()?,
    };
    comparison.interrupt.check()?;
    let report = Report {
        deployment,
        replays,
        operations,
    };
    comparison.end(&report)
}
