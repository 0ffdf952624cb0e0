//! The UserAPI, as the frontend calls it: access, files and jobs of a signed-in user.
//!
//! Each call comes twice: as a [`Request`], for tests that look at the bare exchange or send it as
//! somebody else, and as a method that sends it and reads the answer.

pub mod access;
pub mod error;
pub mod files;
pub mod jobs;
pub mod once;
pub mod transfers;

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    cognito::SignInError,
    http::{self, Answer, Http, Request},
    session::Session,
};
use once::Excuses;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request failed.
    #[error(transparent)]
    Http(#[from] http::Failure),
    /// The token had grown old and there is no new one.
    #[error("the token could not be renewed: {0}")]
    Token(#[from] SignInError),
    /// The UserAPI does not take the user's token.
    #[error("{failure}: the token is refused; {explanation}")]
    TokenRefused {
        /// The request.
        failure: http::Failure,
        /// What about the token may be at fault.
        explanation: String,
    },
}

/// The UserAPI with a user's token.
#[derive(Clone, Debug)]
pub struct UserApi {
    http: Http,
    base: String,
    session: Session,
    excuses: Excuses,
}

impl UserApi {
    /// The UserAPI at `base` (no trailing slash), called as the user of `session`.
    #[must_use]
    pub fn new(http: Http, base: String, session: Session) -> Self {
        Self {
            http,
            base,
            session,
            excuses: Excuses::default(),
        }
    }

    /// `request` with the user's token.
    pub async fn authorized(&self, request: Request) -> Result<Request, CallError> {
        Ok(request.bearer(&self.session.token().await?))
    }

    /// Sends `request` with the user's token and takes an answer of one of the `expected` statuses.
    /// A token that was good before and is refused now is renewed, and the request sent again.
    pub async fn call(&self, request: Request, expected: &[u16]) -> Result<Answer, CallError> {
        let mut token = self.session.token().await?;
        let mut answer = self.http.send(request.clone().bearer(&token)).await?;
        if answer.status() == 401
            && !expected.contains(&401)
            && let Some(renewed) = self.session.token_after_refusal_of(&token).await?
        {
            let why = "answered 401: the token is renewed".into();
            self.http.tell_repeat(&request.name, 2, why, Duration::ZERO);
            token = renewed;
            answer = self.http.send(request.bearer(&token)).await?;
        }
        let status = answer.status();
        if status != 401 {
            self.session.accept(&token);
        }
        if expected.contains(&status) {
            return Ok(answer);
        }
        let failure = answer.unexpected(expected).await;
        if status != 401 {
            return Err(failure.into());
        }
        let explanation = self.session.explain_refusal(&token);
        Err(CallError::TokenRefused {
            failure,
            explanation,
        })
    }

    /// The URL of a path, which starts with a slash and is sent as it is.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

/// What stays as it is in a segment of a URL's path (RFC 3986, "unreserved").
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `path` with every segment percent-encoded and its slashes kept.
fn encoded(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| utf8_percent_encode(segment, SEGMENT).to_string());
    segments.collect::<Vec<_>>().join("/")
}
