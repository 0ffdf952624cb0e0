//! The applications that a job can run.

mod recipe;

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

pub(crate) use self::recipe::{Content, Kind, Read, Recipe};

/// The service's own application configuration.
const CONFIG: &str = include_str!("../data/application_config.yaml");

/// What is known of the programs in its containers.
const CONTAINERS: &str = include_str!("../data/containers.yaml");

/// The member of an entry point that a page does not get: what is known of the program in its container.
const CONTAINER: &str = "container";

/// Application, version and entry point.
type Names = [String; 3];

/// Applications, their versions, their entry points, and how to run each.
#[derive(Clone, Debug)]
pub(crate) struct Applications {
    shown: Value,
    recipes: HashMap<Names, Recipe>,
}

/// One program that a job can run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryPoint<'c> {
    config: &'c Value,
    recipe: Option<&'c Recipe>,
}

impl Applications {
    /// The configuration that is built in.
    pub(crate) fn built_in() -> Self {
        Self::parse(CONFIG).expect("the built-in configuration is sound")
    }

    /// The configuration in the file at `path`, as the UserAPI has it. An entry point whose container is
    /// not built in may have the member `container` that describes it.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let read = || Self::parse(&fs::read_to_string(path)?);
        read().with_context(|| format!("{} is not a configuration of applications", path.display()))
    }

    fn parse(config: &str) -> anyhow::Result<Self> {
        let mut recipes = HashMap::new();
        let mut containers: Value = serde_yaml::from_str(CONTAINERS)?;
        for (names, container) in entry_points(&mut containers)? {
            recipes.insert(names, serde_json::from_value(container.take())?);
        }
        let mut shown: Value = serde_yaml::from_str(config)?;
        for (names, entry_point) in entry_points(&mut shown)? {
            let place = names.join(" ");
            check(entry_point).with_context(|| place.clone())?;
            let own = entry_point
                .as_object_mut()
                .and_then(|members| members.remove(CONTAINER));
            if let Some(container) = own {
                let recipe = serde_json::from_value(container);
                recipes.insert(
                    names,
                    recipe.with_context(|| format!("{place}, {CONTAINER}"))?,
                );
            }
        }
        Ok(Self { shown, recipes })
    }

    /// Forgets a version of an application.
    pub(crate) fn remove(&mut self, application: &str, version: &str) {
        if let Some(versions) = self.shown[application].as_object_mut() {
            versions.remove(version);
        }
    }

    /// All of it, as a page gets it.
    pub(crate) fn as_json(&self) -> &Value {
        &self.shown
    }

    /// The names of all applications, in the order of the configuration.
    pub(crate) fn names(&self) -> Vec<&str> {
        keys(&self.shown)
    }

    /// The versions of an application; empty for an unknown one.
    pub(crate) fn versions(&self, application: &str) -> Vec<&str> {
        keys(&self.shown[application])
    }

    /// The entry points of a version; empty for an unknown one.
    pub(crate) fn entrypoints(&self, application: &str, version: &str) -> Vec<&str> {
        keys(&self.shown[application][version])
    }

    /// How to run an entry point.
    pub(crate) fn entrypoint(
        &self,
        application: &str,
        version: &str,
        entrypoint: &str,
    ) -> Option<EntryPoint<'_>> {
        let config = self.shown.get(application)?.get(version)?.get(entrypoint)?;
        let names = [application, version, entrypoint].map(str::to_owned);
        let recipe = self.recipes.get(&names);
        Some(EntryPoint { config, recipe })
    }
}

impl<'c> EntryPoint<'c> {
    /// The environment variables that a job may set.
    pub(crate) fn env(self) -> Vec<&'c str> {
        texts(&self.config["app"]["env"]).collect()
    }

    /// The shell command that its container runs.
    pub(crate) fn command(self) -> String {
        texts(&self.config["app"]["cmd"])
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// What is known of the program in its container.
    pub(crate) fn recipe(self) -> Option<&'c Recipe> {
        self.recipe
    }

    /// The directory below `/files` for the inputs of `member`, such as `config_id`.
    pub(crate) fn directory_of(self, member: &str) -> Option<&'c str> {
        self.config["handler"]["files_down"][member].as_str()
    }

    /// Which of a container's directories are uploaded when it has ended: pairs of the user's
    /// directory (`artifact`, `log`, `output`) and the container's.
    pub(crate) fn files_up(self) -> impl Iterator<Item = (&'c str, &'c str)> {
        let directories = self.config["handler"]["files_up"].as_object();
        directories
            .into_iter()
            .flatten()
            .filter_map(|(endpoint, local)| Some((endpoint.as_str(), local.as_str()?)))
    }
}

/// All entry points of a configuration, with their names.
fn entry_points(config: &mut Value) -> anyhow::Result<Vec<(Names, &mut Value)>> {
    let mut all = Vec::new();
    for (application, versions) in members(config, "it")? {
        for (version, entry_points) in members(versions, application)? {
            for (entry_point, config) in members(entry_points, version)? {
                let names = [application, version, entry_point].map(Clone::clone);
                all.push((names, config));
            }
        }
    }
    Ok(all)
}

fn members<'v>(
    of: &'v mut Value,
    name: &str,
) -> anyhow::Result<impl Iterator<Item = (&'v String, &'v mut Value)>> {
    match of.as_object_mut() {
        Some(members) => Ok(members.iter_mut()),
        None => bail!("{name} is not a mapping"),
    }
}

/// Fails unless an entry point has what the UserAPI and the worker read.
fn check(entry_point: &Value) -> anyhow::Result<()> {
    for member in ["cmd", "env"] {
        let list = entry_point["app"][member].as_array();
        let is_sound = list.is_some_and(|list| list.iter().all(Value::is_string));
        ensure!(is_sound, "app.{member} is not a list of texts");
    }
    for member in ["files_down", "files_up"] {
        let map = entry_point["handler"][member].as_object();
        let is_sound = map.is_some_and(|map| map.values().all(Value::is_string));
        ensure!(is_sound, "handler.{member} is not a mapping to directories");
    }
    Ok(())
}

fn texts(of: &Value) -> impl Iterator<Item = &str> {
    of.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn keys(of: &Value) -> Vec<&str> {
    let object = of.as_object();
    object
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect()
}

#[cfg(test)]
mod tests;
