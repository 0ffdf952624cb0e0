//! `cargo e2e inputs`: fetches the inputs of real jobs.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use opencloud_browser::process::{Failure, Interrupt, print};
use opencloud_model::settings::ApplicationChoice;

use crate::{environment::inputs::Inputs, given::Given};

/// The options of `cargo e2e inputs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Fetch them anew, even if that changes them
    #[arg(long)]
    renew: bool,

    /// Read the settings from PATH instead of .env
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,
}

/// The settings that it reads.
const INPUTS: [&str; 3] = ["INPUTS_SOURCE", "APPLICATION_INPUTS", "INPUTS_DIRECTORY"];

/// Fetches those that are missing, or all of them anew.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let given = Given::read(args.env_file.as_deref())?;
    given.print_notes(|key| INPUTS.contains(&key));
    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let inputs = Inputs::of(given.values(), ApplicationChoice::All);
    inputs.ensure(args.renew, &interrupt)?;
    print::out(format_args!(
        "the inputs of real jobs are in {}",
        inputs.directory.display()
    ));
    Ok(ExitCode::SUCCESS)
}
