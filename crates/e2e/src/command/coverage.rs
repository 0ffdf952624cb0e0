//! `cargo e2e coverage`: which operations and which calls of the frontend's a run has made.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use opencloud_browser::process::{Failure, print};
use opencloud_contract::coverage::{Calls, Coverage, Document};
use opencloud_model::{event::Blame, redact};

use crate::run::reports;

/// The options.
#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    /// The directory of the run's reports [default: that of the last run]
    directory: Option<PathBuf>,

    /// Compare the calls of FILE with the suite's: an archive (HAR) that a browser's network panel has
    /// written while somebody used the frontend; may be given several times
    #[arg(long = "har", value_name = "FILE")]
    archives: Vec<PathBuf>,

    /// Take the operations from FILE, a UserAPI's /openapi.json, instead of the recorded one
    #[arg(long, value_name = "FILE")]
    openapi: Option<PathBuf>,

    /// Fail unless everything is covered: every call of the archives, or every operation for pages
    #[arg(long, value_name = "WHAT")]
    require: Option<Required>,
}

/// What has to be covered.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Required {
    /// Every call of the archives is made; without archives, every operation for pages is called
    All,
}

/// Says what a run covers, and writes that beside the run's reports.
pub(crate) fn run(args: &CoverageArgs) -> Result<ExitCode, Failure> {
    let directory = reports::find_directory(args.directory.as_deref())?;
    let document = match &args.openapi {
        Some(file) => {
            let read = Document::read(&text(file)?);
            read.map_err(|error| input(file, &format!("no OpenAPI document: {error}")))?
        }
        None => Document::recorded()?,
    };
    let suite = calls(&directory.join(reports::ARCHIVE), &document)?;
    let archives = args.archives.iter().map(|file| {
        let calls = calls(file, &document)?;
        if calls.is_empty() {
            return Err(input(file, "it has no call to OpenCloud"));
        }
        Ok(calls)
    });
    let archives = archives.collect::<Result<Vec<_>, _>>()?;
    let coverage = Coverage::of(&document, &suite, &archives);
    write(&coverage, &directory)?;
    print::out(redact::clean(&coverage.text()));
    Ok(match args.require {
        Some(Required::All) if !coverage.is_complete() => Blame::Stack.exit_code().into(),
        _ => ExitCode::SUCCESS,
    })
}

fn calls(file: &Path, document: &Document) -> Result<Calls, Failure> {
    let calls = Calls::read(&text(file)?, document);
    calls.map_err(|error| input(file, &format!("no HTTP Archive (HAR): {error}")))
}

fn text(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| input(file, &error.to_string()))
}

fn input(file: &Path, why: &str) -> Failure {
    Failure::Input(format!("{}: {why}", file.display()))
}

/// Archives of other programs hold secrets. Only names leave them, and those pass the redaction.
fn write(coverage: &Coverage, directory: &Path) -> anyhow::Result<()> {
    let mut json = serde_json::to_value(coverage).context("cannot write the coverage as JSON")?;
    redact::clean_json(&mut json, &[]);
    for (name, text) in [
        ("coverage.html", redact::clean(&coverage.html())),
        ("coverage.json", format!("{json:#}\n")),
    ] {
        let path = directory.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
