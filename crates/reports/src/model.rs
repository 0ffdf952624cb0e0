//! A finished run. `results.json` is this model as JSON; every other report is made of it.
//!
//! Instants are milliseconds since 1970, durations seconds. No text in here holds a secret:
//! all have passed `redact`. `docs/results.schema.json` is this file as a JSON Schema; a change that
//! would mislead a reader of older results raises [`SCHEMA_VERSION`].

mod exchange;
#[cfg(test)]
mod schema;
mod steps;

use opencloud_model::{event::Failure, job_state::JobState, origin_table::OriginTable};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    exchange::{Exchange, Header, Sender, Timings, Wire},
    steps::{Advice, Measured, NotChecked, Repeat, Step, Test, TestResult, Wait},
};

/// The version of the shape below.
pub const SCHEMA_VERSION: u32 = 1;

/// A run. Instants are milliseconds since 1970, durations are seconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Run {
    /// The version of this shape.
    pub schema_version: u32,
    /// The run's name, which begins with its time.
    pub id: String,
    /// When the page was opened.
    pub started_at: f64,
    /// How long it took from then on.
    pub seconds: f64,
    /// How it ended.
    pub outcome: Outcome,
    /// The exit code of `cargo e2e`.
    pub exit_code: u8,
    /// The run in one line.
    pub verdict: String,
    /// Why there is no verdict on the tests, if there is none.
    #[cfg_attr(test, schemars(with = "Option<schema::Failure>"))]
    pub failure: Option<Failure>,
    /// What was under test.
    pub environment: Environment,
    /// The programs that tested it.
    pub versions: Versions,
    /// The tests in the order in which they are shown.
    pub tests: Vec<Test>,
    /// The jobs of the tests.
    pub jobs: Vec<Job>,
    /// The answers that pages of other origins could read.
    #[cfg_attr(test, schemars(with = "Vec<schema::Origins>"))]
    pub origins: Vec<OriginTable>,
    /// Leftovers of earlier runs in the account.
    pub leftovers: Vec<Leftovers>,
    /// The operations of the UserAPI, in the order of its own description.
    #[serde(default)]
    pub operations: Vec<Operation>,
    /// All requests in the order in which they were sent. Steps refer to them by index.
    pub exchanges: Vec<Exchange>,
}

impl Run {
    /// The run with its verdict. `failure` says why there is no verdict on the tests.
    #[must_use]
    pub fn with_verdict(self, verdict: String, exit_code: u8, failure: Option<Failure>) -> Self {
        let outcome = match exit_code {
            0 => Outcome::Passed,
            1 => Outcome::Failed,
            2 | 3 => Outcome::Error,
            _ => Outcome::Interrupted,
        };
        Self {
            outcome,
            exit_code,
            verdict,
            failure,
            ..self
        }
    }

    /// The members of its JSON that name a variant of ours and are no text.
    pub const FIXED: [&str; 4] = ["outcome", "result", "blame", "sender"];

    /// How long each test took whose job finished, besides the time in which the job did.
    pub fn overheads(&self) -> impl Iterator<Item = (&str, f64)> {
        self.tests.iter().filter_map(|test| {
            let jobs = self.jobs.iter().filter(|job| job.test == test.name);
            let times = jobs.map(|job| {
                let (first, last) = (job.states.first()?, job.states.last()?);
                let is_finished = last.name == JobState::LAST.name();
                is_finished.then_some((last.seen_at - first.seen_at) / 1000.0)
            });
            let times = times.collect::<Option<Vec<_>>>()?;
            let states: f64 = times.iter().sum();
            (!times.is_empty()).then_some((&*test.name, (test.seconds - states).max(0.0)))
        })
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing failed. If all tests were skipped, nothing was checked.
    #[default]
    Passed,
    /// The `OpenCloud` under test is wrong.
    Failed,
    /// The user's input is wrong, or this project itself failed: no verdict on `OpenCloud`.
    Error,
    /// A signal ended it.
    Interrupted,
}

/// What was under test.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Environment {
    /// `embedded`, `local`, `dev` or `prod`.
    pub name: String,
    /// The environment in a few words.
    pub about: String,
    /// The origin of the test page.
    pub origin: String,
    /// The settings that are no secrets, by their names in `.env`.
    pub settings: Vec<Setting>,
    /// The options of `cargo e2e` that make another run like this one: words of a command line.
    #[serde(default)]
    pub options: Vec<String>,
}

/// A setting.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it comes from: a file with the line, `the environment`, an option, or `cargo e2e`, which
    /// sets what is not given.
    #[serde(default)]
    pub source: String,
}

/// The programs that made a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Versions {
    /// This project's.
    pub suite: String,
    /// The browser's name and version, as far as one was started.
    pub browser: Option<String>,
    /// The driver's.
    pub driver: Option<String>,
    /// The browser's engine, by its name on the command line.
    #[serde(default)]
    pub engine: Option<String>,
    /// Facts of requests that this engine does not tell.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// The operating system and the processor's architecture.
    pub system: String,
}

/// A job of a test.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// The test.
    pub test: String,
    /// The states that were seen.
    pub states: Vec<State>,
    /// Each return to the queue, after its worker stopped answering.
    pub requeued: Vec<Requeued>,
    /// When the test stopped looking at it.
    pub until: f64,
}

/// A state of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct State {
    /// Its name in the API.
    pub name: String,
    /// When it was seen first.
    pub seen_at: f64,
    /// The time since the job's creation.
    pub seconds: f64,
}

/// A return of a job to the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Requeued {
    /// When it was seen.
    pub seen_at: f64,
    /// The job's details about it.
    pub details: String,
}

/// An operation that the UserAPI describes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Operation {
    /// Its method and the pattern of its path.
    pub name: String,
    /// How often the tests called it.
    pub calls: usize,
    /// Why pages do not call it, if they do not.
    pub not_for_pages: Option<String>,
}

/// Leftovers of earlier runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Leftovers {
    /// Each of them: a path, or a job with its id and name.
    pub found: Vec<String>,
    /// The command that removes them.
    pub remedy: String,
}
