//! Cognito's public client: sign-in by password, refresh, and the keys to check tokens with.
//!
//! Answers are those of AWS where AWS and its emulators differ. Sources: Amazon Cognito user pools
//! API reference; Amazon Cognito developer guide, "Using tokens with user pools".

use std::sync::Arc;

use axum::Router;
use jsonwebtoken::{DecodingKey, Header};
use serde_json::Value;

use crate::database::Database;

mod access;
mod accounts;
mod error;
mod initiate_auth;
mod keys;
mod pool;
mod service;
mod sessions;
mod tokens;

pub use accounts::{Account, Ids};
pub use keys::SigningKeys;
pub(crate) use keys::signed_claims;
pub use pool::CognitoConfig;

use keys::Keys;
use pool::Pool;
use sessions::Sessions;

/// A user pool with one client; clones share it.
#[derive(Clone, Debug)]
pub struct Cognito {
    pool: Arc<Pool>,
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

    /// Signs any claims with the key of the ID tokens, under any header, so that a test can make a
    /// token with a single error.
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
