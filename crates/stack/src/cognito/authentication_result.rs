//! The tokens in the answer to a sign-in or a refresh.

use serde_json::{Value, json};

use super::{account::Account, error::CognitoError, pool::Pool, tokens::Tokens};
use crate::faults::Fault;

/// Begins a session of the account, and answers with its tokens.
pub(super) async fn of_sign_in(pool: &Pool, account: &Account) -> Result<Value, CognitoError> {
    if pool.config.faults.has(Fault::SignInEndsOtherSessions) {
        pool.sessions.revoke_all(&account.sub)?;
    }
    let session = pool
        .sessions
        .begin(&account.sub, pool.config.refresh_lifetime)?;
    let tokens = Tokens::issue(pool, account, &session).await?;
    let result = of_tokens(pool, &tokens, Some(&session.refresh_token));
    Ok(json!({"AuthenticationResult": result, "ChallengeParameters": {}}))
}

/// `AuthenticationResult`. A refresh yields no refresh token.
pub(super) fn of_tokens(pool: &Pool, tokens: &Tokens, refresh_token: Option<&str>) -> Value {
    let mut result = json!({
        "AccessToken": tokens.access,
        "ExpiresIn": pool.config.token_lifetime.as_secs(),
        "IdToken": tokens.id,
    });
    if let Some(token) = refresh_token {
        result["RefreshToken"] = json!(token);
    }
    result["TokenType"] = json!("Bearer");
    result
}
