//! What a browser's engine reports of a request that failed, in terms that all engines share. A page
//! cannot see any of it.

use serde::{Deserialize, Serialize};

use crate::service::Service;

/// Why a request failed, as the engine has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The header, status or redirect that is at fault.
    pub about: About,
    /// The engine's name for the reason, and the reason in words.
    pub words: String,
    /// The answer that is at fault, if there was one: that to the request, or that to its preflight.
    pub answer: Option<WithheldAnswer>,
}

/// An answer that the page could not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithheldAnswer {
    /// Its status.
    pub status: u16,
    /// The address that was asked, without the query.
    pub url: String,
    /// Whether it is that to the preflight.
    pub to_preflight: bool,
    /// The program that gave it, according to its header `server`.
    pub server: Option<String>,
    /// The program that gave other answers of the same origin, which the page could read.
    pub usual_server: Option<String>,
    /// Where it redirects to, without the query.
    pub location: Option<String>,
    /// Its media type.
    pub media_type: Option<String>,
    /// The kind of error that it names, as answers of AWS's own do (`x-amzn-errortype`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<Box<str>>,
    /// Whether the header that is at fault has several values, which is as good as none: two layers set it.
    #[serde(default)]
    pub names_several: bool,
}

impl WithheldAnswer {
    /// Whether it is a page for people. No service that the frontend calls gives one.
    #[must_use]
    pub fn is_html(&self) -> bool {
        let media_type = self.media_type.as_deref().unwrap_or_default();
        media_type.starts_with("text/html")
    }

    /// Whether it is XML, as the refusals of S3 are.
    #[must_use]
    pub fn is_xml(&self) -> bool {
        let media_type = self.media_type.as_deref().unwrap_or_default();
        media_type.contains("xml")
    }

    /// Whether it is plain text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        let media_type = self.media_type.as_deref().unwrap_or_default();
        media_type.starts_with("text/plain")
    }

    /// The program that gave it, if that is known and not the `service` itself.
    #[must_use]
    pub fn sender_before(&self, service: Service) -> Option<&str> {
        let server = self.server.as_deref()?;
        let is_own = matches!(
            (service, server),
            (Service::S3, "AmazonS3" | "MinIO") | (Service::UserApi, "uvicorn")
        );
        // Under other names, what speaks as S3 does and gives all answers is S3, or passes its answers on.
        let is_as_s3 = service == Service::S3 && self.is_xml() && !self.is_of_another_server();
        (!is_own && !is_as_s3).then_some(server)
    }

    /// Whether another program gave it than gives the answers that the page can read.
    #[must_use]
    pub fn is_of_another_server(&self) -> bool {
        match (&self.server, &self.usual_server) {
            (Some(server), Some(usual)) => server != usual,
            _ => false,
        }
    }
}

/// The reason of an engine, in terms of the Fetch standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// `access-control-allow-origin` of the answer, or of that to the preflight.
    AllowOrigin {
        /// Whether it is the preflight's.
        preflight: bool,
    },
    /// The answer, or that to the preflight, lets in `*`, which is not an answer to a request with
    /// credentials.
    Wildcard {
        /// Whether it is the preflight's.
        preflight: bool,
    },
    /// The answer, or that to the preflight, allows no credentials.
    Credentials {
        /// Whether it is the preflight's.
        preflight: bool,
    },
    /// The status of the answer to the preflight.
    PreflightStatus,
    /// A header of the answer to the preflight that cannot be read.
    PreflightHeaders,
    /// A redirect of the preflight.
    PreflightRedirect,
    /// A method that the preflight does not allow.
    Method(String),
    /// A header that it does not allow.
    Header(String),
    /// A redirect of the request.
    Redirect,
    /// There was no answer.
    Network,
    /// No server has this name.
    NoName,
    /// What came is not an answer as HTTP defines it.
    Malformed,
    /// A redirect to what is not an address.
    NoTarget,
    /// A body that is not packed as its `content-encoding` says.
    Encoding,
    /// An answer began, and ended before it was whole.
    CutShort,
    /// The server's certificate.
    Certificate,
    /// The server does not speak TLS.
    Tls,
    /// It does, but in no way that the browser accepts.
    TlsTerms,
    /// The browser itself could not send the request or keep the answer.
    Browser,
    /// Something that the page cannot find out by itself, such as its content security policy.
    Other,
}

impl About {
    /// Whether no whole answer came that a CORS layer could have let in or not.
    #[must_use]
    pub fn is_without_answer(&self) -> bool {
        matches!(
            self,
            Self::Network
                | Self::NoName
                | Self::Malformed
                | Self::NoTarget
                | Self::Encoding
                | Self::CutShort
                | Self::Certificate
                | Self::Tls
                | Self::TlsTerms
                | Self::Browser
        )
    }
}

impl Observation {
    /// Whether the answer that is at fault is still to be told: an engine may tell of the failure first.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        self.answer.is_none() && !self.about.is_without_answer() && self.about != About::Other
    }

    /// Whether no whole answer came, for a reason that may pass by itself.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self.about, About::Network | About::NoName | About::CutShort)
    }

    /// The status of a service, or of a gateway before it, that is busy or away for a moment.
    #[must_use]
    pub fn transient_status(&self) -> Option<u16> {
        let answer = self.answer.as_ref()?;
        is_for_a_moment(answer.status).then_some(answer.status)
    }
}

/// Whether this is the status of a service, or of a gateway before it, that is busy or away for a moment. Those
/// from 520 on are Cloudflare's, for a server behind it that does not answer as it should.
#[must_use]
pub fn is_for_a_moment(status: u16) -> bool {
    matches!(status, 429 | 502..=504 | 520..=524)
}
