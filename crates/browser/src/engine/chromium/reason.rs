//! The names of the `DevTools` protocol for why a request failed: what they are about, and in words.

use opencloud_model::observation::{About, Observation, WithheldAnswer};

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

impl Refusal {
    /// Whether it was the answer to the preflight that was judged.
    pub(super) fn is_about_preflight(&self) -> bool {
        matches!(self, Self::Cors { error, .. } if error.contains("Preflight"))
    }

    /// The reason in terms that all engines share; `answer` is the one that was judged.
    pub(super) fn observation(&self, answer: Option<WithheldAnswer>) -> Observation {
        let (about, words) = match self {
            Self::Network(error) => (about_network(error), network_words(error)),
            Self::Blocked(reason) => (About::Other, format!("the request is blocked ({reason})")),
            Self::Cors { error, parameter } => (
                about(error, parameter),
                words(error, parameter, answer.as_ref()),
            ),
        };
        let names_several = matches!(self, Self::Cors { error, parameter }
            if error.contains("MultipleAllowOrigin")
                || error.ends_with("InvalidAllowCredentials") && parameter.contains(','));
        Observation {
            about,
            words,
            answer: answer.map(|answer| WithheldAnswer {
                names_several,
                ..answer
            }),
        }
    }
}

/// What one of the browser's network errors is about (Chromium, `net_error_list.h`).
fn about_network(error: &str) -> About {
    /// Errors of the browser's own files and memory, at which no server has a part.
    const OWN: [&str; 9] = [
        "ERR_BLOB_",
        "ERR_FILE_",
        "ERR_UPLOAD_FILE_CHANGED",
        "ERR_OUT_OF_MEMORY",
        "ERR_INSUFFICIENT_RESOURCES",
        "ERR_CACHE_",
        "ERR_ACCESS_DENIED",
        "ERR_NOT_ENOUGH_SPACE",
        "ERR_NO_BUFFER_SPACE",
    ];
    let name = error.strip_prefix("net::").unwrap_or(error);
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if begins(&OWN) {
        About::Browser
    } else if begins(&["ERR_CERT_"]) {
        About::Certificate
    } else if name == "ERR_SSL_PROTOCOL_ERROR" {
        About::Tls
    } else if begins(&["ERR_SSL_", "ERR_BAD_SSL_"]) {
        About::TlsTerms
    } else if begins(&["ERR_NAME_"]) {
        About::NoName
    } else if name == "ERR_INVALID_REDIRECT" {
        About::NoTarget
    } else if begins(&["ERR_CONTENT_DECODING_"]) {
        About::Encoding
    } else if begins(&[
        "ERR_RESPONSE_HEADERS_",
        "ERR_INVALID_HTTP_RESPONSE",
        "ERR_INVALID_RESPONSE",
        "ERR_INVALID_CHUNKED_ENCODING",
    ]) {
        About::Malformed
    } else if begins(&[
        "ERR_BLOCKED_BY_",
        "ERR_UNSAFE_PORT",
        "ERR_DISALLOWED_URL_SCHEME",
    ]) {
        About::Other
    } else if begins(&[
        "ERR_CONTENT_LENGTH_MISMATCH",
        "ERR_INCOMPLETE_CHUNKED_ENCODING",
    ]) {
        About::CutShort
    } else {
        About::Network
    }
}

/// One of the browser's network errors; those of certificates with what they mean.
fn network_words(error: &str) -> String {
    let meaning = match error.strip_prefix("net::ERR_CERT_").unwrap_or_default() {
        "AUTHORITY_INVALID" => "no authority that this browser trusts has signed it",
        "COMMON_NAME_INVALID" => "it is for another host name",
        "DATE_INVALID" => "it has expired or is not valid yet, or this machine's clock is wrong",
        "REVOKED" => "its authority has revoked it",
        _ => return error.to_owned(),
    };
    format!("{error}, {meaning}")
}

fn about(error: &str, parameter: &str) -> About {
    let preflight = error.starts_with("Preflight");
    match error.strip_prefix("Preflight").unwrap_or(error) {
        "MissingAllowOriginHeader"
        | "AllowOriginMismatch"
        | "MultipleAllowOriginValues"
        | "InvalidAllowOriginValue" => About::AllowOrigin { preflight },
        "WildcardOriginNotAllowed" => About::Wildcard { preflight },
        "InvalidAllowCredentials" => About::Credentials { preflight },
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

fn words(error: &str, parameter: &str, answer: Option<&WithheldAnswer>) -> String {
    let status = answer.map_or(String::new(), |answer| format!(" ({})", answer.status));
    let (whose, kind) = match error.strip_prefix("Preflight") {
        Some(kind) => (format!("the preflight's answer{status}"), kind),
        None if answer.is_some_and(|answer| (300..400).contains(&answer.status)) => (
            format!("the answer{status}, or the one to which it leads,"),
            error,
        ),
        None => (format!("the answer{status}"), error),
    };
    let parameter = visible(parameter);
    let what = match kind {
        "MissingAllowOriginHeader" => format!("{whose} lacks access-control-allow-origin"),
        "AllowOriginMismatch" => format!("{whose} lets in {parameter} instead"),
        "MultipleAllowOriginValues" => format!("{whose} names several origins: {parameter}"),
        "InvalidAllowOriginValue" => format!("{whose} names what is not an origin: {parameter}"),
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

/// The text with every character that is not seen, or looks like another one, as its number.
fn visible(text: &str) -> String {
    let visible = |c: char| match c {
        ' '..='~' => c.to_string(),
        _ => c.escape_unicode().to_string(),
    };
    text.chars().map(visible).collect()
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
                .observation(None)
                .words,
            "AllowOriginMismatch: the answer lets in http://localhost:8080/ instead"
        );
        let answer = WithheldAnswer {
            status: 307,
            location: Some("http://localhost:1/login".into()),
            ..WithheldAnswer::default()
        };
        assert_eq!(
            cors("InvalidAllowOriginValue", "http://a\u{200b}")
                .observation(None)
                .words,
            "InvalidAllowOriginValue: the answer names what is not an origin: http://a\\u{200b}"
        );
        let redirected = cors("PreflightDisallowedRedirect", "").observation(Some(answer));
        assert_eq!(
            redirected.words,
            "PreflightDisallowedRedirect: the preflight is redirected (307) to \
             http://localhost:1/login"
        );
        assert_eq!(redirected.answer.map(|answer| answer.status), Some(307));
        assert_eq!(
            cors("CorsDisabledScheme", "").observation(None).words,
            "CorsDisabledScheme"
        );
        let put = cors("MethodDisallowedByPreflightResponse", "PUT").observation(None);
        assert_eq!(put.words, "MethodDisallowedByPreflightResponse (PUT)");
        assert_eq!(put.about, About::Method("PUT".into()));
    }

    #[test]
    fn network_errors_are_told_from_the_browsers_own() {
        for (error, about) in [
            ("net::ERR_CONNECTION_REFUSED", About::Network),
            ("net::ERR_HTTP2_PROTOCOL_ERROR", About::Network),
            ("net::ERR_CONTENT_LENGTH_MISMATCH", About::CutShort),
            ("net::ERR_BLOB_REFERENCED_BLOB_BROKEN", About::Browser),
            ("net::ERR_OUT_OF_MEMORY", About::Browser),
            ("net::ERR_FILE_NO_SPACE", About::Browser),
            ("net::ERR_CERT_WEAK_KEY", About::Certificate),
            ("net::ERR_SSL_PROTOCOL_ERROR", About::Tls),
            ("net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH", About::TlsTerms),
            ("net::ERR_BAD_SSL_CLIENT_AUTH_CERT", About::TlsTerms),
            ("net::ERR_NAME_NOT_RESOLVED", About::NoName),
            ("net::ERR_CONTENT_DECODING_FAILED", About::Encoding),
            ("net::ERR_INVALID_REDIRECT", About::NoTarget),
            (
                "net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH",
                About::Malformed,
            ),
            ("net::ERR_INVALID_HTTP_RESPONSE", About::Malformed),
            ("net::ERR_BLOCKED_BY_ADMINISTRATOR", About::Other),
        ] {
            let observation = Refusal::Network(error.into()).observation(None);
            assert_eq!(observation.about, about, "{error}");
            assert_eq!(observation.words, error);
        }
    }

    #[test]
    fn an_error_of_a_certificate_says_what_is_wrong_with_it() {
        for (error, meaning) in [
            ("AUTHORITY_INVALID", "no authority"),
            ("COMMON_NAME_INVALID", "another host name"),
            ("DATE_INVALID", "has expired"),
            ("REVOKED", "has revoked it"),
        ] {
            let error = format!("net::ERR_CERT_{error}");
            let observation = Refusal::Network(error.clone()).observation(None);
            assert_eq!(observation.about, About::Certificate, "{error}");
            let words = observation.words;
            assert!(
                words.starts_with(&error) && words.contains(meaning),
                "{words}"
            );
        }
    }
}
