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
    Local::of(Values(&pairs), &settings, &RunArgs::default()).unwrap()
}

fn compose() -> String {
    std::fs::read_to_string(project::root().join("docker-compose.yaml")).unwrap()
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
        let usual = table::find(service.path_key).unwrap().default;
        let context = format!("${{{}:-{usual}}}", service.path_key);
        assert_eq!(found["build"]["context"], Value::from(context));
        // Or `docker compose up` would go on with an image of yesterday.
        assert_eq!(found["pull_policy"], Value::from("build"));
    }
}

/// Their own names, so a slip of the pen would go unnoticed until they are started.
#[test]
fn the_services_get_the_settings_that_they_know() {
    let compose: Value = serde_yaml::from_str(&compose()).unwrap();
    let cognito = [
        "COGNITO_USER_POOL_ID=${COGNITO_USER_POOL_ID:-}",
        "COGNITO_REGION=${COGNITO_REGION:-}",
        "COGNITO_CLIENT_ID=${COGNITO_CLIENT_ID:-}",
        "COGNITO_SECRET=${COGNITO_SECRET:-}",
        "INTERNAL_API_KEY_SECRET=${INTERNAL_API_KEY_SECRET:-for-this-machine-only}",
    ];
    let user_api = "AUTH=1 FILESYSTEM=local USER_DATA_ROOT_PATH=/user_data \
                    DATABASE_URL=sqlite:///./sql_app.db \
                    WORKERFACING_API_URL=http://localhost:8001 \
                    FRONTEND_URL=http://localhost:8080 AWS_DEFAULT_REGION=${COGNITO_REGION:-}";
    let worker_api = "HOST=0.0.0.0 PORT=8001 IS_PROD=0 FILESYSTEM=local \
                      USER_DATA_ROOT_PATH=/user_data QUEUE_DB_URL=sqlite:///./sql_queue.db \
                      MAX_RETRIES=1 TIMEOUT_FAILURE=300 RETRY_DIFFERENT=1 \
                      USERFACING_API_URL=http://localhost:8000 \
                      AWS_DEFAULT_REGION=${COGNITO_REGION:-}";
    let job_fetcher = "API_URL=http://localhost:8001 ACCESS_TOKEN=${ACCESS_TOKEN:-} \
                       USERNAME=${EMAIL:-} PASSWORD=${PASSWORD:-} PATH_BASE=/data \
                       PATH_HOST_BASE=${PWD}/job_fetcher_data \
                       AWS_DEFAULT_REGION=${COGNITO_REGION:-}";
    for (service, settings, of_cognito) in [
        ("userfacing-api", user_api, &cognito[..]),
        ("workerfacing-api", worker_api, &cognito),
        ("job-fetcher", job_fetcher, &[]),
    ] {
        let environment = &compose["services"][service]["environment"];
        for pair in settings
            .split_whitespace()
            .chain(of_cognito.iter().copied())
        {
            let (key, expected) = pair.split_once('=').unwrap();
            let found = setting(environment, key);
            assert_eq!(found, Some(expected), "{service}: {key}");
        }
    }
    let arguments = |service: &str| &compose["services"][service]["build"]["args"];
    for (service, key, expected) in [
        ("userfacing-api", "PYTHON_VERSION", "3.11.10"),
        ("workerfacing-api", "PYTHON_VERSION", "3.11.10"),
        ("job-fetcher", "PYTHON_VERSION", "3.11.13"),
        ("frontend", "API_URL", "http://localhost:8000"),
    ] {
        assert_eq!(
            arguments(service)[key].as_str(),
            Some(expected),
            "{service}"
        );
    }
}

/// A value of a mapping, or of those that it is merged with.
fn setting<'a>(environment: &'a Value, key: &str) -> Option<&'a str> {
    let merged = || setting(environment.get("<<")?, key);
    environment.get(key).and_then(Value::as_str).or_else(merged)
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
    assert_eq!(
        redact::clean(value("INTERNAL_API_KEY_SECRET")),
        redact::MASK
    );
    assert_eq!(
        local.ports.iter().map(|(_, port)| port).collect::<Vec<_>>(),
        [&8000, &8001, &8080]
    );
}
