//! A signed-in user, whose token stays valid however long the run takes.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures_util::lock::Mutex;
use opencloud_model::settings::Account;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    cognito::{Cognito, SignInError, Tokens},
    page::{self, Since},
    token::{self, Claims},
};

/// A signed-in user. Clones share the tokens.
#[derive(Clone, Debug)]
pub struct Session {
    cognito: Cognito,
    account: Account,
    current: Rc<RefCell<Current>>,
    /// Held while the tokens are renewed: requests that want a new one at once share it.
    renewal: Rc<Mutex<()>>,
}

#[derive(Debug)]
struct Current {
    tokens: Tokens,
    since: Since,
    /// Whether the UserAPI has taken the ID token.
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

    fn is_old(&self) -> bool {
        token::is_old(self.since.age(), self.tokens.lifetime())
    }

    fn is(&self, id_token: &SecretString) -> bool {
        self.tokens.id.expose_secret() == id_token.expose_secret()
    }
}

impl Session {
    /// The pool's client, for those who want more of it than a valid token.
    #[must_use]
    pub fn cognito(&self) -> &Cognito {
        &self.cognito
    }

    /// Who is signed in.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Signs in.
    pub async fn start(cognito: Cognito, account: Account) -> Result<Self, SignInError> {
        let tokens = cognito.sign_in(&account).await?;
        Ok(Self {
            cognito,
            account,
            current: Rc::new(RefCell::new(Current::new(tokens))),
            renewal: Rc::default(),
        })
    }

    /// A valid access token, got like [`Session::token`].
    pub async fn access_token(&self) -> Result<SecretString, SignInError> {
        self.token().await?;
        Ok(self.current.borrow().tokens.access.clone())
    }

    /// A valid ID token: the one at hand or, when that grows old, a new one by refresh or, when
    /// that is refused, by a new sign-in.
    pub async fn token(&self) -> Result<SecretString, SignInError> {
        self.renew_if(Current::is_old).await
    }

    /// The UserAPI has taken this ID token.
    pub(crate) fn accept(&self, id_token: &SecretString) {
        let mut current = self.current.borrow_mut();
        current.accepted |= current.is(id_token);
    }

    /// Another ID token after the UserAPI refused this one, or `None` if it has never taken it: then
    /// the next would fare no better.
    pub(crate) async fn token_after_refusal_of(
        &self,
        refused: &SecretString,
    ) -> Result<Option<SecretString>, SignInError> {
        let hopeless = |current: &Current| current.is(refused) && !current.accepted;
        if hopeless(&self.current.borrow()) {
            return Ok(None);
        }
        self.renew_if(|current| current.is(refused)).await.map(Some)
    }

    /// What the UserAPI may refuse the ID token for, as far as the token tells.
    pub(crate) fn explain_refusal(&self, refused: &SecretString) -> String {
        let Some(claims) = Claims::of(refused.expose_secret()) else {
            return "it is no JSON Web Token".into();
        };
        let oddities = claims.oddities(self.cognito.wanted(), page::timestamp());
        if oddities.is_empty() {
            "its claims are as they should be, so look at its signature and key".into()
        } else {
            format!("of its claims, {}", oddities.join(", and "))
        }
    }

    async fn renew_if(
        &self,
        needed: impl Fn(&Current) -> bool,
    ) -> Result<SecretString, SignInError> {
        if needed(&self.current.borrow()) {
            let _only_one = self.renewal.lock().await;
            // Who held it before may have done it.
            if needed(&self.current.borrow()) {
                self.renew().await?;
            }
        }
        Ok(self.current.borrow().tokens.id.clone())
    }

    async fn renew(&self) -> Result<(), SignInError> {
        let refresh = self.current.borrow().tokens.refresh.clone();
        let tokens = match self.cognito.refresh(refresh).await {
            Err(error) if error.is_not_authorized() => self.cognito.sign_in(&self.account).await?,
            other => other?,
        };
        self.current.replace(Current::new(tokens));
        Ok(())
    }
}

impl Tokens {
    /// How long the ID token is good for: what Cognito's answer promises, or less where the token
    /// itself says so. Both count from its issue, so it does not matter whose clock is right.
    fn lifetime(&self) -> Duration {
        let promised = Duration::from_secs(self.expires_in.into());
        let claims = Claims::of(self.id.expose_secret());
        let told = claims.and_then(|claims| claims.lifetime());
        told.map_or(promised, |told| told.min(promised))
    }
}
