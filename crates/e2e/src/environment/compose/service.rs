//! The four services, as docker-compose.yaml knows them.

use std::{
    env,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use opencloud_browser::process::Failure;
use opencloud_model::{origins, settings::Settings};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{options::RunArgs, project};

/// A service of docker-compose.yaml.
#[derive(Debug)]
pub(super) struct Service {
    /// Its name there; its image is `<name>:integration-tests`.
    pub(super) name: &'static str,
    /// The key of .env that tells where its repository is checked out.
    pub(super) path_key: &'static str,
    /// Where that is otherwise, as seen from the project's root.
    pub(super) usual_path: &'static str,
}

pub(super) const SERVICES: [Service; 4] = [
    Service {
        name: "userfacing-api",
        path_key: "USERFACING_API_PATH",
        usual_path: "../DECODE_Cloud_UserAPI",
    },
    Service {
        name: "workerfacing-api",
        path_key: "WORKERFACING_API_PATH",
        usual_path: "../DECODE_Cloud_WorkerAPI",
    },
    Service {
        name: "frontend",
        path_key: "FRONTEND_PATH",
        usual_path: "../DECODE_Cloud_UserFrontend",
    },
    Service {
        name: "job-fetcher",
        path_key: "JOB_FETCHER_PATH",
        usual_path: "../DECODE_Cloud_JobFetcher",
    },
];

/// The keys without which the services end as soon as they start.
const NEEDED: [&str; 3] = [
    "COGNITO_USER_POOL_ID",
    "COGNITO_REGION",
    "COGNITO_CLIENT_ID",
];

/// What else docker-compose.yaml takes from .env as it is.
const PASSED_ON: [&str; 5] = [
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    "COGNITO_SECRET",
    "ACCESS_TOKEN",
    "EMAIL",
    "PASSWORD",
];

/// Which of these nobody may see.
const SECRET: [&str; 3] = ["COGNITO_SECRET", "ACCESS_TOKEN", "PASSWORD"];

/// Where Amazon's own tools keep credentials.
const USUAL_CREDENTIALS: &str = "~/.aws/credentials";

/// The local stack as it is to be started.
#[derive(Debug)]
pub(crate) struct Local {
    /// Whether it is left running afterwards.
    pub(super) keep_up: bool,
    /// Where the logs of the services are kept.
    pub(super) logs: PathBuf,
    /// The variables of docker-compose.yaml.
    pub(super) variables: Vec<(String, String)>,
    /// The values among them that nobody may see.
    pub(super) secrets: Vec<String>,
    /// Where the repositories are checked out, in the order of [`SERVICES`].
    pub(super) paths: Vec<PathBuf>,
    /// The ports of `localhost` where the services answer; the job fetcher does not.
    pub(super) ports: Vec<(&'static str, u16)>,
    /// How long a service that has answered may be too busy to.
    pub(super) patience: Duration,
}

/// The file that holds the logs of all services.
const LOGS: &str = "services.log";

/// Where docker-compose.yaml puts the services.
const USER_API: &str = "http://localhost:8000";
const WORKER_API: &str = "http://localhost:8001";
const FRONTEND: &str = origins::DEVELOPMENT;

impl Local {
    /// Judges the keys and values of .env.
    pub(crate) fn of(
        pairs: &[(String, String)],
        settings: &Settings,
        args: &RunArgs,
    ) -> Result<Self, Failure> {
        let raw = |key: &str| {
            let pair = pairs.iter().rev().find(|(name, _)| name == key);
            pair.map_or("", |(_, value)| value)
        };
        let value = |key: &str| raw(key).trim();
        if let Some(missing) = NEEDED.iter().find(|key| value(key).is_empty()) {
            return Err(Failure::Input(format!(
                "{missing} is missing or empty in .env: the services of environment local need it"
            )));
        }
        let key = internal_key().context("cannot make a key for the services")?;
        let mut variables: Vec<_> = NEEDED.map(|key| (key.into(), value(key).into())).into();
        variables.extend(PASSED_ON.map(|key| (key.into(), raw(key).into())));
        variables.push(("INTERNAL_API_KEY_SECRET".into(), key.clone()));
        variables.push(("PWD".into(), project::root().display().to_string()));

        let mut paths = Vec::new();
        for service in &SERVICES {
            let given = Some(value(service.path_key)).filter(|path| !path.is_empty());
            let path = from_root(given.unwrap_or(service.usual_path));
            variables.push((service.path_key.into(), path.display().to_string()));
            paths.push(path);
        }
        let credentials = aws_credentials(value("AWS_CREDENTIALS"))?;
        variables.push(("AWS_CREDENTIALS".into(), credentials));

        let mut secrets: Vec<_> = SECRET.map(|key| raw(key).to_owned()).into();
        secrets.push(key);
        Ok(Self {
            keep_up: args.keep_up,
            logs: match &args.report {
                Some(directory) => directory.join(LOGS),
                None => project::root().join("target/e2e").join(LOGS),
            },
            variables,
            secrets,
            paths,
            ports: ports(settings, args.worker_api.as_deref())?,
            // By default a minute: requests of the suite may take half of it.
            patience: settings.limits.answer * 2,
        })
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

/// A path of .env: from the project's root, or from the home directory behind a tilde.
fn from_root(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => project::root().join(path),
    }
}

/// The file with AWS credentials that the services are shown; an empty one where the user has none.
fn aws_credentials(given: &str) -> Result<String, Failure> {
    let path = from_root(if given.is_empty() {
        USUAL_CREDENTIALS
    } else {
        given
    });
    if path.exists() && !path.is_dir() {
        return Ok(path.display().to_string());
    }
    if given.is_empty() {
        return Ok("/dev/null".into());
    }
    Err(Failure::Input(format!(
        "AWS_CREDENTIALS={given}: there is no such file"
    )))
}

/// With which the two APIs know one another, in this start only.
fn internal_key() -> io::Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:x}", Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests;
