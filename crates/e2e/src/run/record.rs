//! What is kept of a run while it happens, and what is told at its end.

use std::{
    env,
    path::Path,
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use opencloud_browser::{process::Failure, traffic::Traffic};
use opencloud_model::{
    event::{self, Blame, Timed},
    settings::table,
};
use opencloud_reports::model::{Environment, Setting, Versions};
use opencloud_stack::StateChange;

use crate::{
    options::Verbosity,
    plan::Plan,
    run::{
        browser_session::BrowserSession,
        delay,
        reports::{self, Frame},
        terminal::Terminal,
        verdict::Tally,
    },
};

/// A run that is under way.
pub(crate) struct Record {
    id: String,
    started: Instant,
    /// In milliseconds since 1970.
    started_at: f64,
    environment: Environment,
    versions: Versions,
    terminal: Terminal,
    tally: Tally,
    events: Vec<Timed>,
}

impl Record {
    /// The page is about to be opened, with the settings `pairs`.
    pub(crate) fn begin(
        plan: &Plan,
        pairs: &[(String, String)],
        browser: &BrowserSession<'_>,
        verbosity: Verbosity,
    ) -> Self {
        Self {
            id: reports::name(),
            started: Instant::now(),
            started_at: now(),
            environment: environment(plan, pairs),
            versions: versions(Some(browser.versions())),
            terminal: Terminal::new(verbosity),
            tally: Tally::default(),
            events: Vec::new(),
        }
    }

    /// Takes in what happened, and tells it.
    pub(crate) fn take(&mut self, timed: &Timed) {
        self.terminal.tell(&timed.event);
        self.tally.record(&timed.event);
        self.events.push(timed.clone());
    }

    /// Tells how the run ended and writes its reports, into `directory` where one is given.
    pub(crate) fn end(
        mut self,
        ended: Result<(), Failure>,
        changes: &[StateChange],
        traffic: &Traffic,
        directory: Option<&Path>,
    ) -> Result<ExitCode, Failure> {
        let seconds = self.started.elapsed().as_secs_f64();
        self.terminal.end();
        let (verdict, exit_code) = match &ended {
            Ok(()) => (
                self.tally.verdict(seconds, &self.environment.about),
                self.tally.exit_code(),
            ),
            Err(failure) => (
                format!("no verdict: {}", self.tally.place()),
                failure.exit_code(),
            ),
        };
        let gravest = self.tally.gravest().filter(|_| exit_code > 1).cloned();
        let frame = Frame {
            id: self.id,
            started_at: self.started_at,
            seconds,
            verdict: verdict.clone(),
            exit_code,
            failure: ended.as_ref().err().map(told),
            environment: self.environment,
            versions: self.versions,
        };
        let run = reports::run(frame, &self.events, traffic);
        if let Some((median, count)) = delay::median(changes, self.tally.sightings()) {
            let seconds = median.as_secs_f64();
            self.terminal.note(&format!(
                "job states were seen {seconds:.2} s after their change (median of {count})"
            ));
        }
        for (test, seconds) in run.overheads() {
            self.terminal.note(&format!(
                "{test} took {seconds:.2} s besides the states of its job"
            ));
        }
        // What is wrong with the reports keeps nobody from hearing the verdict.
        let written = reports::write(&run, directory).map(|report| {
            self.terminal.say(&format!("report: {}", report.display()));
        });
        let written = written.and(reports::tell(&run)).map_err(Failure::from);
        if ended.is_ok() {
            self.terminal.say(&verdict);
            if let Some(failure) = gravest {
                eprintln!("error: {}", failure.message);
            }
        }
        let written = written.map_err(|failure| failure.report());
        ended?;
        Ok(written.map_or_else(|exit_code| exit_code, |()| exit_code.into()))
    }
}

/// Writes the reports of a run that failed before its page was opened: those who only read reports
/// hear of it as well.
pub(crate) fn failed_early(
    plan: &Plan,
    failure: &Failure,
    directory: Option<&Path>,
) -> anyhow::Result<()> {
    let frame = Frame {
        id: reports::name(),
        started_at: now(),
        seconds: 0.0,
        verdict: String::from("no verdict: the page was not opened"),
        exit_code: failure.exit_code(),
        failure: Some(told(failure)),
        environment: environment(plan, &plan.pairs),
        versions: versions(None),
    };
    let run = reports::run(frame, &[], &Traffic::default());
    let report = reports::write(&run, directory)?;
    println!("report: {}", report.display());
    reports::tell(&run)
}

/// Milliseconds since 1970.
fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64() * 1000.0
}

fn environment(plan: &Plan, pairs: &[(String, String)]) -> Environment {
    Environment {
        name: plan.settings.environment.to_string(),
        about: plan.summary(),
        origin: plan.settings.frontend.clone(),
        settings: settings(pairs),
    }
}

/// `browser`: its name and version, and its driver's.
fn versions(browser: Option<[String; 2]>) -> Versions {
    let (browser, driver) = browser.map(|[browser, driver]| (browser, driver)).unzip();
    Versions {
        suite: env!("CARGO_PKG_VERSION").into(),
        browser,
        driver,
        system: format!("{} {}", env::consts::OS, env::consts::ARCH),
    }
}

/// A failure as reports tell it.
fn told(failure: &Failure) -> event::Failure {
    event::Failure {
        blame: match failure {
            Failure::Input(_) => Blame::Input,
            Failure::Stack { .. } => Blame::Stack,
            Failure::Ours { .. } | Failure::Interrupted(_) => Blame::Ourselves,
        },
        message: failure.to_string(),
        out_of_time: false,
        engine: None,
    }
}

/// The settings that may be told: no secret, and nothing that is empty.
fn settings(pairs: &[(String, String)]) -> Vec<Setting> {
    // Of several values the last counts.
    let mut settings: Vec<Setting> = Vec::new();
    for (name, value) in pairs {
        settings.retain(|setting| setting.name != *name);
        if table::is_secret(name) || value.is_empty() {
            continue;
        }
        settings.push(Setting {
            name: name.clone(),
            value: value.clone(),
        });
    }
    settings
}
