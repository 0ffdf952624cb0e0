//! A forgotten password: `ForgotPassword` and `ConfirmForgotPassword`. Sources: as for
//! [registration](super::registration).

use serde::Deserialize;
use serde_json::{Value, json};

use super::{account::Status, codes::Purpose, delivery, error::CognitoError, password, pool::Pool};
use crate::faults::Fault;

/// The body of `ForgotPassword`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ForgotPassword {
    client_id: Option<String>,
    username: Option<String>,
}

/// The body of `ConfirmForgotPassword`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConfirmForgotPassword {
    client_id: Option<String>,
    username: Option<String>,
    confirmation_code: Option<String>,
    password: Option<String>,
}

impl ForgotPassword {
    pub(super) fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let username = CognitoError::require(self.username, "username")?;
        pool.check_client(self.client_id.as_deref())?;
        let reveals = pool.config.faults.has(Fault::ForgotPasswordRevealsUsers);
        let account = pool.accounts.find(&username)?;
        let details = match account {
            Some(account) if account.status == Status::Confirmed => {
                delivery::send_code(pool, &account, Purpose::PasswordReset)?
            }
            // As if a code had been sent.
            _ if pool.hides_users() && !reveals => delivery::details(&username),
            None => return Err(CognitoError::no_such_user_of_client()),
            Some(account) if account.status == Status::Unconfirmed => {
                return Err(CognitoError::invalid_parameter(
                    "Cannot reset password for the user as there is no registered/verified email \
                     or phone_number",
                ));
            }
            Some(_) => {
                return Err(CognitoError::not_authorized(
                    "User password cannot be reset in the current state.",
                ));
            }
        };
        Ok(json!({"CodeDeliveryDetails": details}))
    }
}

impl ConfirmForgotPassword {
    pub(super) fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let faults = &pool.config.faults;
        let username = CognitoError::require(self.username, "username")?;
        let code = CognitoError::require(self.confirmation_code, "confirmationCode")?;
        let new_password = CognitoError::require(self.password, "password")?;
        pool.check_client(self.client_id.as_deref())?;
        let Some(account) = pool.accounts.find(&username)? else {
            return Err(pool.unknown_user(CognitoError::code_mismatch()));
        };
        // First, so that the code is still good for a better password.
        if !faults.has(Fault::WeakNewPasswordAccepted) {
            password::check("password", &new_password)?;
        }
        pool.codes
            .redeem(&account.sub, Purpose::PasswordReset, &code)?;
        if faults.has(Fault::ResetKeepsOldPassword) {
            pool.former_passwords.keep(&account);
        }
        pool.accounts
            .set_password(&account.sub, &new_password, Status::Confirmed)?;
        if !faults.has(Fault::ResetKeepsSessions) {
            pool.sessions.revoke_all(&account.sub)?;
        }
        Ok(json!({}))
    }
}
