//! Why a browser keeps an answer from a page, with the setting that decides.

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

/// Why a browser keeps an answer from a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// No answer carries `access-control-allow-origin` for this origin.
    NoAllowOrigin,
    /// Answers carry it for another origin.
    OtherOrigin {
        /// The origin that is allowed instead.
        allowed: String,
    },
    /// Answers that report an error lack it.
    ErrorWithoutHeaders,
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
    },
    /// No preflight succeeds, whatever it asks for.
    PreflightRefused,
    /// The address redirects, which a preflight must not follow.
    Redirected,
    /// The preflight allows all, but the answer to the request itself lacks the header.
    AnswerWithoutHeaders,
    /// The answer is readable only if the request has no credentials.
    Credentials,
}

impl Cause {
    /// What is wrong, and the setting to check.
    #[must_use]
    pub fn explain(&self, service: Service, origin: &str) -> String {
        let what = match self {
            Self::NoAllowOrigin => format!(
                "no answer carries access-control-allow-origin for {origin}: there are no CORS \
                 headers at all, or they name another origin (a trailing slash makes another origin, \
                 and two origins are invalid)"
            ),
            Self::OtherOrigin { allowed } => {
                format!("the answers allow origin {allowed} instead of {origin}")
            }
            Self::ErrorWithoutHeaders => "successful answers carry access-control-allow-origin, \
                                          but those that report an error do not"
                .into(),
            Self::Method { method } => {
                format!("the answers to another method are readable, but those to {method} are not")
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
            Self::Redirected => "the address redirects, which a preflight must not follow".into(),
            Self::Credentials => "the answer is readable without credentials, but not with them: \
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

    /// The message that nothing answers, with the setting to check.
    #[must_use]
    pub fn unreachable(service: Service) -> String {
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
mod tests {
    use super::*;

    #[test]
    fn the_explanation_names_cause_service_and_setting() {
        let cause = Cause::PreflightMethod {
            method: "PUT".into(),
        };
        assert_eq!(
            cause.explain(Service::UserApi, "http://localhost:8080"),
            "the preflight is refused: method PUT is not in access-control-allow-methods \
         (UserAPI, CORSMiddleware allow_methods)"
        );
        let cause = Cause::NoAllowOrigin.explain(Service::S3, "http://localhost:8080");
        assert!(
            cause.ends_with("(S3, AllowedOrigins in the bucket's CORS rules)"),
            "{cause}"
        );
    }
}
