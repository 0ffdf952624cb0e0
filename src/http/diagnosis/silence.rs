//! What a service answers, although a request got no answer or its connection broke.

use opencloud_model::{cause::unreachable::Breaking, service::Service};

use super::{
    known::Known,
    trials::{Probe, is_answered, is_read},
};
use crate::http::request::{Method, Request};

/// With which requests to the address of `request` the connection breaks, if the service answers others;
/// `None` if it does not.
pub(super) async fn what_breaks(request: &Request, known: &Known) -> Option<Breaking> {
    let public = known.public_address(request)?;
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
pub(in crate::http) async fn of_silence(request: &Request, known: &Known) -> &'static str {
    let Some(_trials) = known.trials.try_lock() else {
        return "";
    };
    let public = known.public_address(request);
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
