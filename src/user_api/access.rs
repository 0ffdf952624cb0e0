//! Who may use the UserAPI, and how to become somebody who may.

use opencloud_model::cause::Service;
use serde::Deserialize;

use super::{CallError, UserApi};
use crate::{
    http::{Failure, Http, Request},
    token::Wanted,
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
    /// AWS's endpoint for the pool. The UserAPI names none: clients derive it from the region.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("https://cognito-idp.{}.amazonaws.com", self.region)
    }

    /// What the UserAPI wants of an ID token: the client, and the pool as AWS names it, wherever
    /// it is reached.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        Wanted {
            issuer: format!("{}/{}", self.endpoint(), self.user_pool_id),
            client: self.client_id.clone(),
        }
    }
}

/// The signed-in user, as the UserAPI sees them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// The e-mail address.
    pub email: String,
    /// The groups among `users`, `workers` and `cloud`.
    pub groups: Vec<String>,
}

/// The request for the access info, which takes no token.
#[must_use]
pub fn access_info_request(base: &str) -> Request {
    Request::get(
        Service::UserApi,
        "access info",
        format!("{base}/access_info"),
    )
}

/// Where users sign in.
pub async fn access_info(http: &Http, base: &str) -> Result<AccessInfo, Failure> {
    http.expect(access_info_request(base), &[200])
        .await?
        .json()
        .await
}

impl UserApi {
    /// The request for the signed-in user.
    #[must_use]
    pub fn user_request(&self) -> Request {
        Request::get(Service::UserApi, "who am I", self.url("/user"))
    }

    /// The signed-in user.
    pub async fn user(&self) -> Result<User, CallError> {
        Ok(self.call(self.user_request(), &[200]).await?.json().await?)
    }
}
