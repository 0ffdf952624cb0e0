//! Starting, stopping and starting again.

use std::{net::TcpListener, time::Instant};

use crate::support::{
    self, MODES, NEVER, config,
    http::Request,
    session::{Session, job, states, wait_for},
};
use opencloud_stack::{Config, JobStatus, Stack, StartError, config::FileMode};
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_as_soon_as_it_has_started() {
    for mode in MODES {
        let begin = Instant::now();
        let stack = Stack::start(config(mode, NEVER)).await.unwrap();
        let url = format!("{}/access_info", stack.urls().user_api);
        let answer = Request::new("GET", &url).send().await;
        println!("start to first answer, {mode:?}: {:?}", begin.elapsed());
        assert_eq!(answer.json()["cognito"]["client_id"], stack.ids().client);
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_jobs_and_files_outlive_a_restart() {
    for mode in MODES {
        let directory = TempDir::new().unwrap();
        let config = || Config {
            data_dir: Some(directory.path().to_owned()),
            ..config(mode, 0.02)
        };
        let stack = Stack::start(config()).await.unwrap();
        let user = Session::first(&stack).await;
        user.upload_inputs().await;
        let id = user.submit(&job("run")).await;
        wait_for(&stack, |c| {
            states(c, "run").last() == Some(&JobStatus::Finished)
        })
        .await;
        let (token, ids) = (user.token, stack.ids().client.clone());
        let before: Vec<_> = stack.accounts().iter().map(|a| a.email.clone()).collect();
        stack.stop().await;

        let stack = Stack::start(config()).await.unwrap();
        let after: Vec<_> = stack.accounts().iter().map(|a| a.email.clone()).collect();
        assert_eq!((before, &ids), (after, &stack.ids().client));
        // Even a token from before is still good.
        let user = Session {
            url: stack.urls().user_api.clone(),
            token,
        };
        assert_eq!(user.job(id).await["status"], JobStatus::Finished.name());
        assert_eq!(user.paths("artifact/run").await.len(), 2, "{mode:?}");
        assert_eq!(
            user.download("config/exp/param_run_in.yaml").await.body,
            support::session::PARAMETERS
        );
        let user = Session::first(&stack).await;
        assert_eq!(user.job(id).await["job_name"], "run");
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_job_is_done_after_a_restart() {
    let directory = TempDir::new().unwrap();
    let config = |seconds| Config {
        data_dir: Some(directory.path().to_owned()),
        ..config(FileMode::S3, seconds)
    };
    let stack = Stack::start(config(0.2)).await.unwrap();
    let user = Session::first(&stack).await;
    user.upload_inputs().await;
    let id = user.submit(&job("run")).await;
    wait_for(&stack, |c| {
        states(c, "run").last() == Some(&JobStatus::Running)
    })
    .await;
    let started = user.job(id).await["date_started"].clone();
    drop(stack);

    let stack = Stack::start(config(0.01)).await.unwrap();
    let changes = wait_for(&stack, |c| {
        states(c, "run").last() == Some(&JobStatus::Finished)
    })
    .await;
    assert_eq!(
        states(&changes, "run")[..2],
        [JobStatus::Queued, JobStatus::Pulled]
    );
    let user = Session::first(&stack).await;
    assert_eq!(user.job(id).await["date_started"], started);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named_with_its_option() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for (flag, config) in [
        (
            "--user-api-port",
            Config {
                user_api_port: port,
                ..Config::default()
            },
        ),
        (
            "--cognito-port",
            Config {
                cognito_port: port,
                ..Config::default()
            },
        ),
        (
            "--s3-port",
            Config {
                s3_port: port,
                ..Config::default()
            },
        ),
    ] {
        let error = Stack::start(config).await.unwrap_err();
        assert!(matches!(error, StartError::PortInUse { .. }), "{error}");
        assert_eq!(
            error.to_string(),
            format!("port {port} is in use: stop what listens there, or give {flag} another")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_stack_frees_its_ports_and_its_directory() {
    let stack = Stack::start(config(FileMode::S3, NEVER)).await.unwrap();
    let url = stack.urls().user_api.clone();
    let address = url.strip_prefix("http://").unwrap().to_owned();
    drop(stack);
    let deadline = Instant::now() + std::time::Duration::from_secs(5);
    while std::net::TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < deadline, "{address} still answers");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_lead_to_this_stack() {
    let stack = Stack::start(Config {
        frontend_origin: "https://ries-lab.github.io".into(),
        ..Config::default()
    })
    .await
    .unwrap();
    let settings = stack.env_file().await;
    let get = |name: &str| {
        let found = settings.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let names: Vec<&str> = settings.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "ENVIRONMENT",
            "USERFACING_API_URL",
            "FRONTEND_URL",
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
            "MAILBOX_URL",
            "COGNITO_USER_POOL_ID",
            "COGNITO_REGION",
            "COGNITO_CLIENT_ID",
            "EMAIL",
            "PASSWORD",
            "SECOND_EMAIL",
            "SECOND_PASSWORD",
            "WORKER_EMAIL",
            "WORKER_PASSWORD",
            "NOGROUP_EMAIL",
            "NOGROUP_PASSWORD",
            "SCRATCH_EMAIL",
            "SCRATCH_PASSWORD",
            "EXPIRED_TOKEN",
            "OTHER_CLIENT_TOKEN",
            "EXPIRED_UPLOAD",
        ]
    );
    assert_eq!(get("ENVIRONMENT"), "embedded");
    assert_eq!(get("USERFACING_API_URL"), stack.urls().user_api);
    assert_eq!(get("MAILBOX_URL"), stack.urls().mailbox);
    assert_eq!(get("FRONTEND_URL"), "https://ries-lab.github.io");
    assert_eq!(
        get("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"),
        stack.urls().cognito
    );
    assert_eq!(get("COGNITO_CLIENT_ID"), stack.ids().client);
    for (prefix, groups) in [
        ("", vec!["users", "workers"]),
        ("SECOND_", vec!["users"]),
        ("WORKER_", vec!["workers"]),
        ("NOGROUP_", vec![]),
    ] {
        let email = get(&format!("{prefix}EMAIL"));
        let account = stack.accounts().iter().find(|a| a.email == email).unwrap();
        let mut of_account = account.groups.clone();
        of_account.sort();
        assert_eq!(of_account, groups, "{prefix}");
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stacks_cannot_share_a_data_directory() {
    let directory = TempDir::new().unwrap();
    let config = || Config {
        data_dir: Some(directory.path().to_owned()),
        ..Config::default()
    };
    let stack = Stack::start(config()).await.unwrap();
    let error = Stack::start(config()).await.unwrap_err();
    assert!(matches!(error, StartError::DataDirInUse(_)), "{error}");
    stack.stop().await;
    drop(Stack::start(config()).await.unwrap());
}
