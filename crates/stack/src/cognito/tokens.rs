//! The claims of ID and access tokens. Source: Amazon Cognito developer guide, "Understanding the
//! identity (ID) token" and "Understanding the access token".

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{account::Account, keys::Key, pool::Pool, sessions::Session};
use crate::faults::{Disturbance, Fault};

/// The tokens of a sign-in or a refresh.
pub(super) struct Tokens {
    pub(super) id: String,
    pub(super) access: String,
}

impl Tokens {
    /// New tokens of a session.
    pub(super) async fn issue(
        pool: &Pool,
        account: &Account,
        session: &Session,
    ) -> jsonwebtoken::errors::Result<Self> {
        let common = common(pool, account, session);
        let keys = pool.keys.ready().await;
        Ok(Self {
            id: sign(pool, &keys.id, &id_claims(pool, account, common.clone()))?,
            access: sign(pool, &keys.access, &access_claims(pool, account, common))?,
        })
    }
}

/// The claims that both tokens have.
fn common(pool: &Pool, account: &Account, session: &Session) -> Map<String, Value> {
    let faults = &pool.config.faults;
    let mut now = faults.now().as_second();
    if faults.has(Fault::TokenFromTheFuture) {
        now += 300;
    }
    let mut lifetime = i64::try_from(pool.config.token_lifetime.as_secs()).unwrap_or(i64::MAX);
    if faults.has(Fault::TokenShortLife) {
        lifetime = 2;
    }
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("sub", json!(account.sub));
    // A user in no group has no such claim at all.
    if !(account.groups.is_empty() || faults.has(Fault::TokenNoGroups)) {
        claim("cognito:groups", json!(account.groups));
    }
    if faults.disturbed_by(Disturbance::GroupsInAnotherOrder) && !account.groups.is_empty() {
        let groups: Vec<_> = account.groups.iter().rev().collect();
        claim("cognito:groups", json!(groups));
    }
    if faults.has(Fault::TokenWrongGroup) {
        claim("cognito:groups", json!(["user"]));
    }
    claim("iss", json!(pool.ids.issuer()));
    if faults.has(Fault::TokenWrongIssuer) {
        claim(
            "iss",
            json!("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_another01"),
        );
    }
    claim("origin_jti", json!(session.origin_jti));
    claim("event_id", json!(Uuid::new_v4().to_string()));
    claim("auth_time", json!(session.auth_time));
    claim("exp", json!(now.saturating_add(lifetime)));
    if !faults.has(Fault::TokenLacksIat) {
        claim("iat", json!(now));
    }
    claims
}

fn id_claims(pool: &Pool, account: &Account, mut claims: Map<String, Value>) -> Value {
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("jti", json!(Uuid::new_v4().to_string()));
    claim("token_use", json!("id"));
    claim("aud", json!(pool.ids.client));
    if pool.config.faults.has(Fault::TokenWrongAudience) {
        claim("aud", json!("another-client"));
    }
    claim("cognito:username", json!(account.sub));
    claim("email", json!(account.email));
    claim("email_verified", json!(true));
    Value::Object(claims)
}

fn access_claims(pool: &Pool, account: &Account, mut claims: Map<String, Value>) -> Value {
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("jti", json!(Uuid::new_v4().to_string()));
    claim("token_use", json!("access"));
    claim("client_id", json!(pool.ids.client));
    claim("username", json!(account.sub));
    claim("scope", json!("aws.cognito.signin.user.admin"));
    Value::Object(claims)
}

fn sign(pool: &Pool, key: &Key, claims: &Value) -> jsonwebtoken::errors::Result<String> {
    let mut header = Header::new(Algorithm::RS256);
    // AWS's headers have `kid` and `alg` and no more.
    header.typ = None;
    header.kid = Some(key.kid.clone());
    if pool.config.faults.has(Fault::TokenUnknownKey) {
        header.kid = Some("another-key".to_owned());
    }
    key.sign(&header, claims)
}
