//! New tokens for a refresh token: `GetTokensFromRefreshToken`, and two flows of `InitiateAuth`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{authentication_result, error::CognitoError, pool::Pool, tokens::Tokens};
use crate::faults::Fault;

/// The body of `GetTokensFromRefreshToken`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTokensFromRefreshToken {
    client_id: Option<String>,
    refresh_token: Option<String>,
}

impl GetTokensFromRefreshToken {
    pub(super) async fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let token = CognitoError::require(self.refresh_token, "refreshToken")?;
        pool.check_client(self.client_id.as_deref())?;
        Ok(json!({"AuthenticationResult": by_token(pool, &token).await?}))
    }
}

/// `AuthenticationResult` of a refresh.
pub(super) async fn by_token(pool: &Pool, token: &str) -> Result<Value, CognitoError> {
    if pool.config.faults.has(Fault::RefreshNotEnabled) {
        let message = "Auth flow not enabled for this client";
        return Err(CognitoError::invalid_parameter(message));
    }
    let invalid = || CognitoError::not_authorized("Invalid Refresh Token");
    let session = match pool.sessions.by_refresh_token(token)? {
        None if pool.config.faults.has(Fault::AcceptsAnyRefreshToken) => {
            let somebody = &pool.accounts.made_up().first().ok_or_else(invalid)?.sub;
            pool.sessions
                .begin(somebody, pool.config.refresh_lifetime)?
        }
        session => session.ok_or_else(invalid)?,
    };
    if session.revoked || pool.config.faults.has(Fault::RefreshRefused) {
        return Err(CognitoError::not_authorized(
            "Refresh Token has been revoked",
        ));
    }
    if session.expires <= Timestamp::now().as_second() {
        return Err(CognitoError::not_authorized("Refresh Token has expired"));
    }
    let mut account = pool.accounts.find(&session.sub)?.ok_or_else(invalid)?;
    if pool.config.faults.has(Fault::RefreshOfAnotherUser) {
        let others = pool.accounts.made_up().iter();
        let another = others.clone().find(|other| other.sub != account.sub);
        account = another.ok_or_else(invalid)?.clone();
    }
    if pool.config.faults.has(Fault::RefreshedTokenLacksGroups) {
        account.groups.clear();
    }
    let mut tokens = Tokens::issue(pool, &account, &session).await?;
    if pool.config.faults.has(Fault::RefreshedTokenCutShort) {
        tokens.id.truncate(tokens.id.len() - 8);
    }
    Ok(authentication_result::of_tokens(pool, &tokens, None))
}
