//! The policies of the machine's administrator (`policies.json`), which win over all preferences.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The files of policies for the browser `program` that are there.
pub(super) fn files(program: &Path) -> Vec<PathBuf> {
    let program = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let beside = program
        .parent()
        .map(|directory| directory.join("distribution"));
    let directories = [Some("/etc/firefox/policies".into()), beside];
    let files = directories
        .into_iter()
        .flatten()
        .map(|directory| directory.join("policies.json"));
    files.filter(|file| file.is_file()).collect()
}

/// Why policies keep a run from the browser, if they do: it would not take the run's proxies.
pub(super) fn obstacle(program: &Path) -> Option<String> {
    files(program).into_iter().find_map(|file| {
        let policies: Value = serde_json::from_str(&fs::read_to_string(&file).ok()?).ok()?;
        let name = locked(&policies)?;
        Some(format!(
            "the policy {name} in {} decides which proxies the browser asks, so no page can come from \
             here",
            file.display()
        ))
    })
}

/// The policy that keeps the settings of proxies from being changed.
fn locked(policies: &Value) -> Option<&'static str> {
    let policies = &policies["policies"];
    if policies["Proxy"]["Locked"] == true {
        return Some("Proxy");
    }
    let preferences = policies["Preferences"].as_object()?;
    let is_locked = |(name, preference): (&String, &Value)| {
        name.starts_with("network.proxy.") && preference["Status"] == "locked"
    };
    preferences.iter().any(is_locked).then_some("Preferences")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn policies_that_lock_the_proxies_are_named() {
        for (policies, name) in [
            (
                json!({ "Proxy": { "Mode": "none", "Locked": true } }),
                Some("Proxy"),
            ),
            (
                json!({ "Preferences": { "network.proxy.type": { "Value": 0, "Status": "locked" } } }),
                Some("Preferences"),
            ),
            (json!({ "Proxy": { "Mode": "none" } }), None),
            (
                json!({ "Preferences": { "network.proxy.type": { "Value": 0, "Status": "default" } } }),
                None,
            ),
            (
                json!({ "Preferences": { "ui.x": { "Value": 0, "Status": "locked" } } }),
                None,
            ),
        ] {
            assert_eq!(locked(&json!({ "policies": policies })), name, "{policies}");
        }
    }
}
