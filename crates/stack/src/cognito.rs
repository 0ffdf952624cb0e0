//! Cognito's public client: sign-in by password, refresh, and the keys to check tokens with.
//!
//! Answers are those of AWS where AWS and its emulators differ. Sources: Amazon Cognito user pools
//! API reference; Amazon Cognito developer guide, "Using tokens with user pools".

use std::{sync::Arc, time::Duration};

use axum::Router;
use jsonwebtoken::{DecodingKey, Header};
use serde_json::Value;

use crate::{database::Database, faults::Faults};

mod access;
mod accounts;
mod error;
mod initiate_auth;
mod keys;
mod service;
mod sessions;
mod tokens;

pub use accounts::{Account, Ids};
pub use keys::SigningKeys;

use keys::Keys;
use sessions::Sessions;

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
    /// What is wrong with the pool on purpose.
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

/// A user pool with one client; clones share it.
#[derive(Clone, Debug)]
pub struct Cognito {
    pool: Arc<Pool>,
}

/// Everything that an operation needs.
#[derive(Debug)]
struct Pool {
    ids: Ids,
    accounts: Vec<Account>,
    keys: Keys,
    sessions: Sessions,
    config: CognitoConfig,
}

impl Cognito {
    /// Opens the user pool that the database holds, and makes one with new ids, accounts and keys
    /// if it holds none. The keys take a moment: they are made in a thread of their own, and
    /// whatever needs them waits for them.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub fn open(database: Database, config: CognitoConfig) -> anyhow::Result<Self> {
        let (ids, accounts) = accounts::open(&database, &config.region)?;
        let keys = Keys::open(database.clone(), config.keys.clone())?;
        let sessions = Sessions::open(database)?;
        let pool = Arc::new(Pool {
            ids,
            accounts,
            keys,
            sessions,
            config,
        });
        Ok(Self { pool })
    }

    /// The ids that a client has to know.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.pool.ids
    }

    /// All accounts, with their passwords.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.pool.accounts
    }

    /// The HTTP service.
    pub fn router(&self) -> Router {
        service::router(self.pool.clone())
    }

    /// The public keys as AWS publishes them: a JSON object with the member `keys`.
    pub async fn jwks(&self) -> Value {
        self.pool.keys.ready().await.jwks()
    }

    /// The key that verifies tokens whose header names `kid`, if it is one of the pool's.
    pub async fn decoding_key(&self, kid: &str) -> Option<DecodingKey> {
        let keys = self.pool.keys.ready().await;
        keys.find(kid).map(keys::Key::decoding)
    }

    /// The `kid` of the key that signs ID tokens.
    pub async fn kid(&self) -> String {
        self.pool.keys.ready().await.id.kid.clone()
    }

    /// Signs any claims with the key of the ID tokens, under any header: a token that is right in
    /// all but the one thing that a test is about.
    ///
    /// # Panics
    /// If the header asks for another algorithm than RSA's.
    pub async fn sign(&self, header: &Header, claims: &Value) -> String {
        self.pool
            .keys
            .ready()
            .await
            .id
            .sign(header, claims)
            .expect("the header names an RSA algorithm")
    }
}
