//! The applications that jobs can run.

use serde_json::Value;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
};

impl UserApi {
    /// The application, version and entry point of each program that the UserAPI offers, such as
    /// `decode v0_10_1 train`.
    pub async fn applications(&self) -> Result<Vec<String>, CallError> {
        let request = self.request(Endpoint::Applications, &[]);
        let offered: Value = self.call(request, &[200]).await?.json().await?;
        let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let mut names = Vec::new();
        for (application, versions) in members(&offered) {
            for (version, entry_points) in members(&versions) {
                let entry_points = members(&entry_points);
                let entry_points = entry_points.keys();
                names.extend(entry_points.map(|name| format!("{application} {version} {name}")));
            }
        }
        Ok(names)
    }
}
