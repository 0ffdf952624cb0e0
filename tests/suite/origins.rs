//! Who may read the answers: the frontend's page, and no page that merely looks like it.

use std::time::Duration;

use futures_util::future::join_all;
use opencloud_model::{
    cause::{Cause, Service},
    event::{Event, Failure},
    origin_table::{Cell, OriginTable, Row},
    origins::{self, Foreign},
};
use opencloud_suite::{
    calls::{self, Call},
    http::{
        self, Http, Method, Problem, Request,
        frame::{Frame, Outcome},
    },
    page::{self, Instant},
    repeat::Trouble,
    report,
    suite::Failed,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::{Bench, not_checked, on_bench};

/// So many answers to the calls of one page may be lost on their way, where nobody can tell which are.
const MAY_BE_LOST: usize = 3;

#[wasm_bindgen_test]
async fn who_may_read() -> Result<(), Failed> {
    on_bench("origins::who_may_read", async |bench| {
        let steps = bench.steps;
        let calls = steps.run("prepare every call", prepare(bench)).await?;
        let frontend = Foreign {
            origin: page::origin(),
            difference: "the frontend",
        };
        let mut all = vec![frontend];
        all.extend(origins::foreign(&page::origin()));
        let mut table = OriginTable {
            origins: Vec::new(),
            rows: calls
                .iter()
                .map(|call| Row {
                    call: format!("{} ({})", call.name, call.request.service),
                    cells: Vec::new(),
                })
                .collect(),
        };
        let mut outcome = Ok(());
        for from in all {
            let mut column = empty_column(&from, &calls);
            let https = bench.suite.settings.extras.https_page;
            if let Some(why) = origins::obstacle(&page::origin(), &from.origin, https) {
                not_checked(format!("what a page of {} could read", from.origin), why);
            } else {
                let step = format!("from {} ({})", from.origin, from.difference);
                let asked = ask_from(&bench.suite.http, &from, &calls, &mut column);
                outcome = outcome.and(steps.run(&step, asked).await);
            }
            for (row, cell) in table.rows.iter_mut().zip(column) {
                row.cells.push(cell);
            }
            table.origins.push((from.origin, from.difference.into()));
        }
        report::write(&Event::Origins { table });
        outcome.and(steps.run("with credentials", with_credentials(bench)).await)
    })
    .await
}

/// Every call, with the user's token where it needs one.
async fn prepare(bench: &mut Bench<'_>) -> Result<Vec<Call>, Failure> {
    let directory = bench.directory("data");
    let content = page::sample_blob(10.0);
    bench.upload(&directory, "file.txt", &content).await?;
    let mut calls = calls::all(bench.suite, &directory, "file.txt", &content).await?;
    for call in calls.iter_mut().filter(|call| call.needs_user) {
        call.request = bench.api.authorized(call.request.clone()).await?;
    }
    Ok(calls)
}

/// Cognito answers every page: what it is asked holds the proof of who asks. All else is for the
/// frontend alone.
fn empty_column(from: &Foreign, calls: &[Call]) -> Vec<Cell> {
    let is_frontend = from.origin == page::origin();
    let cell = |call: &Call| Cell {
        readable: None,
        expected: is_frontend || call.request.service == Service::Cognito,
    };
    calls.iter().map(cell).collect()
}

/// What a page saw of the answer to a call, when it was sent, in milliseconds since 1970, and how long
/// it took.
struct Asked {
    outcome: Outcome,
    started_at: f64,
    took: Duration,
}

/// Lets a page at `from` make every call, and complains of each that it can read and should not,
/// or the other way round.
async fn ask_from(
    http: &Http,
    from: &Foreign,
    calls: &[Call],
    column: &mut [Cell],
) -> Result<(), Failure> {
    let frame = Frame::open(&from.origin).await;
    let frame = frame.map_err(|error| Failure::ourselves(format!("no frame: {error}")))?;
    let ask = async |call: &Call| {
        let (started_at, started) = (page::wall_clock(), Instant::now());
        let deadline = http.deadline(&call.request);
        let outcome = frame.send(&call.request, deadline).await;
        Asked {
            outcome,
            started_at,
            took: started.elapsed(),
        }
    };
    let mut asked = join_all(calls.iter().map(ask)).await;
    for at in lost(&frame, calls, column, &asked).await {
        let (call, mut attempt) = (&calls[at], 1);
        while asked[at].outcome == Outcome::Refused
            && http
                .prepare_repeat(call.name, &Trouble::Lost, attempt)
                .await
        {
            attempt += 1;
            asked[at] = ask(call).await;
        }
    }
    let (mut complaints, mut explained) = (Vec::new(), Vec::new());
    for ((call, cell), asked) in calls.iter().zip(column).zip(asked) {
        cell.readable = Some(matches!(asked.outcome, Outcome::Readable(_)));
        if !cell.is_wrong() {
            continue;
        }
        let service = call.request.service;
        // What this page may not read either, the door for requests can explain.
        let is_ours = from.origin == page::origin();
        let why = if is_ours && !explained.contains(&service) {
            http.send(call.request.clone()).await.err()
        } else {
            None
        };
        explained.extend(why.as_ref().map(|_| service));
        complaints.push(complain(from, call, &asked, why.as_ref()));
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(Failure::stack(complaints.join("\n")))
}

/// The calls without an answer, by their places, among those that look refused and should not be.
async fn lost(frame: &Frame, calls: &[Call], column: &[Cell], asked: &[Asked]) -> Vec<usize> {
    let (mut lost, mut unknown) = (Vec::new(), Vec::new());
    for at in 0..calls.len() {
        if !(column[at].expected && asked[at].outcome == Outcome::Refused) {
            continue;
        }
        let request = &calls[at].request;
        match frame.was_lost(request, asked[at].started_at).await {
            Some(true) => lost.push(at),
            Some(false) => {}
            None => unknown.push(at),
        }
    }
    // A rule that is wrong is so for more calls than a network loses.
    if unknown.len() <= MAY_BE_LOST {
        lost.append(&mut unknown);
    }
    lost
}

/// Tells of a call that should have gone otherwise, and returns the sentence; `why` is what became of
/// the same call by this page.
fn complain(from: &Foreign, call: &Call, asked: &Asked, why: Option<&http::Failure>) -> String {
    let Request {
        service, method, ..
    } = &call.request;
    let Foreign { origin, difference } = from;
    let (status, problem) = match asked.outcome {
        Outcome::Readable(status) => {
            let setting = match service {
                Service::S3 => "AllowedOrigins in the bucket's CORS rules",
                _ => "FRONTEND_URL, from which CORSMiddleware takes allow_origins",
            };
            let only = page::origin();
            let problem = format!(
                "a page of origin {origin} ({difference}) can read the answer ({status}), but only \
                 {only} may ({service}, {setting})"
            );
            (Some(status), problem)
        }
        Outcome::TimedOut => (None, format!("no answer to a page of {origin} in time")),
        Outcome::Refused => {
            let problem = format!(
                "a page of origin {origin} ({difference}) cannot read the answer ({service})"
            );
            (None, problem)
        }
    };
    let (name, url) = (call.name, call.request.bare_url());
    report::write(&Event::Tried {
        origin: (*origin != page::origin()).then(|| origin.clone()),
        name: name.into(),
        method: method.to_string(),
        url: url.into(),
        started_at: asked.started_at,
        seconds: asked.took.as_secs_f64(),
        status,
        problem: problem.clone(),
    });
    why.map_or_else(
        || format!("{name} ({method} {url}): {problem}"),
        ToString::to_string,
    )
}

/// A page may send cookies along: the answer says so, and so does that to the preflight. Then no
/// `*` counts as one (Fetch standard, "CORS-preflight fetch"). Nor does it ever cover
/// `authorization`, but not every browser minds.
async fn with_credentials(bench: &Bench<'_>) -> Result<(), Failure> {
    let http = &bench.suite.http;
    let request = bench.api.authorized(bench.api.user_request()).await?;
    http.expect(request.clone(), &[200]).await?;
    // The same request, which is known to be readable without them.
    let Err(failure) = http.send(request.with_credentials()).await else {
        return Ok(());
    };
    if !is_blocked(&failure) {
        return Err(failure.into());
    }
    // Others that differ in one thing: without the header, with a preflight and without one.
    let no_job = bench.api.url("/jobs/0");
    let what = "an answer that allows credentials";
    let preflighted = Request::new(Service::UserApi, Method::DELETE, what, &no_job);
    let plain = Request::get(Service::UserApi, what, &no_job);
    let why = if http.send(preflighted.with_credentials()).await.is_ok() {
        "the preflight allows `*` instead of naming the header authorization, which `*` does not \
         cover (UserAPI, CORSMiddleware allow_headers)"
    } else if http.send(plain.with_credentials()).await.is_ok() {
        "access-control-allow-credentials must be `true` in the answer to a preflight too (UserAPI, \
         CORSMiddleware allow_credentials)"
    } else {
        "access-control-allow-credentials must be `true` in every answer (UserAPI, CORSMiddleware \
         allow_credentials)"
    };
    Err(Failure::stack(format!(
        "{}: readable without credentials, but not with them: {why}",
        failure.sent
    )))
}

fn is_blocked(failure: &http::Failure) -> bool {
    matches!(failure.problem, Problem::Blocked { .. })
}

#[wasm_bindgen_test]
async fn preflights() -> Result<(), Failed> {
    on_bench("origins::preflights", async |bench| {
        let steps = bench.steps;
        steps
            .run("a method that the frontend never uses is refused", async {
                let url = bench.api.url("/jobs");
                let method = Method::from_bytes(b"PROPFIND")
                    .map_err(|error| Failure::ourselves(error.to_string()))?;
                let request =
                    Request::new(Service::UserApi, method, "an unusual method", url).repeatable();
                match bench.suite.http.send(request).await {
                    // Refused for its method, not for the origin or as everything is.
                    Err(http::Failure {
                        problem:
                            Problem::Blocked {
                                cause: Cause::PreflightMethod { .. },
                                ..
                            },
                        ..
                    }) => Ok(()),
                    Err(failure) => Err(failure.into()),
                    Ok(answer) => Err(Failure::stack(format!(
                        "the preflight allows method PROPFIND, which the frontend never uses \
                         (answer {}; UserAPI, CORSMiddleware allow_methods)",
                        answer.status()
                    ))),
                }
            })
            .await
    })
    .await
}
