//! A user pool: how it is set up, and everything that an operation needs.

use std::time::Duration;

use super::{
    accounts::{Account, Ids},
    error::CognitoError,
    keys::{Keys, SigningKeys},
    sessions::Sessions,
};
use crate::faults::Faults;

/// How the user pool is set up.
#[derive(Clone, Debug)]
pub struct CognitoConfig {
    /// The AWS region that a new user pool claims to be in.
    pub region: String,
    /// How long ID and access tokens are valid; whole seconds.
    pub token_lifetime: Duration,
    /// How long a refresh token is valid; whole seconds.
    pub refresh_lifetime: Duration,
    /// The keys of a new user pool.
    pub keys: SigningKeys,
    /// The pool's faults.
    pub faults: Faults,
}

impl Default for CognitoConfig {
    /// AWS's own defaults, in the region of OpenCloud.
    fn default() -> Self {
        Self {
            region: "eu-central-1".into(),
            token_lifetime: Duration::from_secs(3600),
            refresh_lifetime: Duration::from_secs(30 * 86_400),
            keys: SigningKeys::default(),
            faults: Faults::default(),
        }
    }
}

/// Everything that an operation needs.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) ids: Ids,
    pub(super) accounts: Vec<Account>,
    pub(super) keys: Keys,
    pub(super) sessions: Sessions,
    pub(super) config: CognitoConfig,
}

impl Pool {
    /// Refuses any client but the pool's own.
    pub(super) fn check_client(&self, client: Option<&str>) -> Result<(), CognitoError> {
        let client = client.ok_or_else(|| CognitoError::missing("clientId"))?;
        if client == self.ids.client {
            return Ok(());
        }
        let message = format!("User pool client {client} does not exist.");
        Err(CognitoError::resource_not_found(message))
    }

    /// The account with this id.
    pub(super) fn account(&self, sub: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.sub == sub)
    }
}
