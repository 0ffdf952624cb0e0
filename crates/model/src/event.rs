//! The events of a run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{cause::Cause, origin_table::OriginTable, request_body::RequestBody};

/// An event and when it happened. This is what the page queues, as one JSON object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timed {
    /// In milliseconds since 1970, by the page's clock.
    pub at: f64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Timed {
    /// The members of its JSON that name a variant. Redaction leaves them as they are.
    pub const FIXED: [&str; 3] = ["event", "blame", "cause"];
}

/// Something that happened in a run. As JSON, the member `event` names the variant in `snake_case`;
/// times are seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A test begins.
    TestStarted {
        /// The test's name.
        test: String,
        /// What it is about, in words: for instance the application and the run's id.
        about: String,
    },
    /// A step of the current test begins.
    StepStarted {
        /// The step's name.
        step: String,
    },
    /// The current step waits for something that may take long.
    StepExpects {
        /// What it waits for.
        waiting_for: String,
        /// How long that may take.
        limit: f64,
    },
    /// A step has been taking long.
    StepWaiting {
        /// The step's name.
        step: String,
        /// For how long it has been running.
        seconds: f64,
        /// How long it may take, where it has a limit of its own.
        limit: Option<f64>,
        /// What it is waiting for.
        waiting_for: String,
    },
    /// A job was seen in a state for the first time, or again after another.
    JobState {
        /// The job's id.
        job: i64,
        /// The state, as the API names it.
        state: String,
        /// How long after the job's creation it was seen.
        seconds: f64,
        /// When it was seen, in milliseconds since 1970.
        seen_at: f64,
    },
    /// A job went back to the queue, because its worker timed out.
    JobRequeued {
        /// The job's id.
        job: i64,
        /// The line of its details that says so.
        details: String,
    },
    /// A step has ended.
    StepFinished {
        /// The step's name.
        step: String,
        /// How long it took.
        seconds: f64,
        /// Why it failed, if it did.
        failure: Option<Failure>,
    },
    /// The current test has ended.
    TestFinished {
        /// The test's name.
        test: String,
        /// How long it took.
        seconds: f64,
        /// Why it failed, if it did.
        failure: Option<Failure>,
    },
    /// A test is skipped, because the set-up of all tests has failed.
    TestSkipped {
        /// The test's name.
        test: String,
        /// Why.
        why: String,
    },
    /// A request is sent again. Reports distinguish a step that passes after that from one that passes
    /// at once.
    Repeated {
        /// What the request is for.
        name: String,
        /// The number of the next attempt: 2 is the first retry.
        attempt: u32,
        /// Why the attempt before it does not count.
        why: String,
        /// How long the suite waits before it, in seconds.
        delay: f64,
    },
    /// The status of a request's answer is known, or the request has failed.
    Request {
        /// What it is for.
        name: String,
        /// Its method.
        method: String,
        /// Its URL without the query.
        url: String,
        /// Its body, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<RequestBody>,
        /// When it was sent, in milliseconds since 1970.
        started_at: f64,
        /// How long it took until then.
        seconds: f64,
        /// The answer's status, if the page could read it.
        status: Option<u16>,
        /// How it failed, if it did.
        problem: Option<String>,
        /// Why the browser kept the answer from the page, if it did.
        cause: Option<Cause>,
    },
    /// A page in a frame could read an answer that it must not read, or could not read one that it must.
    Tried {
        /// The page's origin, if it is not the suite's.
        origin: Option<String>,
        /// What the frontend does with the call.
        name: String,
        /// Its method.
        method: String,
        /// Its URL without the query.
        url: String,
        /// When it was sent, in milliseconds since 1970.
        started_at: f64,
        /// How long it took.
        seconds: f64,
        /// The answer's status, if the page could read it.
        status: Option<u16>,
        /// What is wrong with that.
        problem: String,
    },
    /// Which answers the pages of all origins could read.
    Origins {
        /// The table.
        table: OriginTable,
    },
    /// A service has a fault that the frontend tolerates.
    Advice {
        /// What is wrong, and its effect on users.
        what: String,
        /// How to fix it.
        fix: String,
    },
    /// Earlier runs have left something in the account.
    Leftovers {
        /// Each of them: a path, or a job with its id and name.
        found: Vec<String>,
        /// What removes them.
        remedy: String,
    },
    /// Something could not be checked; it counts neither as passed nor as failed.
    NotChecked {
        /// What.
        what: String,
        /// Why not, and what is needed for it.
        why: String,
    },
    /// A measurement.
    Measured {
        /// What was measured, with its unit.
        what: String,
        /// The figure.
        value: f64,
    },
}

/// Why a step or a test failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which side is at fault.
    pub blame: Blame,
    /// What was expected, what happened, and what to do. May have several lines; holds no secret.
    pub message: String,
    /// Whether a time limit has caused it.
    #[serde(default)]
    pub out_of_time: bool,
    /// What the browser's engine reports of the failed request. The page itself cannot know that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<EngineReason>,
}

/// Why a request failed, according to the browser's engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineReason {
    /// The engine's name, such as `Chrome`.
    pub engine: String,
    /// Its name for the reason, and the reason in words.
    pub reason: String,
    /// Whether that agrees with the page's own diagnosis.
    pub agrees: bool,
}

impl fmt::Display for EngineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            engine,
            reason,
            agrees,
        } = self;
        let contradiction = if *agrees { "" } else { " says otherwise" };
        write!(f, "{engine}{contradiction}: {reason}")
    }
}

impl Failure {
    /// The OpenCloud under test is wrong.
    pub fn stack(message: impl Into<String>) -> Self {
        Self::new(Blame::Stack, message)
    }

    /// The user's input is wrong.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Blame::Input, message)
    }

    /// This project itself failed.
    pub fn ourselves(message: impl Into<String>) -> Self {
        Self::new(Blame::Ourselves, message)
    }

    fn new(blame: Blame, message: impl Into<String>) -> Self {
        Self {
            blame,
            message: message.into(),
            out_of_time: false,
            engine: None,
        }
    }

    /// The same failure, with more at the end of its message.
    #[must_use]
    pub fn and(mut self, more: impl AsRef<str>) -> Self {
        self.message.push_str(more.as_ref());
        self
    }

    /// The message, and below it what the engine says.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.engine {
            None => self.message.clone(),
            Some(reason) => format!("{}\n{reason}", self.message),
        }
    }

    /// Sets whether a time limit has caused it.
    #[must_use]
    pub fn out_of_time(mut self, out_of_time: bool) -> Self {
        self.out_of_time = out_of_time;
        self
    }
}

/// Which side a failure is the fault of; the gravest last. Its number is the exit code of `cargo e2e`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The OpenCloud under test is wrong.
    Stack = 1,
    /// The user's input is wrong.
    Input = 2,
    /// This project itself failed.
    Ourselves = 3,
}

impl Blame {
    /// The exit code of a run whose gravest failure this is.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        self as u8
    }
}

/// The last step of each test that creates something. It runs whatever the outcome of the others.
pub const TEARDOWN: &str = "remove what the test has created";

/// The steps by which the first test of a run sets up what all tests share.
pub const SET_UP: [&str; 3] = ["read the settings", "find OpenCloud", "sign in"];

/// The step in which a test reads which applications it is about.
pub const READ_APPLICATIONS: &str = "read the applications' files";

/// The step in which a test asks where user files are kept, on which its checks depend.
pub const FIND_FILES: &str = "find out where user files are kept";

/// Whether the step of this name is one of a test's own checks.
#[must_use]
pub fn is_check(step: &str) -> bool {
    ![TEARDOWN, READ_APPLICATIONS, FIND_FILES].contains(&step) && !SET_UP.contains(&step)
}
