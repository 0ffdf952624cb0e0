//! Cognito's public client: registration, sign-in by password, refresh, forgotten passwords, and the
//! keys to check tokens with.
//!
//! Answers are those of AWS where AWS and its emulators differ. Sources: Amazon Cognito user pools
//! API reference; Amazon Cognito developer guide, "Using tokens with user pools".

use std::sync::Arc;

use axum::Router;
use jsonwebtoken::{DecodingKey, Header};
use serde_json::Value;

use crate::database::Database;

mod access;
mod account;
mod accounts;
mod administration;
mod attributes;
mod authentication_result;
mod challenges;
mod codes;
mod delivery;
mod error;
mod faulty;
mod ids;
mod initiate_auth;
mod keys;
mod lockout;
mod messages;
mod password;
mod pool;
mod recovery;
mod refresh;
mod registration;
mod respond_to_challenge;
mod service;
mod sessions;
mod tokens;

pub use account::{Account, Attribute, Status};
pub(crate) use administration::{Administration, GROUPS, Refused};
pub use ids::Ids;
pub use keys::SigningKeys;
pub(crate) use keys::signed_claims;
pub use lockout::FIRST_LOCK;
pub use pool::CognitoConfig;

use accounts::Accounts;
use challenges::Challenges;
use codes::Codes;
use faulty::FormerPasswords;
use keys::Keys;
use lockout::Attempts;
use messages::Messages;
use pool::Pool;
use sessions::Sessions;

/// A user pool with one client; clones share it.
#[derive(Clone, Debug)]
pub struct Cognito {
    pool: Arc<Pool>,
}

impl Cognito {
    /// Opens the user pool that the database holds, and makes one with new ids and accounts if it
    /// holds none. New keys take a moment: they are made in a thread of their own, and whatever needs
    /// them waits for them.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub fn open(database: Database, config: CognitoConfig) -> anyhow::Result<Self> {
        let ids = ids_of(&database, &config.region)?;
        let pool = Arc::new(Pool {
            ids,
            accounts: Accounts::open(database.clone())?,
            attempts: Attempts::open(database.clone(), config.first_lock, config.faults.clone())?,
            challenges: Challenges::open(database.clone())?,
            codes: Codes::open(database.clone(), config.faults.clone())?,
            former_passwords: FormerPasswords::default(),
            keys: Keys::open(config.keys.clone())?,
            messages: Messages::open(database.clone())?,
            sessions: Sessions::open(database)?,
            config,
        });
        Ok(Self { pool })
    }

    /// The ids that a client has to know.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.pool.ids
    }

    /// The accounts that were made with the pool, with their passwords, as they were when it was
    /// opened. Users who have registered are not among them.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        self.pool.accounts.made_up()
    }

    /// The pool as its administrator uses it.
    pub(crate) fn administration(&self) -> Administration<'_> {
        Administration::of(&self.pool)
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

/// The ids that the database holds. For a new pool, makes them together with its accounts.
fn ids_of(database: &Database, region: &str) -> anyhow::Result<Ids> {
    let mut connection = database.lock();
    if let Some(ids) = Ids::read(&connection)? {
        return Ok(ids);
    }
    // All or nothing: a pool that lacks accounts would be taken for a whole one.
    let transaction = connection.transaction()?;
    let ids = Ids::create(&transaction, region)?;
    Accounts::create(&transaction)?;
    transaction.commit()?;
    Ok(ids)
}
