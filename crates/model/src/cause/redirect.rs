//! Redirects to where a page cannot follow.

use url::Url;

use crate::{observation::WithheldAnswer, service::Service};

/// Parts of addresses at which people sign in.
const SIGN_IN: [&str; 6] = ["login", "signin", "sign-in", "oauth", "authorize", "saml"];

/// What a redirect is there for, as far as its target shows.
enum Purpose {
    /// None that the page was told.
    Unknown,
    /// The same address over https.
    Https,
    /// A page at which people sign in.
    SignIn,
    /// The same address, but for its query: it may never end.
    Loop,
    /// The same address with or without slashes, or with fewer.
    Slash,
    /// Another address of the same server.
    Path,
    /// The same path of another host or port.
    Host,
    /// The origin that the page itself has.
    Page,
    /// What is not an address, or not one of http or https.
    Nowhere,
    /// Anything else.
    Other,
}

fn purpose(answer: &WithheldAnswer, page: &str) -> Purpose {
    let Some(location) = answer.location.as_deref() else {
        return Purpose::Unknown;
    };
    let asked = Url::parse(&answer.url).ok();
    let target = asked.as_ref().and_then(|asked| asked.join(location).ok());
    let Some(asked) = asked else {
        return Purpose::Other;
    };
    let Some(target) = target.filter(|target| ["http", "https"].contains(&target.scheme())) else {
        return Purpose::Nowhere;
    };
    let words = location.to_ascii_lowercase();
    let has_one_host = asked.host_str() == target.host_str();
    let has_one_path = asked.path() == target.path();
    if (asked.scheme(), target.scheme()) == ("http", "https") && has_one_host {
        Purpose::Https
    } else if SIGN_IN.iter().any(|part| words.contains(part)) {
        Purpose::SignIn
    } else if asked.origin() == target.origin() {
        if has_one_path {
            Purpose::Loop
        } else if without_slashes(&asked) == without_slashes(&target) {
            Purpose::Slash
        } else {
            Purpose::Path
        }
    } else if target.origin().ascii_serialization() == page {
        Purpose::Page
    } else if has_one_path {
        Purpose::Host
    } else {
        Purpose::Other
    }
}

/// The path's segments, as if each slash stood alone and none at the end.
fn without_slashes(url: &Url) -> Vec<&str> {
    let segments = url.path().split('/');
    segments.filter(|segment| !segment.is_empty()).collect()
}

/// Who redirects.
pub(super) fn subject(service: Service, answer: &WithheldAnswer) -> String {
    let status = answer.status;
    match answer.sender_before(service) {
        Some(server) => format!("{status} from {server} before {service}"),
        None => format!("{status} from {service}"),
    }
}

pub(super) fn what(service: Service, answer: &WithheldAnswer, page: &str) -> String {
    let status = answer.status;
    let location = answer.location.as_deref();
    let to = location.map_or(String::new(), |location| format!(" to {location}"));
    let whose = if answer.to_preflight {
        "the preflight, which must not be redirected,"
    } else {
        "the request"
    };
    let by = match answer.sender_before(service) {
        Some(server) => format!("{server}, which stands before {service},"),
        None => service.to_string(),
    };
    let redirect = format!("{by} redirects {whose} ({status}){to}");
    let why = match (purpose(answer, page), service) {
        (Purpose::Unknown, Service::S3) => {
            "without saying where, as S3 does for a bucket of another region"
        }
        (Purpose::Unknown, _) => "without saying where",
        (Purpose::Nowhere, _) => {
            "that is not an address of http or https, and a page follows no other"
        }
        (Purpose::Https, _) => "it wants https",
        (Purpose::SignIn, _) => "something before it wants a sign-in of its own",
        (Purpose::Page, Service::S3) => "the form asks S3 for it (success_action_redirect)",
        (Purpose::Page, _) => "the address leads back to the frontend",
        (Purpose::Loop, _) => {
            "that is the address that was asked, but for its query, so it may never end"
        }
        (Purpose::Slash, _) => {
            "that is the same address but for its slashes, which the frontend sends as the UserAPI has them"
        }
        (Purpose::Other | Purpose::Host | Purpose::Path, Service::S3) => {
            "the URL was signed for another endpoint or region"
        }
        (Purpose::Path, Service::UserApi) if answer.to_preflight => {
            "a redirect comes before the CORS layer"
        }
        (Purpose::Path, _) => "the same server has it at another address",
        (Purpose::Host, Service::UserApi) => {
            "it builds addresses from the Host and the scheme that a proxy passes on to it, or is to be \
             asked at that host alone"
        }
        (Purpose::Other, Service::UserApi) => {
            "something before it leads elsewhere, as for maintenance, or it builds addresses from the \
             Host and the scheme that a proxy passes on to it"
        }
        (Purpose::Other | Purpose::Host, _) => {
            "the service is asked at another address than its own"
        }
    };
    format!("{redirect}: {why}")
}

pub(super) fn setting(service: Service, answer: &WithheldAnswer, page: &str) -> &'static str {
    match (purpose(answer, page), service) {
        (Purpose::Https, Service::UserApi) => "USERFACING_API_URL with https",
        (Purpose::Https, Service::S3) => {
            "UserAPI, the endpoint for which it signs URLs: with https"
        }
        (Purpose::Https, Service::Cognito) => {
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER with https"
        }
        (Purpose::Nowhere, _) => {
            "what redirects there, and from what it builds addresses, such as the Host and the X-Forwarded-Host that a \
             proxy before it passes on"
        }
        (Purpose::SignIn, _) => "what stands before the service",
        (Purpose::Page, Service::S3) => "the fields of the form that the UserAPI signs",
        (Purpose::Loop | Purpose::Slash | Purpose::Page, _) => {
            "the rules for redirects of what stands before it, and its routes"
        }
        (_, Service::S3) => {
            "the bucket's region against AWS_DEFAULT_REGION and the endpoint for which the UserAPI \
             signs URLs"
        }
        (_, Service::Cognito) if answer.sender_before(service).is_some() => {
            "what stands before it, such as the web filter of a network; \
             AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, COGNITO_REGION"
        }
        (_, Service::Cognito) => "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, COGNITO_REGION",
        _ if answer.to_preflight => {
            "CORSMiddleware, which must answer before routing, redirects and authentication"
        }
        (Purpose::Path, _) => "the rules for redirects of what stands before it, and its routes",
        _ => {
            "uvicorn's --proxy-headers and --forwarded-allow-ips, Host and X-Forwarded-Proto of the proxy \
             before it, USERFACING_API_URL"
        }
    }
}
