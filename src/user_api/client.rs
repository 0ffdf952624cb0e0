//! Sends requests to the UserAPI as its user.

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};

use opencloud_model::event::Failure;
use secrecy::SecretString;

use super::{endpoint::Endpoint, turns::Turns};
use crate::{
    cognito::SignInError,
    http::{self, Answer, Http, Request},
    session::Session,
};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request failed.
    #[error(transparent)]
    Http(#[from] http::Failure),
    /// The token was about to expire, and there is no new one.
    #[error("the token could not be renewed: {0}")]
    Token(#[from] SignInError),
    /// The UserAPI refuses the user's token.
    #[error("{failure}: the token is refused; {explanation}")]
    TokenRefused {
        /// The request.
        failure: http::Failure,
        /// What may be wrong with the token.
        explanation: String,
    },
    /// The UserAPI's own transfers are at another address than the UserAPI.
    #[error(
        "{name}: the UserAPI is asked at {base}, but its answer leads to {there}: it builds addresses from \
         the Host and the scheme that a proxy passes on to it (UserAPI, uvicorn's --proxy-headers, \
         --forwarded-allow-ips and --root-path; Host and X-Forwarded-Proto of the proxy before it)"
    )]
    Elsewhere {
        /// The request that was answered.
        name: String,
        /// The UserAPI's address.
        base: String,
        /// That of the transfer.
        there: String,
    },
    /// A listing shows what is in a directory beside its own.
    #[error(
        "the listing of {directory} shows {path}, which is not in it, but in one whose name begins alike: it is asked \
         for by a prefix without the slash at its end (UserAPI, GET /files)"
    )]
    Beside {
        /// The directory whose listing was asked for.
        directory: String,
        /// What is elsewhere.
        path: String,
    },
    /// An upload is answered with a status of success, and with an error in the body.
    #[error(
        "{name}: answered {status}, but with an error in the body, or a page for people: {text} (S3, or what stands \
         for it or before it)"
    )]
    ErrorInSuccess {
        /// The request.
        name: String,
        /// The status.
        status: u16,
        /// The body.
        text: String,
    },
    /// An upload is answered as one into another directory.
    #[error(
        "{name}: the answer says that the file is at {path}, which is in another directory than the upload URL was \
         asked for (UserAPI, POST /files/…/url and /upload)"
    )]
    StoredElsewhere {
        /// The request.
        name: String,
        /// Where the file is, as the answer has it.
        path: String,
    },
    /// A transfer is at an address to which no page can send a request.
    #[error(
        "{name}: the UserAPI's answer leads to {there:?}, {why} (UserAPI, from what it builds addresses: S3's \
         endpoint, or the Host and the scheme that a proxy passes on to it)"
    )]
    NoSuchAddress {
        /// The request that was answered.
        name: String,
        /// The address.
        there: String,
        /// Why none can.
        why: String,
    },
    /// A transfer is refused that the UserAPI has prepared with what had expired.
    #[error("{failure}: {explanation}")]
    Expired {
        /// The request.
        failure: http::Failure,
        /// What had expired, and when.
        explanation: String,
    },
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Http(failure) => failure.into(),
            error => Self::stack(error.to_string()),
        }
    }
}

/// How often the token of a request is renewed at most.
const RENEWALS: u32 = 3;

/// The UserAPI with a user's token.
#[derive(Clone, Debug)]
pub struct UserApi {
    pub(super) http: Http,
    pub(super) base: String,
    pub(super) session: Session,
    pub(super) excuses: Excuses,
    pub(super) turns: Turns,
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
            turns: Turns::default(),
        }
    }

    /// The request to an endpoint, without a token.
    #[must_use]
    pub fn request(&self, endpoint: Endpoint, parameters: &[&str]) -> Request {
        endpoint.request(&self.base, parameters)
    }

    /// The URL of a path, which starts with a slash and is not escaped.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// `request` with the user's token.
    pub async fn authorized(&self, request: Request) -> Result<Request, CallError> {
        Ok(request.bearer(&self.session.token().await?))
    }

    /// Sends `request` with the user's token and takes an answer of one of the `expected` statuses. If
    /// a token is refused that was accepted before, sends it once more: one of several instances may refuse
    /// what the others accept, and a renewal would hide it. If it is refused again, or has expired while the
    /// request waited for its turn, renews it and sends the request again.
    pub async fn call(&self, request: Request, expected: &[u16]) -> Result<Answer, CallError> {
        let mut token = self.session.token().await?;
        let answer = self.send(&request, &token).await;
        let mut answer = answer.map_err(|error| match error {
            CallError::Http(failure) => CallError::Http(failure.compared_with(expected)),
            other => other,
        })?;
        let (mut attempt, mut renewals) = (1, 0);
        if answer.status() == 401 && !expected.contains(&401) && self.session.trusts(&token) {
            attempt += 1;
            // Boxed because the future is large and seldom needed.
            answer = Box::pin(self.sent_again(&request, &token, answer, expected)).await?;
        }
        while answer.status() == 401
            && !expected.contains(&401)
            && renewals < RENEWALS
            && let Some(renewed) = Box::pin(self.session.token_after_refusal_of(&token)).await?
        {
            attempt += 1;
            renewals += 1;
            let why = "answered 401: the token is renewed".into();
            http::report_retry(&request.name, attempt, why, Duration::ZERO);
            token = renewed;
            answer = self.send(&request, &token).await?;
        }
        let status = answer.status();
        if status != 401 {
            self.session.accept(&token);
        }
        if http::is_expected(status, expected) {
            return Ok(answer.for_programs().await?);
        }
        let failure = answer.unexpected(expected).await;
        let failure = Box::pin(self.explained(failure, &request, &token)).await;
        if status != 401 || failure.has_meaning() {
            return Err(failure.into());
        }
        let explanation = match self.session.explain_accident() {
            Some(explanation) => explanation,
            // Boxed because the future is large and seldom needed.
            None => Box::pin(self.explain_refusal(&request, &token, &failure)).await,
        };
        Err(CallError::TokenRefused {
            failure,
            explanation,
        })
    }

    /// The answer to `request` once more, after the token was `refused` that was accepted before. Fails if that
    /// has happened too often.
    async fn sent_again(
        &self,
        request: &Request,
        token: &SecretString,
        refused: Answer,
        expected: &[u16],
    ) -> Result<Answer, CallError> {
        let why = "answered 401 to a token that was accepted before".into();
        http::report_retry(&request.name, 2, why, Duration::ZERO);
        let answer = self.send(request, token).await?;
        if answer.status() == 401 {
            return Ok(answer);
        }
        match self.session.refused_at_times() {
            None => Ok(answer),
            Some(explanation) => Err(CallError::TokenRefused {
                failure: refused.unexpected(expected).await,
                explanation,
            }),
        }
    }

    async fn send(&self, request: &Request, token: &SecretString) -> Result<Answer, CallError> {
        match self.http.send(request.clone().bearer(token)).await {
            Ok(answer) => Ok(answer),
            // Boxed because the future is large and seldom needed.
            Err(failure) => Err(Box::pin(self.explained(failure, request, token))
                .await
                .into()),
        }
    }
}

/// How often requests of each kind succeeded, and how often an answer that looked like a failure was
/// excused. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Excuses(Rc<RefCell<HashMap<&'static str, (u32, u32)>>>);

impl Excuses {
    /// This many answers are excused before the first success.
    const BEFORE_SUCCESS: u32 = 2;

    pub(super) fn succeeded(&self, kind: &'static str) {
        self.0.borrow_mut().entry(kind).or_default().0 += 1;
    }

    /// Whether the answer to such a request could be read before.
    pub(super) fn has_succeeded(&self, kind: &'static str) -> bool {
        self.0
            .borrow()
            .get(kind)
            .is_some_and(|(succeeded, _)| *succeeded > 0)
    }

    /// Whether to excuse a failure answer to a request that was done. A service that always answers so
    /// is not excused.
    pub(super) fn excuse(&self, kind: &'static str) -> bool {
        let mut counts = self.0.borrow_mut();
        let (succeeded, excused) = counts.entry(kind).or_default();
        *excused += 1;
        *succeeded > 0 || *excused <= Self::BEFORE_SUCCESS
    }
}
