//! A user pool: how it is set up, and everything that an operation needs.

use std::time::Duration;

use super::{
    accounts::Accounts,
    challenges::Challenges,
    codes::Codes,
    error::CognitoError,
    faulty::FormerPasswords,
    ids::Ids,
    keys::{Keys, SigningKeys},
    lockout::{Attempts, FIRST_LOCK},
    messages::Messages,
    sessions::Sessions,
};
use crate::faults::{Fault, Faults};

/// How the user pool is set up.
#[derive(Clone, Debug)]
pub struct CognitoConfig {
    /// The AWS region that a new user pool claims to be in.
    pub region: String,
    /// How long ID and access tokens are valid; whole seconds.
    pub token_lifetime: Duration,
    /// How long a refresh token is valid; whole seconds.
    pub refresh_lifetime: Duration,
    /// Whether anyone may register.
    pub self_registration: bool,
    /// Whether answers hide which accounts exist (`PreventUserExistenceErrors`).
    pub prevent_user_existence_errors: bool,
    /// The origin whose pages may read answers. AWS lets in all of them, as `*`.
    pub allowed_origin: String,
    /// How long the fifth wrong password in a row locks an account.
    pub first_lock: Duration,
    /// The pool's keys.
    pub keys: SigningKeys,
    /// The pool's faults.
    pub faults: Faults,
}

impl Default for CognitoConfig {
    /// AWS's own defaults, in the region of OpenCloud; the API's, where the console has others.
    fn default() -> Self {
        Self {
            region: "eu-central-1".into(),
            token_lifetime: Duration::from_secs(3600),
            refresh_lifetime: Duration::from_secs(30 * 86_400),
            self_registration: true,
            prevent_user_existence_errors: false,
            allowed_origin: "*".into(),
            first_lock: FIRST_LOCK,
            keys: SigningKeys::default(),
            faults: Faults::default(),
        }
    }
}

/// Everything that an operation needs.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) ids: Ids,
    pub(super) accounts: Accounts,
    pub(super) attempts: Attempts,
    pub(super) challenges: Challenges,
    pub(super) codes: Codes,
    pub(super) former_passwords: FormerPasswords,
    pub(super) keys: Keys,
    pub(super) messages: Messages,
    pub(super) sessions: Sessions,
    pub(super) config: CognitoConfig,
}

impl Pool {
    /// Refuses any client but the pool's own.
    pub(super) fn check_client(&self, client: Option<&str>) -> Result<(), CognitoError> {
        let client = CognitoError::require(client, "clientId")?;
        if client == self.ids.client {
            return Ok(());
        }
        let message = format!("User pool client {client} does not exist.");
        Err(CognitoError::resource_not_found(message))
    }

    /// Whether answers hide which accounts exist.
    pub(super) fn hides_users(&self) -> bool {
        self.config.prevent_user_existence_errors
            || self.config.faults.has(Fault::ForgotPasswordRevealsUsers)
    }

    /// The refusal for an account that does not exist; `hidden` is the one that does not say so.
    pub(super) fn unknown_user(&self, hidden: CognitoError) -> CognitoError {
        if self.hides_users() {
            hidden
        } else {
            CognitoError::no_such_user_of_client()
        }
    }
}
