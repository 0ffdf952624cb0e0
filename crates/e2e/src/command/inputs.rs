//! `cargo e2e inputs`: fetches the inputs of real jobs.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use opencloud_browser::process::{Failure, Interrupt, print};
use opencloud_model::settings::{ApplicationChoice, Values, dotenv};

use crate::{env_file, environment::inputs::Inputs};

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

/// Fetches those that are missing, or all of them anew.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let text = env_file::text(args.env_file.as_deref())?.unwrap_or_default();
    let pairs = dotenv::parse(&text).map_err(|error| Failure::Input(format!(".env, {error}")))?;
    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let inputs = Inputs::of(Values(&pairs), ApplicationChoice::All);
    inputs.ensure(args.renew, &interrupt)?;
    print::out(format_args!(
        "the inputs of real jobs are in {}",
        inputs.directory.display()
    ));
    Ok(ExitCode::SUCCESS)
}
