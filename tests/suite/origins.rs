//! Who may read the answers: the frontend's page, and no page that merely looks like it.

use futures_util::future::join_all;
use opencloud_suite::{
    calls::{self, Call},
    cors::Service,
    http::{
        Method, Problem, Request,
        frame::{Frame, Outcome},
    },
    origins::{self, Foreign},
    page,
    report::{self, Cell, Event, Failure, OriginTable, Row},
    suite::Failed,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::{Bench, on_bench};

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
            let mut column = not_checked(&from, &calls);
            if let Some(why) = obstacle(bench, &from) {
                report::write(&Event::NotChecked {
                    what: format!("what a page of {} could read", from.origin),
                    why: why.into(),
                });
            } else {
                let step = format!("from {} ({})", from.origin, from.difference);
                let asked = ask_from(&from, &calls, &mut column);
                outcome = outcome.and(steps.run(&step, asked).await);
            }
            for (row, cell) in table.rows.iter_mut().zip(column) {
                row.cells.push(cell);
            }
            table.origins.push((from.origin, from.difference.into()));
        }
        report::write(&Event::Origins { table });
        outcome
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
fn not_checked(from: &Foreign, calls: &[Call]) -> Vec<Cell> {
    let is_frontend = from.origin == page::origin();
    let cell = |call: &Call| Cell {
        readable: None,
        expected: is_frontend || call.request.service == Service::Cognito,
    };
    calls.iter().map(cell).collect()
}

/// Why no page at `from` can be had in a frame of this one, if that is so.
fn obstacle(bench: &Bench<'_>, from: &Foreign) -> Option<&'static str> {
    let (here_https, there_https) = (is_https(&page::origin()), is_https(&from.origin));
    if there_https && !here_https && !bench.suite.settings.extras.https_page {
        return Some("the page is not served over https; `cargo e2e` does that");
    }
    // Mixed Content, "should fetching request be blocked": frames are never let through.
    let plain = !there_https && from.origin != origins::OPAQUE;
    (here_https && plain).then_some("a page of https holds no frame of plain http")
}

fn is_https(origin: &str) -> bool {
    origin.starts_with("https://")
}

/// Lets a page at `from` make every call, and complains of each that it can read and should not,
/// or the other way round.
async fn ask_from(from: &Foreign, calls: &[Call], column: &mut [Cell]) -> Result<(), Failure> {
    let frame = Frame::open(&from.origin).await;
    let frame = frame.map_err(|error| Failure::ourselves(format!("no frame: {error}")))?;
    let mut complaints = Vec::new();
    let outcomes = join_all(calls.iter().map(|call| frame.send(&call.request))).await;
    for ((call, cell), outcome) in calls.iter().zip(column).zip(outcomes) {
        cell.readable = Some(matches!(outcome, Outcome::Readable(_)));
        if cell.is_wrong() {
            complaints.push(complaint(from, call, outcome));
        }
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(Failure::stack(complaints.join("\n")))
}

fn complaint(from: &Foreign, call: &Call, outcome: Outcome) -> String {
    let Request {
        service, method, ..
    } = &call.request;
    let request = format!("{} ({method} {})", call.name, call.request.bare_url());
    let origin = &from.origin;
    match outcome {
        Outcome::Readable(status) => {
            let setting = match service {
                Service::S3 => "AllowedOrigins in the bucket's CORS rules",
                _ => "FRONTEND_URL, from which CORSMiddleware takes allow_origins",
            };
            format!(
                "{request}: a page of origin {origin} ({}) can read the answer ({status}), but only \
                 {} may ({service}, {setting})",
                from.difference,
                page::origin(),
            )
        }
        Outcome::TimedOut => format!("{request}: no answer to a page of {origin} in time"),
        Outcome::Refused => format!(
            "{request}: a page of origin {origin} ({}) cannot read the answer ({service})",
            from.difference
        ),
    }
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
                let request = Request::new(Service::UserApi, method, "an unusual method", url);
                match bench.suite.http.send(request).await {
                    Err(failure) if matches!(failure.problem, Problem::Blocked { .. }) => Ok(()),
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
