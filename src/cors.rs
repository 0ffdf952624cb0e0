//! Why a browser keeps an answer from a page, concluded from what the page can try.

use opencloud_model::cause::Cause;

/// What came of a request that was tried for the sake of the diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The page could read the answer, whatever its status.
    Readable,
    /// It could, after a redirect.
    Redirected,
    /// It could not, though the request itself was sent, so its preflight had passed.
    Sent,
    /// It could not.
    Refused,
}

/// What a page tried after the browser had refused a request.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The same address without any header of ours, so without a preflight: with the method of the
    /// request where that needs no preflight, else with GET.
    pub simple: Option<Seen>,
    /// The same address with GET, where the request is a POST without a preflight.
    pub simple_get: Option<Seen>,
    /// An address of the same service that answers anybody with success, or such an answer to a
    /// request with the same method.
    pub known_good: Option<Seen>,
    /// An answer of the same service with success to a request with another method.
    pub other_method: Option<Seen>,
    /// The method alone, where it needs a preflight.
    pub method: Option<Seen>,
    /// Each header that needs a preflight, alone.
    pub headers: Vec<(String, Seen)>,
    /// A preflight for something else that the service must allow, at an address for anybody.
    pub control: Option<Seen>,
    /// Other origins that could read the address.
    pub let_in: Vec<String>,
}

impl Evidence {
    /// Whether anything that was tried was refused as well. If not, the first request may just as
    /// well have had no answer.
    #[must_use]
    pub fn shows_refusal(&self) -> bool {
        let seen = [self.simple, self.method, self.control];
        let headers = self.headers.iter().map(|(_, seen)| Some(*seen));
        seen.into_iter()
            .chain(headers)
            .flatten()
            .any(|seen| seen != Seen::Readable)
    }

    /// Whether the page could read another answer of the service that settles the cause, so that
    /// other origins have nothing to tell.
    #[must_use]
    pub fn has_read_another(&self) -> bool {
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
        return match evidence.let_in.first() {
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
