//! The names of the `DevTools` protocol for why a request failed: what they are about, and in words.

use crate::traffic::{About, Reason};

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The answer, or that to the preflight, does not let the page read it.
    Cors {
        /// A name of the protocol's `Network.CorsError`.
        error: String,
        /// What it is about: a method, a header, an origin. May be empty.
        parameter: String,
    },
    /// Refused for another reason: a name of `Network.BlockedReason`.
    Blocked(String),
    /// There was no whole answer: one of the browser's network errors.
    Network(String),
}

/// The part of an answer that helps to see where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Its status.
    pub(super) status: u16,
    /// Where it redirects to.
    pub(super) location: Option<String>,
}

impl Refusal {
    /// Whether it was the answer to the preflight that was judged.
    pub(super) fn is_about_preflight(&self) -> bool {
        matches!(self, Self::Cors { error, .. } if error.contains("Preflight"))
    }

    /// The reason in terms that all engines share; `answer` is the one that was judged.
    pub(super) fn reason(&self, answer: Option<&Answer>) -> Reason {
        let (about, words) = match self {
            Self::Network(error) => (About::Network, error.clone()),
            Self::Blocked(reason) => (About::Other, format!("the request is blocked ({reason})")),
            Self::Cors { error, parameter } => {
                (about(error, parameter), words(error, parameter, answer))
            }
        };
        Reason {
            about,
            status: answer.map(|answer| answer.status),
            words,
        }
    }
}

fn about(error: &str, parameter: &str) -> About {
    let preflight = error.starts_with("Preflight");
    match error.strip_prefix("Preflight").unwrap_or(error) {
        "MissingAllowOriginHeader"
        | "AllowOriginMismatch"
        | "MultipleAllowOriginValues"
        | "InvalidAllowOriginValue" => About::AllowOrigin { preflight },
        "WildcardOriginNotAllowed" | "InvalidAllowCredentials" => About::Credentials { preflight },
        "InvalidStatus" => About::PreflightStatus,
        "InvalidAllowMethodsPreflightResponse" | "InvalidAllowHeadersPreflightResponse" => {
            About::PreflightHeaders
        }
        "DisallowedRedirect" => About::PreflightRedirect,
        "MethodDisallowedByPreflightResponse" => About::Method(parameter.into()),
        "HeaderDisallowedByPreflightResponse" => About::Header(parameter.into()),
        "RedirectContainsCredentials" => About::Redirect,
        _ => About::Other,
    }
}

fn words(error: &str, parameter: &str, answer: Option<&Answer>) -> String {
    let status = answer.map_or(String::new(), |answer| format!(" ({})", answer.status));
    let (whose, kind) = match error.strip_prefix("Preflight") {
        Some(kind) => (format!("the preflight's answer{status}"), kind),
        None => (format!("the answer{status}"), error),
    };
    let what = match kind {
        "MissingAllowOriginHeader" => format!("{whose} lacks access-control-allow-origin"),
        "AllowOriginMismatch" => format!("{whose} lets in {parameter} instead"),
        "MultipleAllowOriginValues" => format!("{whose} names several origins: {parameter}"),
        "InvalidAllowOriginValue" => format!("{whose} names what is no origin: {parameter}"),
        "WildcardOriginNotAllowed" => {
            format!("{whose} lets in *, which credentials rule out")
        }
        "InvalidAllowCredentials" => {
            format!("{whose} has access-control-allow-credentials {parameter:?} instead of true")
        }
        "InvalidStatus" => match answer {
            Some(answer) => format!("the preflight is answered {}", answer.status),
            None => "the preflight is not answered with a status of 200 to 299".into(),
        },
        "DisallowedRedirect" => {
            let to = answer.and_then(|answer| answer.location.as_ref());
            let to = to.map_or(String::new(), |to| format!(" to {to}"));
            format!("the preflight is redirected{status}{to}")
        }
        _ if parameter.is_empty() => return error.to_owned(),
        _ => return format!("{error} ({parameter})"),
    };
    format!("{error}: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(error: &str, parameter: &str) -> Refusal {
        Refusal::Cors {
            error: error.into(),
            parameter: parameter.into(),
        }
    }

    #[test]
    fn what_the_page_cannot_see_is_told_in_words() {
        assert_eq!(
            cors("AllowOriginMismatch", "http://localhost:8080/")
                .reason(None)
                .words,
            "AllowOriginMismatch: the answer lets in http://localhost:8080/ instead"
        );
        let answer = Answer {
            status: 307,
            location: Some("http://localhost:1/login".into()),
        };
        let redirected = cors("PreflightDisallowedRedirect", "").reason(Some(&answer));
        assert_eq!(
            redirected.words,
            "PreflightDisallowedRedirect: the preflight is redirected (307) to \
             http://localhost:1/login"
        );
        assert_eq!(redirected.status, Some(307));
        assert_eq!(
            cors("CorsDisabledScheme", "").reason(None).words,
            "CorsDisabledScheme"
        );
        let put = cors("MethodDisallowedByPreflightResponse", "PUT").reason(None);
        assert_eq!(put.words, "MethodDisallowedByPreflightResponse (PUT)");
        assert_eq!(put.about, About::Method("PUT".into()));
    }
}
