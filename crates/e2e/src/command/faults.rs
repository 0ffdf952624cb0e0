//! `cargo e2e faults`: measures what the suite notices.

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use opencloud_browser::{
    engine::ENGINES,
    process::{Failure, Interrupt, Resources, print},
    serve::page_server::PageServer,
};
use opencloud_model::event::Blame;
use opencloud_stack::{Fault, config::FileMode};
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
        item::{self, Item, ItemPlans},
        summary::{Row, Summary},
        worker_pool::{Shared, WorkerPool},
    },
};

/// The options of the score.
#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// Only the faults and disturbances whose names contain PATTERN; may be given several times
    #[arg(long, value_name = "PATTERN")]
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

    /// Where to write the score as JSON, instead of target/e2e/faults-MODE.json
    #[arg(long, value_name = "PATH")]
    json: Option<PathBuf>,

    /// Read which test must notice which fault in which words from PATH [default:
    /// tests/faults.yaml]
    #[arg(long, value_name = "PATH", conflicts_with = "document")]
    expectations: Option<PathBuf>,

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
    let expectations = expectations.in_engine(engine.id())?;
    let items = select(args, &expectations)?;
    let (items, not_tried) = tried(items);
    for (name, why) in &not_tried {
        print::out(format_args!("{:14} {name:38} {why}", "not tried"));
    }
    let location = BrowserLocation::of(&Given::of_options(args.location.given())?)?;
    location.tell();
    let plans = ItemPlans::new(args.files, &location);

    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let webdriver = location.webdriver(engine, !args.no_install, &interrupt)?;
    let runtime = Runtime::new().context("cannot start threads for the servers")?;
    let resources = Resources::new()?;
    let wasm = suite_build::build(&resources, &interrupt)?;
    let directory = suite_build::page_directory(&resources)?;
    let server = PageServer::start(&resources, &directory, &wasm)?;

    let frontends = plans.frontends(&items)?;
    let shared = Shared {
        resources: &resources,
        interrupt: &interrupt,
        runtime: runtime.handle(),
        engine,
        webdriver: &webdriver,
        location: &location,
        server: &server,
        plans: &plans,
        frontends: &frontends,
        whole: args.whole,
    };
    let pool = WorkerPool::start(shared, usize::from(args.browsers))?;
    // Faults tell nothing of a suite that fails without them.
    let sound: Vec<_> = frontends.iter().cloned().map(Item::Sound).collect();
    for row in pool.work(&sound, |_| {})? {
        if let Some(said) = row.judgement.said() {
            print::out(format_args!(
                "the suite does not pass on a sound stack:\n{said}"
            ));
            return Ok(Blame::Stack.exit_code().into());
        }
    }

    let count = items.len();
    let mut done = 0;
    let shows_progress = io::stderr().is_terminal();
    let rows = pool.work(&items, |row: &Row| {
        done += 1;
        print::out(row);
        if shows_progress {
            let _ = write!(io::stderr(), "\r{done} of {count}\r");
        }
    })?;
    let summary = Summary::new(engine, args.files, rows, not_tried);
    let of_engine = match engine.id() {
        id if id == ENGINES[0].id() => String::new(),
        id => format!("-{id}"),
    };
    let name = format!("target/e2e/faults-{}{of_engine}.json", args.files.name());
    let default = project::root().join(name);
    write_json(args.json.as_deref().unwrap_or(&default), &summary)?;
    print::out(format_args!("\n{summary}"));
    step_summary::append(&summary.to_markdown())?;
    Ok(if summary.is_full() {
        ExitCode::SUCCESS
    } else {
        Blame::Stack.exit_code().into()
    })
}

fn select(args: &ScoreArgs, expectations: &Expectations) -> Result<Vec<Item>, Failure> {
    let chosen = item::choose(expectations, args.files, |name| {
        args.only.is_empty() || args.only.iter().any(|pattern| name.contains(pattern))
    })?;
    let matches_nothing = |pattern: &&String| {
        let mut names = chosen.iter().map(Item::name);
        !names.any(|name| name.contains(pattern.as_str()))
    };
    let Some(pattern) = args.only.iter().find(matches_nothing) else {
        return Ok(chosen);
    };
    // Disturbances are the same in both modes.
    let is_known = Fault::ALL
        .iter()
        .any(|fault| fault.name().contains(pattern));
    let hint = if is_known {
        "it is about the other mode of --files"
    } else {
        "opencloud-stack --list-faults tells all names"
    };
    Err(Failure::Input(format!(
        "--only {pattern} matches no fault and no disturbance: {hint}"
    )))
}

/// The items that are tried, and the names of the others with the reasons.
fn tried(items: Vec<Item>) -> (Vec<Item>, Vec<(&'static str, String)>) {
    let mut not_tried = Vec::new();
    let items = items.into_iter().filter(|item| {
        let why = match item {
            Item::Fault(_, expectation) => expectation.not_tried.clone(),
            _ => None,
        };
        not_tried.extend(why.clone().map(|why| (item.name(), why)));
        why.is_none()
    });
    (items.collect(), not_tried)
}

fn write_json(path: &Path, summary: &Summary) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(&summary.to_json()).map_err(Failure::ours)?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
