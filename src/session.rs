//! A signed-in user, whose token stays valid however long the run takes.

use std::{cell::RefCell, rc::Rc, time::Duration};

use secrecy::SecretString;

use crate::{
    cognito::{Cognito, SignInError, Tokens},
    page::Instant,
    settings::Account,
};

/// A signed-in user. Clones share the tokens.
#[derive(Clone, Debug)]
pub struct Session {
    cognito: Cognito,
    account: Account,
    current: Rc<RefCell<Current>>,
}

#[derive(Debug)]
struct Current {
    tokens: Tokens,
    since: Instant,
}

impl Current {
    fn new(tokens: Tokens) -> Self {
        Self {
            tokens,
            since: Instant::now(),
        }
    }

    /// Whether the token is in the last fifth of its life, in which a request might outlive it.
    fn is_old(&self) -> bool {
        let lifetime = Duration::from_secs(self.tokens.expires_in.into());
        self.since.elapsed() > lifetime * 4 / 5
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
        if self.current.borrow().is_old() {
            let refresh = self.current.borrow().tokens.refresh.clone();
            let tokens = match self.cognito.refresh(refresh).await {
                Err(SignInError::Refused { .. }) => self.cognito.sign_in(&self.account).await?,
                other => other?,
            };
            *self.current.borrow_mut() = Current::new(tokens);
        }
        Ok(self.current.borrow().tokens.id.clone())
    }
}
