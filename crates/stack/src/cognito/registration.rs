//! Registration: `SignUp`, `ConfirmSignUp` and `ResendConfirmationCode`. Sources: Amazon Cognito user
//! pools API reference; developer guide, "Managing user existence error responses".

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::{Account, Attribute, Status},
    attributes,
    codes::Purpose,
    delivery,
    error::CognitoError,
    password,
    pool::Pool,
};
use crate::faults::Fault;

/// The body of `SignUp`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SignUp {
    client_id: Option<String>,
    username: Option<String>,
    password: Option<String>,
    #[serde(default)]
    user_attributes: Option<Vec<Attribute>>,
}

/// The body of `ConfirmSignUp`. `ForceAliasCreation` says what happens if another account has the
/// address as an alias; here an address is a user name, which only one account has.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConfirmSignUp {
    client_id: Option<String>,
    username: Option<String>,
    confirmation_code: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "only its type is checked")]
    force_alias_creation: Option<bool>,
}

/// The body of `ResendConfirmationCode`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ResendConfirmationCode {
    client_id: Option<String>,
    username: Option<String>,
}

impl SignUp {
    pub(super) fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let faults = &pool.config.faults;
        let username = CognitoError::require(self.username, "username")?;
        let password = CognitoError::require(self.password, "password")?;
        pool.check_client(self.client_id.as_deref())?;
        if !pool.config.self_registration {
            return Err(CognitoError::not_authorized(
                "SignUp is not permitted for this user pool",
            ));
        }
        if !attributes::is_address(&username) {
            return Err(CognitoError::invalid_parameter(
                "Username should be an email.",
            ));
        }
        if faults.has(Fault::PoolLacksAnAttribute) {
            // Before the password: whatever that is, the refusal is the same.
            attributes::refuse_custom(self.user_attributes.iter().flatten())?;
        }
        if !faults.has(Fault::WeakPasswordAccepted) {
            password::check("password", &password)?;
        }
        let mut account = Account::new(&username, &password, Status::Unconfirmed);
        account.attributes = attributes::checked(self.user_attributes.unwrap_or_default())?;
        if faults.has(Fault::AttributesAreLost) {
            account.attributes.clear();
        }
        if faults.has(Fault::SignUpConfirmsAtOnce) {
            account.status = Status::Confirmed;
        }
        if !pool.accounts.add(&account)? {
            account = match pool.accounts.find(&username)? {
                Some(existing) if faults.has(Fault::SignUpOverwrites) => {
                    pool.accounts
                        .set_password(&existing.sub, &password, existing.status)?;
                    existing
                }
                _ => return Err(CognitoError::username_exists()),
            };
        }
        Ok(json!({
            "CodeDeliveryDetails": delivery::send_code(pool, &account, Purpose::Confirmation)?,
            "UserConfirmed": account.status == Status::Confirmed,
            "UserSub": account.sub,
        }))
    }
}

impl ConfirmSignUp {
    pub(super) fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let faults = &pool.config.faults;
        let username = CognitoError::require(self.username, "username")?;
        let code = CognitoError::require(self.confirmation_code, "confirmationCode")?;
        pool.check_client(self.client_id.as_deref())?;
        let Some(account) = pool.accounts.find(&username)? else {
            return Err(pool.unknown_user(CognitoError::expired_code()));
        };
        if account.status != Status::Unconfirmed && !faults.has(Fault::ConfirmsTwice) {
            return Err(CognitoError::not_authorized(format!(
                "User cannot be confirmed. Current status is {}",
                account.status.name()
            )));
        }
        if account.status == Status::Unconfirmed {
            pool.codes
                .redeem(&account.sub, Purpose::Confirmation, &code)?;
            pool.accounts.confirm(&account.sub)?;
        }
        if faults.has(Fault::ConfirmMakesMember) {
            pool.accounts.join(&account.sub, "users")?;
        }
        Ok(json!({}))
    }
}

impl ResendConfirmationCode {
    pub(super) fn answer(self, pool: &Pool) -> Result<Value, CognitoError> {
        let username = CognitoError::require(self.username, "username")?;
        pool.check_client(self.client_id.as_deref())?;
        let details = match pool.accounts.find(&username)? {
            None if pool.hides_users() => delivery::details(&username),
            None => return Err(CognitoError::no_such_user_of_client()),
            Some(account) if account.status != Status::Unconfirmed => {
                return Err(CognitoError::invalid_parameter(
                    "User is already confirmed.",
                ));
            }
            Some(account) => delivery::send_code(pool, &account, Purpose::Confirmation)?,
        };
        Ok(json!({"CodeDeliveryDetails": details}))
    }
}
