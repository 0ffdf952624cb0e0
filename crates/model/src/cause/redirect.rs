//! Redirects to where a page cannot follow.

use url::Url;

use super::service::Service;
use crate::observation::WithheldAnswer;

/// Parts of addresses at which people sign in.
const SIGN_IN: [&str; 6] = ["login", "signin", "sign-in", "oauth", "authorize", "saml"];

/// What a redirect is there for, as far as its target shows.
enum Purpose {
    /// The same address over https.
    Https,
    /// A page at which people sign in.
    SignIn,
    /// Anything else.
    Other,
}

fn purpose(answer: &WithheldAnswer) -> Purpose {
    let asked = Url::parse(&answer.url).ok();
    let location = answer.location.as_deref().unwrap_or_default();
    let target = asked.as_ref().and_then(|asked| asked.join(location).ok());
    if let (Some(asked), Some(target)) = (&asked, &target)
        && (asked.scheme(), target.scheme()) == ("http", "https")
        && asked.host_str() == target.host_str()
    {
        return Purpose::Https;
    }
    let location = location.to_ascii_lowercase();
    if SIGN_IN.iter().any(|part| location.contains(part)) {
        return Purpose::SignIn;
    }
    Purpose::Other
}

pub(super) fn what(service: Service, answer: &WithheldAnswer) -> String {
    let status = answer.status;
    let location = answer.location.as_deref();
    let to = location.map_or(String::new(), |location| format!(" to {location}"));
    let whose = if answer.to_preflight {
        "the preflight, which must not be redirected,"
    } else {
        "the request"
    };
    let redirect = format!("{service} redirects {whose} ({status}){to}");
    let why = match (purpose(answer), service) {
        (Purpose::Https, _) => "it wants https",
        (Purpose::SignIn, _) => "something before it wants a sign-in of its own",
        (Purpose::Other, Service::S3) => "the URL was signed for another endpoint or region",
        (Purpose::Other, Service::UserApi) if answer.to_preflight => {
            "a redirect comes before the CORS layer"
        }
        (Purpose::Other, Service::UserApi) => {
            "it builds addresses from the Host and the scheme that a proxy passes on to it"
        }
        (Purpose::Other, _) => "the service is asked at another address than its own",
    };
    format!("{redirect}: {why}")
}

pub(super) fn setting(service: Service, answer: &WithheldAnswer) -> &'static str {
    match (purpose(answer), service) {
        (Purpose::Https, Service::UserApi) => "USERFACING_API_URL with https",
        (Purpose::SignIn, _) => "what stands before the service",
        (_, Service::S3) => {
            "the bucket's region against AWS_DEFAULT_REGION and the endpoint for which the UserAPI \
             signs URLs"
        }
        (_, Service::Cognito) => "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, COGNITO_REGION",
        _ if answer.to_preflight => {
            "CORSMiddleware, which must answer before routing, redirects and authentication"
        }
        _ => {
            "uvicorn's --proxy-headers and --forwarded-allow-ips, and Host and X-Forwarded-Proto of \
             the proxy before it"
        }
    }
}
