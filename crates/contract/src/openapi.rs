//! What the UserAPI says about itself: its operations, compared with those that were recorded.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value;

use crate::{deployment::Deployment, recording};

/// The recorded document, in the directory of all recordings.
const FILE: &str = "golden/openapi_userapi.json";

/// The operations of a deployment beside the recorded ones.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Operations {
    /// How many the deployment has.
    pub count: usize,
    /// Operations that were not recorded.
    pub new: Vec<String>,
    /// Operations that are no longer there.
    pub missing: Vec<String>,
    /// Operations whose description differs, and where.
    pub changed: Vec<(String, Vec<String>)>,
    /// Why nothing is known, if the deployment does not say.
    pub unknown: Option<String>,
    #[serde(skip)]
    document: Value,
}

impl Operations {
    /// Asks `deployment` for its operations.
    ///
    /// # Errors
    /// If the recorded document cannot be read, or no answer comes.
    pub fn of(deployment: &Deployment, recordings: &Path) -> anyhow::Result<Self> {
        let recorded: Value = recording::json(&recordings.join(FILE))?;
        let answer = deployment.ask("GET", "/openapi.json", None)?;
        let document = answer.json();
        if answer.status != 200 || !document["paths"].is_object() {
            return Ok(Self {
                unknown: Some(format!(
                    "GET /openapi.json is answered with {}, and not with an OpenAPI document",
                    answer.status
                )),
                ..Self::default()
            });
        }
        Ok(Self::compare(&recorded, document))
    }

    fn compare(recorded: &Value, document: Value) -> Self {
        let (before, now) = (names(recorded), names(&document));
        let changed = before.intersection(&now).filter_map(|(path, method)| {
            let of = |document: &Value| document["paths"][path][method].to_string();
            let (before, now) = (of(recorded), of(&document));
            let differs = before != now;
            differs.then(|| (shown(path, method), crate::diff::lines(&before, &now)))
        });
        let only = |these: &BTreeSet<(String, String)>, those: &BTreeSet<(String, String)>| {
            let only = these.difference(those);
            only.map(|(path, method)| shown(path, method)).collect()
        };
        Self {
            count: now.len(),
            new: only(&now, &before),
            missing: only(&before, &now),
            changed: changed.collect(),
            unknown: None,
            document,
        }
    }

    /// Whether they are known, and as recorded.
    #[must_use]
    pub fn are_as_recorded(&self) -> bool {
        self.unknown.is_none()
            && self.new.is_empty()
            && self.missing.is_empty()
            && self.changed.is_empty()
    }

    /// Where the recorded document is among the `recordings`, and its new text, if it differs.
    #[must_use]
    pub fn renewed(&self, recordings: &Path) -> Option<(PathBuf, String)> {
        let is_new = self.unknown.is_none() && !self.are_as_recorded();
        is_new.then(|| (recordings.join(FILE), self.document.to_string()))
    }
}

/// Paths and methods.
fn names(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, _)| (path.clone(), method.clone()))
    });
    operations.collect()
}

fn shown(path: &str, method: &str) -> String {
    format!("{} {path}", method.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operations_come_and_go_and_change() {
        let recorded = json!({"paths": {
            "/a": {"get": {"responses": {"200": {}}}, "put": {}},
            "/b": {"get": {}},
        }});
        let now = json!({"paths": {
            "/a": {"get": {"responses": {"200": {}, "404": {}}}},
            "/b": {"get": {}},
            "/c": {"post": {}},
        }});
        let operations = Operations::compare(&recorded, now);
        assert_eq!(operations.new, ["POST /c"]);
        assert_eq!(operations.missing, ["PUT /a"]);
        let changed = vec!["/responses/404: {} is new".to_owned()];
        assert_eq!(operations.changed, [("GET /a".to_owned(), changed)]);
        assert!(!operations.are_as_recorded());
        assert!(operations.renewed(Path::new("")).is_some());
        assert!(Operations::compare(&recorded, recorded.clone()).are_as_recorded());
    }

    #[test]
    fn operations_that_are_not_known_are_not_as_recorded_and_renew_nothing() {
        let unknown = Operations {
            unknown: Some("GET /openapi.json is answered with 500".into()),
            ..Operations::default()
        };
        assert!(!unknown.are_as_recorded());
        assert_eq!(unknown.renewed(Path::new("")), None);
    }
}
