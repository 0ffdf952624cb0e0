//! What no cause is behind, because no answer came, or none that the browser could read.

use super::Cause;
use crate::{
    observation::{About, Observation},
    service::Service,
};

/// Where to look if a request itself ends its connection.
const PROCESS: &str = "its log, for a process that ends over it; or what stands before it";

/// With which requests the connection breaks, while others are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaking {
    /// Those that need a preflight.
    Preflights,
    /// Those with a token.
    WithToken,
    /// Those of the same method at the same address.
    OfMethod,
    /// All at the same address.
    ToAddress,
}

impl Cause {
    /// The message that a connection breaks while a body is sent to where something answers.
    #[must_use]
    pub fn breaks_while_sent(service: Service, words: &str) -> String {
        format!(
            "something answers there, but the connection breaks while the body is sent: {words} ({service}, \
             and the longest body, or time for one, that what stands before it allows)"
        )
    }

    /// The message that the connection breaks with some requests, and others are answered, with the setting to
    /// check.
    #[must_use]
    pub fn breaks_at(service: Service, words: &str, which: Breaking) -> String {
        let (which, setting) = match which {
            Breaking::Preflights => (
                "that needs a preflight (OPTIONS)",
                "what stands before it and ends such a connection, as nginx does by return 444",
            ),
            Breaking::WithToken => ("with a token", PROCESS),
            Breaking::OfMethod => ("of this method", PROCESS),
            Breaking::ToAddress => ("to this address", PROCESS),
        };
        format!(
            "the connection breaks with a request {which}, and others are answered: {words} ({service}, {setting})"
        )
    }

    /// The message that nothing answers, with the setting to check.
    #[must_use]
    pub fn unreachable(service: Service, observation: Option<&Observation>) -> String {
        let setting = match service {
            Service::Page => "which a run serves itself",
            Service::UserApi => "USERFACING_API_URL, and whether it runs",
            Service::Cognito => {
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER or the region that the UserAPI tells"
            }
            Service::S3 => "the endpoint for which the UserAPI signs URLs",
        };
        match observation {
            Some(Observation {
                about: About::Certificate,
                words,
                ..
            }) => format!(
                "the browser does not trust the certificate that is shown there: {words} ({service}, \
                 its certificate, or {setting})"
            ),
            Some(Observation {
                about: About::TlsTerms,
                words,
                ..
            }) => format!(
                "what answers there speaks TLS, but not as this browser accepts it: {words} ({service}, its \
                 versions and ciphers of TLS, or a certificate that it demands of its clients, or {setting})"
            ),
            Some(Observation {
                about: About::Malformed,
                words,
                ..
            }) => format!(
                "something answers there, but not as HTTP has it: {words} ({service}, or what stands before \
                 it)"
            ),
            Some(Observation {
                about: About::NoTarget,
                words,
                ..
            }) => format!(
                "it redirects to what is not an address: {words} ({service}, or what stands before it and redirects: \
                 from what it builds addresses, such as the Host and the X-Forwarded-Host that a proxy passes on)"
            ),
            Some(Observation {
                about: About::Encoding,
                ..
            }) => format!(
                "an answer comes, but its body is not packed as its content-encoding says ({service}, or \
                 what stands before it and packs or unpacks bodies)"
            ),
            Some(Observation {
                about: About::NoName,
                ..
            }) => {
                format!("no host of that name is known ({service}, the host's name in {setting})")
            }
            Some(Observation {
                about: About::Tls,
                words,
                ..
            }) => format!(
                "what answers there does not speak TLS, which https needs: {words} ({service}, http or \
                 https in {setting})"
            ),
            Some(Observation {
                about: About::CutShort,
                ..
            }) => format!(
                "an answer comes, but its body cannot be read: it ends before it is whole ({service}, and \
                 what stands before it)"
            ),
            Some(_) => {
                format!("nothing answers there, or the connection breaks ({service}, {setting})")
            }
            // A page alone cannot see a redirect.
            None => format!(
                "nothing answers there, or the connection breaks, or a redirect leads to where nothing \
                 answers ({service}, {setting})"
            ),
        }
    }
}
