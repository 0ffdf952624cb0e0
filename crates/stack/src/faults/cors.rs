//! Answers that a page may not read, though it should, or preflights that allow too little.

use axum::http::{
    Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS as CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS as HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS as METHODS, ACCESS_CONTROL_ALLOW_ORIGIN as ORIGIN,
    },
};

use super::{
    Fault,
    answers::{Bend, Rule, rule},
    endpoint::{
        Exchange,
        Service::{Cognito, S3, UserApi},
    },
};

/// How the UserAPI's, Cognito's or S3's answers lose or change their CORS headers.
pub(super) fn rule_of(fault: Fault) -> Option<Rule> {
    answers(fault).or_else(|| preflights(fault))
}

/// Answers to requests that are carried out; most of these bend those to preflights too.
fn answers(fault: Fault) -> Option<Rule> {
    let (when, bend): (fn(&Exchange) -> bool, Bend) = match fault {
        Fault::CorsNoHeaders => (|x| x.is_from(UserApi), Bend::WithoutCors),
        Fault::CorsNoHeadersOnErrors => (|x| x.is_refusal(UserApi), Bend::WithoutCors),
        Fault::CorsNoHeadersOnPut => (
            |x| x.is_answer(UserApi) && x.method == Method::PUT,
            Bend::WithoutCors,
        ),
        Fault::CorsNoHeadersOnDelete => (
            |x| x.is_answer(UserApi) && x.method == Method::DELETE,
            Bend::WithoutCors,
        ),
        Fault::CorsNoHeadersOn401 => (
            |x| x.is_answer(UserApi) && x.status == StatusCode::UNAUTHORIZED,
            Bend::WithoutCors,
        ),
        Fault::CorsNoHeadersOn403 => (
            |x| x.is_answer(UserApi) && x.status == StatusCode::FORBIDDEN,
            Bend::WithoutCors,
        ),
        Fault::CorsNoHeadersOn404 => (
            |x| x.is_answer(UserApi) && x.status == StatusCode::NOT_FOUND,
            Bend::WithoutCors,
        ),
        Fault::CorsNoHeadersOn405 => (
            |x| x.is_answer(UserApi) && x.status == StatusCode::METHOD_NOT_ALLOWED,
            Bend::WithoutCors,
        ),
        Fault::CorsNoHeadersOn409 => (
            |x| x.is_answer(UserApi) && x.status == StatusCode::CONFLICT,
            Bend::WithoutCors,
        ),
        Fault::CorsNoHeadersOn422 => (
            |x| x.is_answer(UserApi) && x.status == StatusCode::UNPROCESSABLE_ENTITY,
            Bend::WithoutCors,
        ),
        Fault::CorsAllowOriginTrailingSlash => (
            |x| x.is_from(UserApi),
            Bend::Value(ORIGIN, |origin| format!("{origin}/")),
        ),
        Fault::CorsAllowOriginTwice => (|x| x.is_from(UserApi), Bend::Twice(ORIGIN)),
        Fault::CorsCredentialsCapitalised => {
            (|x| x.is_from(UserApi), Bend::With(CREDENTIALS, "True"))
        }
        Fault::CorsCredentialsMissing => (|x| x.is_from(UserApi), Bend::Without(CREDENTIALS)),
        Fault::S3CorsNoHeadersOnErrors => (|x| x.is_refusal(S3), Bend::WithoutCors),
        Fault::CognitoCorsNoHeaders => (|x| x.is_from(Cognito), Bend::WithoutCors),
        Fault::CognitoCorsNoHeadersOnErrors => (|x| x.is_refusal(Cognito), Bend::WithoutCors),
        _ => return None,
    };
    Some(rule(when, bend))
}

/// Answers to preflights alone.
fn preflights(fault: Fault) -> Option<Rule> {
    let (when, bend): (fn(&Exchange) -> bool, Bend) = match fault {
        Fault::CorsPreflightUnauthorized => (
            |x| x.is_preflight_of(UserApi),
            Bend::Status(StatusCode::UNAUTHORIZED),
        ),
        Fault::CorsPreflightNotFound => (
            |x| x.is_preflight_of(UserApi),
            Bend::Status(StatusCode::NOT_FOUND),
        ),
        Fault::CorsPreflightMethodNotAllowed => (
            |x| x.is_preflight_of(UserApi),
            Bend::Status(StatusCode::METHOD_NOT_ALLOWED),
        ),
        Fault::CorsPreflightFails => (
            |x| x.is_preflight_of(UserApi),
            Bend::Status(StatusCode::INTERNAL_SERVER_ERROR),
        ),
        Fault::CorsPreflightRedirects => (|x| x.is_preflight_of(UserApi), Bend::Redirect),
        Fault::CorsPreflightNoAllowOrigin => {
            (|x| x.is_preflight_of(UserApi), Bend::Without(ORIGIN))
        }
        Fault::CorsPreflightLacksCredentials => {
            (|x| x.is_preflight_of(UserApi), Bend::Without(CREDENTIALS))
        }
        Fault::CorsPreflightLacksPut => (
            |x| x.is_preflight_of(UserApi),
            Bend::Value(METHODS, |list| without(list, "PUT")),
        ),
        Fault::CorsPreflightLacksDelete => (
            |x| x.is_preflight_of(UserApi),
            Bend::Value(METHODS, |list| without(list, "DELETE")),
        ),
        Fault::CorsPreflightLacksAuthorization => (
            |x| x.is_preflight_of(UserApi),
            Bend::Value(HEADERS, |list| without(list, "authorization")),
        ),
        Fault::CorsPreflightLacksContentType => (
            |x| x.is_preflight_of(UserApi),
            Bend::Value(HEADERS, |list| without(list, "content-type")),
        ),
        Fault::CorsPreflightHeadersWildcard => {
            (|x| x.is_preflight_of(UserApi), Bend::With(HEADERS, "*"))
        }
        Fault::CognitoPreflightLacksXAmzTarget => (
            |x| x.is_preflight_of(Cognito),
            Bend::Value(HEADERS, |list| without(list, "x-amz-target")),
        ),
        Fault::CognitoPreflightLacksXAmzUserAgent => (
            |x| x.is_preflight_of(Cognito),
            Bend::Value(HEADERS, |list| without(list, "x-amz-user-agent")),
        ),
        Fault::CognitoPreflightLacksCacheControl => (
            |x| x.is_preflight_of(Cognito),
            Bend::Value(HEADERS, |list| without(list, "cache-control")),
        ),
        Fault::CognitoPreflightLacksContentType => (
            |x| x.is_preflight_of(Cognito),
            Bend::Value(HEADERS, |list| without(list, "content-type")),
        ),
        _ => return None,
    };
    Some(rule(when, bend))
}

/// A list of names without one of them, whatever its case.
fn without(list: &str, name: &str) -> String {
    let names = list.split(',').map(str::trim);
    let left: Vec<_> = names.filter(|n| !n.eq_ignore_ascii_case(name)).collect();
    left.join(", ")
}
