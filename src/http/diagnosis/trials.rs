//! The requests that a diagnosis sends.

use std::time::Duration;

use futures_util::future::join_all;
use gloo_net::http::{RequestBuilder, Response};
use opencloud_model::{origins, service::Service};
use secrecy::ExposeSecret;
use serde_json::json;
use web_sys::AbortSignal;

use super::known::Known;
use crate::{
    cors::{Evidence, Repeats, Seen},
    http::{
        frame::{Frame, Outcome},
        request::{Body, Method, Request},
    },
    page,
};

/// How long each answer may take.
const DEADLINE_MS: u32 = 3000;
const DEADLINE: Duration = Duration::from_millis(DEADLINE_MS as u64);

/// How often a request is sent until it counts as blocked: a broken connection looks the same.
const ATTEMPTS: u32 = 3;

/// How often a request is repeated, to see whether it passes at times.
const REPEATS: u32 = 6;

/// Methods without a preflight (Fetch standard, "CORS-safelisted method").
const SIMPLE_METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::POST];

/// A header's name and a value that holds no secret.
type Header = (String, String);

/// Whether anything answers at `url`. A `no-cors` request resolves with an opaque response as soon as
/// something does (Fetch standard, "HTTP fetch"), and fails at once if nothing does. A late answer
/// proves neither.
pub(super) async fn answers_at_all(url: &str) -> bool {
    let signal = AbortSignal::timeout_with_u32(DEADLINE_MS);
    let answered = RequestBuilder::new(url)
        .mode(web_sys::RequestMode::NoCors)
        .abort_signal(Some(&signal))
        .send()
        .await;
    answered.is_ok() || signal.aborted()
}

/// What a request that only asks for an answer is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// It needs no preflight.
    Simple,
    /// It has a token that nobody accepts, so it needs one.
    Preflighted,
    /// It needs one for its `content-type` alone.
    WithType,
    /// It has a token that nobody accepts, and a body.
    WithBody,
}

/// Whether an answer comes to a request for `url` in time, whatever it is.
pub(super) async fn is_answered(method: Method, url: &str, probe: Probe) -> bool {
    match answer_to(method, url, probe).await {
        Ok(()) => true,
        Err(TimedOut(true)) => false,
        // The page may not read it, or there is none.
        Err(TimedOut(false)) => answers_at_all(url).await,
    }
}

/// Whether the page gets an answer to a request for `url` in time, and may read it.
pub(super) async fn is_read(method: Method, url: &str, probe: Probe) -> bool {
    answer_to(method, url, probe).await.is_ok()
}

/// That no answer could be read, because none came in time or for another reason.
struct TimedOut(bool);

async fn answer_to(method: Method, url: &str, probe: Probe) -> Result<(), TimedOut> {
    let signal = AbortSignal::timeout_with_u32(DEADLINE_MS);
    let mut builder = RequestBuilder::new(url)
        .method(method)
        .abort_signal(Some(&signal));
    if matches!(probe, Probe::Preflighted | Probe::WithBody) {
        builder = builder.header("authorization", "Bearer none");
    }
    if matches!(probe, Probe::WithType | Probe::WithBody) {
        builder = builder.header("content-type", "application/json");
    }
    let request = if probe == Probe::WithBody {
        builder.body("{}")
    } else {
        builder.build()
    };
    let request = request.map_err(|_| TimedOut(false))?;
    let answer = request.send().await;
    answer.map(drop).map_err(|_| TimedOut(signal.aborted()))
}

/// Sends the same request several times at once. One that must not be repeated is sent without its
/// token and body; so is a sign-in, because a wrong password locks the account after a few attempts.
pub(super) async fn repeat(request: &Request) -> Repeats {
    let exact = is_repeatable(request);
    let repeated = if exact {
        request.clone()
    } else {
        let mut bare = Request::new(
            request.service,
            request.method.clone(),
            &request.name,
            request.bare_url(),
        );
        bare.credentials = request.credentials;
        for (name, value) in preflighted_headers(request) {
            bare = bare.header(&name, value);
        }
        bare
    };
    let attempts = (0..REPEATS).map(async |_| readable(repeated.clone()).await);
    let mut repeats = Repeats {
        sent: REPEATS,
        exact,
        ..Repeats::default()
    };
    for answer in join_all(attempts).await.into_iter().flatten() {
        repeats.readable += 1;
        repeats.succeeded += u32::from(answer.ok());
    }
    repeats
}

/// Whether the same request may be sent several times, with its token and its body.
pub(super) fn is_repeatable(request: &Request) -> bool {
    let is_form = matches!(request.body, Body::Form(_));
    request.idempotent && request.service != Service::Cognito && !is_form
}

/// Whether the page can read the answer to the same request without credentials. Sends it only if it
/// has credentials and is idempotent.
pub(super) async fn is_readable_without_credentials(request: &Request) -> bool {
    if !(request.credentials && request.idempotent) {
        return false;
    }
    let without = Request {
        credentials: false,
        ..request.clone()
    };
    readable(without).await.is_some()
}

/// The answer to `request`, if the page can read it.
async fn readable(request: Request) -> Option<Response> {
    let signal = AbortSignal::timeout_with_u32(DEADLINE_MS);
    request.build(&signal).ok()?.send().await.ok()
}

/// Adds what trials show to `evidence`.
pub(super) async fn collect(request: &Request, known: &Known, evidence: &mut Evidence) {
    let url = request.bare_url();
    let is_simple = SIMPLE_METHODS.contains(&request.method);
    let headers = preflighted_headers(request);
    let public = known.public_address(request);

    evidence.simple = Some(attempt(simple_method(request), url, &[]).await);
    if evidence.simple == Some(Seen::Refused) {
        if request.method == Method::POST {
            evidence.simple_get = Some(attempt(Method::GET, url, &[]).await);
        }
        if let Some(url) = public {
            evidence.known_good = Some(attempt(Method::GET, &url, &[]).await);
            if evidence.known_good == Some(Seen::Refused) {
                let header = ("authorization".to_owned(), "Bearer none".to_owned());
                evidence.preflight = Some(attempt_preflighted(&Method::GET, &url, &[header]).await);
            }
        } else {
            use_earlier_answers(request, known, evidence);
        }
        if !evidence.has_readable_answer() {
            evidence.allowed_origins = allowed_origins(request, known).await;
        }
        return;
    }
    if !is_simple {
        evidence.method = Some(attempt_preflighted(&request.method, url, &[]).await);
    }
    for header in &headers {
        let method = simple_method(request);
        let seen = attempt_preflighted(&method, url, std::slice::from_ref(header)).await;
        evidence.headers.push((header.0.clone(), seen));
    }
    let parts = evidence.headers.iter().map(|(_, seen)| *seen);
    let refused: Vec<_> = headers
        .iter()
        .zip(&evidence.headers)
        .filter(|(_, (_, seen))| *seen == Seen::Refused)
        .map(|(header, _)| header.clone())
        .collect();
    if evidence.method == Some(Seen::Refused) || !refused.is_empty() {
        let method = match evidence.method {
            Some(Seen::Refused) => request.method.clone(),
            _ => simple_method(request),
        };
        let fresh = format!("{url}?nonce={}", page::random_id());
        evidence.unrepeated = Some(attempt_preflighted(&method, &fresh, &refused).await);
        if let Some(public) = &public {
            evidence.elsewhere = Some(attempt_preflighted(&method, public, &refused).await);
        }
    }
    let all_pass = !parts
        .chain(evidence.method)
        .any(|seen| seen == Seen::Refused);
    if all_pass && (!is_simple || headers.len() > 1) {
        together(request, &headers, evidence).await;
    }
    // If every preflight of this request is refused, a preflight for something else shows whether
    // the service refuses all of them.
    if let Some(public) = public {
        evidence.control = Some(if is_simple {
            attempt(Method::DELETE, &public, &[]).await
        } else {
            let header = ("authorization".to_owned(), "Bearer none".to_owned());
            // What refuses the token may do so without headers, once the preflight has passed.
            attempt_preflighted(&Method::GET, &public, &[header]).await
        });
    }
    if evidence.simple == Some(Seen::Redirected) {
        let header = ("authorization".to_owned(), "Bearer none".to_owned());
        evidence.control_here = Some(attempt(Method::GET, url, &[header]).await);
    }
}

/// Adds which headers are refused together with the method, or with one another.
async fn together(request: &Request, headers: &[Header], evidence: &mut Evidence) {
    let (method, url) = (&request.method, request.bare_url());
    if attempt_preflighted(method, url, headers).await != Seen::Refused {
        return;
    }
    for header in headers {
        let seen = attempt_preflighted(method, url, std::slice::from_ref(header)).await;
        evidence.together.push((header.0.clone(), seen));
    }
    if evidence
        .together
        .iter()
        .all(|(_, seen)| *seen != Seen::Refused)
    {
        let all = headers
            .iter()
            .map(|(name, _)| (name.clone(), Seen::Refused));
        evidence.together = all.collect();
    }
}

/// The method of the same request without a preflight.
fn simple_method(request: &Request) -> Method {
    if SIMPLE_METHODS.contains(&request.method) {
        request.method.clone()
    } else {
        Method::GET
    }
}

/// The headers that need a preflight (Fetch standard, "CORS-safelisted request-header"), with
/// values that hold no secret.
fn preflighted_headers(request: &Request) -> Vec<Header> {
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

/// Adds what earlier answers show of a service that has no public address.
fn use_earlier_answers(request: &Request, known: &Known, evidence: &mut Evidence) {
    for (service, method) in known.succeeded.borrow().iter() {
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

/// The same as [`attempt`], but tells a refused preflight from an answer that cannot be read.
async fn attempt_preflighted(method: &Method, url: &str, headers: &[Header]) -> Seen {
    let seen = attempt(method.clone(), url, headers).await;
    if seen != Seen::Refused {
        return seen;
    }
    // The preflight of a POST asks for the headers alone, as that of a GET does. A GET has no body, so
    // its sending cannot be watched.
    let watched = if *method == Method::GET {
        Method::POST
    } else {
        method.clone()
    };
    let headers = json!(headers).to_string();
    let sent = page::is_sent(watched.as_str(), url, &headers, DEADLINE_MS).await;
    if sent.is_truthy() { Seen::Sent } else { seen }
}

async fn attempt(method: Method, url: &str, headers: &[Header]) -> Seen {
    for _ in 0..ATTEMPTS {
        let signal = AbortSignal::timeout_with_u32(DEADLINE_MS);
        let mut builder = RequestBuilder::new(url)
            .method(method.clone())
            .abort_signal(Some(&signal));
        for (name, value) in headers {
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

/// The other origins whose pages can read the address without a preflight, as far as such pages can be
/// opened. Found out once a service and method, because the setting is the service's and such requests
/// keep failing.
async fn allowed_origins(request: &Request, known: &Known) -> Vec<String> {
    let key = (request.service, simple_method(request));
    if let Some(origins) = known.allowed_origins.borrow().get(&key) {
        return origins.clone();
    }
    let probe = Request::new(request.service, key.1.clone(), "probe", request.bare_url());
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
    let mut origins = known.allowed_origins.borrow_mut();
    origins.insert(key, allowed.clone());
    allowed
}
