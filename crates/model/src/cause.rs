//! Why a browser keeps an answer from a page, with the setting that decides.

mod between;
mod redirect;
pub mod unreachable;

use serde::{Deserialize, Serialize};

use crate::{
    observation::{About, Observation, WithheldAnswer, is_for_a_moment},
    service::Service,
};

/// Why a browser keeps an answer from a page. The causes with an answer rest on what the engine saw of
/// it; all others can be found out by the page itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// No answer carries `access-control-allow-origin` for this origin.
    NoAllowOrigin,
    /// Preflights carry it, and no answer to a request does.
    OnPreflightsAlone,
    /// Answers carry it for another origin.
    OtherOrigin {
        /// The origin that is allowed instead.
        allowed: String,
    },
    /// Other answers of the service carry it, but not those of this address.
    ErrorWithoutHeaders {
        /// The status, where the engine told it.
        status: Option<u16>,
    },
    /// Other answers of the service carry it, but not this one, which reports no error.
    AddressWithoutHeaders {
        /// The status.
        status: u16,
    },
    /// No answer carries it, and a request that must succeed is answered by an error.
    RefusesAll {
        /// The status.
        status: u16,
    },
    /// This answer carries it more than once, or with several origins, and others do not.
    SeveralOrigins {
        /// The status.
        status: u16,
    },
    /// S3 refuses the request, in an answer that lacks it. A missing rule alone keeps no request from S3.
    RefusedByS3 {
        /// The status.
        status: u16,
    },
    /// The answers to this method lack it, and the method needs no preflight.
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
        /// The only method whose preflight does not allow them, if it is only one.
        method: Option<String>,
    },
    /// No preflight succeeds, whatever it asks for.
    PreflightRefused {
        /// Whether this is so at this address alone.
        here_alone: bool,
        /// What is wrong with the answer to it, where the engine told it.
        flaw: Option<PreflightFlaw>,
    },
    /// The preflight is refused at this address, and passes at one that nobody has asked for before.
    PreflightStored,
    /// The address redirects, which a preflight must not follow.
    Redirected,
    /// The preflight allows all, but the answer to the request itself lacks the header.
    AnswerWithoutHeaders {
        /// The status, where the engine told it.
        status: Option<u16>,
    },
    /// The answer is readable only if the request has no credentials.
    Credentials,
    /// The same, because `*` stands for the origin.
    Wildcard,
    /// Some answers to the same request are readable, and others are not.
    Intermittent {
        /// How many were readable.
        passed: u32,
        /// Of how many.
        of: u32,
        /// The status of one that was not, if it reports an error and others report success.
        refused: Option<u16>,
    },
    /// The answer redirects to where the page cannot follow.
    Redirect(WithheldAnswer),
    /// The answer is that of a program which stands between the page and the service.
    Between(WithheldAnswer),
    /// The service failed: a status of 500 or more.
    Failed(WithheldAnswer),
    /// The browser refuses the request for another reason than CORS.
    NotCors {
        /// The reason in the engine's words.
        reason: String,
    },
}

/// What is wrong with the answer to a preflight, whatever was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreflightFlaw {
    /// Its status is this, which is none of success.
    Status(u16),
    /// It lets in no page, or pages of other origins.
    AllowOrigin,
    /// One of its lists cannot be read.
    List,
}

impl PreflightFlaw {
    fn of(observation: &Observation) -> Option<Self> {
        let status = observation.answer.as_ref().map(|answer| answer.status);
        match observation.about {
            About::AllowOrigin { preflight: true } => Some(Self::AllowOrigin),
            About::PreflightHeaders => Some(Self::List),
            About::PreflightStatus => status.map(Self::Status),
            _ => None,
        }
    }
}

impl Cause {
    /// Whether a gateway says that it has no answer of the service.
    #[must_use]
    pub fn is_of_dead_gateway(&self) -> bool {
        let is_of_gateway = |status| status != 429 && is_for_a_moment(status);
        matches!(self, Self::Between(answer) if is_of_gateway(answer.status))
    }

    /// Whether something before the service refuses the request, and not for how many there are.
    #[must_use]
    pub fn is_of_gateway(&self) -> bool {
        matches!(self, Self::Between(answer) if answer.status != 429)
    }

    /// The cause that the engine's observation alone shows: the answer is a redirect, or comes from
    /// something before the service, or reports that the service failed.
    #[must_use]
    pub fn of_answer(service: Service, observation: &Observation) -> Option<Self> {
        let answer = observation.answer.as_ref()?;
        // The answer has CORS headers, so whatever gave it knows of pages.
        let has_headers = matches!(
            observation.about,
            About::Method(_)
                | About::Header(_)
                | About::PreflightHeaders
                | About::Credentials { .. }
                | About::Wildcard { .. }
        );
        let answer_of = |variant: fn(WithheldAnswer) -> Self| Some(variant(answer.clone()));
        match answer.status {
            300..=399 => answer_of(Self::Redirect),
            _ if !has_headers && between::is_between(service, answer, &observation.about) => {
                answer_of(Self::Between)
            }
            // A preflight that fails tells of the CORS layer and not of the service.
            500.. if !answer.to_preflight => answer_of(Self::Failed),
            _ => None,
        }
    }

    /// The cause that the engine's reason stands for, if it is one.
    #[must_use]
    pub fn of_observation(observation: &Observation, method: &str) -> Option<Self> {
        let status = observation.answer.as_ref().map(|answer| answer.status);
        Some(match &observation.about {
            About::AllowOrigin { preflight: false } => Self::AnswerWithoutHeaders { status },
            About::AllowOrigin { preflight: true }
            | About::PreflightStatus
            | About::PreflightHeaders
            | About::PreflightRedirect => Self::PreflightRefused {
                here_alone: false,
                flaw: PreflightFlaw::of(observation),
            },
            About::Wildcard { .. } => Self::Wildcard,
            About::Credentials { .. } => Self::Credentials,
            About::Method(_) => Self::PreflightMethod {
                method: method.into(),
            },
            About::Header(header) => Self::PreflightHeader {
                headers: vec![header.clone()],
                method: Some(method.into()),
            },
            About::Redirect => Self::Redirected,
            About::Other => Self::NotCors {
                reason: observation.words.clone(),
            },
            _ => return None,
        })
    }

    /// What is wrong, and the setting to check. It claims only what was seen.
    #[must_use]
    pub fn explain(&self, service: Service, origin: &str) -> String {
        format!(
            "{} ({}, {})",
            self.what(service, origin),
            self.subject(service),
            self.setting(service, origin)
        )
    }

    /// What is wrong.
    fn what(&self, service: Service, origin: &str) -> String {
        match self {
            Self::NoAllowOrigin => format!(
                "no answer carries access-control-allow-origin for {origin}: there are no CORS \
                 headers at all, or they name another origin (a trailing slash makes another origin, \
                 and two origins are invalid)"
            ),
            Self::OnPreflightsAlone => format!(
                "preflights are answered with access-control-allow-origin for {origin}, and requests are not: \
                 something sets it on preflights alone, does not pass the header Origin on, or stores answers \
                 whatever their Origin was"
            ),
            Self::OtherOrigin { allowed } => {
                format!("the answers allow origin {allowed} instead of {origin}")
            }
            Self::ErrorWithoutHeaders {
                status: Some(status),
            } => format!(
                "successful answers carry access-control-allow-origin, but those that report an \
                 error do not (here {status})"
            ),
            Self::ErrorWithoutHeaders { status: None } => {
                "other answers carry access-control-allow-origin, but not those of this address: \
                 answers that report an error lack it, or something before the service gives them"
                    .into()
            }
            Self::AddressWithoutHeaders { status } => format!(
                "this address answers ({status}) without access-control-allow-origin, and other \
                 addresses answer with it"
            ),
            Self::RefusesAll { status } => format!(
                "a request that must succeed is answered by an error ({status}), without \
                 access-control-allow-origin for {origin}: something refuses requests before the CORS \
                 layer, or there is none"
            ),
            Self::SeveralOrigins { status } => format!(
                "this answer ({status}) carries access-control-allow-origin more than once, or with several origins, \
                 which is as good as none, and other answers do not: two layers set it"
            ),
            Self::RefusedByS3 { status } => format!(
                "S3 refuses the request ({status}), which it does whatever the origin is; this answer carries no \
                 access-control-allow-origin"
            ),
            Self::Method { method } => {
                format!("the answers to another method are readable, but those to {method} are not")
            }
            Self::PreflightMethod { method } => format!(
                "the preflight is refused: method {method} is not in access-control-allow-methods"
            ),
            Self::PreflightHeader { headers, method } => {
                let of = method.as_ref().map_or(String::new(), |method| {
                    format!(" of the preflight for {method}")
                });
                format!(
                    "the preflight is refused: {} is not in access-control-allow-headers{of}",
                    headers.join(", ")
                )
            }
            Self::PreflightRefused { here_alone, flaw } => {
                refused_preflights(*here_alone, *flaw, origin)
            }
            Self::PreflightStored => "the preflight is refused, and passes at an address that was never asked \
                                      for: a cache gives the answer to another preflight"
                .into(),
            Self::Redirected => "the address redirects, which a preflight must not follow".into(),
            Self::Credentials => "the answer is readable without credentials, but not with them: \
                                  access-control-allow-credentials must be true, in the answer to \
                                  a preflight too, and * is neither an origin nor a header then"
                .into(),
            Self::Wildcard => "the answer is readable without credentials, but not with them: \
                               access-control-allow-origin is *, which is not an answer to a request \
                               with credentials"
                .into(),
            Self::AnswerWithoutHeaders {
                status: Some(status),
            } => format!(
                "the preflight passes, but the answer itself carries no access-control-allow-origin \
                 (here {status})"
            ),
            Self::AnswerWithoutHeaders { status: None } => {
                "the preflight passes, but the answer itself carries no access-control-allow-origin: \
                 an unhandled error lacks it, and so does the answer of something before the service"
                    .into()
            }
            Self::Intermittent {
                passed,
                of,
                refused,
            } => at_times(*passed, *of, *refused),
            Self::Redirect(answer) => redirect::what(service, answer, origin),
            Self::Between(answer) => between::what(service, answer),
            Self::Failed(answer) => format!(
                "{service} failed ({}), and this answer carries no access-control-allow-origin, so \
                 no page can read why",
                answer.status
            ),
            Self::NotCors { reason } if is_mixed_content(reason) => format!(
                "a page of https may not ask an address of plain http, and the address is one ({reason})"
            ),
            Self::NotCors { reason } => format!("not because of CORS, but for this: {reason}"),
        }
    }

    /// What gave the answer: the service, or something before it.
    fn subject(&self, service: Service) -> String {
        match self {
            Self::Between(answer) => between::subject(service, answer),
            Self::Redirect(answer) => redirect::subject(service, answer),
            Self::Failed(answer) => format!("{} from {service}", answer.status),
            _ => service.to_string(),
        }
    }

    /// The setting that decides.
    fn setting(&self, service: Service, origin: &str) -> &'static str {
        match (service, self) {
            (Service::Page, _) => "which needs none",
            (_, Self::Redirect(answer)) => redirect::setting(service, answer, origin),
            (_, Self::Between(answer)) => between::setting(service, answer),
            (Service::S3, Self::NotCors { reason }) if is_mixed_content(reason) => {
                "UserAPI, https in the endpoint for which it signs URLs"
            }
            (_, Self::NotCors { reason }) if is_mixed_content(reason) => {
                "https in its address, and in those that it builds"
            }
            (_, Self::NotCors { .. }) => "the browser's own rules, such as its policies",
            (Service::UserApi, _) => self.setting_of_user_api(),
            (Service::S3, _) => self.setting_of_s3(),
            (Service::Cognito, _) => {
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, and whatever stands before Cognito"
            }
        }
    }

    /// That of the UserAPI, or of what stands before it.
    fn setting_of_user_api(&self) -> &'static str {
        match self {
            Self::NoAllowOrigin | Self::OtherOrigin { .. } => {
                "FRONTEND_URL, from which CORSMiddleware takes allow_origins, and whether Origin arrives there"
            }
            Self::OnPreflightsAlone => {
                "what stands before it: what answers OPTIONS there, whether Origin is passed on, and what is stored \
                 (Vary: Origin)"
            }
            Self::Wildcard => "FRONTEND_URL and CORSMiddleware allow_origins",
            Self::PreflightMethod { .. } => "CORSMiddleware allow_methods",
            Self::Method { .. } => {
                "what stands before it and sets or drops this header, or drops Origin, for this method alone: \
                 CORSMiddleware treats the answers to all methods alike"
            }
            Self::PreflightHeader { .. } => {
                "CORSMiddleware allow_headers, and whether Access-Control-Request-Headers arrives there"
            }
            Self::PreflightStored => {
                "what the proxy or the CDN before it stores: no answer to OPTIONS, or one for each value of \
                 Access-Control-Request-Method and -Headers"
            }
            Self::Credentials => {
                "CORSMiddleware allow_credentials, allow_origins and allow_headers"
            }
            Self::AddressWithoutHeaders { .. }
            | Self::PreflightRefused {
                here_alone: true, ..
            } => {
                "what is set for this path alone: a route outside of CORSMiddleware, or a location of the proxy before it"
            }
            Self::RefusesAll { .. } => {
                "middleware outside of CORSMiddleware, such as TrustedHostMiddleware and its allowed_hosts"
            }
            Self::PreflightRefused { flaw, .. } => match flaw {
                Some(PreflightFlaw::AllowOrigin) => {
                    "what answers OPTIONS before CORSMiddleware does, or adds headers to its answers: only one layer may \
                     set them"
                }
                // Its headers are there, so it is CORSMiddleware that lets the request through as any other.
                Some(PreflightFlaw::Status(405)) => {
                    "CORSMiddleware, which must answer before routing, and takes OPTIONS for a preflight only if \
                     Access-Control-Request-Method arrives"
                }
                _ => {
                    "CORSMiddleware, which must answer before routing, redirects and authentication"
                }
            },
            Self::Redirected => {
                "CORSMiddleware, which must answer before routing, redirects and authentication"
            }
            Self::Intermittent {
                refused: Some(_), ..
            } => "the instances behind its address, and what chooses one of them",
            Self::Intermittent { .. } => {
                "the instances behind its address, and CORSMiddleware in each of them"
            }
            Self::AnswerWithoutHeaders {
                status: Some(200..400),
            } => {
                "what sets headers for this method, status or path: CORSMiddleware, a route outside of it, or the proxy \
                 before it"
            }
            Self::ErrorWithoutHeaders { .. } | Self::AnswerWithoutHeaders { .. } => {
                "its log, and CORSMiddleware, which must be the outermost layer"
            }
            Self::SeveralOrigins { .. } => {
                "what sets it besides CORSMiddleware: the proxy before it, or a handler of errors"
            }
            _ => "its log",
        }
    }

    /// That of the bucket, or of the UserAPI, which signs for it.
    fn setting_of_s3(&self) -> &'static str {
        match self {
            Self::RefusedByS3 { status: 404 } => {
                "UserAPI, S3_BUCKET: there may be no such bucket, and so no CORS rules"
            }
            Self::RefusedByS3 { status: 403 } => {
                "UserAPI, its AWS credentials and their policy; the bucket's policy; then its CORS rules"
            }
            Self::RefusedByS3 { .. } => {
                "UserAPI, the endpoint for which it signs, such as one of transfer acceleration, and how it signs; then \
                 the bucket's CORS rules"
            }
            Self::Failed(_) => "S3 itself, or what stands for it",
            Self::Intermittent {
                refused: Some(_), ..
            } => {
                "UserAPI, the AWS keys and S3_BUCKET of each of its instances; the instances of what stands for S3"
            }
            Self::NoAllowOrigin | Self::OtherOrigin { .. } | Self::Wildcard => {
                "AllowedOrigins in the bucket's CORS rules"
            }
            Self::Method { .. } | Self::PreflightMethod { .. } => {
                "AllowedMethods in the bucket's CORS rules, and AllowedOrigins beside it"
            }
            Self::PreflightRefused { .. } => {
                "AllowedOrigins, AllowedMethods and AllowedHeaders in the bucket's CORS rules; UserAPI, the headers that \
                 it adds to a transfer, which alone need a preflight"
            }
            Self::PreflightHeader { .. } => "AllowedHeaders in the bucket's CORS rules",
            _ => "the bucket's CORS rules, and whatever stands before the bucket",
        }
    }

    /// Whether the engine's observation fits this.
    #[must_use]
    pub fn agrees_with(&self, observation: &Observation) -> bool {
        let about = &observation.about;
        let in_answer = matches!(
            about,
            About::AllowOrigin { preflight: false }
                | About::Credentials { preflight: false }
                | About::Wildcard { preflight: false }
        );
        let in_preflights_headers = matches!(
            about,
            About::AllowOrigin { preflight: true }
                | About::Credentials { preflight: true }
                | About::Wildcard { preflight: true }
                | About::PreflightHeaders
        );
        let in_preflight = in_preflights_headers
            || matches!(about, About::PreflightStatus | About::PreflightRedirect);
        // A server may refuse what it does not allow as a whole, so a single method or header can be
        // behind a bad status of the preflight, too. Then the status tells so.
        let answer = observation.answer.as_ref();
        let is_success = answer.is_some_and(|answer| (200..300).contains(&answer.status));
        let as_a_whole = in_preflight && !is_success;
        match self {
            Self::NoAllowOrigin | Self::OtherOrigin { .. } => in_answer || in_preflights_headers,
            // Something else than the service may have the address, preflights included.
            Self::ErrorWithoutHeaders { .. } | Self::AddressWithoutHeaders { .. } => {
                in_answer || *about == About::AllowOrigin { preflight: true }
            }
            Self::OnPreflightsAlone
            | Self::RefusesAll { .. }
            | Self::RefusedByS3 { .. }
            | Self::SeveralOrigins { .. }
            | Self::Method { .. }
            | Self::AnswerWithoutHeaders { .. } => in_answer,
            Self::PreflightMethod { method } => {
                as_a_whole || matches!(about, About::Method(refused) if refused == method)
            }
            Self::PreflightHeader { headers, .. } => {
                as_a_whole || matches!(about, About::Header(refused) if headers.contains(refused))
            }
            Self::PreflightStored => {
                in_preflight || matches!(about, About::Method(_) | About::Header(_))
            }
            Self::PreflightRefused { .. } => in_preflight,
            // With them `*` is not a value.
            Self::Credentials => matches!(
                about,
                About::Credentials { .. } | About::Method(_) | About::Header(_)
            ),
            Self::Wildcard => matches!(about, About::Wildcard { .. }),
            Self::Redirected => {
                in_answer || matches!(about, About::PreflightRedirect | About::Redirect)
            }
            // These rest on what the engine saw, or on repeated requests.
            Self::Redirect(_)
            | Self::Between(_)
            | Self::Failed(_)
            | Self::Intermittent { .. }
            | Self::NotCors { .. } => true,
        }
    }
}

/// Whether the engine's reason is that the page came by https and the address is one of plain http.
fn is_mixed_content(reason: &str) -> bool {
    reason.to_ascii_lowercase().contains("mixed-content")
}

/// That a request passes at times, with the status of a refusal.
fn at_times(passed: u32, of: u32, refused: Option<u16>) -> String {
    let (others, why) = match refused {
        Some(status) => (
            format!(", and was refused with {status} at others"),
            "one of several instances refuses it, or something else answers at times",
        ),
        None => (
            String::new(),
            "one of several instances has other CORS settings than the others, or a middleware leaves the headers out at \
             times",
        ),
    };
    format!("the same request passed {passed} of {of} times{others}: {why}")
}

/// That preflights are refused, as far as it is known why.
fn refused_preflights(here_alone: bool, flaw: Option<PreflightFlaw>, origin: &str) -> String {
    let which = if here_alone {
        "the preflight for this address is refused, and those for others pass"
    } else {
        "every preflight is refused"
    };
    let why = match flaw {
        Some(PreflightFlaw::Status(status)) => {
            format!("is answered {status}, and must be answered with a status of 200 to 299")
        }
        Some(PreflightFlaw::AllowOrigin) => format!(
            "is answered without access-control-allow-origin for {origin}, or with several of them, and the \
             answers to the requests themselves carry it"
        ),
        Some(PreflightFlaw::List) => {
            "is answered with a list of methods or headers that browsers cannot \
                                      read (names are separated by commas)"
                .into()
        }
        None => "must be answered with a status of 200 to 299, without a redirect, and with \
                 access-control-allow-origin"
            .into(),
    };
    format!("{which}: OPTIONS {why}")
}

#[cfg(test)]
mod tests;
