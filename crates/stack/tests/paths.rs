//! No path leads out of a user's own directory, however it is written.

use crate::support::{
    self, MODES, NEVER, Running, config,
    http::Answer,
    session::{Session, job},
};
use opencloud_stack::config::FileMode;
use serde_json::json;

/// Ways to write `..`, with the slashes around it.
const WAYS: [&str; 7] = [
    "../",
    "..%2F",
    "%2e%2e/",
    "%2E%2E%2F",
    ".%2e/",
    "x/../../",
    "config/..%2f..%2f",
];

fn refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 404, "{what}: {}", answer.text());
    assert!(
        !answer.text().contains("baseline"),
        "{what}: {}",
        answer.text()
    );
}

/// A stack, the user whose files are at stake, that user's id, and an intruder.
async fn scene(mode: FileMode) -> (Running, Session, String, Session) {
    let stack = support::start(config(mode, NEVER)).await;
    let victim = Session::first(&stack).await;
    victim.upload_inputs().await;
    let accounts = stack.accounts();
    let id = accounts
        .iter()
        .find(|a| a.groups.len() == 2)
        .unwrap()
        .sub
        .clone();
    let intruder = Session::second(&stack).await;
    intruder.upload_inputs().await;
    (stack, victim, id, intruder)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_reaches_another_users_files() {
    for mode in MODES {
        let (stack, victim, id, intruder) = scene(mode).await;
        for way in WAYS {
            let file = format!("{way}{id}/config/exp/param_run_in.yaml");
            for path in [
                format!("{file}/url"),
                format!("{file}/download"),
                format!("{way}{id}/config/"),
                format!("{way}{id}/config/?recursive=true"),
                format!("{way}{id}/config/exp//download"),
            ] {
                refused(&intruder.get(&format!("/files/{path}")).await, &path);
            }
            refused(&intruder.delete(&format!("/files/{file}")).await, &file);
            let body = json!({"path": "config/stolen.yaml"});
            let renamed = intruder.json("PUT", &format!("/files/{file}"), &body).await;
            refused(&renamed, &file);
            for ending in ["url", "upload", ""] {
                let path = format!("/files/config/{way}{way}{id}/config/{ending}");
                let made = intruder
                    .request("POST", &path)
                    .header("Content-Type", "multipart/form-data; boundary=x")
                    .body("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n1\r\n--x--\r\n")
                    .send()
                    .await;
                refused(&made, &path);
            }
        }
        assert_eq!(
            victim.paths("config").await,
            ["config/exp/param_run_in.yaml"],
            "{mode:?}"
        );
        assert_eq!(
            intruder.paths("config").await,
            ["config/exp/param_run_in.yaml"]
        );
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_new_name_leaves_the_users_directory() {
    for mode in MODES {
        let (stack, victim, id, intruder) = scene(mode).await;
        for path in [
            format!("../{id}/config/evil.yaml"),
            format!("config/../../{id}/config/evil.yaml"),
            "..".to_owned(),
        ] {
            let body = json!({ "path": path });
            let renamed = intruder
                .json("PUT", "/files/config/exp/param_run_in.yaml", &body)
                .await;
            refused(&renamed, &path);
        }
        assert_eq!(victim.paths("config").await.len(), 1, "{mode:?}");
        assert_eq!(intruder.paths("config").await.len(), 1, "{mode:?}");
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_uploaded_filename_leaves_the_users_directory() {
    for mode in MODES {
        let (stack, victim, id, intruder) = scene(mode).await;
        let name = format!("../../../{id}/config/evil.yaml");
        let disposition = format!("form-data; name=\"file\"; filename=\"{name}\"");
        let uploaded = intruder
            .request("POST", "/files/config/exp/upload")
            .header("Content-Type", "multipart/form-data; boundary=x")
            .body(format!(
                "--x\r\nContent-Disposition: {disposition}\r\n\r\n1\r\n--x--\r\n"
            ))
            .send()
            .await;
        refused(&uploaded, &name);
        if mode == FileMode::S3 {
            // S3 takes such a key for what it is: a name below the intruder's own.
            intruder.upload("config/exp", &name, b"evil").await;
        }
        assert_eq!(
            victim.paths("config").await,
            ["config/exp/param_run_in.yaml"]
        );
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_job_leaves_the_users_directory() {
    for mode in MODES {
        let (stack, victim, id, intruder) = scene(mode).await;
        let mut spying = job("spying");
        spying["attributes"]["files_down"]["config_id"] = json!(format!("../../{id}/config/exp"));
        let created = intruder.json("POST", "/jobs", &spying).await;
        assert_eq!(
            (created.status, created.text().as_str()),
            (400, "{\"detail\":\"\"}")
        );

        for name in [format!("../../{id}/config"), "..".into(), "a/../..".into()] {
            let created = intruder.json("POST", "/jobs", &job(&name)).await;
            assert_eq!(created.status, 422, "{name}: {}", created.text());
        }
        assert_eq!(victim.paths("config").await.len(), 1, "{mode:?}");
        stack.stop().await;
    }
}
