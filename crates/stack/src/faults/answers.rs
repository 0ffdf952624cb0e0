//! Bends answers on their way out: one layer around a service, driven by rules.

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
    },
    middleware::{Next, from_fn},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use tokio::time::sleep;

use super::{
    Fault, Faults,
    bodies::{Edit, cut, edited, slow, taken_apart, with_body},
    cors, disturbances,
    endpoint::{Exchange, Service},
    fields,
    losses::{self, Losses},
    transport,
};

/// Which answers are bent, and how.
#[derive(Clone)]
pub(super) struct Rule {
    pub(super) when: fn(&Exchange) -> bool,
    pub(super) bend: Bend,
    pub(super) often: Often,
}

/// How many of the answers that a rule is about are bent.
#[derive(Clone, Copy)]
pub(super) enum Often {
    Always,
    /// Only the first.
    Once,
    /// One of each so many, at a place that nobody can foresee, as long as [`Losses`] allows it.
    OneIn(usize),
}

impl Often {
    /// Whether the answer is bent before which `count` others came; `seed` is the stack's own.
    fn applies(self, count: usize, seed: usize) -> bool {
        match self {
            Self::Always => true,
            Self::Once => count == 0,
            Self::OneIn(many) => {
                let block = (count / many).wrapping_add(seed);
                // Knuth's multiplicative hash.
                let place = (block.wrapping_mul(2_654_435_761) >> 16) % many;
                count % many == place
            }
        }
    }
}

/// A rule for all answers of which `when` is true.
pub(super) fn rule(when: fn(&Exchange) -> bool, bend: Bend) -> Rule {
    Rule {
        when,
        bend,
        often: Often::Always,
    }
}

/// What happens to an answer.
#[derive(Clone)]
pub(super) enum Bend {
    /// All headers that begin with `access-control-` go.
    WithoutCors,
    /// A header goes.
    Without(HeaderName),
    /// A header is there once, with this value.
    With(HeaderName, &'static str),
    /// A header that is there gets another value.
    Value(HeaderName, fn(&str) -> String),
    /// A header that is there comes a second time.
    Twice(HeaderName),
    /// Another status; all else stays.
    Status(StatusCode),
    /// A redirect to the same address.
    Redirect,
    /// Another status and body, as something in front of the service might answer. The CORS
    /// headers stay.
    Instead(StatusCode, &'static str, &'static str),
    /// What the real UserAPI answers when it stumbles: 500, which no page can read.
    Unhandled,
    /// Another body, made of the one that is there.
    Body(fn(Vec<u8>) -> Vec<u8>),
    /// Another value at a place of a JSON body.
    Json(&'static str, Edit),
    /// The length that is told is not that of the body.
    WrongLength,
    /// The connection ends in the middle of the body.
    Cut,
    /// The connection ends before the answer's first byte.
    Drop,
    /// No answer comes.
    Never,
    /// The answer comes later.
    Late(Duration),
    /// The body comes bit by bit.
    Slow,
    /// The body comes without its length being told.
    Chunked,
}

/// The service, with its answers bent as the faults want it. A service that no fault is about
/// stays as it is.
pub(crate) fn bend(router: Router, service: Service, faults: &Faults, seed: u16) -> Router {
    let wrong = faults.faults.iter().copied().filter_map(rule_of);
    let awkward = faults.disturbances.iter().copied();
    let rules: Vec<_> = wrong
        .chain(awkward.filter_map(disturbances::rule_of))
        .enumerate()
        // What is lost of one service, or by one rule, is not what is lost of all.
        .map(|(at, rule)| Applied {
            rule,
            seed: usize::from(seed) + 31 * (3 * at + service as usize),
            count: AtomicUsize::new(0),
        })
        .collect();
    if rules.is_empty() {
        return router;
    }
    let rules = Arc::new(Rules {
        rules,
        losses: Mutex::default(),
    });
    router.layer(from_fn(move |request, next| {
        bend_answer(rules.clone(), service, request, next)
    }))
}

fn rule_of(fault: Fault) -> Option<Rule> {
    cors::rule_of(fault)
        .or_else(|| fields::rule_of(fault))
        .or_else(|| transport::rule_of(fault))
}

/// The rules for a service, and what they have lost of it.
struct Rules {
    rules: Vec<Applied>,
    losses: Mutex<Losses>,
}

impl Rules {
    fn losses(&self) -> MutexGuard<'_, Losses> {
        self.losses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rule, and how many answers it has been about.
struct Applied {
    rule: Rule,
    seed: usize,
    count: AtomicUsize,
}

async fn bend_answer(
    rules: Arc<Rules>,
    service: Service,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange::of(service, &parts);
    let asked = losses::Request::of(&parts);
    let mut answer = next.run(Request::from_parts(parts, body)).await;
    exchange.status = answer.status();
    rules.losses().answer(&asked);
    for Applied { rule, seed, count } in &rules.rules {
        if !(rule.when)(&exchange) {
            continue;
        }
        let count = count.fetch_add(1, Ordering::Relaxed);
        let is_a_loss = matches!(rule.often, Often::OneIn(_));
        if rule.often.applies(count, *seed) && (!is_a_loss || rules.losses().lose(&asked)) {
            answer = rule.bend.clone().apply(answer).await;
        }
    }
    answer
}

impl Bend {
    async fn apply(self, mut answer: Response) -> Response {
        let headers = answer.headers_mut();
        match self {
            Self::WithoutCors => without_cors(headers),
            Self::Without(name) => drop(headers.remove(name)),
            Self::With(name, value) => set(headers, name, value),
            Self::Value(name, change) => {
                let value = headers.get(&name).and_then(|value| value.to_str().ok());
                if let Some(changed) = value.map(change) {
                    set(headers, name, &changed);
                }
            }
            Self::Twice(name) => {
                if let Some(value) = headers.get(&name).cloned() {
                    headers.append(name, value);
                }
            }
            Self::Status(status) => *answer.status_mut() = status,
            Self::Redirect => {
                set(headers, LOCATION, "/access_info");
                *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            }
            Self::Instead(status, content_type, text) => {
                set(headers, CONTENT_TYPE, content_type);
                *answer.status_mut() = status;
                return with_body(answer, text.into());
            }
            Self::Unhandled => {
                without_cors(headers);
                set(headers, CONTENT_TYPE, "text/plain; charset=utf-8");
                *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                return with_body(answer, "Internal Server Error".into());
            }
            Self::Body(change) => {
                let (answer, body) = taken_apart(answer).await;
                return with_body(answer, change(body.into()));
            }
            Self::Json(place, edit) => {
                let (answer, body) = taken_apart(answer).await;
                return with_body(answer, edited(&body, place, edit));
            }
            Self::WrongLength => {
                let (mut answer, body) = taken_apart(answer).await;
                let told = (body.len() + 1).to_string();
                set(answer.headers_mut(), CONTENT_LENGTH, &told);
                *answer.body_mut() = cut(body);
                return answer;
            }
            Self::Cut => {
                let (mut answer, body) = taken_apart(answer).await;
                set(
                    answer.headers_mut(),
                    CONTENT_LENGTH,
                    &body.len().to_string(),
                );
                *answer.body_mut() = cut(body.slice(..body.len() / 2));
                return answer;
            }
            Self::Drop => {
                set(headers, CONTENT_LENGTH, "1");
                let broken = stream::iter([Err::<Bytes, _>(io::Error::other("dropped"))]);
                *answer.body_mut() = Body::from_stream(broken);
            }
            Self::Never => std::future::pending().await,
            Self::Late(by) => sleep(by).await,
            Self::Slow => {
                let (mut answer, body) = taken_apart(answer).await;
                set(
                    answer.headers_mut(),
                    CONTENT_LENGTH,
                    &body.len().to_string(),
                );
                *answer.body_mut() = slow(body);
                return answer;
            }
            Self::Chunked => {
                let (mut answer, body) = taken_apart(answer).await;
                answer.headers_mut().remove(CONTENT_LENGTH);
                *answer.body_mut() = Body::from_stream(stream::iter([Ok::<_, Infallible>(body)]));
                return answer;
            }
        }
        answer
    }
}

fn without_cors(headers: &mut HeaderMap) {
    let names: Vec<_> = headers.keys().cloned().collect();
    for name in names {
        if name.as_str().starts_with("access-control-") {
            headers.remove(name);
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use http_body_util::BodyExt as _;
    use tower_service::Service as _;

    use super::*;
    use crate::faults::Disturbance;

    /// Which of so many answers to the same request are lost with that seed.
    async fn lost(seed: u16, many: usize) -> Vec<bool> {
        let losing = [Disturbance::DroppedConnections, Disturbance::BusyServices];
        let faults = Faults::new(&[], &losing);
        let router = Router::new().route("/", get(async || "answer"));
        let mut router = bend(router, Service::UserApi, &faults, seed);
        let mut lost = Vec::new();
        for _ in 0..many {
            let answer = router.call(Request::new(Body::empty())).await.unwrap();
            lost.push(answer.status() != StatusCode::OK || answer.collect().await.is_err());
        }
        lost
    }

    #[tokio::test]
    async fn whoever_tries_three_times_gets_an_answer() {
        let count = |lost: &[bool]| lost.iter().filter(|lost| **lost).count();
        for seed in 0..100 {
            let lost = lost(seed, 200).await;
            assert!((15..=20).contains(&count(&lost)), "{seed}: {lost:?}");
            // Who asks for the same at the same time takes answers from between the three.
            assert!(
                lost.windows(16).all(|lost| count(lost) <= 2),
                "{seed}: {lost:?}"
            );
        }
    }
}
