//! Faults of CORS: answers that a page should be able to read and cannot, and preflights that allow
//! too little.

use axum::http::{
    Method,
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
        rule::{Frequency::Always, Rule},
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
            |x| x.is_from(UserApi) && x.method == Method::PUT,
            RemoveCors,
        ),
        Fault::CorsNoHeadersOnDelete => (
            |x| x.is_from(UserApi) && x.method == Method::DELETE,
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
    Some(Rule::new(Always, when, change))
}

/// Rules for answers to preflights alone.
fn preflights(fault: Fault) -> Option<Rule> {
    let user_api: When = |x| x.is_preflight(UserApi);
    let cognito: When = |x| x.is_preflight(Cognito);
    let (when, change): (When, Change) = match fault {
        Fault::CorsPreflightUnauthorized => (user_api, Status(401)),
        Fault::CorsPreflightNotFound => (user_api, Status(404)),
        Fault::CorsPreflightMethodNotAllowed => (user_api, Status(405)),
        Fault::CorsPreflightFails => (user_api, Status(500)),
        Fault::CorsPreflightRedirects => (user_api, Redirect),
        Fault::CorsPreflightNoAllowOrigin => (user_api, Remove(ORIGIN)),
        Fault::CorsPreflightLacksCredentials => (user_api, Remove(CREDENTIALS)),
        Fault::CorsPreflightLacksPut => (user_api, Unlist(METHODS, "PUT")),
        Fault::CorsPreflightLacksDelete => (user_api, Unlist(METHODS, "DELETE")),
        Fault::CorsPreflightLacksAuthorization => (user_api, Unlist(HEADERS, "authorization")),
        Fault::CorsPreflightLacksContentType => (user_api, Unlist(HEADERS, "content-type")),
        Fault::CorsPreflightHeadersWildcard => (user_api, Set(HEADERS, "*")),
        Fault::CognitoPreflightLacksXAmzTarget => (cognito, Unlist(HEADERS, "x-amz-target")),
        Fault::CognitoPreflightLacksXAmzUserAgent => (cognito, Unlist(HEADERS, "x-amz-user-agent")),
        Fault::CognitoPreflightLacksCacheControl => (cognito, Unlist(HEADERS, "cache-control")),
        Fault::CognitoPreflightLacksContentType => (cognito, Unlist(HEADERS, "content-type")),
        _ => return None,
    };
    Some(Rule::new(Always, when, change))
}
