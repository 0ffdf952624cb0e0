//! Answers of what stands between a page and a service: gateways, firewalls, caches.

use crate::{
    observation::{About, WithheldAnswer},
    service::Service,
};

/// Whether something before the service gave the answer, which the engine withholds for what it is `about`.
pub(super) fn is_between(service: Service, answer: &WithheldAnswer, about: &About) -> bool {
    // An emulator of Cognito calls its tokens and its answers to preflights HTML, and its refusals JSON.
    let is_of_emulator =
        service == Service::Cognito && answer.server.is_none() && answer.status == 200;
    is_by_status(service, answer)
        || answer.is_html() && !is_of_emulator
        || is_refused_in_text(service, answer, about)
        || is_not_of_s3(service, answer)
        || (answer.is_of_another_server() && answer.sender_before(service).is_some())
        || refuses_all(service, answer)
        || is_unnamed(service, answer)
        || is_of_aws(service, answer)
}

/// Whether it names the kind of its error as AWS does: a gateway's own, where it gives all answers otherwise.
fn is_of_aws(service: Service, answer: &WithheldAnswer) -> bool {
    service == Service::UserApi && answer.status >= 400 && answer.error_type.is_some()
}

/// Whether it names no program, while all that the page can read is from the UserAPI's own: that names itself in each
/// answer, errors that nobody handles included.
fn is_unnamed(service: Service, answer: &WithheldAnswer) -> bool {
    service == Service::UserApi
        && !answer.to_preflight
        && answer.status >= 400
        && answer.server.is_none()
        && answer.usual_server.as_deref() == Some("uvicorn")
}

/// Whether the status alone tells so.
fn is_by_status(service: Service, answer: &WithheldAnswer) -> bool {
    match answer.status {
        407 | 413 | 414 | 429 | 431 | 494..=499 | 502..=504 | 520..=530 => true,
        // Cognito's own refusals have the status 400; AWS WAF before it answers 403.
        403 => service == Service::Cognito,
        _ => false,
    }
}

/// Whether the service would have refused in JSON. The UserAPI's framework answers in text what has failed (500), a
/// host that is not allowed (400), and preflights, of which it knows no address that is not there.
fn is_refused_in_text(service: Service, answer: &WithheldAnswer, about: &About) -> bool {
    let status = answer.status;
    let is_others = match service {
        Service::UserApi if answer.to_preflight => {
            // One that has CORS headers is of their layer.
            status == 404 && *about == About::AllowOrigin { preflight: true }
        }
        Service::UserApi => (401..500).contains(&status),
        Service::Cognito => (400..500).contains(&status),
        Service::S3 | Service::Page => false,
    };
    answer.is_text() && is_others
}

/// Whether S3 would have refused in XML.
fn is_not_of_s3(service: Service, answer: &WithheldAnswer) -> bool {
    service == Service::S3
        && (400..500).contains(&answer.status)
        && answer.media_type.is_some()
        && !answer.is_xml()
}

/// Whether the endpoint of a bucket's website answers: that for requests never gives a page for people.
fn is_of_website(service: Service, answer: &WithheldAnswer) -> bool {
    is_not_of_s3(service, answer) && answer.is_html() && is_own(service, answer)
}

/// Whether what answers may as well have S3's address as stand before it: neither a page for people nor a status tells
/// of a gateway or a firewall, and S3 has not answered there.
fn is_instead_of_s3(service: Service, answer: &WithheldAnswer) -> bool {
    is_not_of_s3(service, answer)
        && !(answer.is_html() || answer.is_of_another_server() || is_by_status(service, answer))
}

/// Whether a program that is not the UserAPI's own has given errors alone so far.
fn refuses_all(service: Service, answer: &WithheldAnswer) -> bool {
    let is_others = answer.sender_before(service).is_some();
    // Text for people who read JSON is more likely the service's own.
    let is_text = answer.is_text();
    service == Service::UserApi
        && answer.status >= 400
        && !is_text
        && answer.usual_server.is_none()
        && is_others
}

/// The answer and its sender.
pub(super) fn subject(service: Service, answer: &WithheldAnswer) -> String {
    let status = answer.status;
    let is_instead = is_instead_of_s3(service, answer);
    match (answer.sender_before(service), &answer.server) {
        (Some(server), _) if is_instead => format!("{status} from {server} at S3's address"),
        (None, None) if is_instead => format!("{status} at S3's address"),
        (Some(server), _) => format!("{status} from {server} before {service}"),
        (None, Some(_)) => format!("{status} from {service}"),
        (None, None) => format!("{status} from before {service}"),
    }
}

pub(super) fn what(service: Service, answer: &WithheldAnswer) -> String {
    let status = answer.status;
    let is_instead = is_instead_of_s3(service, answer);
    let by = match (answer.sender_before(service), &answer.server) {
        (Some(server), _) if is_instead => format!("{status} from {server}, which is not S3"),
        (Some(server), _) => format!("{status} from {server}, which stands before {service}"),
        (None, Some(_)) => format!("{status} from {service}"),
        (None, None) if is_instead => format!("{status} from something that is not S3"),
        (None, None) => format!("{status} from something that stands before {service}"),
    };
    let to = if answer.to_preflight {
        " to the preflight"
    } else {
        ""
    };
    let meaning = match status {
        _ if is_instead => "S3 itself refuses in XML, and this is something else",
        _ if is_of_website(service, answer) => {
            "it refuses in HTML, as the endpoint of a bucket's website does, which takes no signed requests; S3's \
             own refuses in XML"
        }
        411 => "it wants the length of a body, which browsers do not send where there is none",
        413 => "it takes no body of that size",
        414 | 431 | 494 => "it takes no address or headers of that length",
        429 => "it lets through only so many requests",
        503 if is_slow_down(service, answer) => "S3 asks for fewer requests (SlowDown)",
        503 if is_own(service, answer) => "it takes only so many requests at once",
        503 => "the service does not answer behind it, or it takes only so many requests at once",
        500 => {
            "it fails itself, as over a rule of its own (auth_request, a rewrite that never ends) or a temporary file"
        }
        525 | 526 => "its TLS connection to the service fails, over the certificate there",
        530 => "it does not find the service behind it, by the name that it was told",
        502 | 504 | 520..=529 => "the service does not answer behind it",
        400 => {
            "it takes the request for a bad one, as where its headers are too long, or where plain http comes to a \
             port for https"
        }
        403 if has_routes(service, answer) => {
            "it has no route for this method and address, or a rule of its own refuses the request"
        }
        403 | 406 => "it refuses the request, as a firewall does",
        401 | 407 => "it demands a sign-in of its own",
        404 | 405 => "it leads no such request to the service",
        495..=497 => "it wants another certificate or scheme",
        202 => "it wants the browser to solve a challenge first, as AWS WAF does",
        200..=299 => "a page for people came instead of the service's answer",
        _ => "the request does not reach the service",
    };
    let kind = answer.error_type.as_ref();
    let kind = kind.map_or_else(String::new, |kind| format!(" ({kind})"));
    format!("{by}{to}: {meaning}{kind}; this answer carries no access-control-allow-origin")
}

/// Whether S3 itself asks for fewer requests: its refusals are XML, and what stands before it answers 503 too.
fn is_slow_down(service: Service, answer: &WithheldAnswer) -> bool {
    service == Service::S3 && answer.status == 503 && (answer.is_xml() || is_own(service, answer))
}

/// Whether the service says that it gave the answer itself.
fn is_own(service: Service, answer: &WithheldAnswer) -> bool {
    answer.server.is_some() && answer.sender_before(service).is_none()
}

/// Whether it answers 403 where it has no route ("Missing Authentication Token" of an API gateway) or does not
/// allow the method (`CloudFront`).
fn has_routes(service: Service, answer: &WithheldAnswer) -> bool {
    let sender = answer.sender_before(service);
    sender.is_some_and(|sender| {
        ["API Gateway", "CloudFront"]
            .iter()
            .any(|name| sender.contains(name))
    })
}

pub(super) fn setting(service: Service, answer: &WithheldAnswer) -> &'static str {
    match (answer.status, service) {
        _ if is_instead_of_s3(service, answer) => {
            "what stands before it, with its routes and rules; the endpoint for which the UserAPI signs URLs, which \
             may be another service's"
        }
        _ if is_of_website(service, answer) => {
            "the endpoint for which the UserAPI signs URLs: not that of the bucket's website"
        }
        (411, _) => "its rules for Content-Length, which a DELETE of a browser's lacks",
        (413, _) => {
            "the longest body that is let through: nginx client_max_body_size is 1 MB by default, an \
             API gateway takes 10 MB"
        }
        (429, _) => "its rate limits",
        (400 | 414 | 431 | 494, _) => {
            "its limits for headers: nginx large_client_header_buffers; the scheme of the address"
        }
        (403, _) if has_routes(service, answer) => {
            "its routes and allowed methods, its authorizers and firewall rules"
        }
        (503, _) if is_slow_down(service, answer) => "the rate of requests to the bucket's prefix",
        (503, Service::UserApi) if is_own(service, answer) => {
            "uvicorn's --limit-concurrency, and its log"
        }
        (503, Service::UserApi) => {
            "whether the UserAPI runs behind it, and its log; its limits of requests: nginx limit_req and limit_conn \
             answer so"
        }
        (500, _) => "its own log: nginx writes to error.log what failed",
        (525 | 526, _) => "the certificate of the server behind it, and how strictly it is checked",
        (530, _) => "the server's name in its settings",
        (502..=504 | 520..=529, Service::S3) => {
            "whether S3 answers behind it, at the endpoint for which the UserAPI signs URLs"
        }
        (502 | 504 | 520..=529, Service::UserApi) => {
            "whether the UserAPI runs behind it, and its log"
        }
        (202 | 401 | 403 | 406 | 407, _) => "the rules of the firewall or proxy there",
        (_, Service::UserApi) => "USERFACING_API_URL, and the routes of what stands there",
        (_, Service::Cognito) => "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
        _ => "the routes of what stands there, and the endpoint for which the UserAPI signs URLs",
    }
}
