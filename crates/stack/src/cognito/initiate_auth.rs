//! `InitiateAuth`: tokens for a password, or for a refresh token.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{account::Status, authentication_result, error::CognitoError, pool::Pool, refresh};
use crate::faults::{Fault, Faults};

/// All flows that the operation knows, in the order in which AWS lists them.
const FLOWS: [&str; 8] = [
    "ADMIN_NO_SRP_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "USER_SRP_AUTH",
    "REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN",
    "CUSTOM_AUTH",
    "USER_PASSWORD_AUTH",
    "USER_AUTH",
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
        let flow = CognitoError::require(self.auth_flow.as_deref(), "authFlow")?;
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
                let result = refresh::by_token(pool, self.parameter("REFRESH_TOKEN")?).await?;
                Ok(json!({"AuthenticationResult": result, "ChallengeParameters": {}}))
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
            .ok_or_else(|| CognitoError::missing_parameter(name))
    }
}

async fn by_password(pool: &Pool, name: &str, password: &str) -> Result<Value, CognitoError> {
    let faults = &pool.config.faults;
    let wrong = || CognitoError::not_authorized("Incorrect username or password.");
    let account = match pool.accounts.find(name)? {
        Some(account) => account,
        None if pool.hides_users() => return Err(wrong()),
        None => return Err(CognitoError::user_not_found()),
    };
    let now = Timestamp::now();
    if pool.attempts.is_locked(&account.sub, now)? {
        return Err(CognitoError::not_authorized("Password attempts exceeded"));
    }
    let right = account.password == password || pool.former_passwords.has(&account, password);
    if !right && !faults.has(Fault::AcceptsWrongPassword) {
        pool.attempts.failed(&account.sub, now)?;
        return Err(wrong());
    }
    pool.attempts.succeeded(&account.sub)?;
    match account.status {
        Status::Unconfirmed if !faults.has(Fault::UnconfirmedMaySignIn) => {
            Err(CognitoError::user_not_confirmed())
        }
        Status::ForceChangePassword if !faults.has(Fault::TemporaryPasswordIsEnough) => {
            Ok(pool.challenges.begin(&account)?)
        }
        _ => authentication_result::of_sign_in(pool, &account).await,
    }
}
