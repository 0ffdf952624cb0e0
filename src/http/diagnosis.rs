//! Finds out why the browser blocked a request: asks the engine what it saw, and sends requests that
//! differ from the blocked one in one thing.
//!
//! A script sees the same error each time: `TypeError`, in whatever words. The requests that are sent
//! here change nothing: they carry no token, or they repeat an idempotent request.

mod known;
mod trials;

use opencloud_model::{
    cause::{Cause, unreachable::Breaking},
    observation::{About, Observation, is_for_a_moment},
    service::Service,
};

pub(super) use self::known::Known;
use self::trials::{
    Probe, answers_at_all, collect, is_answered, is_read, is_readable_without_credentials, repeat,
};
use super::{
    failure::Problem,
    request::{Method, Request},
};
use crate::{
    cors::{self, Evidence, Repeats, Seen},
    page,
};

/// From how many bytes on a body is one that something may find too large, or too slow. The smallest limits of
/// proxies are larger.
const LARGE_BODY: f64 = 65_536.0;

/// Why `request`, sent at `started_at` (milliseconds since 1970), failed without an answer that the
/// page could read.
pub(super) async fn diagnose(request: &Request, started_at: f64, known: &Known) -> Problem {
    let (service, url) = (request.service, request.bare_url());
    let observation = page::ask_browser(request.method.as_str(), url, started_at).await;
    match &observation {
        Some(observation) => {
            if let Some(problem) = without_answer(service, observation) {
                let is_lost = observation.about == About::Network;
                if is_lost && request.body_size() >= LARGE_BODY && answers_at_all(url).await {
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
    let public = known.public.borrow().get(&service).cloned();
    evidence.is_public = public.as_deref() == Some(url);
    let cause = cors::conclude(service, request.method.as_ref(), &evidence);
    // Without the engine's word, either only this answer lacked CORS headers, or no answer came.
    let certain =
        evidence.observation.is_some() || evidence.shows_refusal() || evidence.repeats.all_failed();
    let observation = evidence.observation.as_ref();
    let origin = page::origin();
    let Repeats {
        readable,
        sent,
        exact,
        ..
    } = evidence.repeats;
    let of_instances = if is_of_service(service, &cause) {
        // That it is there is not in doubt.
        String::new()
    } else if is_dead_gateway(&cause) && readable > 0 && !exact {
        format!(
            "; without its token and its body it passes {readable} of {sent} times, so the service does answer, and \
             not this request: it waits for what this one needs, or takes too long for it ({service}, its log, and \
             the time limits of what stands before it)"
        )
    } else if is_dead_gateway(&cause) && readable > 0 {
        let or_limited = match &cause {
            Cause::Between(answer) if answer.status == 503 => {
                ", or requests that come at once are too many for it"
            }
            _ => "",
        };
        format!(
            "; the same request passes {readable} of {sent} times, so one of several instances behind it is \
             away{or_limited}"
        )
    } else if matches!(cause, Cause::Between(_)) && readable > 0 {
        format!(
            "; the same request passes {readable} of {sent} times, so one of several instances of what answers, or of \
             what stands behind it, differs from the others"
        )
    } else {
        String::new()
    };
    let is_refused_part = matches!(
        cause,
        Cause::PreflightMethod { .. } | Cause::PreflightHeader { .. }
    );
    let of_path = if is_refused_part
        && matches!(evidence.elsewhere, Some(Seen::Readable | Seen::Sent))
    {
        "; the same passes at another address, so this is set for this path alone: by a route outside of the CORS \
         layer, or a location of the proxy before it"
    } else {
        ""
    };
    Problem::Blocked {
        explanation: cause.explain(service, &origin)
            + &note(service, &cause, observation)
            + of_size(request, &cause, known)
            + of_path
            + &of_instances,
        transient_status: observation.and_then(Observation::transient_status),
        origin,
        cause,
        certain,
    }
}

/// That it may be the size of the body for which something refuses the request, for the end of a sentence; may be
/// empty.
fn of_size(request: &Request, cause: &Cause, known: &Known) -> &'static str {
    let Cause::Between(answer) = cause else {
        return "";
    };
    let of_method = (request.service, request.method.clone());
    let is_large =
        request.body_size() >= LARGE_BODY && known.succeeded.borrow().contains(&of_method);
    if is_large && matches!(answer.status, 400..=404 | 500) {
        match answer.status {
            404 => {
                "; requests of this method with smaller bodies pass, so it may be the size that is refused (its limits \
                 for bodies: IIS maxAllowedContentLength answers 404)"
            }
            500 => {
                "; requests of this method with smaller bodies pass, so it may be the size (where it keeps large \
                 bodies for a while: nginx client_body_temp_path, its free space and who may write there)"
            }
            _ => {
                "; requests of this method with smaller bodies pass, so it may be the size that is refused (its limits \
                 for bodies)"
            }
        }
    } else {
        ""
    }
}

/// Whether a gateway says that it has no answer of the service.
fn is_dead_gateway(cause: &Cause) -> bool {
    let is_of_gateway = |status| status != 429 && is_for_a_moment(status);
    matches!(cause, Cause::Between(answer) if is_of_gateway(answer.status))
}

/// Whether something before the service refuses the request, and not for how many there are.
fn is_of_gateway(cause: &Cause) -> bool {
    matches!(cause, Cause::Between(answer) if answer.status != 429)
}

/// Whether the service has given that answer itself.
fn is_of_service(service: Service, cause: &Cause) -> bool {
    matches!(cause, Cause::Between(answer)
        if answer.server.is_some() && answer.sender_before(service).is_none())
}

/// With which requests to the address of `request` the connection breaks, if the service answers others;
/// `None` if it does not.
async fn what_breaks(request: &Request, known: &Known) -> Option<Breaking> {
    let public = known.public.borrow().get(&request.service).cloned()?;
    let _trials = known.trials.lock().await;
    if !is_read(Method::GET, &public, Probe::Simple).await {
        return None;
    }
    let of_preflight = async |url: &str| {
        if is_read(Method::GET, url, Probe::WithType).await {
            Breaking::WithToken
        } else {
            Breaking::Preflights
        }
    };
    if !is_read(Method::GET, &public, Probe::Preflighted).await {
        return Some(of_preflight(&public).await);
    }
    let url = request.bare_url();
    if is_read(Method::GET, url, Probe::Preflighted).await {
        let is_other = request.method != Method::GET;
        return Some(if is_other {
            Breaking::OfMethod
        } else {
            Breaking::ToAddress
        });
    }
    if is_read(Method::GET, url, Probe::Simple).await {
        return Some(of_preflight(url).await);
    }
    Some(Breaking::ToAddress)
}

/// What a service answers although it has not answered `request`, for the end of a sentence; empty if nothing
/// is known of that, or another request is looked into just now.
pub(super) async fn of_silence(request: &Request, known: &Known) -> &'static str {
    let Some(_trials) = known.trials.try_lock() else {
        return "";
    };
    let public = known.public.borrow().get(&request.service).cloned();
    let Some(public) = public else {
        return of_silent_address(request).await;
    };
    if !is_answered(Method::GET, &public, Probe::Simple).await {
        return "";
    }
    if !is_answered(Method::GET, &public, Probe::Preflighted).await {
        return "; requests without a preflight are answered, and those with one are not (UserAPI, what drops \
                OPTIONS before it, such as a firewall)";
    }
    let (method, url) = (request.method.clone(), request.bare_url());
    let has_body = request.has_body();
    let same = if has_body {
        Probe::WithBody
    } else {
        Probe::Preflighted
    };
    if is_answered(method, url, same).await {
        return "; the same request with a token that is refused is answered, so the UserAPI waits for what it \
                needs for this one (UserAPI, its log, and what stands behind it)";
    }
    if has_body && is_answered(Method::GET, url, Probe::Preflighted).await {
        return "; a request without a body is answered at this address, and one with a body is not (UserAPI, \
                middleware that reads bodies before the endpoint does)";
    }
    "; other addresses are answered (UserAPI, its log)"
}

/// The same for a service of which no public address is known.
async fn of_silent_address(request: &Request) -> &'static str {
    if !is_answered(Method::GET, request.bare_url(), Probe::Simple).await {
        return match request.service {
            Service::S3 => {
                "; nothing else is answered at this address either (UserAPI, the endpoint for which it signs URLs: \
                 browsers must reach it; what drops connections to it, such as a firewall)"
            }
            _ => "",
        };
    }
    match request.service {
        Service::S3 => {
            "; a request without a body and without a signature is answered at this address (the bucket, and what \
             stands before it, such as a firewall or a proxy that reads the body first)"
        }
        Service::Cognito => {
            "; a request without a body is answered at this address (Cognito and the Lambda triggers of its pool, \
             and what stands before it)"
        }
        _ => "",
    }
}

/// What else the answer shows: the status of one that reports an error, for a cause that does not tell it
/// itself, because it may be the error that is at fault, and not the origin or the method; and the program that
/// gave it, if it is not the service, because errors of its own lack the service's headers.
fn note(service: Service, cause: &Cause, observation: Option<&Observation>) -> String {
    let answer = observation.and_then(|seen| seen.answer.as_ref());
    let names_none = matches!(
        cause,
        Cause::NoAllowOrigin
            | Cause::OnPreflightsAlone
            | Cause::OtherOrigin { .. }
            | Cause::Method { .. }
    );
    let is_of_preflight = matches!(
        cause,
        Cause::PreflightMethod { .. } | Cause::PreflightHeader { .. }
    );
    let is_of_one_answer = matches!(
        cause,
        Cause::ErrorWithoutHeaders { .. }
            | Cause::AddressWithoutHeaders { .. }
            | Cause::AnswerWithoutHeaders { .. }
    );
    match answer {
        Some(answer) if *cause == Cause::Credentials && answer.names_several => {
            "; it stands there more than once, so two layers set it, and only one may".into()
        }
        Some(answer) if is_of_preflight && answer.to_preflight => {
            match answer.sender_before(service) {
                Some(server) if answer.usual_server.as_deref() != Some(server) => format!(
                    "; {server} gave the answer to this preflight, and it may be its own: look at what it answers to \
                     OPTIONS"
                ),
                _ => String::new(),
            }
        }
        Some(answer) if names_none && !answer.to_preflight && answer.status >= 400 => {
            format!("; this answer reports an error ({})", answer.status)
        }
        Some(answer) if is_of_one_answer => match answer.sender_before(service) {
            Some(server) => format!("; {server} gave this answer, and it may be its own"),
            None => String::new(),
        },
        _ => String::new(),
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
        is_dead_gateway(cause) || is_of_gateway(cause) && trials::is_repeatable(request)
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
