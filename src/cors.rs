//! Why a browser keeps an answer from a page: a conclusion from requests that the page can send.

use opencloud_model::cause::Cause;

/// The outcome of a request that was sent for the diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The page could read the answer, whatever its status.
    Readable,
    /// The page could read the answer after a redirect.
    Redirected,
    /// The page could not read the answer, but the request was sent, so its preflight had passed.
    Sent,
    /// The page could not read an answer.
    Refused,
}

/// What a page tried after the browser had blocked a request.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The same address without our headers, so without a preflight. The method is that of the
    /// request if it needs no preflight, else GET.
    pub simple: Option<Seen>,
    /// The same address with GET, if the request is a POST without a preflight.
    pub simple_get: Option<Seen>,
    /// A public address of the same service, or an earlier success with the same method.
    pub known_good: Option<Seen>,
    /// An earlier success of the same service with another method.
    pub other_method: Option<Seen>,
    /// The method alone, if it needs a preflight.
    pub method: Option<Seen>,
    /// Each header that needs a preflight, alone.
    pub headers: Vec<(String, Seen)>,
    /// A preflight for something else that the service must allow, at a public address.
    pub control: Option<Seen>,
    /// Other origins whose pages could read the address.
    pub allowed_origins: Vec<String>,
}

impl Evidence {
    /// Whether any of these requests was refused. If none was, the first request may have failed
    /// because its answer was lost.
    #[must_use]
    pub fn shows_refusal(&self) -> bool {
        let seen = [self.simple, self.method, self.control];
        let headers = self.headers.iter().map(|(_, seen)| Some(*seen));
        seen.into_iter()
            .chain(headers)
            .flatten()
            .any(|seen| seen != Seen::Readable)
    }

    /// Whether the page could read another answer of the service, which settles the cause: then
    /// other origins need not be tried.
    #[must_use]
    pub fn has_readable_answer(&self) -> bool {
        [self.simple_get, self.known_good].contains(&Some(Seen::Readable))
    }
}

/// Draws the conclusion.
#[must_use]
pub fn conclude(method: &str, evidence: &Evidence) -> Cause {
    let readable = |seen: Option<Seen>| seen == Some(Seen::Readable);
    let refused = |seen: Option<Seen>| seen == Some(Seen::Refused);
    let preflights = || {
        let headers = evidence.headers.iter().map(|(_, seen)| Some(*seen));
        headers.chain([evidence.method, evidence.control]).flatten()
    };

    if evidence.simple == Some(Seen::Redirected) {
        return Cause::Redirected;
    }
    if refused(evidence.simple) {
        if readable(evidence.simple_get) {
            return Cause::Method {
                method: method.into(),
            };
        }
        if readable(evidence.known_good) {
            return Cause::ErrorWithoutHeaders;
        }
        return match evidence.allowed_origins.first() {
            Some(allowed) => Cause::OtherOrigin {
                allowed: allowed.clone(),
            },
            None if readable(evidence.other_method) => Cause::Method {
                method: method.into(),
            },
            None => Cause::NoAllowOrigin,
        };
    }
    if preflights().next().is_some() && preflights().all(|seen| seen == Seen::Refused) {
        return Cause::PreflightRefused;
    }
    let headers: Vec<_> = evidence
        .headers
        .iter()
        .filter(|(_, seen)| *seen == Seen::Refused)
        .map(|(name, _)| name.clone())
        .collect();
    if !headers.is_empty() {
        return Cause::PreflightHeader { headers };
    }
    if refused(evidence.method) {
        return Cause::PreflightMethod {
            method: method.into(),
        };
    }
    Cause::AnswerWithoutHeaders
}

#[cfg(test)]
mod tests;
