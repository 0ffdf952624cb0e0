//! Why a request failed, in terms that all engines share.

/// Why a request failed, as its engine has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The header, status or redirect that is at fault.
    pub about: About,
    /// The status of the answer that is at fault, if there was one.
    pub status: Option<u16>,
    /// The engine's name for it, and what it means.
    pub words: String,
}

/// The reason of an engine, in terms of the Fetch standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// `access-control-allow-origin` of the answer, or of that to the preflight.
    AllowOrigin {
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
    /// There was no whole answer.
    Network,
    /// Something that the page cannot find out by itself.
    Other,
}

impl Reason {
    /// Whether a repeat may succeed: no answer came, or a gateway before the service was busy.
    #[must_use]
    pub fn passes_by_itself(&self) -> bool {
        match self.about {
            About::Network => true,
            About::PreflightStatus => matches!(self.status, Some(429 | 502 | 503 | 504)),
            _ => false,
        }
    }
}
