//! Made-up runs to try the reports on.

mod large;

use opencloud_model::{
    cause::Cause,
    event::{EngineReason, Event, Failure, SET_UP, TEARDOWN, Timed},
    origin_table::{Cell, Origin, OriginTable, Row},
};
use opencloud_reports::{
    Progress,
    model::{Environment, Operation, Run, SCHEMA_VERSION, Setting, Versions},
};

pub(super) use large::{hour, large};

use opencloud_browser::{engine::ENGINES, traffic::Traffic};

/// When they began: a little before the recorded requests.
const START: f64 = 1_795_440_533_000.0;
/// An address of the recorded requests.
const FILE: &str = "http://localhost:8000/files/data/run/first.tif";

/// The events of a run, as they come.
#[derive(Default)]
struct Script(Vec<Timed>);

impl Script {
    /// Something happens `after` seconds.
    fn then(mut self, after: f64, event: Event) -> Self {
        let at = START + after * 1000.0;
        self.0.push(Timed { at, event });
        self
    }

    fn test(self, after: f64, test: &str, about: &str) -> Self {
        let (test, about) = (test.into(), about.into());
        self.then(after, Event::TestStarted { test, about })
    }

    fn end(self, after: f64, test: &str, seconds: f64, failure: Option<Failure>) -> Self {
        let test = test.into();
        self.then(
            after,
            Event::TestFinished {
                test,
                seconds,
                failure,
            },
        )
    }

    /// The test of the table of origins, in whose step these events happen.
    fn origins(self, events: &[Event]) -> Self {
        let (name, step) = ("origins::cors", "from http://evil.localhost:8080");
        self.test(1.5, name, "")
            .step(1.5, step, 0.2, None, events)
            .end(1.7, name, 0.2, None)
    }

    /// `run` with these events.
    fn complete(self, run: Run, traffic: &Traffic) -> Run {
        let mut progress = Progress::default();
        self.0.into_iter().for_each(|timed| progress.record(timed));
        super::complete(run, progress, traffic)
    }

    /// A step that begins `after` seconds, and what happens in it.
    fn step(
        self,
        after: f64,
        name: &str,
        seconds: f64,
        failure: Option<Failure>,
        within: &[Event],
    ) -> Self {
        let step = String::from(name);
        let script = self.then(after, Event::StepStarted { step: step.clone() });
        let script = within.iter().fold(script, |script, event| {
            script.then(after + seconds / 2.0, event.clone())
        });
        script.then(
            after + seconds,
            Event::StepFinished {
                step,
                seconds,
                failure,
            },
        )
    }
}

fn request(
    name: &str,
    method: &str,
    url: &str,
    after: f64,
    problem: Option<(&str, Cause)>,
) -> Event {
    Event::Request {
        name: name.into(),
        method: method.into(),
        url: url.into(),
        body: None,
        started_at: START + after * 1000.0,
        seconds: 0.012,
        status: problem.is_none().then_some(200),
        problem: problem.as_ref().map(|(problem, _)| (*problem).into()),
        cause: problem.map(|(_, cause)| cause),
    }
}

fn state(state: &str, after: f64) -> Event {
    Event::JobState {
        job: 1,
        state: state.into(),
        seconds: after - 0.5,
        seen_at: START + after * 1000.0,
    }
}

fn origins(is_wrong: bool) -> Event {
    let cell = |readable, expected| Cell { readable, expected };
    let origin = |origin: &str, difference: &str| Origin {
        origin: origin.into(),
        difference: difference.into(),
    };
    let row = |call: &str, other| Row {
        call: call.into(),
        cells: vec![
            cell(Some(true), true),
            cell(other, false),
            cell(None, false),
        ],
    };
    let table = OriginTable {
        origins: vec![
            origin("http://localhost:8080", "the frontend"),
            origin("http://evil.localhost:8080", "sub-domain"),
            origin("https://localhost:8080", "other scheme"),
        ],
        rows: vec![
            row("get the user (UserAPI)", Some(false)),
            row("rename (UserAPI)", Some(is_wrong)),
        ],
    };
    Event::Origins { table }
}

fn lifecycle() -> Script {
    let name = "lifecycle::decode_v0_10_1_train";
    let url = "http://localhost:8000/jobs/1";
    Script::default()
        .test(0.3, name, "integration_test_20261123T124101Z_9c1f7a52")
        .step(
            0.4,
            "start a job",
            0.1,
            None,
            &[
                request(
                    "create job",
                    "POST",
                    "http://localhost:8000/jobs",
                    0.41,
                    None,
                ),
                state("queued", 0.5),
            ],
        )
        .step(
            0.5,
            "wait for running",
            0.6,
            None,
            &[
                Event::StepExpects {
                    waiting_for: "job 1 to be running".into(),
                    limit: 600.0,
                },
                Event::JobRequeued {
                    job: 1,
                    details: "timeout 1 (workers tried: ;worker-1)".into(),
                },
                request("show job", "GET", url, 0.6, None),
                state("preprocessing", 0.7),
                request("show job", "GET", url, 0.9, None),
                state("running", 1.1),
            ],
        )
        .step(
            1.1,
            "wait for finished",
            0.3,
            None,
            &[state("finished", 1.4)],
        )
        .end(1.5, name, 1.2, None)
}

/// A run without events yet.
fn run(exit_code: u8, seconds: f64, verdict: &str, failure: Option<&str>) -> Run {
    let environment = Environment {
        name: "embedded".into(),
        about: "embedded, files in s3".into(),
        origin: "http://localhost:8080".into(),
        settings: vec![Setting {
            name: "USERFACING_API_URL".into(),
            value: "http://localhost:8000".into(),
            source: "cargo e2e".into(),
        }],
        options: Vec::new(),
    };
    let versions = Versions {
        suite: "0.1.0".into(),
        browser: Some("chrome 156.0.8078.73".into()),
        driver: Some("chromedriver 156.0.8078.73".into()),
        engine: Some("chromium".into()),
        unknown: vec!["the color of the answer".into()],
        system: "linux x86_64".into(),
    };
    let run = Run {
        schema_version: SCHEMA_VERSION,
        id: "20261123T132853Z_0f00".into(),
        started_at: START,
        seconds,
        environment,
        versions,
        ..Run::default()
    };
    run.with_verdict(verdict.into(), exit_code, failure.map(Failure::ourselves))
}

/// A run that passed; one test only because a request was repeated.
pub(super) fn passing() -> Run {
    let again = Event::Repeated {
        name: "list".into(),
        attempt: 2,
        why: "answered 503".into(),
        delay: 0.1,
    };
    let gap = Event::NotChecked {
        what: "an expired token".into(),
        why: "there is none in .env".into(),
    };
    let script = lifecycle()
        .origins(&[origins(false), gap])
        .test(1.7, "files::browse", "")
        .step(1.7, "the root", 0.1, None, &[again])
        .end(1.8, "files::browse", 0.1, None);
    let mut run = run(0, 2.0, "passed: 3 tests (1 flaky), 5 steps in 2.0 s", None);
    let operation = |name: &str, calls, not_for_pages: Option<&str>| Operation {
        name: name.into(),
        calls,
        not_for_pages: not_for_pages.map(Into::into),
    };
    run.operations = vec![
        operation("POST /jobs", 1, None),
        operation("DELETE /jobs/{job_id}", 0, None),
        operation("POST /login", 0, Some("users sign in with Cognito")),
    ];
    script.complete(run, &Traffic::default())
}

/// A run that found `PUT` missing in the preflight's answer, with the browser's own record of that.
pub(super) fn failing() -> Run {
    let problem = "the browser keeps the answer from a page of origin http://localhost:8080: the \
                   preflight is refused: method PUT is not in access-control-allow-methods \
                   (UserAPI, CORSMiddleware allow_methods)";
    let name = "rename data/run/first.tif";
    let failure = Failure {
        engine: Some(EngineReason {
            engine: "Chrome".into(),
            reason: "MethodDisallowedByPreflightResponse (PUT)".into(),
            agrees: true,
        }),
        ..Failure::stack(format!("{name} (PUT {FILE}): {problem}"))
    };
    let cause = Cause::PreflightMethod {
        method: "PUT".into(),
    };
    let put = request(name, "PUT", FILE, 1.897, Some((problem, cause)));
    let advice = Event::Advice {
        what: "an unhandled error (500) carries no CORS headers".into(),
        fix: "UserAPI: handle exceptions inside CORSMiddleware".into(),
    };
    let script = lifecycle()
        .origins(&[origins(true), advice])
        .test(1.7, "files::rename_and_move", "")
        .step(
            1.7,
            "upload a file",
            0.1,
            None,
            &[request(
                "upload",
                "POST",
                "http://localhost:9000/b",
                1.75,
                None,
            )],
        )
        .step(1.8, "rename", 0.3, Some(failure.clone()), &[put])
        .step(2.1, TEARDOWN, 0.1, None, &[])
        .end(2.2, "files::rename_and_move", 0.5, Some(failure))
        .then(
            2.3,
            Event::TestSkipped {
                test: "access::user".into(),
                why: "nobody is signed in".into(),
            },
        );
    let traffic = include_str!(
        "../../../../browser/src/engine/chromium/network_log/recorded/method_not_allowed.jsonl"
    );
    let run = run(
        1,
        2.5,
        "failed: files::rename_and_move, step \"rename\", of 3 tests in 2.5 s",
        None,
    );
    script.complete(run, &Traffic::recorded(ENGINES[0], traffic))
}

/// A run in which no test began.
pub(super) fn empty() -> Run {
    let failure = "the page cannot start the suite\nconsole: Uncaught <script>alert(1)</script>";
    let run = run(
        3,
        2.1,
        "no verdict: before the first test or between two",
        Some(failure),
    );
    Script::default().complete(run, &Traffic::default())
}

/// A run that was ended in the middle of a step.
pub(super) fn interrupted() -> Run {
    let script = Script::default().test(0.3, "jobs::list", "").then(
        0.4,
        Event::StepStarted {
            step: "list".into(),
        },
    );
    let run = run(
        130,
        1.0,
        "no verdict: in jobs::list",
        Some("ended by SIGINT"),
    );
    script.complete(run, &Traffic::default())
}

/// A run in which a test panicked that was not the last, and another could check nothing.
pub(super) fn panicked() -> Run {
    let gap = Event::NotChecked {
        what: "another user's files".into(),
        why: "SECOND_EMAIL and SECOND_PASSWORD are not set".into(),
    };
    let names = ["jobs::create", "jobs::list", "authorization::another_user"];
    let script = Script::default()
        .test(0.1, names[0], "")
        .then(
            0.2,
            Event::StepStarted {
                step: "create a job".into(),
            },
        )
        .test(0.3, names[1], "")
        .step(0.3, "list", 0.1, None, &[])
        .end(0.4, names[1], 0.1, None)
        .test(0.5, names[2], "")
        .step(0.5, SET_UP[2], 0.1, None, &[])
        .then(0.6, gap)
        .step(0.6, TEARDOWN, 0.1, None, &[])
        .end(0.7, names[2], 0.2, None);
    let run = run(
        3,
        1.0,
        "no verdict: before the first test or between two",
        Some("the suite panicked in jobs::create\nno job"),
    );
    script.complete(run, &Traffic::default())
}

/// A run of two tests at the same time, the first of which ends last. Both ask for the same.
pub(super) fn at_once() -> Run {
    let names = ["files::browse", "files::delete"];
    let asked = |after| request("list data/", "GET", FILE, after, None);
    let script = Script::default()
        .test(0.1, names[0], "")
        .step(0.2, "list", 0.8, None, &[asked(0.6)])
        .end(1.0, names[0], 0.9, None)
        .test(0.3, names[1], "")
        .step(0.3, "list", 0.2, None, &[asked(0.4)])
        .end(0.5, names[1], 0.2, None);
    let run = run(0, 1.2, "passed: 2 tests", None);
    script.complete(run, &Traffic::default())
}
