//! The command line of `cargo e2e`.

use std::{ffi::OsString, panic, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum, error::ErrorKind};
use opencloud_stack::{Disturbance, Fault, config::FileMode};

use crate::{
    clean_up, compose,
    failure::{Failure, INPUT_IS_WRONG, OUR_FAILURE},
    guard, inputs, page, repeat, reports, run,
    score::{self, ScoreArgs},
    terminal::Verbosity,
};

/// Test OpenCloud as a browser sees it.
///
/// Sets up what is missing, starts the embedded OpenCloud unless another environment is asked for,
/// runs the suite in headless Chrome on a page of the frontend's origin, and says how it went.
/// Settings come from .env in the project's root; options win over it.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-e2e",
    bin_name = "cargo e2e",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 all passed, 1 OpenCloud is wrong, 2 bad input, 3 the suite's own \
                  failure, 130 or 143 ended by Ctrl-C or SIGTERM."
)]
struct Cli {
    #[command(flatten)]
    run: RunArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What a run can be told.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of a command")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) environment: EnvironmentArgs,

    /// Let jobs ask for workers in the cloud (WORKER=cloud)
    #[arg(long)]
    pub(crate) cloud: bool,

    /// Let jobs train on a GPU (DEVICE=gpu)
    #[arg(long)]
    pub(crate) gpu: bool,

    /// Where the embedded OpenCloud keeps user files: in S3, or on the UserAPI's own disk
    #[arg(long, value_name = "MODE")]
    pub(crate) files: Option<Files>,

    /// How long a job of the embedded OpenCloud stays in each state, in seconds [default: 0.2]
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(crate) seconds_per_state: Option<Duration>,

    /// Let the embedded OpenCloud end every job in error
    #[arg(long, hide = true)]
    pub(crate) fail_jobs: bool,

    /// Let the embedded OpenCloud be wrong in the way of this name; may be given several times
    #[arg(long = "fault", value_name = "NAME", hide = true)]
    pub(crate) faults: Vec<Fault>,

    /// Let the embedded OpenCloud be awkward in the way of this name; may be given several times
    #[arg(long = "disturbance", value_name = "NAME", hide = true)]
    pub(crate) disturbances: Vec<Disturbance>,

    /// Let a disturbance that loses some answers lose the same as with the same number before
    #[arg(long, value_name = "NUMBER", hide = true)]
    pub(crate) seed: Option<u16>,

    /// Leave the services of --local running
    #[arg(long)]
    pub(crate) keep_up: bool,

    /// Where a test's stand-in for the WorkerAPI of --local listens; the others may be anywhere then
    #[arg(long, value_name = "URL", hide = true)]
    pub(crate) worker_api: Option<String>,

    /// Write the reports into DIR instead of a new directory in target/e2e
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,

    /// Run only the tests whose names contain NAME
    #[arg(long, value_name = "NAME")]
    pub(crate) filter: Option<String>,

    /// Run the suite N times, and say at the end how often it passed
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100_000),
        conflicts_with_all = ["report", "quiet", "verbose"]
    )]
    pub(crate) repeat: Option<u32>,

    /// Let advice count as failure (STRICT=yes)
    #[arg(long)]
    pub(crate) strict: bool,

    /// Say only what fails, and the verdict
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Say every request as well
    #[arg(long, short, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Show the browser
    #[arg(long)]
    pub(crate) headed: bool,

    /// Install nothing: if something is missing, say what
    #[arg(long)]
    pub(crate) no_install: bool,

    /// Read the settings from PATH instead of .env
    #[arg(long, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,
}

impl RunArgs {
    /// How much a run says.
    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

/// Which OpenCloud is under test; ENVIRONMENT of .env decides without any of these.
#[derive(Debug, Default, Args)]
#[group(multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of a command")]
pub(crate) struct EnvironmentArgs {
    /// Test the OpenCloud that this command starts (ENVIRONMENT=embedded, the default)
    #[arg(long)]
    embedded: bool,

    /// Test the four services, started with docker compose (ENVIRONMENT=local)
    #[arg(long)]
    local: bool,

    /// Test the deployment that developers share (ENVIRONMENT=dev)
    #[arg(long)]
    dev: bool,

    /// Test the deployment that users work with (ENVIRONMENT=prod)
    #[arg(long)]
    prod: bool,
}

impl EnvironmentArgs {
    /// The value for `ENVIRONMENT`, if one is asked for.
    pub(crate) fn name(&self) -> Option<&'static str> {
        [
            (self.embedded, "embedded"),
            (self.local, "local"),
            (self.dev, "dev"),
            (self.prod, "prod"),
        ]
        .into_iter()
        .find_map(|(asked, name)| asked.then_some(name))
    }
}

/// Where the embedded OpenCloud keeps user files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Files {
    /// In S3.
    #[default]
    S3,
    /// On the UserAPI's own disk.
    Local,
}

impl Files {
    /// The name, as on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Local => "local",
        }
    }
}

impl From<Files> for FileMode {
    fn from(files: Files) -> Self {
        match files {
            Files::S3 => Self::S3,
            Files::Local => Self::Local,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure what the suite notices of an OpenCloud that is wrong on purpose
    Faults(ScoreArgs),
    /// Serve the embedded OpenCloud in the foreground, for `wasm-pack test`
    Stack(opencloud_stack::cli::Args),
    /// Remove what earlier runs have left in the account
    CleanUp(clean_up::CleanUpArgs),
    /// Fetch the inputs of real jobs, which a run on a deployment does by itself where they are missing
    Inputs(inputs::Args),
    /// Remove the containers and images of --local
    DockerCleanup,
    /// Say where the report of the last run is, and open it
    Report {
        /// The directory of another run
        directory: Option<PathBuf>,
    },
    /// Take down what --local has started (called by a run's guard)
    #[command(hide = true)]
    DockerDown,
    /// Serve the test page (started by a run)
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

fn seconds(text: &str) -> Result<Duration, &'static str> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| *duration <= Duration::from_secs(24 * 60 * 60))
        .ok_or("expected seconds, such as 0.2, and no more than a day")
}

/// Does what the command line says.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let done = panic::catch_unwind(|| match cli.command {
        None => match cli.run.repeat {
            Some(times) => repeat::run(&cli.run, times),
            None => run::run(&cli.run),
        },
        Some(Command::CleanUp(args)) => clean_up::run(args),
        Some(Command::Faults(args)) => score::run(&args),
        Some(Command::Stack(args)) => Ok(opencloud_stack::cli::run(&args)),
        Some(Command::Inputs(args)) => inputs::main(&args),
        Some(Command::DockerCleanup) => compose::clean_up(),
        Some(Command::DockerDown) => compose::down(),
        Some(Command::Report { directory }) => reports::show(directory.as_deref()),
        Some(Command::ServePage { args }) => page::serve(args).map_err(Failure::from),
        Some(Command::Guard { directory }) => Ok(guard::main(&directory)),
    });
    match done {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.report(),
        // The panic has already been told, with its place.
        Err(_) => OUR_FAILURE.into(),
    }
}

/// Help goes to stdout; a mistake becomes one line.
fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    eprintln!("{}", one_line(&error.to_string()));
    INPUT_IS_WRONG.into()
}

/// What went wrong and what would be right, without the usage and other advice of clap's.
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
        assert!(message(&["e2e", "--dev", "--prod"]).contains("cannot be used with"));
    }
}
