//! Firefox's reasons for requests that failed: what they are about, and in words.
//!
//! Those for answers that it keeps from a page stand in the console, in the texts of Firefox's
//! `security.properties`; those of the network are names of `nresult`.

use opencloud_model::observation::{About, Observation, WithheldAnswer};

use crate::traffic::{Exchange, Headers};

/// How a line of the console about an answer that is kept from a page begins.
pub(super) const BLOCKED: &str = "Cross-Origin Request Blocked: ";

/// The reason of a request that failed because another one did, its preflight.
const FOLLOWS: &str = "CORS request did not succeed";

/// Why an answer is kept from a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    text: String,
    status: Option<u16>,
}

/// A line of the console: the address that it is about, and the reason.
pub(super) fn read(line: &str) -> Option<(&str, Reason)> {
    let line = line.strip_prefix(BLOCKED)?;
    let (_, rest) = line.split_once(" remote resource at ")?;
    let (url, rest) = rest.split_once(". (Reason: ")?;
    let (text, rest) = rest.rsplit_once(").")?;
    if text.starts_with(FOLLOWS) {
        return None;
    }
    let (text, status) = match text.split_once("). Status code: ") {
        Some((text, status)) => (text, status),
        None => (text, rest.trim().trim_start_matches("Status code: ")),
    };
    let url = url.trim_matches(['‘', '’']);
    let reason = Reason {
        text: text.to_owned(),
        status: status.trim_end_matches('.').parse().ok(),
    };
    Some((url, reason))
}

impl Reason {
    /// Whether the answer of `exchange` can be the one that is meant.
    pub(super) fn fits(&self, exchange: &Exchange, is_preflight: bool) -> bool {
        let header = |name: &str| exchange.response_headers.get(name).map(String::as_str);
        let origin = header("access-control-allow-origin");
        let has_status = match self.status {
            Some(status) => exchange.status == Some(status),
            None => exchange.status.is_some(),
        };
        has_status
            && match self.about(is_preflight, "") {
                About::AllowOrigin { .. } if self.is_missing() => origin.is_none(),
                About::AllowOrigin { .. } => {
                    let named = origin.unwrap_or_default();
                    named.is_empty() || self.text.contains(named) || self.is_multiple()
                }
                About::Wildcard { .. } => origin == Some("*"),
                About::Credentials { .. } => {
                    header("access-control-allow-credentials") != Some("true")
                }
                About::Redirect | About::Other => true,
                _ => is_preflight,
            }
    }

    /// Whether the same answer could be read if the request had not been sent with credentials.
    pub(super) fn is_about_credentials(&self) -> bool {
        let about = self.about(false, "");
        matches!(about, About::Wildcard { .. } | About::Credentials { .. })
    }

    /// The reason in terms that all engines share; `answer` is the one that was judged, with its headers, and
    /// `method` that of the request that failed.
    pub(super) fn observation(
        &self,
        answer: WithheldAnswer,
        headers: &Headers,
        method: &str,
    ) -> Observation {
        let about = self.about(answer.to_preflight, method);
        let status = answer.status;
        let whose = if answer.to_preflight {
            format!("the preflight's answer ({status})")
        } else {
            format!("the answer ({status})")
        };
        let header = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
        let what = match &about {
            About::AllowOrigin { .. } => match header("access-control-allow-origin") {
                "" => format!("{whose} lacks access-control-allow-origin"),
                origin => format!("{whose} lets in {origin} instead"),
            },
            About::Credentials { .. } => {
                let value = header("access-control-allow-credentials");
                format!("{whose} has access-control-allow-credentials {value:?} instead of true")
            }
            About::PreflightStatus => format!("the preflight is answered {status}"),
            About::PreflightRedirect | About::Redirect => {
                let to = answer.location.as_ref();
                let to = to.map_or(String::new(), |to| format!(" to {to}"));
                format!("{whose} redirects it{to}")
            }
            _ => whose,
        };
        Observation {
            about,
            words: format!("{}: {what}", self.text),
            answer: Some(WithheldAnswer {
                names_several: self.is_multiple(),
                ..answer
            }),
        }
    }

    fn about(&self, preflight: bool, method: &str) -> About {
        let text = &*self.text;
        let is_redirect = self
            .status
            .is_some_and(|status| (300..400).contains(&status));
        if self.is_missing() || self.is_multiple() || text.contains("does not match") {
            About::AllowOrigin { preflight }
        } else if text.starts_with("Credential is not supported") {
            About::Wildcard { preflight }
        } else if text.starts_with("expected ‘true’") {
            About::Credentials { preflight }
        } else if text.starts_with("Did not find method") {
            About::Method(method.into())
        } else if text.starts_with("header ‘") {
            let name = text.split(['‘', '’']).nth(1);
            About::Header(name.unwrap_or_default().to_ascii_lowercase())
        } else if text.starts_with("invalid token") {
            About::PreflightHeaders
        } else if text.contains("external redirect") || text.contains("preflight") && is_redirect {
            if preflight {
                About::PreflightRedirect
            } else {
                About::Redirect
            }
        } else if text.contains("preflight response did not succeed") {
            About::PreflightStatus
        } else {
            About::Other
        }
    }

    fn is_missing(&self) -> bool {
        self.text.ends_with("Access-Control-Allow-Origin’ missing")
    }

    fn is_multiple(&self) -> bool {
        self.text.starts_with("Multiple CORS header")
    }
}

/// The error of a request that failed because its preflight did.
pub(super) fn is_consequence(error: &str) -> bool {
    error == "NS_ERROR_DOM_BAD_URI"
}

/// What a network error tells; `None` if the page itself has given up the request.
pub(super) fn of_network(error: &str) -> Option<Observation> {
    /// Errors of certificates (`secerr.h`, `sslerr.h`, `pkixnss.h`), and what they mean.
    const CERTIFICATE: [(&str, &str); 6] = [
        (
            "SEC_ERROR_UNKNOWN_ISSUER",
            "no authority that this browser trusts has signed it",
        ),
        (
            "SELF_SIGNED_CERT",
            "no authority that this browser trusts has signed it",
        ),
        ("BAD_CERT_DOMAIN", "it is for another host name"),
        (
            "SEC_ERROR_EXPIRED_CERTIFICATE",
            "it has expired or is not valid yet, or this machine's clock is wrong",
        ),
        ("REVOKED_CERTIFICATE", "its authority has revoked it"),
        ("MOZILLA_PKIX_ERROR", ""),
    ];
    /// Errors of the browser's own files and memory, at which no server has a part.
    const OWN: [&str; 4] = [
        "NS_ERROR_OUT_OF_MEMORY",
        "NS_ERROR_FILE_",
        "NS_ERROR_DOM_FILE_",
        "NS_ERROR_CACHE_",
    ];
    /// Errors of a server that does not speak TLS.
    const NO_TLS: [&str; 2] = [
        "SSL_ERROR_RX_RECORD_TOO_LONG",
        "SSL_ERROR_RX_UNKNOWN_RECORD_TYPE",
    ];
    /// Errors of what is not allowed to be asked for.
    const REFUSED: [&str; 4] = [
        "NS_ERROR_CONTENT_BLOCKED",
        "NS_ERROR_BLOCKED_",
        "NS_ERROR_PORT_ACCESS_NOT_ALLOWED",
        "NS_ERROR_UNKNOWN_PROTOCOL",
    ];
    if error == "NS_BINDING_ABORTED" || is_consequence(error) {
        return None;
    }
    let name = match error.rsplit_once(", ") {
        Some((_, name)) => name.trim_end_matches(')'),
        None => error,
    };
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let certificate = CERTIFICATE.iter().find(|(part, _)| name.contains(part));
    let about = if certificate.is_some() {
        About::Certificate
    } else if NO_TLS.contains(&name) {
        About::Tls
    } else if begins(&["SSL_", "SEC_"]) {
        About::TlsTerms
    } else if begins(&["NS_ERROR_UNKNOWN_HOST"]) {
        About::NoName
    } else if begins(&["NS_ERROR_INVALID_CONTENT_ENCODING"]) {
        About::Encoding
    } else if begins(&["NS_ERROR_CORRUPTED_CONTENT"]) {
        About::Malformed
    } else if begins(&OWN) {
        About::Browser
    } else if begins(&REFUSED) {
        About::Other
    } else if name == "NS_ERROR_NET_PARTIAL_TRANSFER" {
        // It refuses such an answer as a whole, if all that there is of it comes at once.
        About::CutShort
    } else {
        About::Network
    };
    let meaning = certificate.map_or("", |(_, meaning)| meaning);
    let words = match meaning {
        "" => name.to_owned(),
        meaning => format!("{name}, {meaning}"),
    };
    Some(Observation {
        about,
        words,
        answer: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of the console, recorded in Firefox 153.
    fn line(reason: &str) -> String {
        format!(
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource \
             at http://localhost:1/a?b=(c). (Reason: {reason}"
        )
    }

    #[test]
    fn every_reason_is_told_in_terms_of_the_standard() {
        let preflight = true;
        for (said, to_preflight, about) in [
            (
                "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.",
                false,
                About::AllowOrigin { preflight: false },
            ),
            (
                "CORS header ‘Access-Control-Allow-Origin’ does not match ‘http://other’).",
                true,
                About::AllowOrigin { preflight },
            ),
            (
                "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).",
                false,
                About::AllowOrigin { preflight: false },
            ),
            (
                "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).",
                false,
                About::Wildcard { preflight: false },
            ),
            (
                "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).",
                true,
                About::Credentials { preflight },
            ),
            (
                "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
                true,
                About::Method("PUT".into()),
            ),
            (
                "header ‘authorization’ is not allowed according to header \
                 ‘Access-Control-Allow-Headers’ from CORS preflight response).",
                true,
                About::Header("authorization".into()),
            ),
            (
                "invalid token ‘a b’ in CORS header ‘Access-Control-Allow-Headers’).",
                true,
                About::PreflightHeaders,
            ),
            (
                "CORS request external redirect not allowed).",
                true,
                About::PreflightRedirect,
            ),
            (
                "CORS preflight response did not succeed). Status code: 307.",
                true,
                About::PreflightRedirect,
            ),
            (
                "CORS preflight response did not succeed). Status code: 400.",
                true,
                About::PreflightStatus,
            ),
        ] {
            let line = line(said);
            let (url, reason) = read(&line).unwrap();
            assert_eq!(url, "http://localhost:1/a?b=(c)", "{said}");
            let answer = WithheldAnswer {
                to_preflight,
                ..WithheldAnswer::default()
            };
            assert_eq!(
                reason.observation(answer, &Headers::new(), "PUT").about,
                about,
                "{said}"
            );
        }
        // It says nothing of its own.
        assert_eq!(
            read(&line("CORS request did not succeed). Status code: (null).")),
            None
        );
        assert_eq!(read("Error: boom"), None);
    }

    #[test]
    fn network_errors_are_told_from_the_browsers_own() {
        let security =
            |name: &str| format!("NS_ERROR_GENERATE_FAILURE(NS_ERROR_MODULE_SECURITY, {name})");
        for (error, about) in [
            ("NS_ERROR_CONNECTION_REFUSED".to_owned(), About::Network),
            ("NS_ERROR_NET_RESET".to_owned(), About::Network),
            ("NS_ERROR_UNKNOWN_HOST".to_owned(), About::NoName),
            ("NS_ERROR_OUT_OF_MEMORY".to_owned(), About::Browser),
            ("NS_ERROR_CONTENT_BLOCKED".to_owned(), About::Other),
            (security("SSL_ERROR_RX_RECORD_TOO_LONG"), About::Tls),
            (security("SSL_ERROR_BAD_CERT_DOMAIN"), About::Certificate),
            (security("SEC_ERROR_UNKNOWN_ISSUER"), About::Certificate),
            (
                security("MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT"),
                About::Certificate,
            ),
        ] {
            let observation = of_network(&error).unwrap();
            assert_eq!(observation.about, about, "{error}");
            assert!(!observation.words.contains('('), "{}", observation.words);
        }
        assert_eq!(of_network("NS_BINDING_ABORTED"), None);
        assert_eq!(of_network("NS_ERROR_DOM_BAD_URI"), None);
    }
}
