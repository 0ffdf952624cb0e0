//! Why a browser keeps an answer from a page: a conclusion from the evidence.

use opencloud_model::{
    cause::Cause,
    observation::{About, Observation},
    service::Service,
};

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

/// What is known of a request that the browser has blocked: what its engine saw, and what the page
/// tried afterwards. Each trial differs from the request, or from another trial, in one thing.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What the engine saw, if it was asked and knows.
    pub observation: Option<Observation>,
    /// Whether the address is one at which every GET must succeed.
    pub is_public: bool,
    /// The same request, several times: whether each was readable.
    pub repeats: Repeats,
    /// Whether the same request is readable without credentials, if it has them. The other trials
    /// are not made then.
    pub without_credentials: bool,
    /// The same address without our headers, so without a preflight. The method is that of the
    /// request if it needs no preflight, else GET.
    pub simple: Option<Seen>,
    /// The same address with GET, if the request is a POST.
    pub simple_get: Option<Seen>,
    /// A public address of the same service, or an earlier success with the same method.
    pub known_good: Option<Seen>,
    /// An earlier success of the same service with another method.
    pub other_method: Option<Seen>,
    /// The method alone, if it needs a preflight.
    pub method: Option<Seen>,
    /// Each header that needs a preflight, alone.
    pub headers: Vec<(String, Seen)>,
    /// Each of these headers together with the method, if each passes alone.
    pub together: Vec<(String, Seen)>,
    /// The request with the headers and the method that are refused, at an address that nobody has asked for
    /// before.
    pub unrepeated: Option<Seen>,
    /// The same at a public address of the service.
    pub elsewhere: Option<Seen>,
    /// A preflight for something else that the service must allow, at a public address.
    pub control: Option<Seen>,
    /// Another method at the same address that needs a preflight, if the address redirects.
    pub control_here: Option<Seen>,
    /// A preflight at a public address, if the answers there cannot be read.
    pub preflight: Option<Seen>,
    /// Other origins whose pages could read the address.
    pub allowed_origins: Vec<String>,
}

/// Repetitions of a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Repeats {
    /// How many answers the page could read.
    pub readable: u32,
    /// How many of these had a status of success.
    pub succeeded: u32,
    /// How many requests were sent.
    pub sent: u32,
    /// Whether they were the same request, and not the same without its token and body.
    pub exact: bool,
}

impl Repeats {
    /// Whether the same request has failed each time, which no network does by chance.
    #[must_use]
    pub fn all_failed(&self) -> bool {
        self.exact && self.sent > 1 && self.readable == 0
    }
}

impl Evidence {
    /// Whether any of the trials was refused. If none was, the request may have failed because its
    /// answer was lost.
    #[must_use]
    pub fn shows_refusal(&self) -> bool {
        let seen = [self.simple, self.method, self.control];
        let headers = self.headers.iter().chain(&self.together);
        let headers = headers.map(|(_, seen)| Some(*seen));
        seen.into_iter()
            .chain(headers)
            .flatten()
            .any(|seen| !matches!(seen, Seen::Readable | Seen::Redirected))
    }

    /// Whether the page could read another answer of the service, which settles the cause: then
    /// other origins need not be tried.
    #[must_use]
    pub fn has_readable_answer(&self) -> bool {
        [self.simple_get, self.known_good].contains(&Some(Seen::Readable))
    }

    /// The status of the answer that the browser kept, if the engine saw it.
    fn status(&self) -> Option<u16> {
        let answer = self.observation.as_ref()?.answer.as_ref()?;
        (!answer.to_preflight).then_some(answer.status)
    }

    /// The cause that the engine's observation shows without any trial.
    #[must_use]
    pub fn observed_cause(&self, service: Service) -> Option<Cause> {
        Cause::of_answer(service, self.observation.as_ref()?)
    }

    /// How often the request passed, if it passes only at times. A lost answer looks like a refused
    /// one where no engine is asked, so a single failure is not enough there.
    #[must_use]
    pub fn intermittent(&self) -> Option<Cause> {
        let Repeats {
            readable,
            succeeded,
            sent,
            exact,
        } = self.repeats;
        let observed_first = exact && self.observation.is_some();
        let refused = sent - readable;
        let is_mixed = readable > 0 && (observed_first || refused > 1);
        is_mixed.then_some(Cause::Intermittent {
            passed: readable,
            of: sent + u32::from(exact),
            refused: self
                .status()
                .filter(|status| *status >= 400 && succeeded > 0),
        })
    }
}

/// Draws the conclusion. The engine's observation comes first; the trials tell what lies behind it,
/// and are all that there is where no engine is asked.
#[must_use]
pub fn conclude(service: Service, method: &str, evidence: &Evidence) -> Cause {
    let answer = evidence
        .observation
        .as_ref()
        .and_then(|seen| seen.answer.as_ref());
    match (from_all(service, method, evidence), answer) {
        // What looks like none is too much.
        (
            Cause::Method { .. }
            | Cause::ErrorWithoutHeaders { .. }
            | Cause::AddressWithoutHeaders { .. }
            | Cause::AnswerWithoutHeaders { .. }
            | Cause::RefusedByS3 { .. },
            Some(answer),
        ) if answer.names_several => Cause::SeveralOrigins {
            status: answer.status,
        },
        (cause, _) => cause,
    }
}

fn from_all(service: Service, method: &str, evidence: &Evidence) -> Cause {
    let observed = evidence.observed_cause(service);
    if let Some(cause) = observed.or_else(|| evidence.intermittent()) {
        return cause;
    }
    let tried = from_trials(method, evidence);
    let tried = match (tried, evidence.status()) {
        (
            Cause::NoAllowOrigin | Cause::OnPreflightsAlone | Cause::Method { .. },
            Some(status @ 400..),
        ) if service == Service::S3 => Cause::RefusedByS3 { status },
        (tried, _) => tried,
    };
    let Some(observation) = &evidence.observation else {
        return tried;
    };
    // Some servers answer what they do not allow as if it were no preflight, at every address.
    let is_everywhere = evidence.elsewhere == Some(Seen::Refused)
        && observation.about == About::AllowOrigin { preflight: true }
        && matches!(
            tried,
            Cause::PreflightMethod { .. } | Cause::PreflightHeader { .. }
        );
    // The engine also tells what is wrong with the answer to a preflight.
    let is_vague = matches!(tried, Cause::PreflightRefused { .. });
    if is_everywhere || tried.agrees_with(observation) && !is_vague {
        return tried;
    }
    let seen = Cause::of_observation(observation, method);
    seen.map_or(tried, |seen| with_scope(seen, evidence))
}

/// Whether a preflight passed.
fn passed(seen: Option<Seen>) -> bool {
    matches!(seen, Some(Seen::Readable | Seen::Sent))
}

/// The cause, with whether the preflight for another address passed.
fn with_scope(cause: Cause, evidence: &Evidence) -> Cause {
    match cause {
        Cause::PreflightRefused { flaw, .. } => Cause::PreflightRefused {
            here_alone: passed(evidence.elsewhere.or(evidence.control)),
            flaw,
        },
        other => other,
    }
}

fn from_trials(method: &str, evidence: &Evidence) -> Cause {
    let readable = |seen: Option<Seen>| seen == Some(Seen::Readable);
    let refused = |seen: Option<Seen>| seen == Some(Seen::Refused);
    let preflights = || {
        let headers = evidence.headers.iter().map(|(_, seen)| Some(*seen));
        headers.chain([evidence.method, evidence.control]).flatten()
    };

    if evidence.without_credentials {
        return Cause::Credentials;
    }
    if refused(evidence.simple) {
        if readable(evidence.simple_get) {
            return Cause::Method {
                method: method.into(),
            };
        }
        if readable(evidence.known_good) {
            return match evidence.status() {
                Some(status @ 200..400) => Cause::AddressWithoutHeaders { status },
                status => Cause::ErrorWithoutHeaders { status },
            };
        }
        if let Some(status @ 400..) = evidence.status().filter(|_| evidence.is_public) {
            return Cause::RefusesAll { status };
        }
        return match evidence.allowed_origins.first() {
            Some(allowed) => Cause::OtherOrigin {
                allowed: allowed.clone(),
            },
            None if evidence.preflight == Some(Seen::Sent) => Cause::OnPreflightsAlone,
            None if readable(evidence.other_method) => Cause::Method {
                method: method.into(),
            },
            None => Cause::NoAllowOrigin,
        };
    }
    if evidence.simple == Some(Seen::Redirected) && refused(evidence.control_here) {
        return Cause::Redirected;
    }
    if preflights().next().is_some() && preflights().all(|seen| seen == Seen::Refused) {
        return Cause::PreflightRefused {
            here_alone: false,
            flaw: None,
        };
    }
    if passed(evidence.unrepeated) {
        return Cause::PreflightStored;
    }
    if passed(evidence.elsewhere) {
        return Cause::PreflightRefused {
            here_alone: true,
            flaw: None,
        };
    }
    let refused_of = |headers: &[(String, Seen)]| {
        let refused = headers.iter().filter(|(_, seen)| *seen == Seen::Refused);
        refused.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let headers = refused_of(&evidence.headers);
    if !headers.is_empty() {
        return Cause::PreflightHeader {
            headers,
            method: None,
        };
    }
    if refused(evidence.method) {
        return Cause::PreflightMethod {
            method: method.into(),
        };
    }
    let headers = refused_of(&evidence.together);
    if !headers.is_empty() {
        return Cause::PreflightHeader {
            headers,
            method: Some(method.into()),
        };
    }
    Cause::AnswerWithoutHeaders {
        status: evidence.status(),
    }
}

#[cfg(test)]
mod tests;
