//! The four services, as docker-compose.yaml knows them.

use std::{
    env,
    fs::{self, File},
    io::{self, Read},
    path::PathBuf,
};

use anyhow::Context;
use opencloud_suite::{origins, settings::Settings};
use sha2::{Digest, Sha256};

use crate::{failure::Failure, project};

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

/// The local stack as it is to be started.
#[derive(Debug)]
pub(crate) struct Local {
    /// Whether it is left running afterwards.
    pub(super) keep_up: bool,
    /// The variables of docker-compose.yaml. They win over .env, which Docker Compose reads as well
    /// but in a way of its own: it takes a `$` in a password for the start of a variable.
    pub(super) variables: Vec<(String, String)>,
    /// The values among them that nobody may see.
    pub(super) secrets: Vec<String>,
    /// Where the repositories are checked out, in the order of [`SERVICES`].
    pub(super) paths: Vec<PathBuf>,
    /// Where the services answer to a browser; the job fetcher does not.
    pub(super) addresses: Vec<(&'static str, String)>,
}

impl Local {
    /// Judges the keys and values of .env.
    pub(crate) fn of(
        pairs: &[(String, String)],
        settings: &Settings,
        keep_up: bool,
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
        let aws = Some(value("AWS_DIRECTORY")).filter(|path| !path.is_empty());
        variables.push(("AWS_DIRECTORY".into(), aws_directory(aws)?));

        let is_plain = settings.frontend.starts_with("http://");
        let frontend = if is_plain {
            &settings.frontend
        } else {
            origins::DEVELOPMENT
        };
        let worker_api = Some(value("WORKERFACING_API_URL")).filter(|url| !url.is_empty());
        let worker_api = worker_api.unwrap_or("http://localhost:8001");
        let mut secrets: Vec<_> = SECRET.map(|key| raw(key).to_owned()).into();
        secrets.push(key);
        Ok(Self {
            keep_up,
            variables,
            secrets,
            paths,
            addresses: vec![
                ("userfacing-api", settings.user_api.clone()),
                ("workerfacing-api", worker_api.trim_end_matches('/').into()),
                ("frontend", frontend.into()),
            ],
        })
    }
}

/// A path of .env: from the project's root, or from the home directory behind a tilde.
fn from_root(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => project::root().join(path),
    }
}

/// The directory that the services find AWS credentials in. What Docker does not find it makes, as
/// its own user; so where the user has none, they are shown an empty one of ours.
fn aws_directory(given: Option<&str>) -> anyhow::Result<String> {
    let usual = from_root(given.unwrap_or("~/.aws"));
    if usual.is_dir() {
        return Ok(usual.display().to_string());
    }
    let none = env::current_exe()?.with_file_name("no-aws");
    fs::create_dir_all(&none)?;
    Ok(none.display().to_string())
}

/// With which the two APIs know one another, in this start only.
fn internal_key() -> io::Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:x}", Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_yaml::Value;

    use super::*;

    fn local() -> Local {
        let pairs = [
            ("ENVIRONMENT", "local"),
            ("EMAIL", "a@b.c"),
            ("PASSWORD", "a$b"),
            ("COGNITO_USER_POOL_ID", "pool"),
            ("COGNITO_REGION", "region"),
            ("COGNITO_CLIENT_ID", "client"),
            ("FRONTEND_PATH", "~/frontend"),
        ];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let settings = Settings::read(None, pairs.clone()).unwrap();
        Local::of(&pairs, &settings, false).unwrap()
    }

    fn compose() -> String {
        fs::read_to_string(project::root().join("docker-compose.yaml")).unwrap()
    }

    #[test]
    fn the_services_are_those_of_docker_compose() {
        let compose: Value = serde_yaml::from_str(&compose()).unwrap();
        let services = compose["services"].as_mapping().unwrap();
        assert_eq!(services.len(), SERVICES.len());
        for service in &SERVICES {
            let found = &services[service.name];
            let image = format!("{}:integration-tests", service.name);
            assert_eq!(found["image"], Value::from(image));
            let context = format!("${{{}:-{}}}", service.path_key, service.usual_path);
            assert_eq!(found["build"]["context"], Value::from(context));
            // Or `docker compose up` would go on with an image of yesterday.
            assert_eq!(found["pull_policy"], Value::from("build"));
        }
    }

    #[test]
    fn every_variable_of_docker_compose_is_set() {
        let compose = compose();
        let used: BTreeSet<_> = compose
            .split("${")
            .skip(1)
            .map(|rest| rest.split([':', '}']).next().unwrap_or_default())
            .collect();
        let variables = local().variables;
        let set: BTreeSet<_> = variables.iter().map(|(key, _)| &**key).collect();
        assert_eq!(used, set);
    }

    #[test]
    fn values_are_passed_on_as_they_stand_and_paths_from_the_projects_root() {
        let local = local();
        let value = |key: &str| {
            let pair = local.variables.iter().find(|(name, _)| name == key);
            pair.map(|(_, value)| value.as_str()).unwrap()
        };
        assert_eq!(value("PASSWORD"), "a$b");
        assert_eq!(
            local.paths[0],
            project::root().join("../DECODE_Cloud_UserAPI")
        );
        assert!(!value("FRONTEND_PATH").contains('~'));
        assert!(
            local
                .secrets
                .contains(&value("INTERNAL_API_KEY_SECRET").to_owned())
        );
        let urls: Vec<_> = local.addresses.iter().map(|(_, url)| &**url).collect();
        let expected = [
            "http://localhost:8000",
            "http://localhost:8001",
            "http://localhost:8080",
        ];
        assert_eq!(urls, expected);
    }
}
