//! A signed-in user, whose tokens are renewed before they expire.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use futures_util::lock::Mutex;
use opencloud_model::settings::Account;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    cognito::{Cognito, SignInError, Tokens},
    job::Owner,
    page::{self, Instant, Since},
    token::{self, Claims},
};

/// A signed-in user. Clones share the tokens.
#[derive(Clone, Debug)]
pub struct Session {
    cognito: Cognito,
    account: Account,
    current: Rc<RefCell<Current>>,
    /// How often a token was refused that was accepted before and again after, and when last.
    refused_at_times: Rc<Cell<(u32, Option<Instant>)>>,
    /// Held while the tokens are renewed, so that concurrent requests share one renewal.
    renewal: Rc<Mutex<()>>,
}

#[derive(Debug)]
struct Current {
    tokens: Tokens,
    since: Since,
    /// Whether the UserAPI has accepted the ID token.
    accepted: bool,
}

impl Current {
    fn new(tokens: Tokens) -> Self {
        Self {
            tokens,
            since: Since::now(),
            accepted: false,
        }
    }

    fn is_due_for_renewal(&self) -> bool {
        token::is_due_for_renewal(self.since.age(), self.tokens.lifetime())
    }

    fn has_expired(&self) -> bool {
        self.since.age() >= self.tokens.lifetime()
    }

    fn is(&self, id_token: &SecretString) -> bool {
        self.tokens.id.expose_secret() == id_token.expose_secret()
    }
}

impl Session {
    /// The pool's client.
    #[must_use]
    pub fn cognito(&self) -> &Cognito {
        &self.cognito
    }

    /// The account of the user.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The user as jobs name them.
    pub async fn owner(&self) -> Result<Owner, SignInError> {
        let claims = Claims::of(self.token().await?.expose_secret()).unwrap_or_default();
        Ok(Owner {
            id: claims.username().unwrap_or_default().to_owned(),
            email: self.account.email.clone(),
        })
    }

    /// Signs in.
    pub async fn start(cognito: Cognito, account: Account) -> Result<Self, SignInError> {
        let tokens = cognito.sign_in(&account).await?;
        Ok(Self {
            cognito,
            account,
            current: Rc::new(RefCell::new(Current::new(tokens))),
            refused_at_times: Rc::default(),
            renewal: Rc::default(),
        })
    }

    /// A valid access token; see [`Session::token`].
    pub async fn access_token(&self) -> Result<SecretString, SignInError> {
        self.token().await?;
        Ok(self.current.borrow().tokens.access.clone())
    }

    /// A valid ID token. If the current one is about to expire, gets a new one by a refresh or, if that
    /// is refused, by a new sign-in.
    pub async fn token(&self) -> Result<SecretString, SignInError> {
        self.renew_if(Current::is_due_for_renewal).await
    }

    /// How long ago the current tokens were issued.
    pub(crate) fn age(&self) -> Duration {
        self.current.borrow().since.age()
    }

    /// Notes that the UserAPI has accepted this ID token.
    pub(crate) fn accept(&self, id_token: &SecretString) {
        let mut current = self.current.borrow_mut();
        current.accepted |= current.is(id_token);
    }

    /// Whether the UserAPI has accepted this ID token before, and it is still valid.
    pub(crate) fn trusts(&self, id_token: &SecretString) -> bool {
        let current = self.current.borrow();
        current.is(id_token) && current.accepted && !current.has_expired()
    }

    /// Counts a token that was refused, and accepted before and after. What that means, once it is no
    /// accident any more.
    pub(crate) fn refused_at_times(&self) -> Option<String> {
        const ACCIDENTS: u32 = 2;
        // Requests that are sent at the same time meet the same accident.
        const ONE_MOMENT: Duration = Duration::from_millis(50);
        let (count, last) = self.refused_at_times.get();
        if last.is_some_and(|last| last.elapsed() < ONE_MOMENT) {
            return None;
        }
        self.refused_at_times.set((count + 1, Some(Instant::now())));
        self.explain_accident().filter(|_| count >= ACCIDENTS)
    }

    /// What it means that a token is refused and accepted in turn; `None` if that has not happened.
    pub(crate) fn explain_accident(&self) -> Option<String> {
        let (count, _) = self.refused_at_times.get();
        (count > 0).then(|| {
            format!(
                "it was accepted before and after, which has happened {count} times now: one of several \
                 instances refuses it (UserAPI, the instances behind its address: COGNITO_USER_POOL_ID, \
                 COGNITO_CLIENT_ID, the clock and the pool's keys of each)"
            )
        })
    }

    /// A new ID token after the UserAPI refused this one, or `None` if the UserAPI never accepted it
    /// although it is still valid: then it would refuse a new one, too.
    pub(crate) async fn token_after_refusal_of(
        &self,
        refused: &SecretString,
    ) -> Result<Option<SecretString>, SignInError> {
        let hopeless =
            |current: &Current| current.is(refused) && !current.accepted && !current.has_expired();
        if hopeless(&self.current.borrow()) {
            return Ok(None);
        }
        self.renew_if(|current| current.is(refused)).await.map(Some)
    }

    /// Why the UserAPI may refuse the ID token with this answer, as far as its words and the token's claims
    /// show.
    pub(crate) fn explain_refusal(&self, refused: &SecretString, answer: &str) -> String {
        if !answer.contains("\"detail\"") {
            return "that is not an answer of the UserAPI, whose refusals have `detail`: something before it checks tokens by \
                    itself (UserAPI, the gateway before it: the issuer and the audience of its authorizer)"
                .into();
        }
        if answer.contains("Not authenticated") {
            return "that is the answer to a request without a token, although one was sent: something \
                    before the UserAPI drops or changes authorization (UserAPI, the headers that the proxy \
                    before it passes on)"
                .into();
        }
        let current = self.current.borrow();
        if answer.contains("JWK public Attribute") && current.accepted && !current.is(refused) {
            return "the UserAPI does not have the key that signed it, and has that of another token of the same \
                    pool: one of the pool's keys is missing (UserAPI, which fetches the pool's keys when it \
                    starts: a restart)"
                .into();
        }
        if answer.contains("JWK public Attribute") {
            return "the UserAPI does not have the key that signed it: it fetches the pool's keys when it \
                    starts (UserAPI, COGNITO_USER_POOL_ID and COGNITO_REGION, or a restart if the keys have \
                    changed)"
                .into();
        }
        let Some(claims) = Claims::of(refused.expose_secret()) else {
            return "it is not JSON Web Token".into();
        };
        if answer.contains("Validation Error") {
            return explain_unusable_claims(&claims);
        }
        let expected = self.cognito.expected_claims();
        let mismatches = claims.mismatches(expected, page::timestamp());
        if mismatches.is_empty() {
            return "its claims are correct by this machine's clock, so check its signature and key, and the clock \
                    of the UserAPI, which allows for no difference"
                .into();
        }
        let setting = if claims.pool_mismatches(expected).is_empty() {
            ""
        } else {
            " (UserAPI, COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID and COGNITO_REGION, of which its access info tells; or \
             Cognito, which has made the token)"
        };
        format!("among its claims, {}{setting}", mismatches.join(", and "))
    }

    async fn renew_if(
        &self,
        needed: impl Fn(&Current) -> bool,
    ) -> Result<SecretString, SignInError> {
        if needed(&self.current.borrow()) {
            let _lock = self.renewal.lock().await;
            // Another request may have renewed the tokens while this one waited for the lock.
            if needed(&self.current.borrow()) {
                self.renew().await?;
            }
        }
        Ok(self.current.borrow().tokens.id.clone())
    }

    async fn renew(&self) -> Result<(), SignInError> {
        let (refresh, user) = {
            let current = &self.current.borrow().tokens;
            (current.refresh.clone(), current.user())
        };
        let tokens = match self.cognito.refresh(refresh).await {
            Err(error) if error.is_not_authorized() => self.cognito.sign_in(&self.account).await?,
            other => other?,
        };
        if user.is_some() && tokens.user() != user {
            return Err(SignInError::OtherUser {
                asked: self.account.email.clone(),
                found: tokens.user().unwrap_or_default(),
            });
        }
        self.current.replace(Current::new(tokens));
        Ok(())
    }
}

/// What a user's ID token lacks, where the UserAPI cannot read its claims.
fn explain_unusable_claims(claims: &Claims) -> String {
    let mismatches = claims.user_mismatches();
    if mismatches.is_empty() {
        return "that is what it says of a token without cognito:groups, cognito:username or email, but this one has \
                them (UserAPI, which claims it needs of a token)"
            .into();
    }
    format!(
        "among its claims, {} (Cognito, the user's groups and attributes, and a trigger that changes the claims of \
         tokens)",
        mismatches.join(", and ")
    )
}

impl Tokens {
    /// The id of the user whose tokens they are.
    fn user(&self) -> Option<String> {
        Claims::of(self.id.expose_secret())?
            .username()
            .map(str::to_owned)
    }

    /// How long the ID token is valid: as long as Cognito's answer says, or less if the token says so.
    /// Both count from its issue, so no clock matters.
    fn lifetime(&self) -> Duration {
        let promised = Duration::from_secs(self.expires_in.into());
        let claims = Claims::of(self.id.expose_secret());
        let claimed = claims.and_then(|claims| claims.lifetime());
        claimed.map_or(promised, |claimed| claimed.min(promised))
    }
}
