//! The applications that a job can run.

use serde_json::Value;

/// The service's own application configuration.
const CONFIG: &str = include_str!("../data/application_config.yaml");

/// Applications, their versions, their entry points, and how to run each.
#[derive(Clone, Debug)]
pub(crate) struct Applications(Value);

/// One program that a job can run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryPoint<'c>(&'c Value);

impl Applications {
    /// The configuration that is built in.
    pub(crate) fn built_in() -> Self {
        Self(serde_yaml::from_str(CONFIG).expect("the built-in configuration is YAML"))
    }

    /// All of it, as a page gets it.
    pub(crate) fn as_json(&self) -> &Value {
        &self.0
    }

    /// The names of all applications, in the order of the configuration.
    pub(crate) fn names(&self) -> Vec<&str> {
        keys(&self.0)
    }

    /// The versions of an application; empty for an unknown one.
    pub(crate) fn versions(&self, application: &str) -> Vec<&str> {
        keys(&self.0[application])
    }

    /// The entry points of a version; empty for an unknown one.
    pub(crate) fn entrypoints(&self, application: &str, version: &str) -> Vec<&str> {
        keys(&self.0[application][version])
    }

    /// How to run an entry point.
    pub(crate) fn entrypoint(
        &self,
        application: &str,
        version: &str,
        entrypoint: &str,
    ) -> Option<EntryPoint<'_>> {
        let found = self.0.get(application)?.get(version)?.get(entrypoint)?;
        Some(EntryPoint(found))
    }
}

impl<'c> EntryPoint<'c> {
    /// The environment variables that a job may set.
    pub(crate) fn env(self) -> Vec<&'c str> {
        let names = self.0["app"]["env"].as_array();
        names
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// Which of a container's directories are uploaded when it has ended: pairs of the user's
    /// directory (`artifact`, `log`, `output`) and the container's.
    pub(crate) fn files_up(self) -> impl Iterator<Item = (&'c str, &'c str)> {
        let directories = self.0["handler"]["files_up"].as_object();
        directories
            .into_iter()
            .flatten()
            .filter_map(|(endpoint, local)| Some((endpoint.as_str(), local.as_str()?)))
    }
}

fn keys(of: &Value) -> Vec<&str> {
    let object = of.as_object();
    object
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect()
}
