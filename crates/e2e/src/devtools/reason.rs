//! Chrome's reasons in words, and whether they agree with what the page found out.

use opencloud_model::cause::Cause;

/// Why a request failed, as Chrome has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The answer, or that to the preflight, does not let the page read it.
    Cors {
        /// A name of the `DevTools` protocol's `Network.CorsError`.
        error: String,
        /// What it is about: a method, a header, an origin. May be empty.
        parameter: String,
        /// The answer that was judged.
        answer: Option<Answer>,
    },
    /// Refused for another reason: a name of `Network.BlockedReason`.
    Blocked(String),
    /// There was no whole answer: one of Chrome's network errors.
    Network(String),
}

/// The part of an answer that helps to see where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Where it redirects to.
    pub(crate) location: Option<String>,
}

/// What a CORS error is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// The CORS headers of the answer itself.
    Answer,
    /// Those of the answer to the preflight, or its status.
    Preflight,
    /// A redirect of the preflight.
    PreflightRedirect,
    /// A method that the preflight does not allow.
    Method,
    /// A header that it does not allow.
    Header,
    /// A redirect of the request.
    Redirect,
    /// Nothing that the page's trials could show.
    Other,
}

fn family(error: &str) -> Family {
    match error {
        "MissingAllowOriginHeader"
        | "AllowOriginMismatch"
        | "MultipleAllowOriginValues"
        | "InvalidAllowOriginValue"
        | "WildcardOriginNotAllowed"
        | "InvalidAllowCredentials" => Family::Answer,
        "PreflightMissingAllowOriginHeader"
        | "PreflightAllowOriginMismatch"
        | "PreflightMultipleAllowOriginValues"
        | "PreflightInvalidAllowOriginValue"
        | "PreflightWildcardOriginNotAllowed"
        | "PreflightInvalidAllowCredentials"
        | "PreflightInvalidStatus"
        | "InvalidAllowMethodsPreflightResponse"
        | "InvalidAllowHeadersPreflightResponse" => Family::Preflight,
        "PreflightDisallowedRedirect" => Family::PreflightRedirect,
        "MethodDisallowedByPreflightResponse" => Family::Method,
        "HeaderDisallowedByPreflightResponse" => Family::Header,
        "RedirectContainsCredentials" => Family::Redirect,
        _ => Family::Other,
    }
}

impl Reason {
    /// Whether a repeat may fare better: no answer came, or something before the service was busy
    /// when the preflight came.
    pub(super) fn passes_by_itself(&self) -> bool {
        match self {
            Self::Network(_) => true,
            Self::Cors { error, answer, .. } => {
                let status = answer.as_ref().map(|answer| answer.status);
                error == "PreflightInvalidStatus" && matches!(status, Some(429 | 502 | 503 | 504))
            }
            Self::Blocked(_) => false,
        }
    }

    /// Whether it fits the cause that the page found; `None`: that nothing answers.
    pub(super) fn agrees_with(&self, cause: Option<&Cause>) -> bool {
        let Some(cause) = cause else {
            return matches!(self, Self::Network(_));
        };
        let Self::Cors {
            error, parameter, ..
        } = self
        else {
            return false;
        };
        let family = family(error);
        // A server may refuse what it does not allow as a whole, so a single method or header can
        // be behind a bad status of the preflight, too.
        let in_preflight = matches!(family, Family::Preflight | Family::PreflightRedirect);
        match cause {
            Cause::NoAllowOrigin | Cause::OtherOrigin { .. } => {
                error != "PreflightInvalidStatus"
                    && matches!(family, Family::Answer | Family::Preflight)
            }
            Cause::ErrorWithoutHeaders | Cause::Method { .. } | Cause::AnswerWithoutHeaders => {
                family == Family::Answer
            }
            Cause::PreflightMethod { method } => {
                in_preflight || (family == Family::Method && parameter == method)
            }
            Cause::PreflightHeader { headers } => {
                in_preflight || (family == Family::Header && headers.contains(parameter))
            }
            Cause::PreflightRefused => in_preflight,
            // With them `*` is no value.
            Cause::Credentials => {
                error.ends_with("InvalidAllowCredentials")
                    || error.ends_with("WildcardOriginNotAllowed")
                    || matches!(family, Family::Method | Family::Header)
            }
            Cause::Redirected => matches!(
                family,
                Family::PreflightRedirect | Family::Redirect | Family::Answer
            ),
        }
    }

    /// The reason in words.
    pub(crate) fn words(&self) -> String {
        let (error, parameter, answer) = match self {
            Self::Network(error) => return error.clone(),
            Self::Blocked(reason) => return format!("the request is blocked ({reason})"),
            Self::Cors {
                error,
                parameter,
                answer,
            } => (error, parameter, answer.as_ref()),
        };
        let status = answer.map_or(String::new(), |answer| format!(" ({})", answer.status));
        let (whose, kind) = match error.strip_prefix("Preflight") {
            Some(kind) => (format!("the preflight's answer{status}"), kind),
            None => (format!("the answer{status}"), error.as_str()),
        };
        let what = match kind {
            "MissingAllowOriginHeader" => format!("{whose} lacks access-control-allow-origin"),
            "AllowOriginMismatch" => format!("{whose} lets in {parameter} instead"),
            "MultipleAllowOriginValues" => format!("{whose} names several origins: {parameter}"),
            "InvalidAllowOriginValue" => format!("{whose} names what is no origin: {parameter}"),
            "WildcardOriginNotAllowed" => {
                format!("{whose} lets in *, which credentials rule out")
            }
            "InvalidAllowCredentials" => format!(
                "{whose} has access-control-allow-credentials {parameter:?} instead of true"
            ),
            "InvalidStatus" => match answer {
                Some(answer) => format!("the preflight is answered {}", answer.status),
                None => "the preflight is not answered with a status of 200 to 299".into(),
            },
            "DisallowedRedirect" => {
                let to = answer.and_then(|answer| answer.location.as_ref());
                let to = to.map_or(String::new(), |to| format!(" to {to}"));
                format!("the preflight is redirected{status}{to}")
            }
            _ if parameter.is_empty() => return error.clone(),
            _ => return format!("{error} ({parameter})"),
        };
        format!("{error}: {what}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(error: &str, parameter: &str) -> Reason {
        Reason::Cors {
            error: error.into(),
            parameter: parameter.into(),
            answer: None,
        }
    }

    #[test]
    fn the_reason_agrees_with_the_cause_or_not() {
        let put = Cause::PreflightMethod {
            method: "PUT".into(),
        };
        let reason = cors("MethodDisallowedByPreflightResponse", "PUT");
        assert_eq!(reason.words(), "MethodDisallowedByPreflightResponse (PUT)");
        assert!(reason.agrees_with(Some(&put)));
        assert!(!reason.agrees_with(Some(&Cause::NoAllowOrigin)));
        let refused = Reason::Network("net::ERR_CONNECTION_REFUSED".into());
        assert_eq!(refused.words(), "net::ERR_CONNECTION_REFUSED");
        assert!(refused.agrees_with(None));
        assert!(!refused.agrees_with(Some(&put)));
    }

    #[test]
    fn a_preflight_that_is_refused_as_a_whole_may_lack_one_method_or_header() {
        let headers = vec!["content-type".into()];
        let header = Cause::PreflightHeader { headers };
        for error in [
            "PreflightInvalidStatus",
            "PreflightMissingAllowOriginHeader",
        ] {
            assert!(cors(error, "").agrees_with(Some(&header)), "{error}");
            assert!(cors(error, "").agrees_with(Some(&Cause::PreflightRefused)));
            assert!(!cors(error, "").agrees_with(Some(&Cause::AnswerWithoutHeaders)));
        }
        let other = cors("HeaderDisallowedByPreflightResponse", "authorization");
        assert!(!other.agrees_with(Some(&header)));
        assert!(!other.agrees_with(Some(&Cause::PreflightRefused)));
    }

    #[test]
    fn credentials_rule_out_wildcards() {
        for (error, parameter) in [
            ("InvalidAllowCredentials", ""),
            ("PreflightInvalidAllowCredentials", "True"),
            ("WildcardOriginNotAllowed", "*"),
            ("HeaderDisallowedByPreflightResponse", "authorization"),
        ] {
            assert!(cors(error, parameter).agrees_with(Some(&Cause::Credentials)));
        }
        let mismatch = cors("AllowOriginMismatch", "http://localhost:1");
        assert!(!mismatch.agrees_with(Some(&Cause::Credentials)));
    }

    #[test]
    fn what_the_page_cannot_see_is_told_in_words() {
        assert_eq!(
            cors("AllowOriginMismatch", "http://localhost:8080/").words(),
            "AllowOriginMismatch: the answer lets in http://localhost:8080/ instead"
        );
        let reason = Reason::Cors {
            error: "PreflightDisallowedRedirect".into(),
            parameter: String::new(),
            answer: Some(Answer {
                status: 307,
                location: Some("http://localhost:1/login".into()),
            }),
        };
        assert_eq!(
            reason.words(),
            "PreflightDisallowedRedirect: the preflight is redirected (307) to \
             http://localhost:1/login"
        );
        assert_eq!(cors("CorsDisabledScheme", "").words(), "CorsDisabledScheme");
    }
}
