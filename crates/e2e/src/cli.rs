//! The command line of `cargo e2e`.

use std::{ffi::OsString, panic, path::PathBuf, process::ExitCode};

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};
use opencloud_browser::{
    process::{self, Failure, print},
    serve::runner,
};
use opencloud_model::event::Blame;

use crate::{
    command::{
        clean_up::{self, CleanUpArgs},
        contract::{self, ContractArgs},
        coverage::{self, CoverageArgs},
        each_browser,
        faults::{self, ScoreArgs},
        inputs,
        stack::{self, StackArgs},
    },
    environment::compose,
    options::RunArgs,
    project,
    run::reports,
};

/// Test OpenCloud as a browser sees it.
///
/// Sets up what is missing, starts the embedded OpenCloud unless another environment is asked for,
/// runs the suite in a headless browser on a page of the frontend's origin, and reports the result.
/// Settings come from .env in the root of the checkout in which it runs; variables of the environment
/// win over the file, and options over both.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-e2e",
    bin_name = "cargo e2e",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 nothing failed, 1 OpenCloud is wrong, 2 bad input, 3 the suite's own \
                  failure, 130, 143 or 129 ended by Ctrl-C, SIGTERM or SIGHUP."
)]
struct Cli {
    #[command(flatten)]
    run: RunArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

impl Cli {
    /// Whether it reads or writes files of the project.
    fn needs_checkout(&self) -> bool {
        !matches!(
            self.command,
            Some(Command::Stack(_) | Command::ServePage { .. } | Command::Guard { .. })
        )
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure what the suite notices of an OpenCloud that is wrong on purpose
    Faults(ScoreArgs),
    /// Serve the embedded OpenCloud in the foreground, for `wasm-pack test`, the real frontend or anything
    /// else
    Stack(StackArgs),
    /// Compare a deployment's answers with the recorded ones
    Contract(ContractArgs),
    /// List which operations, and which of the frontend's calls, a run has covered
    Coverage(CoverageArgs),
    /// Remove what earlier runs have left in the account
    CleanUp(CleanUpArgs),
    /// Fetch the inputs of real jobs, which a run on a deployment does by itself where they are missing
    Inputs(inputs::Args),
    /// Remove the containers and images of --local
    DockerCleanup,
    /// Print the path of the last run's report, and open it
    Report {
        /// The directory of another run
        directory: Option<PathBuf>,
    },
    /// Take down what --local has started (called by a run's guard)
    #[command(hide = true)]
    DockerDown,
    /// Make the test page, and serve it until it is ended (started by a run)
    #[command(hide = true)]
    ServePage {
        /// The test runner's own arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// End what a run leaves behind (started by a run)
    #[command(hide = true)]
    Guard {
        /// The run's directory.
        directory: PathBuf,
    },
}

/// Does what the command line says.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    if cli.needs_checkout()
        && let Err(failure) = project::check()
    {
        return failure.report();
    }
    let done = panic::catch_unwind(|| match cli.command {
        None => each_browser::run(&cli.run),
        Some(Command::CleanUp(args)) => clean_up::run(args),
        Some(Command::Contract(args)) => contract::run(args),
        Some(Command::Coverage(args)) => coverage::run(&args),
        Some(Command::Faults(args)) => faults::run(&args),
        Some(Command::Stack(args)) => stack::run(args),
        Some(Command::Inputs(args)) => inputs::run(&args),
        Some(Command::DockerCleanup) => compose::clean_up(),
        Some(Command::DockerDown) => compose::down(),
        Some(Command::Report { directory }) => reports::show(directory.as_deref()),
        Some(Command::ServePage { args }) => runner::serve(args).map_err(Failure::from),
        Some(Command::Guard { directory }) => Ok(process::guard(&directory)),
    });
    match done {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.report(),
        // The panic has already been told, with its place.
        Err(_) => Blame::Ourselves.exit_code().into(),
    }
}

/// Help goes to stdout; a mistake becomes one line.
fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    print::err(one_line(&without_secrets(error)));
    Blame::Input.exit_code().into()
}

/// What is wrong. A value in which a user name and a password, or a signature, may stand is left out.
fn without_secrets(error: &clap::Error) -> String {
    let message = error.to_string();
    match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) if value.contains(['@', '?']) => {
            message.replace(value, "…")
        }
        _ => message,
    }
}

/// The error and the remedy, without the usage and other advice of clap's.
fn one_line(message: &str) -> String {
    let said: Vec<_> = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty())
        .collect();
    format!("{} (see cargo e2e --help)", said.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_mistake_is_told_in_one_line() {
        let message = |args: &[&str]| one_line(&Cli::try_parse_from(args).unwrap_err().to_string());
        assert_eq!(
            message(&["e2e", "--files", "ftp"]),
            "error: invalid value 'ftp' for '--files <MODE>' [possible values: s3, local] (see \
             cargo e2e --help)"
        );
        assert_eq!(
            message(&["e2e", "--seconds-per-state", "-1"])
                .lines()
                .count(),
            1
        );
        let error =
            Cli::try_parse_from(["e2e", "contract", "--url", "me:hunter2@x:1"]).unwrap_err();
        assert!(!without_secrets(&error).contains("hunter2"));
        assert!(message(&["e2e", "--dev", "--prod"]).contains("cannot be used with"));
    }
}
