//! Registration, confirmation and recovery of accounts, as the frontend's sign-in library asks for them.

use opencloud_model::{redact, settings::Account};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    cognito::{Cognito, SignInError},
    http::Request,
    page,
};

/// The attribute in which a user says why they want an account.
pub const REQUEST_DETAILS: &str = "custom:request_details";

/// A new address, which no pool knows and no mail reaches: `.invalid` is reserved (RFC 2606).
#[must_use]
pub fn new_address() -> String {
    format!("integration_test_{}@opencloud.invalid", page::random_id())
}

/// The answer to a registration.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SignedUp {
    /// Whether the user may sign in already.
    pub user_confirmed: bool,
    /// The user's id.
    pub user_sub: String,
    /// Where the code was sent.
    pub code_delivery_details: CodeDelivery,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Where a code was sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CodeDelivery {
    /// The address, shortened.
    pub destination: String,
    /// `EMAIL` or `SMS`.
    pub delivery_medium: String,
    /// The attribute that holds the address.
    pub attribute_name: String,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// The answer to a request for a code.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CodeSent {
    code_delivery_details: CodeDelivery,
}

/// A challenge, which the user must respond to before tokens are issued.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Challenge {
    /// Its name, such as `NEW_PASSWORD_REQUIRED`.
    pub challenge_name: String,
    /// Names the sign-in in the response to the challenge.
    pub session: SecretString,
}

/// The answer to a sign-in.
#[derive(Deserialize)]
#[serde(untagged)]
enum Begun {
    Challenged(Challenge),
    SignedIn {},
}

impl SignedUp {
    /// Whether a member that no page expects holds this code.
    #[must_use]
    pub fn holds(&self, code: &SecretString) -> bool {
        self.code_delivery_details.holds(code) || any_holds(&self.others, code)
    }
}

impl CodeDelivery {
    /// Whether a member that no page expects holds this code.
    #[must_use]
    pub fn holds(&self, code: &SecretString) -> bool {
        any_holds(&self.others, code)
    }
}

fn any_holds(members: &Map<String, Value>, code: &SecretString) -> bool {
    let code = code.expose_secret();
    members
        .values()
        .any(|value| value.to_string().contains(code))
}

impl Cognito {
    /// The request that registers an account.
    #[must_use]
    pub fn sign_up_request(&self, account: &Account, details: &str) -> Request {
        let body = json!({
            "ClientId": self.client_id(),
            "Username": account.email,
            "Password": account.password.expose_secret(),
            "UserAttributes": [
                {"Name": "email", "Value": account.email},
                {"Name": REQUEST_DETAILS, "Value": details},
            ],
            "ValidationData": null,
        });
        self.request("SignUp", &body)
    }

    /// Registers an account, with why its user wants one.
    pub async fn sign_up(&self, account: &Account, details: &str) -> Result<SignedUp, SignInError> {
        let answer = self.send(self.sign_up_request(account, details)).await?;
        Ok(answer.json().await?)
    }

    /// The request that confirms the address of an account.
    #[must_use]
    pub fn confirm_request(&self, email: &str, code: &SecretString) -> Request {
        let body = json!({
            "ClientId": self.client_id(),
            "ConfirmationCode": code.expose_secret(),
            "Username": email,
            "ForceAliasCreation": true,
        });
        self.request("ConfirmSignUp", &body)
    }

    /// Confirms the address of an account.
    pub async fn confirm(&self, email: &str, code: &SecretString) -> Result<(), SignInError> {
        self.send(self.confirm_request(email, code)).await?;
        Ok(())
    }

    /// The request for another code that confirms an address.
    #[must_use]
    pub fn resend_request(&self, email: &str) -> Request {
        let body = json!({"ClientId": self.client_id(), "Username": email});
        self.request("ResendConfirmationCode", &body)
    }

    /// Asks for another code that confirms an address.
    pub async fn resend(&self, email: &str) -> Result<CodeDelivery, SignInError> {
        self.send_code(self.resend_request(email)).await
    }

    /// The request for a code that sets another password.
    #[must_use]
    pub fn forgot_password_request(&self, email: &str) -> Request {
        let body = json!({"ClientId": self.client_id(), "Username": email});
        self.request("ForgotPassword", &body)
    }

    /// Asks for a code that sets another password.
    pub async fn forgot_password(&self, email: &str) -> Result<CodeDelivery, SignInError> {
        self.send_code(self.forgot_password_request(email)).await
    }

    /// The request that sets the password of `account` by a code.
    #[must_use]
    pub fn reset_password_request(&self, account: &Account, code: &SecretString) -> Request {
        let body = json!({
            "ClientId": self.client_id(),
            "Username": account.email,
            "ConfirmationCode": code.expose_secret(),
            "Password": account.password.expose_secret(),
        });
        self.request("ConfirmForgotPassword", &body)
    }

    /// Sets the password of `account` by a code.
    pub async fn reset_password(
        &self,
        account: &Account,
        code: &SecretString,
    ) -> Result<(), SignInError> {
        self.send(self.reset_password_request(account, code))
            .await?;
        Ok(())
    }

    /// The challenge with which Cognito answers a sign-in, or `None` if it issues tokens at once.
    pub async fn challenge(&self, account: &Account) -> Result<Option<Challenge>, SignInError> {
        let answer = self.send(self.sign_in_request(account)).await?;
        Ok(match answer.json().await? {
            Begun::Challenged(challenge) => {
                redact::learn(challenge.session.expose_secret());
                Some(challenge)
            }
            Begun::SignedIn {} => None,
        })
    }

    /// The request that responds to a challenge with the password of `account`.
    #[must_use]
    pub fn new_password_request(&self, account: &Account, session: &SecretString) -> Request {
        let body = json!({
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "ClientId": self.client_id(),
            "ChallengeResponses": {
                "NEW_PASSWORD": account.password.expose_secret(),
                "USERNAME": account.email,
            },
            "Session": session.expose_secret(),
            "ClientMetadata": {},
        });
        self.request("RespondToAuthChallenge", &body)
    }

    /// Responds to a challenge with the password of `account`. The session is good for one response, so
    /// another would be refused, whatever has become of the first.
    pub async fn choose_password(
        &self,
        account: &Account,
        session: &SecretString,
    ) -> Result<(), SignInError> {
        let request = self.new_password_request(account, session);
        self.send(request.idempotent(false)).await?;
        Ok(())
    }

    /// Responds to a challenge with a password that must be refused. That changes nothing.
    pub async fn choose_refused_password(
        &self,
        account: &Account,
        session: &SecretString,
    ) -> Result<(), SignInError> {
        self.send(self.new_password_request(account, session))
            .await?;
        Ok(())
    }

    async fn send_code(&self, request: Request) -> Result<CodeDelivery, SignInError> {
        let answer: CodeSent = self.send(request).await?.json().await?;
        Ok(answer.code_delivery_details)
    }
}
