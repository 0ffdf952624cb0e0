//! What is said of a cause besides its explanation: what narrows it down, and what else the answer shows.

use opencloud_model::{cause::Cause, observation::Observation, service::Service};

use super::known::Known;
use crate::{
    cors::{Evidence, Repeats, Seen},
    http::request::Request,
};

/// What the evidence shows besides `cause`, for the end of a sentence; may be empty.
pub(super) fn remarks(
    request: &Request,
    cause: &Cause,
    evidence: &Evidence,
    known: &Known,
) -> String {
    let observation = evidence.observation.as_ref();
    of_answer(request.service, cause, observation)
        + of_size(request, cause, known)
        + of_path(cause, evidence)
        + &of_repeats(request.service, cause, &evidence.repeats)
}

/// What else the answer shows: the status of one that reports an error, for a cause that does not tell it
/// itself, because it may be the error that is at fault, and not the origin or the method; and the program that
/// gave it, if it is not the service, because errors of its own lack the service's headers.
fn of_answer(service: Service, cause: &Cause, observation: Option<&Observation>) -> String {
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

/// That it may be the size of the body for which something refuses the request, for the end of a sentence; may be
/// empty.
fn of_size(request: &Request, cause: &Cause, known: &Known) -> &'static str {
    let Cause::Between(answer) = cause else {
        return "";
    };
    let of_method = (request.service, request.method.clone());
    let is_large = request.has_large_body() && known.succeeded.borrow().contains(&of_method);
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

/// That other addresses pass.
fn of_path(cause: &Cause, evidence: &Evidence) -> &'static str {
    let is_refused_part = matches!(
        cause,
        Cause::PreflightMethod { .. } | Cause::PreflightHeader { .. }
    );
    if is_refused_part && matches!(evidence.elsewhere, Some(Seen::Readable | Seen::Sent)) {
        "; the same passes at another address, so this is set for this path alone: by a route outside of the CORS \
         layer, or a location of the proxy before it"
    } else {
        ""
    }
}

/// How often the same request passes.
fn of_repeats(service: Service, cause: &Cause, repeats: &Repeats) -> String {
    let Repeats {
        readable,
        sent,
        exact,
        ..
    } = *repeats;
    let Cause::Between(answer) = cause else {
        return String::new();
    };
    // That the service itself is there is not in doubt.
    let is_of_service = answer.server.is_some() && answer.sender_before(service).is_none();
    if is_of_service || readable == 0 {
        String::new()
    } else if !cause.is_of_dead_gateway() {
        format!(
            "; the same request passes {readable} of {sent} times, so one of several instances of what answers, or of \
             what stands behind it, differs from the others"
        )
    } else if exact {
        let or_limited = if answer.status == 503 {
            ", or requests that come at once are too many for it"
        } else {
            ""
        };
        format!(
            "; the same request passes {readable} of {sent} times, so one of several instances behind it is \
             away{or_limited}"
        )
    } else {
        format!(
            "; without its token and its body it passes {readable} of {sent} times, so the service does answer, and \
             not this request: it waits for what this one needs, or takes too long for it ({service}, its log, and \
             the time limits of what stands before it)"
        )
    }
}
