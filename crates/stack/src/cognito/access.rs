//! The operations of a signed-in user: `GetUser`, `ChangePassword`, `GlobalSignOut` and `RevokeToken`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{account::Account, error::CognitoError, keys::signed_claims, password, pool::Pool};
use crate::faults::Fault;

/// The body of an operation that takes an access token.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WithAccessToken {
    access_token: Option<String>,
}

/// The body of `ChangePassword`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangePassword {
    #[serde(flatten)]
    of_user: WithAccessToken,
    previous_password: Option<String>,
    proposed_password: Option<String>,
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
            "UserAttributes": account.shown_attributes(),
            "Username": account.sub,
        }))
    }

    pub(super) async fn global_sign_out(self, pool: &Pool) -> Result<Value, CognitoError> {
        let account = self.account(pool).await?;
        pool.sessions.revoke_all(&account.sub)?;
        Ok(json!({}))
    }

    /// The account of the token, if it is a valid access token of this pool.
    async fn account(self, pool: &Pool) -> Result<Account, CognitoError> {
        let token = CognitoError::require(self.access_token, "accessToken")?;
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
        pool.accounts.find(&session.sub)?.ok_or_else(invalid)
    }
}

/// The claims of a token that one of the pool's keys has signed.
async fn verified_claims(pool: &Pool, token: &str) -> Option<Map<String, Value>> {
    let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
    let keys = pool.keys.ready().await;
    // Only the signature here: each other error has a message of its own.
    signed_claims(token, &keys.find(&kid)?.decoding())
}

impl ChangePassword {
    pub(super) async fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let proposed = CognitoError::require(self.proposed_password, "proposedPassword")?;
        let account = self.of_user.account(pool).await?;
        if self.previous_password.as_ref() != Some(&account.password) {
            return Err(CognitoError::not_authorized(
                "Incorrect username or password.",
            ));
        }
        password::check("proposedPassword", &proposed)?;
        pool.accounts
            .set_password(&account.sub, &proposed, account.status)?;
        Ok(json!({}))
    }
}

impl RevokeToken {
    /// Ends the session; an unknown token is not an error (RFC 7009, section 2.2).
    pub(super) async fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let token = CognitoError::require(self.token, "token")?;
        let client = CognitoError::require(self.client_id, "clientId")?;
        // Not `ResourceNotFoundException`, which is not among the operation's errors.
        if client != pool.ids.client {
            return Err(CognitoError::unauthorized("Invalid client id"));
        }
        // Only a refresh token can be revoked, and it is not JSON Web Token that the pool has signed.
        if verified_claims(pool, &token).await.is_some() {
            return Err(CognitoError::unsupported_token_type());
        }
        if !pool.config.faults.has(Fault::RevokeIgnored) {
            pool.sessions.revoke(&token)?;
        }
        if pool.config.faults.has(Fault::SignOutEndsOtherSessions)
            && let Some(session) = pool.sessions.by_refresh_token(&token)?
        {
            pool.sessions.revoke_all(&session.sub)?;
        }
        Ok(json!({}))
    }
}
