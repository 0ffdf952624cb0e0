//! `InitiateAuth`: tokens for a password, or for a refresh token.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{error::CognitoError, pool::Pool, tokens::Tokens};
use crate::faults::{Fault, Faults};

/// All flows that the operation knows, in the order in which AWS lists them.
const FLOWS: [&str; 7] = [
    "ADMIN_NO_SRP_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "USER_SRP_AUTH",
    "REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN",
    "CUSTOM_AUTH",
    "USER_PASSWORD_AUTH",
];

/// The operation's body.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InitiateAuth {
    auth_flow: Option<String>,
    client_id: Option<String>,
    #[serde(default)]
    auth_parameters: Option<Map<String, Value>>,
    client_metadata: Option<Value>,
}

impl InitiateAuth {
    pub(super) async fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let flow = self
            .auth_flow
            .as_deref()
            .ok_or_else(|| CognitoError::missing("authFlow"))?;
        if !FLOWS.contains(&flow) {
            return Err(CognitoError::invalid_parameter(format!(
                "1 validation error detected: Value '{flow}' at 'authFlow' failed to satisfy \
                 constraint: Member must satisfy enum value set: [{}]",
                FLOWS.join(", ")
            )));
        }
        pool.check_client(self.client_id.as_deref())?;
        self.check_members(&pool.config.faults)?;
        match flow {
            "USER_PASSWORD_AUTH" => {
                by_password(
                    pool,
                    self.parameter("USERNAME")?,
                    self.parameter("PASSWORD")?,
                )
                .await
            }
            "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
                by_refresh_token(pool, self.parameter("REFRESH_TOKEN")?).await
            }
            flow if flow.starts_with("ADMIN_") => Err(CognitoError::invalid_parameter(
                "Initiate Auth method not supported.",
            )),
            flow => Err(CognitoError::invalid_parameter(format!(
                "{flow} is not enabled for the client."
            ))),
        }
    }

    /// Refuses what a stack with these faults does not take.
    fn check_members(&self, faults: &Faults) -> Result<(), CognitoError> {
        let parameters = self.auth_parameters.as_ref();
        let device = parameters.and_then(|parameters| parameters.get("DEVICE_KEY"));
        if faults.has(Fault::CognitoRefusesNullDevice) && device.is_some_and(Value::is_null) {
            return Err(CognitoError::serialization());
        }
        if faults.has(Fault::CognitoRefusesClientMetadata) && self.client_metadata.is_some() {
            return Err(CognitoError::invalid_parameter(
                "1 validation error detected: Value at 'clientMetadata' failed to satisfy constraint: \
                 Member must not be empty",
            ));
        }
        Ok(())
    }

    fn parameter(&self, name: &str) -> Result<&str, CognitoError> {
        self.auth_parameters
            .as_ref()
            .and_then(|parameters| parameters.get(name)?.as_str())
            .ok_or_else(|| {
                CognitoError::invalid_parameter(format!("Missing required parameter {name}"))
            })
    }
}

async fn by_password(pool: &Pool, name: &str, password: &str) -> Result<Value, CognitoError> {
    let account = pool
        .accounts
        .iter()
        .find(|account| account.answers_to(name))
        .ok_or_else(CognitoError::user_not_found)?;
    if account.password != password && !pool.config.faults.has(Fault::AcceptsWrongPassword) {
        return Err(CognitoError::not_authorized(
            "Incorrect username or password.",
        ));
    }
    let session = pool
        .sessions
        .begin(&account.sub, pool.config.refresh_lifetime)?;
    let tokens = Tokens::issue(pool, account, &session).await?;
    Ok(answer(pool, &tokens, Some(&session.refresh_token)))
}

async fn by_refresh_token(pool: &Pool, token: &str) -> Result<Value, CognitoError> {
    let invalid = || CognitoError::not_authorized("Invalid Refresh Token");
    let session = match pool.sessions.by_refresh_token(token)? {
        None if pool.config.faults.has(Fault::AcceptsAnyRefreshToken) => {
            let somebody = &pool.accounts.first().ok_or_else(invalid)?.sub;
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
    let account = pool.account(&session.sub).ok_or_else(invalid)?;
    let mut tokens = Tokens::issue(pool, account, &session).await?;
    if pool.config.faults.has(Fault::RefreshedTokenCutShort) {
        tokens.id.truncate(tokens.id.len() - 8);
    }
    Ok(answer(pool, &tokens, None))
}

fn answer(pool: &Pool, tokens: &Tokens, refresh_token: Option<&str>) -> Value {
    let mut result = json!({
        "AccessToken": tokens.access,
        "ExpiresIn": pool.config.token_lifetime.as_secs(),
        "IdToken": tokens.id,
    });
    if let Some(token) = refresh_token {
        result["RefreshToken"] = json!(token);
    }
    result["TokenType"] = json!("Bearer");
    json!({"AuthenticationResult": result, "ChallengeParameters": {}})
}
