//! A finished run, as `results.json` tells it and as every other report is made from it.
//!
//! Instants are milliseconds since 1970, durations seconds. Nothing in here is secret: the texts
//! have passed `redact`. `docs/results.schema.json` is this file as a JSON Schema; a change that
//! would mislead a reader of older results raises [`SCHEMA_VERSION`].

use opencloud_suite::report::{Blame, Cell};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the shape below.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Run {
    /// The version of this shape.
    pub(crate) schema_version: u32,
    /// The run's name, which begins with its time.
    pub(crate) id: String,
    /// When the page was opened.
    pub(crate) started_at: f64,
    /// How long it took from then on.
    pub(crate) seconds: f64,
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// The exit code of `cargo e2e`.
    pub(crate) exit_code: u8,
    /// The run in one line.
    pub(crate) verdict: String,
    /// Why the run itself has no verdict on its tests, if so.
    pub(crate) failure: Option<Failure>,
    /// What was under test.
    pub(crate) environment: Environment,
    /// What it was tested with.
    pub(crate) versions: Versions,
    /// The tests in the order in which they ran.
    pub(crate) tests: Vec<Test>,
    /// The jobs that were watched.
    pub(crate) jobs: Vec<Job>,
    /// What pages of other origins could read.
    pub(crate) origins: Vec<Origins>,
    /// Every request, in the order in which they were sent; steps name them by their place here.
    pub(crate) exchanges: Vec<Exchange>,
}

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
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
pub(crate) enum TestResult {
    /// As it should be.
    Passed,
    /// It did not run.
    Skipped,
    /// As it should be, but only after a repeated request.
    Flaky,
    /// The `OpenCloud` under test is wrong.
    Failed,
    /// Not the fault of the `OpenCloud` under test: see `blame`.
    Error,
}

/// Why something failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Failure {
    /// Whose fault it is.
    #[cfg_attr(test, schemars(with = "schema::Blame"))]
    pub(crate) blame: Blame,
    /// What was expected, what came, what to do; the browser's own reason in a line of its own.
    pub(crate) message: String,
}

/// What was under test.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Environment {
    /// `embedded`, `local`, `dev` or `prod`.
    pub(crate) name: String,
    /// The environment in a few words.
    pub(crate) about: String,
    /// The origin of the test page.
    pub(crate) origin: String,
    /// The settings that are no secrets, by their names in `.env`.
    pub(crate) settings: Vec<Setting>,
}

/// A setting.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Setting {
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
}

/// What a run was made with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Versions {
    /// This project's.
    pub(crate) suite: String,
    /// The browser's name and version, as far as one was started.
    pub(crate) browser: Option<String>,
    /// chromedriver's.
    pub(crate) driver: Option<String>,
    /// The operating system and the processor's architecture.
    pub(crate) system: String,
}

/// A test.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Test {
    /// Its name.
    pub(crate) name: String,
    /// What it is about.
    pub(crate) about: String,
    /// What came of it.
    pub(crate) result: TestResult,
    /// When it began.
    pub(crate) started_at: f64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Why it failed or was skipped.
    pub(crate) failure: Option<Failure>,
    /// Why it did not run.
    pub(crate) skipped: Option<String>,
    /// Its steps.
    pub(crate) steps: Vec<Step>,
    /// What could not be checked.
    pub(crate) not_checked: Vec<NotChecked>,
    /// What is wrong but the frontend lives with.
    pub(crate) advice: Vec<Advice>,
    /// What was measured.
    pub(crate) measured: Vec<Measured>,
}

/// A step.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Step {
    /// Its name.
    pub(crate) name: String,
    /// What came of it.
    pub(crate) result: TestResult,
    /// When it began.
    pub(crate) started_at: f64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Why it failed.
    pub(crate) failure: Option<Failure>,
    /// What it waited for last, if it might have taken long.
    pub(crate) waited_for: Option<Wait>,
    /// Which requests were sent more than once.
    pub(crate) repeated: Vec<Repeat>,
    /// Its requests, by their places in the run's `exchanges`.
    pub(crate) exchanges: Vec<usize>,
    /// The one of them that its failure rests on.
    pub(crate) culprit: Option<usize>,
}

/// Something that a step waited for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Wait {
    /// What.
    pub(crate) what: String,
    /// How long it might have taken.
    pub(crate) limit: Option<f64>,
}

/// A request that was sent once more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Repeat {
    /// What it is for.
    pub(crate) name: String,
    /// Which attempt: 2 is the first repetition.
    pub(crate) attempt: u32,
    /// Why the one before did not count.
    pub(crate) why: String,
    /// How long was waited before it.
    pub(crate) delay: f64,
}

/// Something that could not be checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct NotChecked {
    /// What.
    pub(crate) what: String,
    /// Why not, and what would be needed.
    pub(crate) why: String,
}

/// Something wrong that the frontend lives with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Advice {
    /// What is wrong, and what a user suffers.
    pub(crate) what: String,
    /// How to mend it.
    pub(crate) mend: String,
}

/// A measured fact.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Measured {
    /// What was measured, with its unit.
    pub(crate) what: String,
    /// The figure.
    pub(crate) value: f64,
}

/// A job that was watched.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Job {
    /// Its id.
    pub(crate) id: i64,
    /// The test that watched it.
    pub(crate) test: String,
    /// The states in which it was seen.
    pub(crate) states: Vec<State>,
    /// Until when it was watched.
    pub(crate) until: f64,
}

/// A state in which a job was seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct State {
    /// As the API names it.
    pub(crate) name: String,
    /// When it was seen first.
    pub(crate) seen_at: f64,
    /// How long after the job's creation that was.
    pub(crate) seconds: f64,
}

/// What pages of several origins could read: a table of calls and origins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Origins {
    /// The origins, the frontend's first.
    pub(crate) origins: Vec<Origin>,
    /// The calls.
    pub(crate) rows: Vec<Row>,
}

/// An origin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Origin {
    /// As the browser sends it.
    pub(crate) origin: String,
    /// In what it differs from the frontend's.
    pub(crate) difference: String,
}

/// What the origins could read of a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Row {
    /// The call.
    pub(crate) call: String,
    /// A cell for each origin.
    #[cfg_attr(test, schemars(with = "Vec<schema::Cell>"))]
    pub(crate) cells: Vec<Cell>,
}

/// A request and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Exchange {
    /// Who sent it.
    pub(crate) sender: Sender,
    /// What it is for, if a step sent it.
    pub(crate) name: Option<String>,
    /// Its method.
    pub(crate) method: String,
    /// Its URL, without signatures.
    pub(crate) url: String,
    /// When it was sent.
    pub(crate) started_at: f64,
    /// How long it took: to its end where the browser tells that, else to the answer's headers.
    pub(crate) seconds: f64,
    /// The answer's status, also of one that the page may not read.
    pub(crate) status: Option<u16>,
    /// Whether the page could read the answer; unknown for what the page did not send by a step.
    pub(crate) readable: Option<bool>,
    /// How it failed, in the suite's words.
    pub(crate) problem: Option<String>,
    /// Why the browser kept the answer from the page: a name of the suite's `Cause`.
    pub(crate) cause: Option<String>,
    /// Why it failed, in the browser's words.
    pub(crate) browser: Option<String>,
    /// The preflight that was sent for it, by its place in the run's `exchanges`.
    pub(crate) preflight: Option<usize>,
    /// What the browser knows beyond that.
    pub(crate) wire: Option<Wire>,
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sender {
    /// A step.
    Step,
    /// The browser, to ask whether another may be sent.
    Preflight,
    /// The suite, to find out why another failed; or a page of another origin, tried in its place.
    Trial,
    /// The page, to load itself.
    Page,
}

/// What a browser knows of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Wire {
    /// The version of HTTP, as the browser names it.
    pub(crate) protocol: Option<String>,
    /// The server's IP address.
    pub(crate) address: Option<String>,
    /// The status in words.
    pub(crate) status_text: String,
    /// What the browser takes the body for.
    pub(crate) mime_type: String,
    /// The headers that were sent.
    pub(crate) request_headers: Vec<Header>,
    /// The headers of the answer.
    pub(crate) response_headers: Vec<Header>,
    /// How many bytes came, headers included.
    pub(crate) bytes: Option<u64>,
    /// Where the time went.
    pub(crate) timings: Option<Timings>,
}

impl Wire {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        protocol: None,
        address: None,
        status_text: String::new(),
        mime_type: String::new(),
        request_headers: Vec::new(),
        response_headers: Vec::new(),
        bytes: None,
        timings: None,
    };
}

/// A header.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Header {
    /// Its name.
    pub(crate) name: String,
    /// Its value, unless that is secret.
    pub(crate) value: String,
}

/// Where a request's time went, in milliseconds; `None`: that part was not needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Timings {
    /// Waiting for a connection.
    pub(crate) blocked: Option<f64>,
    /// Looking up the host.
    pub(crate) dns: Option<f64>,
    /// Connecting, TLS included.
    pub(crate) connect: Option<f64>,
    /// TLS.
    pub(crate) ssl: Option<f64>,
    /// Sending.
    pub(crate) send: f64,
    /// Waiting for the answer's headers.
    pub(crate) wait: f64,
    /// Receiving its body.
    pub(crate) receive: f64,
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
