//! The four services, as docker-compose.yaml knows them.

use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use opencloud_browser::process::Failure;
use opencloud_model::{
    origins, redact,
    settings::{Kind, Settings, Values, table},
};
use url::Url;

use crate::{options::RunArgs, project};

/// A service of docker-compose.yaml.
#[derive(Debug)]
pub(super) struct Service {
    /// Its name there; its image is `<name>:integration-tests`.
    pub(super) name: &'static str,
    /// The setting that names the directory where its repository is checked out.
    pub(super) path_key: &'static str,
}

pub(super) const SERVICES: [Service; 4] = [
    service("userfacing-api", "USERFACING_API_PATH"),
    service("workerfacing-api", "WORKERFACING_API_PATH"),
    service("frontend", "FRONTEND_PATH"),
    service(JOB_FETCHER, "JOB_FETCHER_PATH"),
];

/// The service that runs jobs.
const JOB_FETCHER: &str = "job-fetcher";

const fn service(name: &'static str, path_key: &'static str) -> Service {
    Service { name, path_key }
}

/// The settings without which the services end as soon as they start.
const NEEDED: [&str; 3] = [
    "COGNITO_USER_POOL_ID",
    "COGNITO_REGION",
    "COGNITO_CLIENT_ID",
];

/// Where Amazon's own tools keep credentials.
const USUAL_CREDENTIALS: &str = "~/.aws/credentials";

/// The local stack as it is to be started.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    /// Whether it is left running afterwards.
    pub(super) keep_up: bool,
    /// The variables of docker-compose.yaml.
    pub(super) variables: Vec<(String, String)>,
    /// Where the repositories are checked out, in the order of [`SERVICES`].
    pub(super) paths: [PathBuf; SERVICES.len()],
    /// The ports of `localhost` where the services answer; the job fetcher does not.
    pub(super) ports: Vec<(&'static str, u16)>,
    /// Whether the job fetcher is started.
    pub(super) runs_jobs: bool,
    /// How long the job fetcher may ask for nothing.
    pub(super) silence_limit: Duration,
}

/// Where docker-compose.yaml puts the services.
const USER_API: &str = "http://localhost:8000";
const WORKER_API: &str = "http://localhost:8001";
const FRONTEND: &str = origins::DEVELOPMENT;

impl Local {
    /// Fails if a setting that the services need is missing or wrong.
    pub(crate) fn of(
        values: Values<'_>,
        settings: &Settings,
        args: &RunArgs,
    ) -> Result<Self, Failure> {
        if let Some(missing) = NEEDED.iter().find(|key| values.get(key).is_none()) {
            return Err(Failure::Input(format!(
                "{missing} is missing or empty in .env: the services of environment local need it"
            )));
        }
        let key = internal_key().context("cannot make a key for the services")?;
        redact::learn(&key);
        let mut variables = vec![
            ("INTERNAL_API_KEY_SECRET".into(), key),
            ("PWD".into(), project::root().display().to_string()),
        ];
        for setting in table::for_services() {
            let value = match (setting.kind, setting.key) {
                (_, "AWS_CREDENTIALS") => aws_credentials(values.get(setting.key))?,
                (Kind::Path, key) => path(values, key).display().to_string(),
                (Kind::Secret, key) => values.raw(key).to_owned(),
                (_, key) => values.get(key).unwrap_or_default().to_owned(),
            };
            variables.push((setting.key.into(), value));
        }
        Ok(Self {
            keep_up: args.keep_up,
            runs_jobs: true,
            variables,
            paths: SERVICES.map(|service| path(values, service.path_key)),
            ports: ports(settings, args.worker_api.as_deref())?,
            // By default a minute: it asks every ten seconds.
            silence_limit: settings.limits.answer * 2,
        })
    }

    /// The same services without the job fetcher: jobs stay as they were created.
    pub(crate) fn without_job_fetcher(self) -> Self {
        Self {
            runs_jobs: false,
            ..self
        }
    }

    /// The names of the services that are started.
    pub(super) fn started(&self) -> Vec<&'static str> {
        let all = SERVICES.iter().map(|service| service.name);
        all.filter(|name| self.runs_jobs || *name != JOB_FETCHER)
            .collect()
    }

    /// Where the repository of `service` is checked out.
    pub(super) fn path_of(&self, service: &str) -> &Path {
        let mut all = SERVICES.iter().zip(&self.paths);
        let found = all.find(|(known, _)| known.name == service);
        found.map_or(Path::new(""), |(_, path)| path)
    }
}

fn ports(settings: &Settings, stand_in: Option<&str>) -> Result<Vec<(&'static str, u16)>, Failure> {
    for (key, given, there) in [
        ("USERFACING_API_URL", &settings.user_api, USER_API),
        ("FRONTEND_URL", &settings.frontend, FRONTEND),
    ] {
        if given != there && stand_in.is_none() {
            return Err(Failure::Input(format!(
                "{key}={given}: docker-compose.yaml puts this service of environment local at {there}; \
                 leave {key} empty"
            )));
        }
    }
    let all = [
        ("userfacing-api", &*settings.user_api),
        ("workerfacing-api", stand_in.unwrap_or(WORKER_API)),
        ("frontend", &settings.frontend),
    ];
    let port = |url: &str| Url::parse(url).ok()?.port_or_known_default();
    let port = |url: &str| port(url).with_context(|| format!("{url} has no port"));
    all.into_iter()
        .map(|(service, url)| Ok((service, port(url)?)))
        .collect()
}

/// The path that a setting names.
fn path(values: Values<'_>, key: &str) -> PathBuf {
    from_root(values.get_or_default(key))
}

/// A path of .env: from the project's root, or from the home directory behind a tilde.
fn from_root(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => project::root().join(path),
    }
}

/// The file with AWS credentials for the services; an empty one where the user has none.
fn aws_credentials(given: Option<&str>) -> Result<String, Failure> {
    let path = from_root(given.unwrap_or(USUAL_CREDENTIALS));
    if path.exists() && !path.is_dir() {
        return Ok(path.display().to_string());
    }
    match given {
        None => Ok("/dev/null".into()),
        Some(given) => Err(Failure::Input(format!(
            "AWS_CREDENTIALS={given}: there is no such file"
        ))),
    }
}

/// The key by which the two APIs know one another, in this start only.
fn internal_key() -> Result<String, getrandom::Error> {
    let parts = (0..4).map(|_| getrandom::u64());
    parts.map(|part| Ok(format!("{:016x}", part?))).collect()
}

#[cfg(test)]
mod tests;
