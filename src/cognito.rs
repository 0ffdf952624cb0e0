//! Cognito's public client, as the frontend's sign-in library calls it.

use opencloud_model::{cause::Service, redact, settings::Account};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    http::{self, Answer, Http, Request},
    repeat::Trouble,
    token::{Claims, Wanted},
};

/// The tokens of a sign-in.
#[derive(Debug)]
pub struct Tokens {
    /// Goes with every request to the UserAPI.
    pub id: SecretString,
    /// Goes with requests to Cognito itself.
    pub access: SecretString,
    /// Gets new tokens; a refresh does not renew it.
    pub refresh: SecretString,
    /// How long the access token is valid, in seconds, as the answer promises.
    pub expires_in: u32,
}

/// What Cognito answers, with status 400, to who asks too often (Amazon Cognito API reference,
/// "Common Errors" and "`InitiateAuth`").
const THROTTLING: [&str; 2] = ["TooManyRequestsException", "LimitExceededException"];

/// What Cognito answers if it is the user who has to do something about it.
const OF_THE_USER: [&str; 4] = [
    NOT_AUTHORIZED,
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
];

/// A password that is wrong, or a refresh token that is not valid, or not any more.
const NOT_AUTHORIZED: &str = "NotAuthorizedException";

impl SignInError {
    /// Whether a password or a refresh token is not accepted.
    #[must_use]
    pub fn is_not_authorized(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == NOT_AUTHORIZED)
    }

    /// Whether it is about the account or its password, so that only its user can mend it.
    #[must_use]
    pub fn is_of_the_user(&self) -> bool {
        match self {
            Self::Refused { code, .. } => OF_THE_USER.contains(&code.as_str()),
            Self::Challenge(_) => true,
            Self::Http(_) | Self::Incomplete { .. } => false,
        }
    }
}

impl Tokens {
    /// How long the access token is valid by its own claims, in seconds.
    #[must_use]
    pub fn access_lifetime(&self) -> Option<u64> {
        let lifetime = Claims::of(self.access.expose_secret())?.lifetime()?;
        Some(lifetime.as_secs())
    }
}

/// Why Cognito does not do what it is asked to.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The request failed.
    #[error(transparent)]
    Http(#[from] http::Failure),
    /// Cognito says no.
    #[error("Cognito refuses: {message} ({code})")]
    Refused {
        /// The exception's name, such as `NotAuthorizedException`.
        code: String,
        /// What it says.
        message: String,
    },
    /// Cognito wants something of the user first, such as a new password.
    #[error("Cognito wants {0} of the user before it gives any token")]
    Challenge(String),
    /// Cognito's answer lacks something.
    #[error("Cognito's answer to {what} holds no {missing}")]
    Incomplete {
        /// The request.
        what: &'static str,
        /// What is not there.
        missing: &'static str,
    },
}

/// The public client of a user pool.
#[derive(Clone, Debug)]
pub struct Cognito {
    http: Http,
    endpoint: String,
    /// The client and its pool, as tokens name them.
    wanted: Wanted,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AuthAnswer {
    authentication_result: Option<AuthenticationResult>,
    challenge_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AuthenticationResult {
    id_token: SecretString,
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    expires_in: u32,
}

/// The user that an access token belongs to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PoolUser {
    /// The user's id, which also names their directory.
    pub username: String,
    /// E-mail address and the like.
    pub user_attributes: Vec<Attribute>,
}

/// A fact about a user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// Its name, such as `email`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The body of every refusal.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "__type")]
    code: String,
    #[serde(default, alias = "Message")]
    message: String,
}

impl Cognito {
    /// The client whose tokens are the `wanted` ones, reached at `endpoint` (AWS's own is
    /// `https://cognito-idp.<region>.amazonaws.com`).
    #[must_use]
    pub fn new(http: Http, endpoint: String, wanted: Wanted) -> Self {
        Self {
            http,
            endpoint,
            wanted,
        }
    }

    /// What the UserAPI wants of this client's ID tokens.
    #[must_use]
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// The client's name.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.wanted.client
    }

    /// Signs in with e-mail address and password (`USER_PASSWORD_AUTH`).
    pub async fn sign_in(&self, account: &Account) -> Result<Tokens, SignInError> {
        let parameters = json!({
            "USERNAME": account.email,
            "PASSWORD": account.password.expose_secret(),
        });
        self.initiate_auth("the sign-in", "USER_PASSWORD_AUTH", parameters, None)
            .await
    }

    /// Gets new tokens (`REFRESH_TOKEN_AUTH`).
    pub async fn refresh(&self, refresh: SecretString) -> Result<Tokens, SignInError> {
        let parameters = json!({ "REFRESH_TOKEN": refresh.expose_secret() });
        self.initiate_auth(
            "the refresh",
            "REFRESH_TOKEN_AUTH",
            parameters,
            Some(refresh),
        )
        .await
    }

    /// The user that an access token belongs to.
    pub async fn user(&self, access: &SecretString) -> Result<PoolUser, SignInError> {
        let body = json!({ "AccessToken": access.expose_secret() });
        let answer = self.ask(self.request("GetUser", &body)).await?;
        Ok(answer.json().await?)
    }

    /// Makes a refresh token worthless: what signing out does.
    pub async fn revoke(&self, refresh: &SecretString) -> Result<(), SignInError> {
        let body = json!({ "ClientId": self.client_id(), "Token": refresh.expose_secret() });
        self.ask(self.request("RevokeToken", &body)).await?;
        Ok(())
    }

    /// A request as the frontend's sign-in library sends it. None of those that are used here does
    /// more when it comes twice.
    #[must_use]
    pub fn request(&self, operation: &str, body: &Value) -> Request {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        Request::post(Service::Cognito, operation, format!("{}/", self.endpoint))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", &target)
            .header("x-amz-user-agent", "aws-amplify/6 framework/0")
            .header("cache-control", "no-store")
            .json_text(body)
            .repeatable()
    }

    /// `renewed` is the refresh token that stays valid where the answer holds no new one.
    async fn initiate_auth(
        &self,
        what: &'static str,
        flow: &str,
        parameters: Value,
        renewed: Option<SecretString>,
    ) -> Result<Tokens, SignInError> {
        let body = json!({
            "AuthFlow": flow,
            "ClientId": self.client_id(),
            "AuthParameters": parameters,
        });
        let answer = self.ask(self.request("InitiateAuth", &body)).await?;
        let answer: AuthAnswer = answer.json().await?;
        let Some(result) = answer.authentication_result else {
            return Err(match answer.challenge_name {
                Some(challenge) => SignInError::Challenge(challenge),
                None => SignInError::Incomplete {
                    what,
                    missing: "tokens",
                },
            });
        };
        let refresh = result
            .refresh_token
            .or(renewed)
            .ok_or(SignInError::Incomplete {
                what,
                missing: "refresh token",
            })?;
        for token in [&result.id_token, &result.access_token, &refresh] {
            redact::learn(token.expose_secret());
        }
        Ok(Tokens {
            id: result.id_token,
            access: result.access_token,
            refresh,
            expires_in: result.expires_in,
        })
    }

    /// Sends `request`; a refusal becomes an error with Cognito's own words. Where Cognito was asked
    /// too often, it is asked again.
    async fn ask(&self, request: Request) -> Result<Answer, SignInError> {
        let mut attempt = 1;
        loop {
            let answer = self.http.expect(request.clone(), &[200, 400]).await?;
            if answer.status() == 200 {
                return Ok(answer);
            }
            let Exception { code, message } = answer.json().await?;
            // AWS may put a namespace before the name.
            let code = code.rsplit('#').next().unwrap_or_default().to_owned();
            let throttled = THROTTLING.contains(&code.as_str());
            let trouble = Trouble::Throttled(code.clone());
            if !throttled
                || !self
                    .http
                    .prepare_repeat(&request.name, &trouble, attempt)
                    .await
            {
                return Err(SignInError::Refused { code, message });
            }
            attempt += 1;
        }
    }
}
