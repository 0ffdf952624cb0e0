//! How far jobs come where there is a worker of `local` alone.

use opencloud_stack::JobStatus::{self, Finished, Preprocessing, Queued};
use serde_json::{Value, json};

use crate::support::{
    self,
    session::{PARAMETERS, Session, job, states, wait_for},
};

/// A job, and the status that it comes to.
struct Edge {
    environment: Value,
    /// The name of its parameter file.
    file: &'static str,
    real: JobStatus,
    /// The status in the stack, and why it is another one.
    differs: Option<(JobStatus, &'static str)>,
}

fn rows() -> [Edge; 4] {
    let row = |environment: Value, file, real, differs| Edge {
        environment,
        file,
        real,
        differs,
    };
    let stuck = "the WorkerAPI and its job fetcher do not escape the name; a worker that is stuck helps \
                 nobody";
    [
        row(json!("local"), "p.yaml", Finished, None),
        row(json!(null), "p.yaml", Finished, None),
        row(json!("cloud"), "p.yaml", Queued, None),
        row(
            json!("local"),
            "a#b.yaml",
            Preprocessing,
            Some((Finished, stuck)),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs() {
    for mode in support::MODES {
        let stack = support::start(support::config(mode, 0.01)).await;
        let user = Session::first(&stack).await;
        user.upload_inputs().await;
        for (number, row) in rows().into_iter().enumerate() {
            let name = format!("row{number}");
            user.upload(&format!("config/{name}"), row.file, PARAMETERS)
                .await;
            let mut wanted = job(&name);
            wanted["environment"] = row.environment.clone();
            wanted["priority"] = json!(5);
            wanted["attributes"]["files_down"]["config_id"] = json!(name);
            user.submit(&wanted).await;
            // A worker that may take it takes it before this one.
            let after = format!("after{number}");
            user.submit(&job(&after)).await;
            let changes = wait_for(&stack, |changes| {
                states(changes, &after).contains(&Finished)
            })
            .await;
            let expected = row.differs.map_or(row.real, |(status, reason)| {
                assert!(status != row.real && !reason.is_empty());
                status
            });
            let reached = states(&changes, &name).last().copied();
            let (environment, file) = (&row.environment, row.file);
            assert_eq!(reached, Some(expected), "{mode:?}: {environment}, {file}");
        }
        stack.stop().await;
    }
}
