//! `cargo e2e faults`: measures what the suite notices.

use std::{
    fs::{self, OpenOptions},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, builder::NonEmptyStringValueParser};
use opencloud_browser::process::{Failure, Interrupt, Resources, print};
use opencloud_model::event::Blame;
use opencloud_stack::config::FileMode;
use tokio::runtime::Runtime;

use crate::{
    browser_location::BrowserLocation,
    engines,
    given::Given,
    options::LocationArgs,
    project,
    run::{step_summary, suite_build},
    score::{
        document,
        expectations::Expectations,
        file::File,
        item::ItemPlans,
        merge,
        partition::Partition,
        scope::Scope,
        summary::{Row, Summary},
        worker_pool::{Shared, WorkerPool},
    },
};

/// The options of the score.
#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// Only the faults and disturbances whose names contain PATTERN; may be given several times
    #[arg(long, value_name = "PATTERN", value_parser = NonEmptyStringValueParser::new())]
    only: Vec<String>,

    /// Run the whole suite for each fault, not only the test meant to notice it
    #[arg(long)]
    whole: bool,

    /// Where the embedded OpenCloud keeps user files
    #[arg(long, value_name = "MODE", default_value = "s3")]
    files: FileMode,

    /// How many browsers share the work
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    browsers: u8,

    /// Write the score as JSON to PATH instead of a file in target/e2e that is named after its scope
    #[arg(long, value_name = "PATH")]
    json: Option<PathBuf>,

    /// Read which test must notice which fault in which words from PATH [default:
    /// tests/faults.yaml]
    #[arg(long, value_name = "PATH", conflicts_with = "document")]
    expectations: Option<PathBuf>,

    /// Only one share of these, such as 1/4 of four machines that share the work
    #[arg(long, value_name = "K/N", default_value_t = Partition::WHOLE, hide_default_value = true)]
    partition: Partition,

    /// Run nothing: make one score of the files that all shares have written
    #[arg(
        long,
        value_name = "FILE",
        num_args = 1..,
        conflicts_with_all = ["only", "whole", "files", "browsers", "partition", "browser", "webdriver", "page_host", "document", "no_install"]
    )]
    merge: Vec<PathBuf>,

    /// Measure it in this browser: chromium (the usual one), firefox or webkit
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    browser: String,

    #[command(flatten)]
    location: LocationArgs,

    /// Run nothing: write docs/faults.md anew
    #[arg(long)]
    document: bool,

    /// Install nothing: if something is missing, say what
    #[arg(long)]
    no_install: bool,
}

/// Runs the score as `args` say.
pub(crate) fn run(args: &ScoreArgs) -> Result<ExitCode, Failure> {
    if !args.merge.is_empty() {
        return merged(args);
    }
    let expectations = Expectations::read(args.expectations.as_deref())?;
    if args.document {
        let path = project::root().join(document::PATH);
        fs::write(&path, document::write(&expectations)?).context("cannot write docs/faults.md")?;
        print::out(path.display());
        return Ok(ExitCode::SUCCESS);
    }
    let [engine] = engines::chosen(&args.browser).map_err(Failure::Input)?[..] else {
        let message = "--browser: a score is that of one browser";
        return Err(Failure::Input(message.into()));
    };
    let expectations = expectations.in_engine(engine)?;
    let scope = Scope {
        engine,
        files: args.files,
        only: args.only.clone(),
        whole: args.whole,
        partition: args.partition,
    };
    let items = scope.items(&expectations)?;
    if let Some(path) = &args.json {
        prepare(path)?;
    }
    print_not_tried(&items.not_tried);
    let location = BrowserLocation::of(&Given::of_options(args.location.given())?)?;
    location.print_note();
    let plans = ItemPlans::new(args.files, &location);

    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let webdriver = location.webdriver(engine, !args.no_install, &interrupt)?;
    let runtime = Runtime::new().context("cannot start threads for the servers")?;
    let resources = Resources::new()?;
    let wasm = suite_build::build(&resources, &interrupt)?;
    expectations.judge_tests(&suite_build::test_names(&wasm)?)?;
    let page = suite_build::page_directory(&resources)?;
    page.add_page(&resources, &interrupt, &wasm)?;

    let frontends = plans.frontends(&items.tried)?;
    let shared = Shared {
        resources: &resources,
        interrupt: &interrupt,
        runtime: runtime.handle(),
        engine,
        webdriver: &webdriver,
        location: &location,
        page: &page,
        plans: &plans,
        frontends: &frontends,
        whole: args.whole,
    };
    let pool = WorkerPool::start(shared, usize::from(args.browsers))?;
    // Faults tell nothing of a suite that fails without them.
    let sound = plans.sound(&items.tried, args.whole || args.only.is_empty())?;
    for row in pool.work(&sound, |_| {})? {
        if let Some(said) = row.judgement.said() {
            print::out(format_args!(
                "the suite does not pass on a sound stack:\n{said}"
            ));
            return Ok(Blame::Stack.exit_code().into());
        }
    }

    let count = items.tried.len();
    let mut done = 0;
    let shows_progress = io::stderr().is_terminal();
    let rows = pool.work(&items.tried, |row: &Row| {
        done += 1;
        print::out(row);
        if shows_progress {
            let _ = write!(io::stderr(), "\r{done} of {count}\r");
        }
    })?;
    let summary = Summary {
        scope,
        rows,
        not_tried: items.not_tried,
    };
    publish(&summary, args.json.as_deref())?;
    Ok(exit_code(&[summary]))
}

/// Makes one score of the shares of each browser and file mode.
fn merged(args: &ScoreArgs) -> Result<ExitCode, Failure> {
    let summaries = merge::merge(&args.merge, args.expectations.as_deref())?;
    if args.json.is_some() && summaries.len() > 1 {
        let message = "--json: the files are of several scores, which are written into target/e2e";
        return Err(Failure::Input(message.into()));
    }
    for summary in &summaries {
        print_not_tried(&summary.not_tried);
        for row in &summary.rows {
            print::out(row);
        }
        publish(summary, args.json.as_deref())?;
    }
    Ok(exit_code(&summaries))
}

fn print_not_tried(not_tried: &[(&'static str, String)]) {
    for (name, why) in not_tried {
        print::out(format_args!("{:14} {name:38} {why}", "not tried"));
    }
}

/// Prints the score, and writes it as JSON and into the summary of a GitHub Actions step.
fn publish(summary: &Summary, json: Option<&Path>) -> Result<(), Failure> {
    let name = summary.scope.file_name();
    let default = project::root().join("target/e2e").join(name);
    write_json(json.unwrap_or(&default), summary)?;
    print::out(format_args!("\n{summary}"));
    step_summary::append(&summary.to_markdown())?;
    Ok(())
}

fn exit_code(summaries: &[Summary]) -> ExitCode {
    if summaries.iter().all(Summary::is_full) {
        ExitCode::SUCCESS
    } else {
        Blame::Stack.exit_code().into()
    }
}

/// Fails if the score cannot be written to this file, before it is measured. Leaves no file of its own.
fn prepare(path: &Path) -> Result<(), Failure> {
    let is_new = !path.exists();
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let opened = folder.and_then(|()| OpenOptions::new().append(true).create(true).open(path));
    let tried = opened.and_then(|_| {
        if is_new {
            fs::remove_file(path)
        } else {
            Ok(())
        }
    });
    tried.map_err(|error| {
        Failure::Input(format!("--json: cannot write {}: {error}", path.display()))
    })
}

fn write_json(path: &Path, summary: &Summary) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(&File::from(summary)).map_err(Failure::ours)?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
