//! A run from its page's first line to its reports.

use std::{
    env,
    path::Path,
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use opencloud_browser::{
    engine::Engine,
    process::{Failure, print},
};
use opencloud_model::{
    event::{self, Blame, Timed},
    settings::table,
};
use opencloud_reports::model::{Environment, Run, SCHEMA_VERSION, Setting, Versions};
use opencloud_stack::StateChange;

use crate::{
    environment::embedded::EmbeddedStack,
    given::Given,
    options::Verbosity,
    plan::Plan,
    run::{
        browser_session::{BrowserSession, EndedRun},
        delay, reports,
        terminal::Terminal,
        watch::Ending,
    },
};

/// A run that is under way.
pub(crate) struct Record {
    run: Run,
    started: Instant,
    terminal: Terminal,
    /// What was given for it.
    given: Given,
    /// Whether the embedded stack loses answers on purpose.
    disturbed: bool,
}

impl Record {
    /// The page is about to be opened for the run `id`, with the settings `pairs`, on `stack` if that is the
    /// embedded one.
    pub(crate) fn begin(
        id: &str,
        plan: &Plan,
        pairs: &[(String, String)],
        browser: &BrowserSession<'_>,
        stack: Option<&EmbeddedStack>,
        verbosity: Verbosity,
    ) -> Self {
        let mut run = run(id, plan, pairs, browser.engine(), Some(browser));
        let disturbed = plan.embedded.as_ref();
        let disturbed = disturbed.is_some_and(|embedded| !embedded.disturbances.is_empty());
        if let Some(stack) = stack.filter(|_| disturbed) {
            let seed = stack.seed().to_string();
            run.environment.options.extend(["--seed".into(), seed]);
        }
        Self {
            run,
            started: Instant::now(),
            terminal: Terminal::new(verbosity),
            given: plan.given.clone(),
            disturbed,
        }
    }

    /// Prints an event.
    pub(crate) fn show(&self, timed: &Timed) {
        self.terminal.show(&timed.event);
    }

    /// Prints how the run ended and writes its reports, into `directory` where one is given.
    pub(crate) fn end(
        mut self,
        EndedRun {
            progress,
            traffic,
            ending,
        }: EndedRun,
        changes: &[StateChange],
        directory: Option<&Path>,
    ) -> Result<ExitCode, Failure> {
        let seconds = self.started.elapsed().as_secs_f64();
        self.terminal.end();
        let ended = ending.and_then(Ending::completed);
        let (verdict, exit_code) = match &ended {
            Ok(()) => (
                progress.verdict(seconds, &self.run.environment.about),
                progress.exit_code(),
            ),
            Err(failure) => (
                format!("no verdict: {}", progress.place()),
                failure.exit_code(),
            ),
        };
        let many_repeats = progress.many_repeats().filter(|_| !self.disturbed);
        let gravest = progress.gravest().filter(|_| exit_code > 1).cloned();
        self.run.seconds = seconds;
        let run = self
            .run
            .with_verdict(verdict, exit_code, ended.as_ref().err().map(for_reports));
        let mut run = reports::complete(run, progress, &traffic);
        if let Some((median, count)) = delay::median(changes, &run.jobs) {
            let seconds = median.as_secs_f64();
            self.terminal.note(&format!(
                "job states were seen {seconds:.2} s after their change (median of {count})"
            ));
        }
        for (test, seconds) in run.overheads() {
            self.terminal.note(&format!(
                "{test} took {seconds:.2} s besides the states of its jobs"
            ));
        }
        // A report that cannot be written does not withhold the verdict.
        let written = reports::write(&mut run, directory).map(|report| {
            self.terminal.say(&format!("report: {}", report.display()));
        });
        let written = written
            .and(reports::report_to_github(&run))
            .map_err(Failure::from);
        if let Some(repeats) = many_repeats {
            print::err(format_args!("warning: {repeats}"));
        }
        if matches!(ended, Ok(()) | Err(Failure::Stack { .. })) {
            self.terminal.say(&run.verdict);
        }
        if ended.is_ok()
            && let Some(failure) = gravest
        {
            let sources = match failure.blame {
                Blame::Input => self.given.sources_of(&failure.message),
                Blame::Stack | Blame::Ourselves => String::new(),
            };
            print::err(format_args!("error: {}{sources}", failure.message));
        }
        let written = written.map_err(|failure| failure.report());
        ended?;
        Ok(written.map_or_else(|exit_code| exit_code, |()| exit_code.into()))
    }
}

/// Writes the reports of a run that failed before its page was opened, for readers of reports
/// alone.
pub(crate) fn failed_early(
    id: &str,
    plan: &Plan,
    engine: &dyn Engine,
    failure: &Failure,
    directory: Option<&Path>,
) -> anyhow::Result<()> {
    let verdict = String::from("no verdict: the page was not opened");
    let run = run(id, plan, &plan.pairs, engine, None);
    let mut run = run.with_verdict(verdict, failure.exit_code(), Some(for_reports(failure)));
    let report = reports::write(&mut run, directory)?;
    print::out(format_args!("report: {}", report.display()));
    reports::report_to_github(&run)
}

/// A run of `engine` that begins now, in `browser` unless none was started.
fn run(
    id: &str,
    plan: &Plan,
    pairs: &[(String, String)],
    engine: &dyn Engine,
    browser: Option<&BrowserSession<'_>>,
) -> Run {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_secs_f64() * 1000.0;
    let environment = Environment {
        name: plan.settings.environment.to_string(),
        about: plan.summary(),
        origin: plan.settings.frontend.clone(),
        settings: settings(pairs, &plan.given),
        options: plan.again.clone(),
    };
    let unknown = engine.unknown().iter().map(ToString::to_string).collect();
    let versions = browser.map(BrowserSession::versions);
    let (browser, driver) = versions.map(|[browser, driver]| (browser, driver)).unzip();
    let versions = Versions {
        suite: env!("CARGO_PKG_VERSION").into(),
        browser,
        driver,
        engine: Some(engine.id().into()),
        unknown,
        system: format!("{} {}", env::consts::OS, env::consts::ARCH),
    };
    Run {
        schema_version: SCHEMA_VERSION,
        id: id.to_owned(),
        started_at: now,
        environment,
        versions,
        ..Run::default()
    }
}

/// A failure, for reports.
fn for_reports(failure: &Failure) -> event::Failure {
    event::Failure {
        blame: failure.blame(),
        message: failure.to_string(),
        out_of_time: false,
        engine: None,
    }
}

/// The settings that reports show: no secret ones, and no empty ones.
fn settings(pairs: &[(String, String)], given: &Given) -> Vec<Setting> {
    // Of several values the last counts.
    let mut settings: Vec<Setting> = Vec::new();
    for (name, value) in pairs {
        settings.retain(|setting| setting.name != *name);
        if !table::is_secret(name) && !value.is_empty() {
            settings.push(Setting {
                name: name.clone(),
                value: value.clone(),
                source: given.source_of(name, value).to_string(),
            });
        }
    }
    settings
}
