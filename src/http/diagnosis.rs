//! Finds out why the browser refused a request, by trying others that differ from it in one thing.
//!
//! To a script every refusal looks alike: `TypeError: Failed to fetch`. What is tried carries no
//! token and changes nothing.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures_util::future::join_all;
use opencloud_model::{
    cause::{Cause, Service},
    origins,
};
use secrecy::ExposeSecret;
use url::Url;

use super::{Method, Problem, Request, frame::Frame, frame::Outcome};
use crate::{
    cors::{self, Evidence, Seen},
    page::{self, Fate},
};

/// How long each attempt may take.
const PATIENCE_MS: u32 = 3000;
const PATIENCE: Duration = Duration::from_millis(PATIENCE_MS as u64);

/// How often what is refused is tried: a connection that breaks looks like a refusal.
const TRIES: u32 = 3;

/// Methods without a preflight (Fetch standard, "CORS-safelisted method").
const SIMPLE_METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::POST];

/// What has succeeded before: requests of a method to a service.
type Succeeded = RefCell<HashSet<(Service, Method)>>;

thread_local! {
    /// The other origins that each service lets in, where a diagnosis has asked.
    static LET_IN: RefCell<HashMap<Service, Vec<String>>> = RefCell::default();
}

/// Why `request`, sent at `started_at` (milliseconds since 1970), failed without any answer that the
/// page could read.
pub(super) async fn diagnose(request: &Request, started_at: f64, succeeded: &Succeeded) -> Problem {
    let url = request.bare_url();
    if !super::answers_at_all(url).await {
        return Problem::Unreachable(Cause::unreachable(request.service));
    }
    let (cause, shows_refusal) = if is_readable_without_credentials(request).await {
        // An answer that was lost would have been there the next time, too.
        (Cause::Credentials, false)
    } else {
        let evidence = collect(request, succeeded).await;
        let cause = cors::conclude(request.method.as_ref(), &evidence);
        (cause, evidence.shows_refusal())
    };
    let mut certain = true;
    if !shows_refusal {
        // Either this one answer lacked what all others have, or none came. The page cannot tell.
        match page::ask_fate(request.method.as_str(), url, started_at).await {
            Some(Fate::Lost) => return Problem::Unreachable(Cause::unreachable(request.service)),
            Some(Fate::Refused) => {}
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

/// Whether the same request, sent without credentials, is let through. Asked only of what demands
/// them and may be sent twice.
async fn is_readable_without_credentials(request: &Request) -> bool {
    if !(request.credentials && request.repeatable) {
        return false;
    }
    let without = Request {
        credentials: false,
        ..request.clone()
    };
    let signal = web_sys::AbortSignal::timeout_with_u32(PATIENCE_MS);
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
            remember(request, succeeded, &mut evidence);
        }
        if !evidence.has_read_another() {
            evidence.let_in = let_in(request).await;
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
    // Every preflight that can be made of this request may lack the same thing, so try one that
    // asks for something else.
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
/// values that give nothing away.
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

/// An address of the same service that answers anybody with success.
fn known_good(request: &Request) -> Option<String> {
    let url = Url::parse(request.bare_url()).ok()?;
    match request.service {
        Service::UserApi => Some(url.join("/access_info").ok()?.into()),
        Service::Page | Service::Cognito | Service::S3 => None,
    }
}

/// A service without an address for anybody may have let the page read answers before.
fn remember(request: &Request, succeeded: &Succeeded, evidence: &mut Evidence) {
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

/// Whether the browser sends such a request, so that its preflight has passed.
async fn is_sent(method: &Method, url: &str) -> bool {
    let sent = page::is_sent(method.as_str(), url, PATIENCE_MS).await;
    sent.is_truthy()
}

async fn attempt(method: Method, url: &str, header: Option<(&str, &str)>) -> Seen {
    for _ in 0..TRIES {
        let signal = web_sys::AbortSignal::timeout_with_u32(PATIENCE_MS);
        let mut builder = gloo_net::http::RequestBuilder::new(url)
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

/// The other origins whose pages can read the address, where such pages can be opened. Asked once
/// of a service: the same request fails again and again, and it is the service's setting.
async fn let_in(request: &Request) -> Vec<String> {
    if let Some(known) = LET_IN.with_borrow(|known| known.get(&request.service).cloned()) {
        return known;
    }
    let probe = Request::get(request.service, "probe", request.bare_url());
    let here = page::origin();
    let foreign = origins::foreign(&here);
    let https = page::is_driven();
    let foreign = foreign
        .into_iter()
        .filter(|foreign| origins::obstacle(&here, &foreign.origin, https).is_none());
    let asked = foreign.map(async |foreign| {
        // A frame whose page cannot be opened tells nothing.
        let frame = Frame::open(&foreign.origin).await.ok()?;
        let seen = frame.send(&probe, PATIENCE).await;
        matches!(seen, Outcome::Readable(_)).then_some(foreign.origin)
    });
    let let_in: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
    LET_IN.with_borrow_mut(|known| known.insert(request.service, let_in.clone()));
    let_in
}
