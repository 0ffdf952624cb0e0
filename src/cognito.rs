//! Cognito's public client, as the frontend's sign-in library calls it.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    http::{self, Http, Request},
    redact,
    settings::Account,
};

/// The tokens of a sign-in.
#[derive(Debug)]
pub struct Tokens {
    /// Goes with every request to the UserAPI.
    pub id: SecretString,
    /// Gets new ID tokens; a refresh does not renew it.
    pub refresh: SecretString,
    /// How long the ID token is valid, in seconds.
    pub expires_in: u32,
}

/// Why Cognito gave no tokens.
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
}

/// The public client of a user pool.
#[derive(Clone, Debug)]
pub struct Cognito {
    http: Http,
    endpoint: String,
    client_id: String,
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
    refresh_token: Option<SecretString>,
    expires_in: u32,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "__type")]
    code: String,
    #[serde(default, alias = "Message")]
    message: String,
}

impl Cognito {
    /// The client `client_id`, reached at `endpoint` (AWS's own is
    /// `https://cognito-idp.<region>.amazonaws.com`).
    #[must_use]
    pub fn new(http: Http, endpoint: String, client_id: String) -> Self {
        Self {
            http,
            endpoint,
            client_id,
        }
    }

    /// Signs in with e-mail address and password (`USER_PASSWORD_AUTH`).
    pub async fn sign_in(&self, account: &Account) -> Result<Tokens, SignInError> {
        let parameters = json!({
            "USERNAME": account.email,
            "PASSWORD": account.password.expose_secret(),
        });
        let result = self
            .initiate_auth("sign in", "USER_PASSWORD_AUTH", parameters)
            .await?;
        let refresh = result.refresh_token.ok_or_else(|| SignInError::Refused {
            code: "no exception".into(),
            message: "the answer to the sign-in holds no refresh token".into(),
        })?;
        Ok(Tokens {
            id: result.id_token,
            refresh,
            expires_in: result.expires_in,
        })
    }

    /// Gets a new ID token (`REFRESH_TOKEN_AUTH`).
    pub async fn refresh(&self, refresh: SecretString) -> Result<Tokens, SignInError> {
        let parameters = json!({ "REFRESH_TOKEN": refresh.expose_secret() });
        let result = self
            .initiate_auth("refresh the token", "REFRESH_TOKEN_AUTH", parameters)
            .await?;
        Ok(Tokens {
            id: result.id_token,
            refresh: result.refresh_token.unwrap_or(refresh),
            expires_in: result.expires_in,
        })
    }

    async fn initiate_auth(
        &self,
        name: &str,
        flow: &str,
        parameters: Value,
    ) -> Result<AuthenticationResult, SignInError> {
        let body = json!({
            "AuthFlow": flow,
            "ClientId": self.client_id,
            "AuthParameters": parameters,
        });
        let request = Request::post(name, format!("{}/", self.endpoint))
            .header("content-type", "application/x-amz-json-1.1")
            .header(
                "x-amz-target",
                "AWSCognitoIdentityProviderService.InitiateAuth",
            )
            .header("x-amz-user-agent", "aws-amplify/6 framework/0")
            .header("cache-control", "no-store")
            .json_text(&body);
        let answer = self.http.expect(request, &[200, 400]).await?;
        if answer.status() == 400 {
            let Exception { code, message } = answer.json().await?;
            // AWS may put a namespace before the name.
            let code = code.rsplit('#').next().unwrap_or_default().to_owned();
            return Err(SignInError::Refused { code, message });
        }
        let answer: AuthAnswer = answer.json().await?;
        let Some(result) = answer.authentication_result else {
            let challenge = answer
                .challenge_name
                .unwrap_or_else(|| "something unnamed".into());
            return Err(SignInError::Challenge(challenge));
        };
        redact::learn(result.id_token.expose_secret());
        if let Some(refresh) = &result.refresh_token {
            redact::learn(refresh.expose_secret());
        }
        Ok(result)
    }
}
