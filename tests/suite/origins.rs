//! Only the frontend's page may read the answers, and no page of a similar origin.

use std::time::Duration;

use futures_util::future::{join, join_all};
use opencloud_model::{
    cause::Cause,
    event::{Event, Failure},
    origin_table::{Cell, OriginTable, Row},
    origins::{self, Foreign},
    service::Service,
};
use opencloud_suite::{
    frontend_calls::{self, FrontendCall},
    http::{
        self, Http, Method, Problem, Request, SUCCESS,
        frame::{Frame, Outcome},
    },
    page::{self, Instant},
    report,
    retry::Transient,
    suite::Failed,
    user_api::Endpoint,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixture::{Fixture, is_hidden, not_checked, with_fixture};

tests! { "origins":
    cors, preflights
}

/// If at most this many answers to the calls of one page are missing, and the browser cannot say why,
/// they count as lost.
const MAY_BE_LOST: usize = 3;

/// Why a page cannot be opened at another origin under a runner that listens at the frontend's own address.
const UNSERVED: &str = "this runner leads no other host or port to the page; `cargo e2e` does that";

#[wasm_bindgen_test]
async fn cors() -> Result<(), Failed> {
    with_fixture("origins::cors", async |fixture| {
        let steps = fixture.steps;
        let calls = steps.run("prepare all calls", prepare(fixture)).await?;
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
        let https = fixture.suite.settings.extras.https_page;
        let served = join_all(all.iter().map(|from| page::is_served(&from.origin))).await;
        let unserved: Vec<_> = all
            .iter()
            .zip(served)
            .filter(|(_, served)| !served)
            .collect();
        let is_unserved = |from: &Foreign| unserved.iter().any(|(other, _)| *other == from);
        let obstacle = |from: &Foreign| {
            let obstacle = origins::obstacle(&page::origin(), &from.origin, https);
            obstacle.or_else(|| is_unserved(from).then_some(UNSERVED))
        };
        let open = async |from: Option<&Foreign>| match from {
            Some(from) if obstacle(from).is_none() => Some(Frame::open(&from.origin).await),
            _ => None,
        };
        let mut frame = open(all.first()).await;
        for (number, from) in all.iter().enumerate() {
            let mut column = empty_column(from, &calls);
            // The next page opens while this one calls.
            let next = open(all.get(number + 1));
            if let Some(why) = obstacle(from) {
                not_checked(
                    format!("which answers a page of {} can read", from.origin),
                    why,
                );
                frame = next.await;
            } else if let Some(Ok(opened)) = &frame
                && !can_ask(&fixture.suite.http, from, opened, &calls).await
            {
                not_checked(
                    format!("which answers a page of {} can read", from.origin),
                    "this browser lets no page of https ask a service of plain http",
                );
                frame = next.await;
            } else if let Some(opened) = frame {
                let readable = if column.iter().all(|cell| cell.expected) {
                    "all answers"
                } else {
                    "no answers, or only Cognito's"
                };
                let step = format!(
                    "a page of {} can read {readable} ({})",
                    from.origin, from.difference
                );
                let check = check_from(&fixture.suite.http, from, opened, &calls, &mut column);
                let checked;
                (checked, frame) = join(steps.run(&step, check), next).await;
                outcome = outcome.and(checked);
            }
            for (row, cell) in table.rows.iter_mut().zip(column) {
                row.cells.push(cell);
            }
            table.origins.push(from.clone().into());
        }
        report::write(&Event::Origins { table });
        let checked = steps
            .run(
                "pages of development servers can read nothing",
                check_development_servers(fixture, &calls, obstacle),
            )
            .await;
        outcome.and(checked).and(
            steps
                .run(
                    "an answer to a request with credentials is readable",
                    with_credentials(fixture),
                )
                .await,
        )
    })
    .await
}

/// Pages of development servers make one call to each service: which origins it allows does not depend on the
/// address.
async fn check_development_servers(
    fixture: &Fixture<'_>,
    calls: &[FrontendCall],
    obstacle: impl Fn(&Foreign) -> Option<&'static str>,
) -> Result<(), Failure> {
    let first = |service| calls.iter().find(|call| call.request.service == service);
    let calls: Vec<_> = [Service::UserApi, Service::S3]
        .into_iter()
        .filter_map(|service| first(service).cloned())
        .collect();
    let user_api = &fixture.suite.settings.user_api;
    let here = page::origin();
    let others = origins::development_servers(user_api).filter(|origin| **origin != here);
    let others: Vec<_> = others
        .map(|origin| Foreign {
            origin: origin.into(),
            difference: "a development server",
        })
        .collect();
    let checks = others.iter().map(async |from| {
        let obstacle = match obstacle(from) {
            None if !page::is_served(&from.origin).await => Some(UNSERVED),
            other => other,
        };
        if let Some(why) = obstacle {
            let what = format!("which answers a page of {} can read", from.origin);
            not_checked(what, why);
            return Ok(());
        }
        let mut column = empty_column(from, &calls);
        let frame = Frame::open(&from.origin).await;
        check_from(&fixture.suite.http, from, frame, &calls, &mut column).await
    });
    join_all(checks).await.into_iter().collect()
}

/// All calls, with the user's token where one is needed.
async fn prepare(fixture: &mut Fixture<'_>) -> Result<Vec<FrontendCall>, Failure> {
    let directory = fixture.directory("data");
    let content = page::sample_blob(10.0);
    fixture.upload(&directory, "file.txt", &content).await?;
    let mut calls = frontend_calls::all(fixture.suite, &directory, "file.txt", &content).await?;
    for call in calls.iter_mut().filter(|call| call.needs_token) {
        call.request = fixture.api.authorized(call.request.clone()).await?;
    }
    // What gives errors may set headers of its own. These requests need no preflight, which would tell pages apart.
    for (name, path) in [(NOT_THERE, "/nope"), ("the user without a token", "/user")] {
        calls.push(FrontendCall {
            name: name.into(),
            request: Request::get(Service::UserApi, name, fixture.api.url(path)),
            needs_token: false,
        });
    }
    Ok(calls)
}

/// Every page may read Cognito's answers, because a request to it holds the user's credentials itself; none but
/// the frontend has to. All other answers are for the frontend alone.
fn empty_column(from: &Foreign, calls: &[FrontendCall]) -> Vec<Cell> {
    let is_frontend = from.origin == page::origin();
    let cell = |call: &FrontendCall| Cell {
        readable: None,
        expected: is_frontend || call.request.service == Service::Cognito,
    };
    calls.iter().map(cell).collect()
}

/// The call of an address that the UserAPI does not have.
const NOT_THERE: &str = "an address that is not there";

/// How often a page is asked whether it reaches a service: a lost answer looks like mixed content.
const ATTEMPTS: usize = 3;

/// Whether a page at `from`, which is open in `frame`, reaches the services at all. Some browsers block all
/// requests of a page of https to a service of plain http, even on this machine (Mixed Content, section
/// 4.4).
async fn can_ask(http: &Http, from: &Foreign, frame: &Frame, calls: &[FrontendCall]) -> bool {
    let is_https = |address: &str| address.starts_with("https:");
    if !is_https(&from.origin) || is_https(&page::origin()) {
        return true;
    }
    let Some(call) = calls.iter().find(|call| !is_https(call.request.bare_url())) else {
        return true;
    };
    for _ in 0..ATTEMPTS {
        let deadline = http.deadline(&call.request);
        if frame.reaches(call.request.bare_url(), deadline).await {
            return true;
        }
    }
    false
}

/// What a page saw of the answer to a call.
struct Attempt {
    outcome: Outcome,
    /// When it was sent, in milliseconds since 1970.
    started_at: f64,
    took: Duration,
}

/// Lets a page at `from`, which is open in `frame`, make all calls. Fails for each answer that it can read but must not, or must
/// read but cannot.
async fn check_from(
    http: &Http,
    from: &Foreign,
    frame: Result<Frame, String>,
    calls: &[FrontendCall],
    column: &mut [Cell],
) -> Result<(), Failure> {
    let frame =
        frame.map_err(|error| Failure::ourselves(format!("no page in a frame: {error}")))?;
    let attempt = async |call: &FrontendCall| {
        let (started_at, started) = (page::wall_clock(), Instant::now());
        let deadline = http.deadline(&call.request);
        let outcome = frame.send(&call.request, deadline).await;
        Attempt {
            outcome,
            started_at,
            took: started.elapsed(),
        }
    };
    let mut attempts = join_all(calls.iter().map(attempt)).await;
    for at in lost(&frame, calls, column, &attempts).await {
        let (call, mut number) = (&calls[at], 1);
        while attempts[at].outcome == Outcome::Refused
            && http
                .prepare_retry(&call.name, &Transient::Lost, number)
                .await
        {
            number += 1;
            attempts[at] = attempt(call).await;
        }
    }
    let (mut problems, mut explained) = (Vec::new(), Vec::new());
    for ((call, cell), attempt) in calls.iter().zip(column).zip(attempts) {
        let is_readable = matches!(attempt.outcome, Outcome::Readable(_));
        cell.readable = Some(is_readable);
        // AWS lets every page read Cognito's answers. An endpoint of the deployment's own may let the frontend alone.
        if call.request.service == Service::Cognito && from.origin != page::origin() {
            cell.expected = is_readable;
        }
        if !cell.is_wrong() {
            continue;
        }
        let service = call.request.service;
        // A call that fails for the suite's own page, too, gets a diagnosis.
        let is_ours = from.origin == page::origin();
        let why = if is_ours && !explained.contains(&service) {
            http.send(call.request.clone()).await.err()
        } else {
            None
        };
        if call.name == NOT_THERE && why.as_ref().is_some_and(is_hidden) {
            // Nobody asks for it, so nothing before the UserAPI has to pass it on.
            cell.readable = None;
            continue;
        }
        explained.extend(why.as_ref().map(|_| service));
        problems.push(report_problem(from, call, &attempt, why.as_ref()));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::stack(problems.join("\n")))
}

/// The indices of calls whose answer was lost, among those that look refused and should be readable.
async fn lost(
    frame: &Frame,
    calls: &[FrontendCall],
    column: &[Cell],
    attempts: &[Attempt],
) -> Vec<usize> {
    let (mut lost, mut unknown) = (Vec::new(), Vec::new());
    for at in 0..calls.len() {
        if !(column[at].expected && attempts[at].outcome == Outcome::Refused) {
            continue;
        }
        let request = &calls[at].request;
        match frame.was_lost(request, attempts[at].started_at).await {
            Some(true) => lost.push(at),
            Some(false) => {}
            None => unknown.push(at),
        }
    }
    // A wrong CORS rule affects more calls than a network loses.
    if unknown.len() <= MAY_BE_LOST {
        lost.append(&mut unknown);
    }
    lost
}

/// Reports a call with a wrong outcome, and returns the message. `why` is the failure of the same call
/// from the suite's own page.
fn report_problem(
    from: &Foreign,
    call: &FrontendCall,
    attempt: &Attempt,
    why: Option<&http::Failure>,
) -> String {
    let Request {
        service, method, ..
    } = &call.request;
    let Foreign { origin, difference } = from;
    let (status, problem) = match attempt.outcome {
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
        Outcome::TimedOut => (None, format!("a page of {origin} got no answer in time")),
        Outcome::Refused => {
            let problem = format!(
                "a page of origin {origin} ({difference}) cannot read the answer ({service})"
            );
            (None, problem)
        }
    };
    let (name, url) = (&call.name, call.request.bare_url());
    report::write(&Event::Tried {
        origin: (*origin != page::origin()).then(|| origin.clone()),
        name: name.clone(),
        method: method.to_string(),
        url: url.into(),
        started_at: attempt.started_at,
        seconds: attempt.took.as_secs_f64(),
        status,
        problem: problem.clone(),
    });
    why.map_or_else(
        || format!("{name} ({method} {url}): {problem}"),
        ToString::to_string,
    )
}

/// A page may send credentials: the answer must allow that, and so must the answer to the preflight. Then
/// `*` is not a wildcard (Fetch standard, "CORS-preflight fetch"). It never covers `authorization`, but not
/// every browser enforces that.
async fn with_credentials(fixture: &Fixture<'_>) -> Result<(), Failure> {
    let http = &fixture.suite.http;
    let request = fixture
        .api
        .authorized(fixture.api.request(Endpoint::User, &[]))
        .await?;
    http.expect(request.clone(), &[SUCCESS]).await?;
    // The same request is readable without credentials.
    let Err(failure) = http.send(request.with_credentials()).await else {
        return Ok(());
    };
    if let Problem::Blocked { cause, .. } = &failure.problem
        && *cause == Cause::Credentials
    {
        return Err(Failure::stack(format!(
            "{}: readable without credentials, but not with them: {}",
            failure.sent,
            where_credentials_are_refused(fixture).await
        )));
    }
    Err(failure.into())
}

/// Whether the preflights alone or all answers refuse credentials. Requests without the header
/// `authorization` show it: one with a preflight, and one without.
async fn where_credentials_are_refused(fixture: &Fixture<'_>) -> &'static str {
    let http = &fixture.suite.http;
    let no_job = fixture.api.url("/jobs/0");
    let name = "an answer that allows credentials";
    let preflighted = Request::new(Service::UserApi, Method::DELETE, name, &no_job);
    let plain = Request::get(Service::UserApi, name, &no_job);
    if http.send(preflighted.with_credentials()).await.is_ok() {
        "the preflight allows `*` instead of naming the header authorization, which `*` does not \
         cover (UserAPI, CORSMiddleware allow_headers)"
    } else if http.send(plain.with_credentials()).await.is_ok() {
        "access-control-allow-credentials must be `true` in the answer to a preflight too (UserAPI, \
         CORSMiddleware allow_credentials)"
    } else {
        "access-control-allow-credentials must be `true` in every answer (UserAPI, CORSMiddleware \
         allow_credentials)"
    }
}

#[wasm_bindgen_test]
async fn preflights() -> Result<(), Failed> {
    with_fixture("origins::preflights", async |fixture| {
        let steps = fixture.steps;
        steps
            .run(
                "a preflight for a method that the frontend never uses is refused",
                async {
                    let url = fixture.api.url("/jobs");
                    let method = Method::from_bytes(b"PROPFIND")
                        .map_err(|error| Failure::ourselves(error.to_string()))?;
                    let request = Request::new(Service::UserApi, method, "an unusual method", url)
                        .idempotent(true);
                    match fixture.suite.http.send(request).await {
                        // The method must be the cause, and not the origin or any other rule.
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
                },
            )
            .await
    })
    .await
}
