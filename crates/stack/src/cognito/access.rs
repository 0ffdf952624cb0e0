//! The operations of a signed-in user: `GetUser`, `GlobalSignOut` and `RevokeToken`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{accounts::Account, error::CognitoError, keys::signed_claims, pool::Pool};
use crate::faults::Fault;

/// The body of an operation that takes an access token.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WithAccessToken {
    access_token: Option<String>,
}

/// The body of `RevokeToken`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RevokeToken {
    client_id: Option<String>,
    token: Option<String>,
}

impl WithAccessToken {
    pub(super) async fn get_user(self, pool: &Pool) -> Result<Value, CognitoError> {
        let account = self.account(pool).await?;
        Ok(json!({
            "UserAttributes": [
                {"Name": "email", "Value": account.email},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "sub", "Value": account.sub},
            ],
            "Username": account.sub,
        }))
    }

    pub(super) async fn global_sign_out(self, pool: &Pool) -> Result<Value, CognitoError> {
        let account = self.account(pool).await?;
        pool.sessions.revoke_all(&account.sub)?;
        Ok(json!({}))
    }

    /// The account of the token, if it is a valid access token of this pool.
    async fn account(self, pool: &Pool) -> Result<&Account, CognitoError> {
        let token = self
            .access_token
            .ok_or_else(|| CognitoError::missing("accessToken"))?;
        let invalid = || CognitoError::not_authorized("Invalid Access Token");
        let claims = verified_claims(pool, &token).await.ok_or_else(invalid)?;
        let claim = |name: &str| claims.get(name).and_then(Value::as_str);
        let ours = claim("token_use") == Some("access")
            && claim("client_id") == Some(&pool.ids.client)
            && claim("iss") == Some(&pool.ids.issuer());
        let session = claim("origin_jti").map(|jti| pool.sessions.by_origin_jti(jti));
        let session = session.transpose()?.flatten();
        let (true, Some(session)) = (ours, session) else {
            return Err(invalid());
        };
        let expires = claims.get("exp").and_then(Value::as_i64);
        if expires.is_none_or(|expires| expires <= pool.config.faults.now().as_second()) {
            return Err(CognitoError::not_authorized("Access Token has expired"));
        }
        if session.revoked {
            return Err(CognitoError::not_authorized(
                "Access Token has been revoked",
            ));
        }
        pool.account(&session.sub).ok_or_else(invalid)
    }
}

/// The claims of a token that one of the pool's keys has signed.
async fn verified_claims(pool: &Pool, token: &str) -> Option<Map<String, Value>> {
    let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
    let keys = pool.keys.ready().await;
    // Only the signature here: each other error has a message of its own.
    signed_claims(token, &keys.find(&kid)?.decoding())
}

impl RevokeToken {
    /// Ends the session; an unknown token is not an error (RFC 7009, section 2.2).
    pub(super) fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let token = self.token.ok_or_else(|| CognitoError::missing("token"))?;
        pool.check_client(self.client_id.as_deref())?;
        if !pool.config.faults.has(Fault::RevokeIgnored) {
            pool.sessions.revoke(&token)?;
        }
        Ok(json!({}))
    }
}
