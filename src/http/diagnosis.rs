//! Finds out why the browser blocked a request, by sending others that differ from it in one thing.
//!
//! A script sees the same error each time: `TypeError: Failed to fetch`. The requests that are sent
//! here carry no token and change nothing.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures_util::future::join_all;
use gloo_net::http::RequestBuilder;
use opencloud_model::{
    cause::{Cause, Service},
    origins,
};
use secrecy::ExposeSecret;
use url::Url;
use web_sys::AbortSignal;

use super::{
    failure::Problem,
    frame::{Frame, Outcome},
    request::{Method, Request},
};
use crate::{
    cors::{self, Evidence, Seen},
    page::{self, FailedFetch},
};

/// How long each answer may take.
const DEADLINE_MS: u32 = 3000;
const DEADLINE: Duration = Duration::from_millis(DEADLINE_MS as u64);

/// How often a request is sent until it counts as blocked: a broken connection looks the same.
const ATTEMPTS: u32 = 3;

/// Methods without a preflight (Fetch standard, "CORS-safelisted method").
const SIMPLE_METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::POST];

/// Which methods have succeeded at which service.
type Succeeded = RefCell<HashSet<(Service, Method)>>;

thread_local! {
    /// The other origins that can read each service, where a diagnosis has found out.
    static ALLOWED_ORIGINS: RefCell<HashMap<Service, Vec<String>>> = RefCell::default();
}

/// Why `request`, sent at `started_at` (milliseconds since 1970), failed without an answer that the
/// page could read.
pub(super) async fn diagnose(request: &Request, started_at: f64, succeeded: &Succeeded) -> Problem {
    let url = request.bare_url();
    if !answers_at_all(url).await {
        return Problem::Unreachable(Cause::unreachable(request.service));
    }
    let (cause, shows_refusal) = if is_readable_without_credentials(request).await {
        // This is no proof: if the first answer was lost, this one can be read all the same.
        (Cause::Credentials, false)
    } else {
        let evidence = collect(request, succeeded).await;
        let cause = cors::conclude(request.method.as_ref(), &evidence);
        (cause, evidence.shows_refusal())
    };
    let mut certain = true;
    if !shows_refusal {
        // Either only this answer lacked CORS headers, or no answer came. The page sees no difference.
        match page::ask_browser(request.method.as_str(), url, started_at).await {
            Some(FailedFetch::Lost) => {
                return Problem::Unreachable(Cause::unreachable(request.service));
            }
            Some(FailedFetch::Blocked) => {}
            None => certain = false,
        }
    }
    let origin = page::origin();
    Problem::Blocked {
        explanation: cause.explain(request.service, &origin),
        origin,
        cause,
        certain,
    }
}

/// Whether anything answers at `url`. A `no-cors` request resolves with an opaque response as soon as
/// something does (Fetch standard, "HTTP fetch"), and fails at once if nothing does. A late answer
/// proves neither.
async fn answers_at_all(url: &str) -> bool {
    let signal = AbortSignal::timeout_with_u32(DEADLINE_MS);
    let answered = RequestBuilder::new(url)
        .mode(web_sys::RequestMode::NoCors)
        .abort_signal(Some(&signal))
        .send()
        .await;
    answered.is_ok() || signal.aborted()
}

/// Whether the page can read the answer to the same request without credentials. Sends it only if it
/// has credentials and is idempotent.
async fn is_readable_without_credentials(request: &Request) -> bool {
    if !(request.credentials && request.idempotent) {
        return false;
    }
    let without = Request {
        credentials: false,
        ..request.clone()
    };
    let signal = AbortSignal::timeout_with_u32(DEADLINE_MS);
    match without.build(&signal) {
        Ok(request) => request.send().await.is_ok(),
        Err(_) => false,
    }
}

async fn collect(request: &Request, succeeded: &Succeeded) -> Evidence {
    let url = request.bare_url();
    let is_simple = SIMPLE_METHODS.contains(&request.method);
    let simple_method = if is_simple {
        request.method.clone()
    } else {
        Method::GET
    };
    let headers = preflighted_headers(request);

    let mut evidence = Evidence {
        simple: Some(attempt(simple_method, url, None).await),
        ..Evidence::default()
    };
    if evidence.simple == Some(Seen::Refused) {
        if request.method == Method::POST && headers.is_empty() {
            evidence.simple_get = Some(attempt(Method::GET, url, None).await);
        }
        if let Some(url) = known_good(request) {
            evidence.known_good = Some(attempt(Method::GET, &url, None).await);
        } else {
            use_earlier_answers(request, succeeded, &mut evidence);
        }
        if !evidence.has_readable_answer() {
            evidence.allowed_origins = allowed_origins(request).await;
        }
        return evidence;
    }
    if !is_simple {
        let mut seen = attempt(request.method.clone(), url, None).await;
        if seen == Seen::Refused && is_sent(&request.method, url).await {
            seen = Seen::Sent;
        }
        evidence.method = Some(seen);
    }
    for (name, value) in headers {
        let seen = attempt(Method::GET, url, Some((&name, &value))).await;
        evidence.headers.push((name, seen));
    }
    // If every preflight of this request is refused, a preflight for something else shows whether
    // the service refuses all of them.
    if let Some(url) = known_good(request) {
        evidence.control = Some(if is_simple {
            attempt(Method::DELETE, &url, None).await
        } else {
            attempt(Method::GET, &url, Some(("authorization", "Bearer none"))).await
        });
    }
    evidence
}

/// The headers that need a preflight (Fetch standard, "CORS-safelisted request-header"), with
/// values that hold no secret.
fn preflighted_headers(request: &Request) -> Vec<(String, String)> {
    let headers = request.headers.iter();
    headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value.expose_secret()))
        .filter_map(|(name, value)| match name.as_str() {
            "content-type" => {
                let simple = [
                    "application/x-www-form-urlencoded",
                    "multipart/form-data",
                    "text/plain",
                ];
                (!simple.contains(&value)).then(|| (name, value.to_owned()))
            }
            "accept" | "accept-language" | "content-language" => None,
            "authorization" => Some((name, "Bearer none".to_owned())),
            _ => Some((name, value.to_owned())),
        })
        .collect()
}

/// A public address of the same service, which answers every request with success.
fn known_good(request: &Request) -> Option<String> {
    let url = Url::parse(request.bare_url()).ok()?;
    match request.service {
        Service::UserApi => Some(url.join("/access_info").ok()?.into()),
        Service::Page | Service::Cognito | Service::S3 => None,
    }
}

/// Adds what earlier answers show of a service that has no public address.
fn use_earlier_answers(request: &Request, succeeded: &Succeeded, evidence: &mut Evidence) {
    for (service, method) in succeeded.borrow().iter() {
        if *service != request.service {
            continue;
        }
        if *method == request.method {
            evidence.known_good = Some(Seen::Readable);
        } else {
            evidence.other_method = Some(Seen::Readable);
        }
    }
}

/// Whether the browser sends such a request, which it does only after its preflight has passed.
async fn is_sent(method: &Method, url: &str) -> bool {
    let sent = page::is_sent(method.as_str(), url, DEADLINE_MS).await;
    sent.is_truthy()
}

async fn attempt(method: Method, url: &str, header: Option<(&str, &str)>) -> Seen {
    for _ in 0..ATTEMPTS {
        let signal = AbortSignal::timeout_with_u32(DEADLINE_MS);
        let mut builder = RequestBuilder::new(url)
            .method(method.clone())
            .abort_signal(Some(&signal));
        if let Some((name, value)) = header {
            builder = builder.header(name, value);
        }
        match builder.send().await {
            Ok(answer) if answer.redirected() => return Seen::Redirected,
            Ok(_) => return Seen::Readable,
            Err(_) if signal.aborted() => break,
            Err(_) => {}
        }
    }
    Seen::Refused
}

/// The other origins whose pages can read the address, as far as such pages can be opened. Found out
/// once a service, because the setting is the service's and such requests keep failing.
async fn allowed_origins(request: &Request) -> Vec<String> {
    let service = request.service;
    if let Some(known) = ALLOWED_ORIGINS.with_borrow(|known| known.get(&service).cloned()) {
        return known;
    }
    let probe = Request::get(service, "probe", request.bare_url());
    let here = page::origin();
    let https = page::is_driven();
    let foreign = origins::foreign(&here)
        .into_iter()
        .filter(|foreign| origins::obstacle(&here, &foreign.origin, https).is_none());
    let probes = foreign.map(async |foreign| {
        // A frame whose page cannot be opened proves nothing.
        let frame = Frame::open(&foreign.origin).await.ok()?;
        let seen = frame.send(&probe, DEADLINE).await;
        matches!(seen, Outcome::Readable(_)).then_some(foreign.origin)
    });
    let allowed: Vec<_> = join_all(probes).await.into_iter().flatten().collect();
    ALLOWED_ORIGINS.with_borrow_mut(|known| known.insert(service, allowed.clone()));
    allowed
}
