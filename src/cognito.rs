//! A public client of Cognito, which makes the same calls as the frontend's sign-in library.

mod error;
mod refusal;

use opencloud_model::{redact, service::Service, settings::Account};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

pub use error::SignInError;

use crate::{
    http::{Answer, Http, Problem, Request, SUCCESS},
    retry::Transient,
    token::{Claims, ExpectedClaims},
};

/// The tokens of a sign-in.
#[derive(Debug)]
pub struct Tokens {
    /// The ID token, sent with requests to the UserAPI.
    pub id: SecretString,
    /// The access token, sent with requests to Cognito itself.
    pub access: SecretString,
    /// The refresh token, which gets new tokens. A refresh does not renew it.
    pub refresh: SecretString,
    /// How long the access token is valid, in seconds, according to the answer.
    pub expires_in: u32,
}

impl Tokens {
    /// How long the access token is valid according to its claims, in seconds.
    #[must_use]
    pub fn access_lifetime(&self) -> Option<u64> {
        let lifetime = Claims::of(self.access.expose_secret())?.lifetime()?;
        Some(lifetime.as_secs())
    }
}

/// The exceptions with which Cognito answers too many requests, with status 400 (Amazon Cognito API
/// reference, "Common Errors" and "`InitiateAuth`").
const THROTTLING: [&str; 2] = ["TooManyRequestsException", "LimitExceededException"];

/// The public client of a user pool.
#[derive(Clone, Debug)]
pub struct Cognito {
    http: Http,
    endpoint: String,
    /// The client and its pool, as tokens name them.
    expected: ExpectedClaims,
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

/// An attribute of a user.
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

/// The user agent of the frontend's sign-in library.
const USER_AGENT: &str = "aws-amplify/5.0.4 auth framework/4";

impl Cognito {
    /// The client at `endpoint` (AWS's own is `https://cognito-idp.<region>.amazonaws.com`) whose
    /// tokens have the `expected` claims.
    #[must_use]
    pub fn new(http: Http, endpoint: String, expected: ExpectedClaims) -> Self {
        Self {
            http,
            endpoint,
            expected,
        }
    }

    /// The claims that the UserAPI expects of this client's ID tokens.
    #[must_use]
    pub fn expected_claims(&self) -> &ExpectedClaims {
        &self.expected
    }

    /// The client's id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.expected.client
    }

    /// The request that signs in with e-mail address and password.
    pub(crate) fn sign_in_request(&self, account: &Account) -> Request {
        let parameters = json!({
            "USERNAME": account.email,
            "PASSWORD": account.password.expose_secret(),
        });
        self.initiate_auth_request("USER_PASSWORD_AUTH", &parameters)
    }

    /// Signs in with e-mail address and password.
    pub async fn sign_in(&self, account: &Account) -> Result<Tokens, SignInError> {
        let request = self.sign_in_request(account);
        let tokens = self.initiate_auth("the sign-in", request, None).await?;
        let claims = Claims::of(tokens.id.expose_secret()).unwrap_or_default();
        match claims.email() {
            Some(found) if !found.eq_ignore_ascii_case(account.email.trim()) => {
                Err(SignInError::OtherUser {
                    asked: account.email.clone(),
                    found: found.to_owned(),
                })
            }
            _ => Ok(tokens),
        }
    }

    /// The request that gets new tokens. The library names the device of the sign-in, and there is none.
    #[must_use]
    pub fn refresh_request(&self, refresh: &SecretString) -> Request {
        let parameters = json!({ "REFRESH_TOKEN": refresh.expose_secret(), "DEVICE_KEY": null });
        self.initiate_auth_request("REFRESH_TOKEN_AUTH", &parameters)
    }

    /// Gets new tokens.
    pub async fn refresh(&self, refresh: SecretString) -> Result<Tokens, SignInError> {
        let request = self.refresh_request(&refresh);
        self.initiate_auth("the refresh", request, Some(refresh))
            .await
    }

    /// The request for the user that an access token belongs to.
    #[must_use]
    pub fn user_request(&self, access: &SecretString) -> Request {
        let body = json!({ "AccessToken": access.expose_secret() });
        self.request("GetUser", &body)
    }

    /// The user that an access token belongs to.
    pub async fn user(&self, access: &SecretString) -> Result<PoolUser, SignInError> {
        let answer = self.send(self.user_request(access)).await?;
        Ok(answer.json().await?)
    }

    /// The request that revokes a refresh token.
    #[must_use]
    pub fn revoke_request(&self, refresh: &SecretString) -> Request {
        let body = json!({ "ClientId": self.client_id(), "Token": refresh.expose_secret() });
        self.request("RevokeToken", &body)
    }

    /// Revokes a refresh token, as the frontend does when its user signs out.
    pub async fn revoke(&self, refresh: &SecretString) -> Result<(), SignInError> {
        let answer = self.send(self.revoke_request(refresh)).await?;
        answer.for_programs().await?;
        Ok(())
    }

    fn initiate_auth_request(&self, flow: &str, parameters: &Value) -> Request {
        let body = json!({
            "AuthFlow": flow,
            "ClientId": self.client_id(),
            "AuthParameters": parameters,
            "ClientMetadata": {},
        });
        self.request("InitiateAuth", &body)
    }

    /// A request with the headers of the frontend's sign-in library, which need a preflight. All
    /// operations that are used here are idempotent.
    pub(crate) fn request(&self, operation: &str, body: &Value) -> Request {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        Request::post(Service::Cognito, operation, format!("{}/", self.endpoint))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .header("x-amz-user-agent", USER_AGENT)
            .header("cache-control", "no-store")
            .json_text(body)
            .idempotent(true)
    }

    /// Sends `request`, which `name` names in messages. `refresh` is the refresh token that stays valid
    /// if the answer holds no new one.
    async fn initiate_auth(
        &self,
        name: &'static str,
        request: Request,
        refresh: Option<SecretString>,
    ) -> Result<Tokens, SignInError> {
        let incomplete = |missing| SignInError::Incomplete {
            request: name,
            missing,
        };
        let answer = self.send(request).await?;
        let answer: AuthAnswer = answer.json().await?;
        let Some(result) = answer.authentication_result else {
            return Err(match answer.challenge_name {
                Some(challenge) => SignInError::Challenge(challenge),
                None => incomplete("tokens"),
            });
        };
        let refresh = result
            .refresh_token
            .or(refresh)
            .ok_or_else(|| incomplete("refresh token"))?;
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

    /// Sends `request`, and again if Cognito throttles it. A refusal becomes an error with Cognito's own
    /// words.
    pub(crate) async fn send(&self, request: Request) -> Result<Answer, SignInError> {
        let mut attempt = 1;
        loop {
            let answer = self.http.expect(request.clone(), &[SUCCESS, 400]).await;
            let answer = answer.map_err(|failure| match failure.problem {
                Problem::Status { status: 403, .. } => failure.because(
                    "Cognito itself refuses with 400: something before it refuses the request, as a \
                     firewall does (Cognito, the AWS WAF rules of the user pool)",
                ),
                _ => failure,
            })?;
            if answer.is_success() {
                return Ok(answer);
            }
            let Exception { code, message } = answer.json().await?;
            // AWS may write a namespace before the name.
            let code = code.rsplit('#').next().unwrap_or_default().to_owned();
            let throttled = Transient::Throttled(code.clone());
            if !THROTTLING.contains(&code.as_str())
                || !self
                    .http
                    .prepare_retry(&request.name, &throttled, attempt)
                    .await
            {
                return Err(SignInError::Refused { code, message });
            }
            attempt += 1;
        }
    }
}
