//! `RespondToAuthChallenge`: the user of an account that an administrator made chooses a password.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    account::Status, authentication_result, challenges::NEW_PASSWORD_REQUIRED, error::CognitoError,
    password, pool::Pool,
};
use crate::faults::Fault;

/// The body of `RespondToAuthChallenge`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RespondToAuthChallenge {
    challenge_name: Option<String>,
    client_id: Option<String>,
    session: Option<String>,
    #[serde(default)]
    challenge_responses: Option<Map<String, Value>>,
}

impl RespondToAuthChallenge {
    pub(super) async fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let challenge = CognitoError::require(self.challenge_name.as_deref(), "challengeName")?;
        pool.check_client(self.client_id.as_deref())?;
        let invalid = || CognitoError::not_authorized("Invalid session for the user.");
        let session = self
            .session
            .as_deref()
            .ok_or_else(|| CognitoError::missing_parameter("Session"))?;
        let username = self.response("USERNAME")?;
        let new_password = self.response("NEW_PASSWORD")?;
        let (sub, expires) = pool.challenges.find(session)?.ok_or_else(invalid)?;
        let account = pool.accounts.find(username)?.ok_or_else(invalid)?;
        if challenge != NEW_PASSWORD_REQUIRED || account.sub != sub {
            return Err(invalid());
        }
        if expires <= Timestamp::now().as_second() {
            return Err(CognitoError::not_authorized(
                "Invalid session for the user, session is expired.",
            ));
        }
        // First, so that the session is still good for a better password.
        password::check("newPassword", new_password)?;
        if !pool.challenges.end(session)? {
            return Err(invalid());
        }
        if pool.config.faults.has(Fault::TemporaryPasswordStays) {
            pool.former_passwords.keep(&account);
        }
        pool.accounts
            .set_password(&sub, new_password, Status::Confirmed)?;
        authentication_result::of_sign_in(pool, &account).await
    }

    fn response(&self, name: &str) -> Result<&str, CognitoError> {
        self.challenge_responses
            .as_ref()
            .and_then(|responses| responses.get(name)?.as_str())
            .ok_or_else(|| CognitoError::missing_parameter(name))
    }
}
