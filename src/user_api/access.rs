//! The user, and where users sign in.

use serde::Deserialize;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
};
use crate::{
    http::{Failure, Http, SUCCESS},
    token::ExpectedClaims,
};

/// Where users sign in.
#[derive(Clone, Debug, Deserialize)]
pub struct AccessInfo {
    /// The user pool's public client.
    pub cognito: CognitoClient,
}

/// A user pool's public client.
#[derive(Clone, Debug, Deserialize)]
pub struct CognitoClient {
    /// The user pool.
    pub user_pool_id: String,
    /// The client.
    pub client_id: String,
    /// The AWS region of the pool.
    pub region: String,
}

impl CognitoClient {
    /// AWS's endpoint for the pool. The UserAPI names none, so clients derive it from the region.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("https://cognito-idp.{}.amazonaws.com", self.region)
    }

    /// The claims that the UserAPI expects of an ID token. The issuer is the pool's AWS name, even if
    /// the pool is reached at another address.
    #[must_use]
    pub fn expected_claims(&self) -> ExpectedClaims {
        ExpectedClaims {
            issuer: format!("{}/{}", self.endpoint(), self.user_pool_id),
            client: self.client_id.clone(),
        }
    }
}

/// A user of the UserAPI.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// The e-mail address.
    pub email: String,
    /// The groups among `users`, `workers` and `cloud`.
    pub groups: Vec<String>,
}

/// Gets the access info from the UserAPI at `base`.
pub async fn access_info(http: &Http, base: &str) -> Result<AccessInfo, Failure> {
    let request = Endpoint::AccessInfo.request(base, &[]);
    http.expect(request, &[SUCCESS]).await?.json().await
}

impl UserApi {
    /// The signed-in user.
    pub async fn user(&self) -> Result<User, CallError> {
        let request = self.request(Endpoint::User, &[]);
        Ok(self.call(request, &[SUCCESS]).await?.json().await?)
    }
}
