//! Why a browser keeps an answer from a page, told from what the page can try.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A service that the page calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The server of the page itself.
    Page,
    /// The UserAPI.
    UserApi,
    /// Cognito.
    Cognito,
    /// S3.
    S3,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Page => "the page's own server",
            Self::UserApi => "UserAPI",
            Self::Cognito => "Cognito",
            Self::S3 => "S3",
        })
    }
}

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

/// Why the browser refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// No answer carries `access-control-allow-origin` for this origin.
    NoAllowOrigin,
    /// Answers carry it for another origin.
    OtherOrigin {
        /// The origin that is let in instead.
        allowed: String,
    },
    /// Answers that report an error lack it.
    ErrorWithoutHeaders,
    /// The method is not allowed, though it needs no preflight.
    Method {
        /// The method.
        method: String,
    },
    /// The preflight does not allow the method.
    PreflightMethod {
        /// The method.
        method: String,
    },
    /// The preflight does not allow a header.
    PreflightHeader {
        /// The headers.
        headers: Vec<String>,
    },
    /// No preflight succeeds, whatever it asks for.
    PreflightRefused,
    /// The address redirects, which a preflight may not.
    Redirected,
    /// The preflight allows all, but the answer to the request itself lacks the header.
    AnswerWithoutHeaders,
    /// The answer can be read by who sends no credentials.
    Credentials,
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

impl Cause {
    /// What is wrong, and the setting to look at.
    #[must_use]
    pub fn explain(&self, service: Service, origin: &str) -> String {
        let what = match self {
            Self::NoAllowOrigin => format!(
                "no answer carries access-control-allow-origin for {origin}: there are no CORS \
                 headers at all, or they name another origin (a slash at its end makes it another, \
                 and two are none)"
            ),
            Self::OtherOrigin { allowed } => {
                format!("the answers let in a page of origin {allowed} instead of {origin}")
            }
            Self::ErrorWithoutHeaders => "successful answers carry access-control-allow-origin, \
                                          but those that report an error do not"
                .into(),
            Self::Method { method } => {
                format!("the answers to another method can be read, but those to {method} cannot")
            }
            Self::PreflightMethod { method } => format!(
                "the preflight is refused: method {method} is not in access-control-allow-methods"
            ),
            Self::PreflightHeader { headers } => format!(
                "the preflight is refused: {} is not in access-control-allow-headers",
                headers.join(", ")
            ),
            Self::PreflightRefused => "every preflight is refused: OPTIONS must answer with a \
                                       status of 200 to 299, without a redirect, and with \
                                       access-control-allow-origin"
                .into(),
            Self::Redirected => "the address redirects, which a preflight may not".into(),
            Self::Credentials => "it can be read without credentials, but not with them: \
                                  access-control-allow-credentials must be true, in the answer to \
                                  a preflight too, and * is neither an origin nor a header then"
                .into(),
            Self::AnswerWithoutHeaders => "the preflight passes, but the answer itself carries no \
                                           access-control-allow-origin, as an unhandled error \
                                           (500) does not"
                .into(),
        };
        format!("{what} ({service}, {})", self.setting(service))
    }

    /// That nothing answers, and the setting to look at.
    #[must_use]
    pub fn nobody(service: Service) -> String {
        let setting = match service {
            Service::Page => "which a run serves itself",
            Service::UserApi => "USERFACING_API_URL, and whether it runs",
            Service::Cognito => {
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER or the region that the UserAPI tells"
            }
            Service::S3 => "the endpoint for which the UserAPI signs URLs",
        };
        format!("nothing answers there, or the connection breaks ({service}, {setting})")
    }

    /// The setting that decides.
    fn setting(&self, service: Service) -> &'static str {
        match (service, self) {
            (Service::Page, _) => "which needs none",
            (Service::UserApi, Self::NoAllowOrigin | Self::OtherOrigin { .. }) => {
                "FRONTEND_URL, from which CORSMiddleware takes allow_origins"
            }
            (Service::UserApi, Self::Method { .. } | Self::PreflightMethod { .. }) => {
                "CORSMiddleware allow_methods"
            }
            (Service::UserApi, Self::PreflightHeader { .. }) => "CORSMiddleware allow_headers",
            (Service::UserApi, Self::Credentials) => {
                "CORSMiddleware allow_credentials, allow_origins and allow_headers"
            }
            (Service::UserApi, Self::PreflightRefused | Self::Redirected) => {
                "CORSMiddleware, which must answer before routing, redirects and authentication"
            }
            (Service::UserApi, Self::ErrorWithoutHeaders | Self::AnswerWithoutHeaders) => {
                "its log, and CORSMiddleware, which must be the outermost layer"
            }
            (Service::S3, Self::NoAllowOrigin | Self::OtherOrigin { .. }) => {
                "AllowedOrigins in the bucket's CORS rules"
            }
            (Service::S3, Self::Method { .. } | Self::PreflightMethod { .. }) => {
                "AllowedMethods in the bucket's CORS rules, and AllowedOrigins beside it"
            }
            (Service::S3, Self::PreflightHeader { .. }) => {
                "AllowedHeaders in the bucket's CORS rules"
            }
            (Service::S3, _) => "the bucket's CORS rules, and whatever stands before the bucket",
            (Service::Cognito, _) => {
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, and whatever stands before Cognito"
            }
        }
    }
}

#[cfg(test)]
mod tests;
