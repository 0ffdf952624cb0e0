//! A finished run, as `results.json` tells it and as every other report is made from it.
//!
//! Instants are milliseconds since 1970, durations seconds. Nothing in here is secret: the texts
//! have passed `redact`. `docs/results.schema.json` is this file as a JSON Schema; a change that
//! would mislead a reader of older results raises [`SCHEMA_VERSION`].

mod exchange;

use opencloud_model::{event::Failure, origin_table::Cell};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use exchange::{Exchange, Header, Sender, Timings, Wire};

/// The version of the shape below.
pub const SCHEMA_VERSION: u32 = 1;

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// What came of it.
    pub outcome: Outcome,
    /// The exit code of `cargo e2e`.
    pub exit_code: u8,
    /// The run in one line.
    pub verdict: String,
    /// Why the run itself has no verdict on its tests, if so.
    #[cfg_attr(test, schemars(with = "Option<schema::Failure>"))]
    pub failure: Option<Failure>,
    /// What was under test.
    pub environment: Environment,
    /// What it was tested with.
    pub versions: Versions,
    /// The tests in the order in which they ran.
    pub tests: Vec<Test>,
    /// The jobs that were watched.
    pub jobs: Vec<Job>,
    /// What pages of other origins could read.
    pub origins: Vec<Origins>,
    /// What earlier runs have left in the account.
    pub leftovers: Vec<Leftovers>,
    /// Every request, in the order in which they were sent; steps name them by their place here.
    pub exchanges: Vec<Exchange>,
}

impl Run {
    /// The members of its JSON that name a variant of ours and are no text.
    pub const FIXED: [&str; 4] = ["outcome", "result", "blame", "sender"];

    /// How long each test took whose job finished, besides the time in which the job did.
    pub fn overheads(&self) -> impl Iterator<Item = (&str, f64)> {
        self.jobs.iter().filter_map(|job| {
            let test = self.tests.iter().find(|test| test.name == job.test)?;
            let (first, last) = (job.states.first()?, job.states.last()?);
            let states = (last.seen_at - first.seen_at) / 1000.0;
            (last.name == "finished").then_some((&*test.name, (test.seconds - states).max(0.0)))
        })
    }
}

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All tests passed.
    Passed,
    /// The `OpenCloud` under test is wrong.
    Failed,
    /// The user's input is wrong, or this project itself failed: nothing is said of `OpenCloud`.
    Error,
    /// Somebody ended it.
    Interrupted,
}

/// What came of a test or a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TestResult {
    /// As it should be.
    Passed,
    /// It did not run, or it could check nothing.
    Skipped,
    /// As it should be, but only after a repeated request.
    Flaky,
    /// The `OpenCloud` under test is wrong.
    Failed,
    /// Not the fault of the `OpenCloud` under test: see `blame`.
    Error,
}

/// What was under test.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
}

/// A setting.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What a run was made with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Versions {
    /// This project's.
    pub suite: String,
    /// The browser's name and version, as far as one was started.
    pub browser: Option<String>,
    /// chromedriver's.
    pub driver: Option<String>,
    /// The operating system and the processor's architecture.
    pub system: String,
}

/// A test.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Test {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub about: String,
    /// What came of it.
    pub result: TestResult,
    /// When it began.
    pub started_at: f64,
    /// How long it took.
    pub seconds: f64,
    /// Why it failed.
    #[cfg_attr(test, schemars(with = "Option<schema::Failure>"))]
    pub failure: Option<Failure>,
    /// Why it did not run, or checked nothing.
    pub skipped: Option<String>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What could not be checked.
    pub not_checked: Vec<NotChecked>,
    /// What is wrong but the frontend lives with.
    pub advice: Vec<Advice>,
    /// What was measured.
    pub measured: Vec<Measured>,
}

/// A step.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What came of it.
    pub result: TestResult,
    /// When it began.
    pub started_at: f64,
    /// How long it took.
    pub seconds: f64,
    /// Why it failed.
    #[cfg_attr(test, schemars(with = "Option<schema::Failure>"))]
    pub failure: Option<Failure>,
    /// What it waited for last, if it might have taken long.
    pub waited_for: Option<Wait>,
    /// Which requests were sent more than once.
    pub repeated: Vec<Repeat>,
    /// Its requests, by their places in the run's `exchanges`.
    pub exchanges: Vec<usize>,
    /// The one of them that its failure rests on.
    pub culprit: Option<usize>,
}

/// Something that a step waited for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Wait {
    /// What.
    pub what: String,
    /// How long it might have taken.
    pub limit: Option<f64>,
}

/// A request that was sent once more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Repeat {
    /// What it is for.
    pub name: String,
    /// Which attempt: 2 is the first repetition.
    pub attempt: u32,
    /// Why the one before did not count.
    pub why: String,
    /// How long was waited before it.
    pub delay: f64,
}

/// Something that could not be checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct NotChecked {
    /// What.
    pub what: String,
    /// Why not, and what would be needed.
    pub why: String,
}

/// Something wrong that the frontend lives with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Advice {
    /// What is wrong, and what a user suffers.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

/// A measured fact.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Measured {
    /// What was measured, with its unit.
    pub what: String,
    /// The figure.
    pub value: f64,
}

/// A job that was watched.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// The test that watched it.
    pub test: String,
    /// The states in which it was seen.
    pub states: Vec<State>,
    /// How often it went back to the queue, and why, because its worker fell silent.
    pub requeued: Vec<Requeued>,
    /// Until when it was watched.
    pub until: f64,
}

/// A state in which a job was seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct State {
    /// As the API names it.
    pub name: String,
    /// When it was seen first.
    pub seen_at: f64,
    /// How long after the job's creation that was.
    pub seconds: f64,
}

/// That a job went back to the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Requeued {
    /// When it was seen.
    pub seen_at: f64,
    /// What the job's details say of it.
    pub details: String,
}

/// What earlier runs have left.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Leftovers {
    /// Each of them: a path, or a job with its id and name.
    pub found: Vec<String>,
    /// What removes them.
    pub remedy: String,
}

/// What pages of several origins could read: a table of calls and origins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Origins {
    /// The origins, the frontend's first.
    pub origins: Vec<Origin>,
    /// The calls.
    pub rows: Vec<Row>,
}

/// An origin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Origin {
    /// As the browser sends it.
    pub origin: String,
    /// In what it differs from the frontend's.
    pub difference: String,
}

/// What the origins could read of a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Row {
    /// The call.
    pub call: String,
    /// A cell for each origin.
    #[cfg_attr(test, schemars(with = "Vec<schema::Cell>"))]
    pub cells: Vec<Cell>,
}

/// The shapes of what the suite defines.
#[cfg(test)]
mod schema {
    use schemars::JsonSchema;

    /// Whose fault a failure is: that of the `OpenCloud` under test, of the user's input, or of
    /// this project itself.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its shape is used")]
    pub(super) enum Blame {
        Stack,
        Input,
        Ourselves,
    }

    /// Why something failed.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its shape is used")]
    pub(super) struct Failure {
        /// Whose fault it is.
        blame: Blame,
        /// What was expected, what came, what to do.
        message: String,
        /// Whether it was found out only because a time limit ran out.
        out_of_time: bool,
        /// What the browser's engine says of the request behind it, if it says anything.
        engine: Option<EngineReason>,
    }

    /// Why a request failed, as the browser's engine has it.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its shape is used")]
    pub(super) struct EngineReason {
        /// The engine's name, such as `Chrome`.
        engine: String,
        /// Its name for the reason, and the reason in words.
        reason: String,
        /// Whether that agrees with what the page found out.
        agrees: bool,
    }

    /// Whether a page could read an answer, and whether it should.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its shape is used")]
    pub(super) struct Cell {
        /// Whether it could; `null`: not checked.
        readable: Option<bool>,
        /// Whether it should.
        expected: bool,
    }
}
