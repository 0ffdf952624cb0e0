//! The applications that jobs can run.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
};
use crate::http::SUCCESS;

/// What the UserAPI offers: entry points, by application, version and name.
pub type Offered = BTreeMap<String, BTreeMap<String, BTreeMap<String, EntryPoint>>>;

/// What the frontend's form reads of an entry point.
#[derive(Clone, Debug, Deserialize)]
pub struct EntryPoint {
    /// Its program.
    pub app: Program,
}

/// The program of an entry point.
#[derive(Clone, Debug, Deserialize)]
pub struct Program {
    /// The environment variables for which the form has fields.
    pub env: Vec<String>,
}

impl UserApi {
    /// What the UserAPI offers.
    pub async fn offered(&self) -> Result<Offered, CallError> {
        let request = self.request(Endpoint::Applications, &[]);
        Ok(self.call(request, &[SUCCESS]).await?.json().await?)
    }

    /// The application, version and entry point of each program that the UserAPI offers, such as
    /// `decode v0_10_1 train`.
    pub async fn applications(&self) -> Result<Vec<String>, CallError> {
        let mut names = Vec::new();
        for (application, versions) in self.offered().await? {
            for (version, entry_points) in versions {
                let entry_points = entry_points.keys();
                names.extend(entry_points.map(|name| format!("{application} {version} {name}")));
            }
        }
        Ok(names)
    }
}
