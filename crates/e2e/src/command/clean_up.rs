//! `cargo e2e clean-up`: removes what earlier runs have left in an account.
//!
//! The suite itself looks and removes, in the page, as the account's user; what may be removed is
//! decided in one place, [`opencloud_model::leftovers`].

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use opencloud_browser::process::{Failure, Interrupt, print};
use opencloud_model::{
    leftovers::{Removal, Which},
    lines::lines,
};
use opencloud_stack::{Disturbance, config::FileMode};

use crate::{
    environment::embedded::EmbeddedStack,
    options::{RunArgs, SettingArgs},
    plan::Plan,
    run::{
        reports,
        session::{self, Order, RunSession},
    },
};

/// The options of the clean-up.
#[derive(Debug, Args)]
pub(crate) struct CleanUpArgs {
    #[command(flatten)]
    environment: SettingArgs<true>,

    /// Remove leftovers of any age, even those of a run in progress
    #[arg(long, conflicts_with = "only")]
    all: bool,

    /// Only leftovers whose names begin with NAME, of any age
    #[arg(long, value_name = "NAME", value_parser = named)]
    only: Option<Which>,

    /// Remove without asking
    #[arg(long)]
    yes: bool,

    /// Install nothing: if something is missing, say what
    #[arg(long)]
    no_install: bool,

    /// Read the settings from PATH instead of .env
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,

    /// Where the embedded OpenCloud keeps user files
    #[arg(long, value_name = "MODE", hide = true)]
    files: Option<FileMode>,

    /// Make the embedded OpenCloud misbehave in a way that clients must tolerate
    #[arg(long = "disturbance", value_name = "NAME", hide = true)]
    disturbances: Vec<Disturbance>,
}

fn named(text: &str) -> Result<Which, &'static str> {
    match text.parse() {
        Ok(named @ Which::Named(_)) => Ok(named),
        _ => Err("expected a name that begins with integration_test_, and more of it"),
    }
}

/// Lists what is left, and removes it where that is wanted.
pub(crate) fn run(args: CleanUpArgs) -> Result<ExitCode, Failure> {
    let which = match (args.all, args.only) {
        (true, _) => Which::All,
        (false, only) => only.unwrap_or_default(),
    };
    let run = RunArgs {
        settings: args.environment.into(),
        files: args.files,
        disturbances: args.disturbances,
        filter: Some("leftovers::".into()),
        no_install: args.no_install,
        env_file: args.env_file,
        ..RunArgs::default()
    };
    let mut plan = Plan::new(&run)?;
    plan.print_notes();
    // No job is run.
    plan.inputs = None;
    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let order = Order {
        args: &run,
        engine: plan.engines[0],
        plan: &plan,
        interrupt: &interrupt,
        report: None,
    };
    session::open(order, &reports::name(), |session| {
        clean_up(session, &which, args.yes)
    })
}

fn clean_up(session: &RunSession<'_>, which: &Which, yes: bool) -> Result<ExitCode, Failure> {
    let stack = session.stack()?;
    let environment = session.plan().settings.environment;
    let left = match pass(session, stack.as_ref(), which, &Removal::Nothing)? {
        Ok(left) => left,
        Err(exit_code) => return Ok(exit_code),
    };
    if left.is_empty() {
        print::out(format_args!(
            "nothing is left of earlier runs ({environment})"
        ));
        return Ok(ExitCode::SUCCESS);
    }
    print::out(format_args!("left of earlier runs ({environment}):"));
    for name in &left {
        print::out(format_args!("  {name}"));
    }
    if !(yes || confirmed(left.len())?) {
        print::out("nothing was removed");
        return Ok(ExitCode::SUCCESS);
    }
    // Only the leftovers of the list are removed, and none that came later.
    let removed = pass(session, stack.as_ref(), which, &Removal::Told(left))?;
    Ok(removed.map_or_else(
        |exit_code| exit_code,
        |removed| {
            print::out(format_args!("removed: {}", removed.len()));
            ExitCode::SUCCESS
        },
    ))
}

/// Asks, where there is somebody to answer.
fn confirmed(count: usize) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        print::out("to remove it, add --yes");
        return Ok(false);
    }
    print::raw(format_args!("remove these {count}? [y/N] "));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Failure::ours)?;
    Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
}

/// Runs the suite's test of leftovers, which returns those that it has found. If it fails, prints its
/// lines and returns the exit code.
fn pass(
    session: &RunSession<'_>,
    stack: Option<&EmbeddedStack>,
    which: &Which,
    removal: &Removal,
) -> Result<Result<Vec<String>, ExitCode>, Failure> {
    let (which, removal) = (which.to_string(), removal.to_string());
    let settings = [("LEFTOVERS", &*which), ("REMOVE_LEFTOVERS", &*removal)];
    let pairs = session.pairs(stack, &settings);
    let mut text = String::new();
    let progress = session.run(&pairs, stack, &mut |timed| text += &lines(&timed.event))?;
    Ok(match progress.exit_code() {
        0 => {
            let found = progress.leftovers.into_iter().next_back();
            Ok(found.map_or_else(Vec::new, |left| left.found))
        }
        exit_code => {
            text.lines().for_each(print::out);
            Err(exit_code.into())
        }
    })
}
