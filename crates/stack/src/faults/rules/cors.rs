//! Faults of CORS: answers that a page should be able to read and cannot, and preflights that allow
//! too little.

use axum::http::{
    Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS as CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS as HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS as METHODS, ACCESS_CONTROL_ALLOW_ORIGIN as ORIGIN,
    },
};

use crate::{
    endpoint::Service::{Cognito, S3, UserApi},
    faults::{
        change::Change::{
            self, Redirect, Remove, RemoveCors, Repeat, Rewrite, Set, Status, Unlist,
        },
        exchange::When,
        fault::Fault,
        rule::Rule,
    },
};

/// The rule of a fault, if it is one of these.
pub(super) fn rule_of(fault: Fault) -> Option<Rule> {
    answers(fault).or_else(|| preflights(fault))
}

/// Rules for answers to other requests than preflights; most of them change preflights too.
fn answers(fault: Fault) -> Option<Rule> {
    let (when, change): (When, Change) = match fault {
        Fault::CorsNoHeaders => (|x| x.is_from(UserApi), RemoveCors),
        Fault::CorsNoHeadersOnErrors => (|x| x.is_refusal(UserApi), RemoveCors),
        Fault::CorsNoHeadersOnPut => (
            |x| x.is_answer(UserApi) && x.method == Method::PUT,
            RemoveCors,
        ),
        Fault::CorsNoHeadersOnDelete => (
            |x| x.is_answer(UserApi) && x.method == Method::DELETE,
            RemoveCors,
        ),
        Fault::CorsNoHeadersOn401 => (|x| x.has_status(UserApi, 401), RemoveCors),
        Fault::CorsNoHeadersOn403 => (|x| x.has_status(UserApi, 403), RemoveCors),
        Fault::CorsNoHeadersOn404 => (|x| x.has_status(UserApi, 404), RemoveCors),
        Fault::CorsNoHeadersOn405 => (|x| x.has_status(UserApi, 405), RemoveCors),
        Fault::CorsNoHeadersOn409 => (|x| x.has_status(UserApi, 409), RemoveCors),
        Fault::CorsNoHeadersOn422 => (|x| x.has_status(UserApi, 422), RemoveCors),
        Fault::CorsAllowOriginTrailingSlash => (
            |x| x.is_from(UserApi),
            Rewrite(ORIGIN, |origin| format!("{origin}/")),
        ),
        Fault::CorsAllowOriginTwice => (|x| x.is_from(UserApi), Repeat(ORIGIN)),
        Fault::CorsCredentialsCapitalised => (|x| x.is_from(UserApi), Set(CREDENTIALS, "True")),
        Fault::CorsCredentialsMissing => (|x| x.is_from(UserApi), Remove(CREDENTIALS)),
        Fault::S3CorsNoHeadersOnErrors => (|x| x.is_refusal(S3), RemoveCors),
        Fault::CognitoCorsNoHeaders => (|x| x.is_from(Cognito), RemoveCors),
        Fault::CognitoCorsNoHeadersOnErrors => (|x| x.is_refusal(Cognito), RemoveCors),
        _ => return None,
    };
    Some(Rule::always(when, change))
}

/// Rules for answers to preflights alone.
fn preflights(fault: Fault) -> Option<Rule> {
    let (when, change): (When, Change) = match fault {
        Fault::CorsPreflightUnauthorized => (
            |x| x.is_preflight(UserApi),
            Status(StatusCode::UNAUTHORIZED),
        ),
        Fault::CorsPreflightNotFound => {
            (|x| x.is_preflight(UserApi), Status(StatusCode::NOT_FOUND))
        }
        Fault::CorsPreflightMethodNotAllowed => (
            |x| x.is_preflight(UserApi),
            Status(StatusCode::METHOD_NOT_ALLOWED),
        ),
        Fault::CorsPreflightFails => (
            |x| x.is_preflight(UserApi),
            Status(StatusCode::INTERNAL_SERVER_ERROR),
        ),
        Fault::CorsPreflightRedirects => (|x| x.is_preflight(UserApi), Redirect),
        Fault::CorsPreflightNoAllowOrigin => (|x| x.is_preflight(UserApi), Remove(ORIGIN)),
        Fault::CorsPreflightLacksCredentials => (|x| x.is_preflight(UserApi), Remove(CREDENTIALS)),
        Fault::CorsPreflightLacksPut => (|x| x.is_preflight(UserApi), Unlist(METHODS, "PUT")),
        Fault::CorsPreflightLacksDelete => (|x| x.is_preflight(UserApi), Unlist(METHODS, "DELETE")),
        Fault::CorsPreflightLacksAuthorization => (
            |x| x.is_preflight(UserApi),
            Unlist(HEADERS, "authorization"),
        ),
        Fault::CorsPreflightLacksContentType => {
            (|x| x.is_preflight(UserApi), Unlist(HEADERS, "content-type"))
        }
        Fault::CorsPreflightHeadersWildcard => (|x| x.is_preflight(UserApi), Set(HEADERS, "*")),
        Fault::CognitoPreflightLacksXAmzTarget => {
            (|x| x.is_preflight(Cognito), Unlist(HEADERS, "x-amz-target"))
        }
        Fault::CognitoPreflightLacksXAmzUserAgent => (
            |x| x.is_preflight(Cognito),
            Unlist(HEADERS, "x-amz-user-agent"),
        ),
        Fault::CognitoPreflightLacksCacheControl => (
            |x| x.is_preflight(Cognito),
            Unlist(HEADERS, "cache-control"),
        ),
        Fault::CognitoPreflightLacksContentType => {
            (|x| x.is_preflight(Cognito), Unlist(HEADERS, "content-type"))
        }
        _ => return None,
    };
    Some(Rule::always(when, change))
}
