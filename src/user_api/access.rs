//! What the UserAPI tells anybody.

use serde::Deserialize;

use crate::http::{Failure, Http, Request};

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
}

/// `GET /access_info`, without any token.
pub async fn access_info(http: &Http, base: &str) -> Result<AccessInfo, Failure> {
    let request = Request::get("access info", format!("{base}/access_info"));
    http.expect(request, &[200]).await?.json().await
}
