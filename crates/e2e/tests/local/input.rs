//! A machine that is not ready for the services, and one that is to be cleaned of them.

use std::net::TcpListener;

use crate::{
    common::E2e,
    local::{DOWN, changes, engine::Engine},
};

#[test]
fn what_is_missing_is_told_before_anything_is_started() {
    let engine = Engine::new("");
    let refused = |more: &str, part: &str| {
        let ended = engine.run(&[], more).run();
        ended.refused(&[part]);
        assert_eq!(ended.stdout, "");
        assert!(!engine.was_called("compose up"));
        ended.assert_nothing_left();
    };
    refused(
        "COGNITO_REGION=\n",
        "COGNITO_REGION is missing or empty in .env",
    );
    refused(
        "FRONTEND_PATH=/no/such\n",
        "FRONTEND_PATH=/no/such: there is no Dockerfile",
    );
    refused(
        "AWS_CREDENTIALS=/no/such\n",
        "AWS_CREDENTIALS=/no/such: there is no such file",
    );

    // On whichever address of localhost.
    let [user_api, worker_api, frontend] = engine.ports;
    for (address, port, service) in [
        ("127.0.0.1", user_api, "userfacing-api"),
        ("::1", worker_api, "workerfacing-api"),
        ("0.0.0.0", frontend, "frontend"),
    ] {
        let _other = TcpListener::bind((address, port)).unwrap();
        refused(
            "",
            &format!("port {port} is in use, but {service} needs it"),
        );
    }

    engine.write("JOB_FETCHER/.env", "API_URL=http://example.org\n");
    refused(
        "",
        "JOB_FETCHER/.env: the job fetcher would take its settings from there",
    );
    engine.remove("JOB_FETCHER/.env");

    engine.write("unreadable", "yaml: line 7: did not find expected key\n");
    refused("", "docker-compose.yaml cannot be used: yaml: line 7");
    engine.write("no-daemon", "permission denied while trying to connect\n");
    refused("", "this user may not use Docker (permission denied while");
    engine.write("no-daemon", "Cannot connect to the Docker daemon.\n");
    refused(
        "",
        "Docker's daemon does not answer (Cannot connect to the Docker daemon.)",
    );
    engine.write("version", "1.29.2\n");
    for version in ["1.29.2", "v2.2.3", "2.19.1"] {
        engine.write("version", &format!("{version}\n"));
        let version = version.trim_start_matches('v');
        let error =
            format!("Docker Compose is of version {version}: install Docker Compose 2.20 or later");
        refused("", &error);
    }
    engine.remove("version");
    refused("", "install Docker Compose 2.20 or later");
    engine.write("bin/docker-compose", "#!/bin/sh\n");
    refused("", "there is only docker-compose of version 1");
}

/// docker-compose.yaml puts them where they are.
#[test]
fn services_elsewhere_are_refused() {
    let engine = Engine::new("");
    let e2e = engine.on_this_machine(E2e::new(&["--local"], engine.settings()));
    let ended = e2e.run();
    let port = engine.ports[0];
    let expected =
        format!("USERFACING_API_URL=http://localhost:{port}: docker-compose.yaml puts this");
    ended.refused(&[&expected]);
    assert_eq!(engine.calls(), [""; 0]);
    ended.assert_nothing_left();
}

#[test]
fn docker_that_is_missing_is_told() {
    let engine = Engine::new("");
    let nowhere = tempfile::tempdir().unwrap();
    let e2e = engine
        .run(&[], "")
        .env("PATH", nowhere.path().to_str().unwrap());
    let ended = e2e.run();
    ended
        .refused(&["docker is not on PATH"])
        .assert_nothing_left();
}

#[test]
fn clean_up_removes_what_is_this_projects_and_says_what_that_freed() {
    let engine = Engine::new("");
    engine.write("containers", &Engine::containers("exited"));
    let clean_up = || {
        let ended = engine.on_this_machine(E2e::bare(&["docker-cleanup"])).run();
        ended.assert_code(0);
        ended.stdout
    };
    // One of the images has another name as well, and the cache keeps the layers of the other.
    assert_eq!(
        clean_up(),
        "removed with Docker: containers: 4, images: 1, images that lost only a name: 1\n\
         freed: 0.2 GB\n\
         the cache of builds, which all projects share, holds 2.6 GB: `docker builder prune --all` \
         empties it\n"
    );
    assert_eq!(
        changes(&engine),
        // By its name: the image may have others.
        [DOWN, "image rm --force frontend:integration-tests sha256:2"]
    );
    // Never all that dangles: some of it is other projects'.
    assert!(engine.was_called(
        "image ls --quiet --no-trunc --filter dangling=true --filter label=opencloud.integration-tests"
    ));
    assert!(!engine.was_called("image prune") && !engine.was_called("system prune"));
    assert!(!engine.was_called("builder prune"));
}

/// From the oldest that is taken to the newest; the oldest answers with an array of containers.
#[test]
fn the_versions_of_compose_that_can_be_used() {
    let engine = Engine::new("");
    for version in ["2.20.3", "v2.21.0", "2.26.1-desktop.1", "5.0.1"] {
        engine.write("version", &format!("{version}\n"));
        let ended = engine.run(&["--filter", "access_info"], "").run();
        ended.assert_code(0);
    }
}
