//! Finds out why the browser blocked a request: asks the engine what it saw, and sends requests that
//! differ from the blocked one in one thing.
//!
//! A script sees the same error each time: `TypeError`, in whatever words. The requests that are sent
//! here change nothing: they carry no token, or they repeat an idempotent request.

mod known;
mod remarks;
mod silence;
mod trials;

use opencloud_model::{
    cause::Cause,
    observation::{About, Observation},
    service::Service,
};

pub(super) use self::{known::Known, silence::of_silence};
use self::{
    remarks::remarks,
    silence::what_breaks,
    trials::{answers_at_all, collect, is_readable_without_credentials, repeat},
};
use super::{failure::Problem, request::Request};
use crate::{
    cors::{self, Evidence},
    page,
};

/// Why `request`, sent at `started_at` (milliseconds since 1970), failed without an answer that the
/// page could read.
pub(super) async fn diagnose(request: &Request, started_at: f64, known: &Known) -> Problem {
    let (service, url) = (request.service, request.bare_url());
    let observation = page::ask_browser(request.method.as_str(), url, started_at).await;
    match &observation {
        Some(observation) => {
            if let Some(problem) = without_answer(service, observation) {
                let is_lost = observation.about == About::Network;
                if is_lost && request.has_large_body() && answers_at_all(url).await {
                    let message = Cause::breaks_while_sent(service, &observation.words);
                    return Problem::Unreachable(message);
                }
                if is_lost && let Some(what) = what_breaks(request, known).await {
                    let message = Cause::breaks_at(service, &observation.words, what);
                    return Problem::Unreachable(message);
                }
                return problem;
            }
        }
        None if !answers_at_all(url).await => {
            return Problem::Unreachable(Cause::unreachable(service, None));
        }
        None => {}
    }
    let mut evidence = gather(request, observation, known).await;
    evidence.is_public = known.is_public(request);
    let cause = cors::conclude(service, request.method.as_ref(), &evidence);
    // Without the engine's word, either only this answer lacked CORS headers, or no answer came.
    let certain =
        evidence.observation.is_some() || evidence.shows_refusal() || evidence.repeats.all_failed();
    let origin = page::origin();
    Problem::Blocked {
        explanation: cause.explain(service, &origin) + &remarks(request, &cause, &evidence, known),
        transient_status: evidence
            .observation
            .as_ref()
            .and_then(Observation::transient_status),
        origin,
        cause,
        certain,
    }
}

/// The problem where the engine saw no answer.
fn without_answer(service: Service, observation: &Observation) -> Option<Problem> {
    let followed_redirect = observation
        .answer
        .as_ref()
        .is_some_and(|answer| (300..400).contains(&answer.status));
    let message = || Cause::unreachable(service, Some(observation));
    match observation.about {
        About::Browser => Some(Problem::Browser(observation.words.clone())),
        _ if followed_redirect || !observation.about.is_without_answer() => None,
        About::Network | About::NoName | About::CutShort => Some(Problem::Unreachable(message())),
        _ => Some(Problem::NotUnderstood(message())),
    }
}

/// Tries what the engine's observation leaves open.
async fn gather(request: &Request, observation: Option<Observation>, known: &Known) -> Evidence {
    let mut evidence = Evidence {
        observation,
        ..Evidence::default()
    };
    let observed = evidence.observed_cause(request.service);
    let is_repeated = |cause: &Cause| {
        cause.is_of_dead_gateway() || cause.is_of_gateway() && trials::is_repeatable(request)
    };
    if observed.as_ref().is_some_and(is_repeated) {
        let _trials = known.trials.lock().await;
        evidence.repeats = repeat(request).await;
    }
    if observed.is_some() {
        return evidence;
    }
    let _trials = known.trials.lock().await;
    evidence.repeats = repeat(request).await;
    if evidence.intermittent().is_none() {
        evidence.without_credentials = is_readable_without_credentials(request).await;
        if !evidence.without_credentials {
            collect(request, known, &mut evidence).await;
        }
    }
    evidence
}
