//! The layer around a service that changes its answers as faults and disturbances want it.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::Request,
    http::header::AUTHORIZATION,
    middleware::{Next, from_fn},
    response::Response,
};

use super::{
    change::Change,
    disturbance::Disturbance,
    dropped_answers::{self, DroppedAnswers},
    exchange::Exchange,
    fault::Fault,
    registry::Faults,
    rule::{Frequency, Rule},
    stored_answers::StoredAnswers,
};
use crate::endpoint::{Endpoint, Service};

/// The service with its answers changed. A service that no rule is about stays as it is.
pub(crate) fn layer(router: Router, service: Service, faults: &Faults, seed: u16) -> Router {
    let wrong = faults.faults.iter().copied().filter_map(Fault::rule);
    let awkward = faults.disturbances.iter().copied();
    let rules: Vec<_> = wrong
        .chain(awkward.filter_map(Disturbance::rule))
        .enumerate()
        // Each service and each rule drops answers of its own.
        .map(|(at, rule)| Counted {
            rule,
            seed: usize::from(seed) + 31 * (3 * at + service as usize),
            count: AtomicUsize::new(0),
        })
        .collect();
    if rules.is_empty() {
        return router;
    }
    let rules = Arc::new(Rules {
        counted: rules,
        dropped: Mutex::default(),
        stored: StoredAnswers::default(),
    });
    router.layer(from_fn(move |request, next| {
        change_answer(rules.clone(), service, request, next)
    }))
}

/// The rules for a service, and which answers of it were dropped or stored.
struct Rules {
    counted: Vec<Counted>,
    dropped: Mutex<DroppedAnswers>,
    stored: StoredAnswers,
}

impl Rules {
    fn dropped(&self) -> MutexGuard<'_, DroppedAnswers> {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rule, and how many answers it has been about.
struct Counted {
    rule: Rule,
    seed: usize,
    count: AtomicUsize,
}

async fn change_answer(
    rules: Arc<Rules>,
    service: Service,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange::of(service, &parts);
    let key = dropped_answers::Request::of(&parts);
    let user = parts.headers.get(AUTHORIZATION).cloned();
    let mut answer = next.run(Request::from_parts(parts, body)).await;
    exchange.status = answer.status();
    exchange.endpoint = answer.extensions().get::<Endpoint>().copied();
    rules.dropped().count_answer(&key);
    for Counted { rule, seed, count } in &rules.counted {
        if !rule.when.matches(&exchange) {
            continue;
        }
        let count = count.fetch_add(1, Ordering::Relaxed);
        let drops = matches!(rule.frequency, Frequency::OneIn(_));
        if rule.frequency.applies(count, *seed) && (!drops || rules.dropped().drop_answer(&key)) {
            let (stored, key) = (&rules.stored, key.clone());
            answer = match &rule.change {
                Change::Stored => stored.first((key, user.clone()), answer).await,
                Change::StoredForAll => stored.first((key, None), answer).await,
                Change::SharedAtOnce => stored.shared((key, None), answer).await,
                change => change.clone().apply(&exchange.path, answer).await,
            };
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode, routing::get};
    use http_body_util::BodyExt as _;
    use tower_service::Service as _;

    use super::*;

    /// Which of so many answers to the same request are dropped with that seed.
    async fn dropped(seed: u16, many: usize) -> Vec<bool> {
        let disturbances = [Disturbance::DroppedConnections, Disturbance::BusyServices];
        let faults = Faults::new(&[], &disturbances);
        let router = Router::new().route("/", get(async || "answer"));
        let mut router = layer(router, Service::UserApi, &faults, seed);
        let mut dropped = Vec::new();
        for _ in 0..many {
            let answer = router.call(Request::new(Body::empty())).await.unwrap();
            dropped.push(answer.status() != StatusCode::OK || answer.collect().await.is_err());
        }
        dropped
    }

    #[tokio::test]
    async fn one_of_three_attempts_gets_an_answer() {
        let count = |dropped: &[bool]| dropped.iter().filter(|dropped| **dropped).count();
        for seed in 0..100 {
            let dropped = dropped(seed, 200).await;
            assert!((15..=20).contains(&count(&dropped)), "{seed}: {dropped:?}");
            // Another client with the same request takes answers from between the three.
            assert!(
                dropped.windows(16).all(|dropped| count(dropped) <= 2),
                "{seed}: {dropped:?}"
            );
        }
    }
}
