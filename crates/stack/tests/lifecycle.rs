//! The lifecycle of a job.

use std::{
    io::Cursor,
    time::{Duration, Instant, SystemTime},
};

use crate::support::{
    self, MODES, config,
    session::{PARAMETERS, Session, job, states, success, wait_for},
};
use opencloud_stack::{
    JobStatus::{self, Error, Finished, Postprocessing, Preprocessing, Pulled, Queued, Running},
    Stack,
    config::FileMode,
};
use serde_json::{Value, json};

/// How long a job stays in each state, in seconds.
const STATE: f64 = 0.05;

async fn start(mode: FileMode) -> (support::Running, Session) {
    let stack = support::start(config(mode, STATE)).await;
    let user = Session::first(&stack).await;
    user.upload_inputs().await;
    (stack, user)
}

/// Waits until a job is where it stays.
async fn ended(stack: &Stack, name: &str) -> Vec<JobStatus> {
    let changes = wait_for(stack, |changes| {
        let states = states(changes, name);
        // The first error of two is followed by postprocessing, unless the inputs are missing.
        match states.last() {
            Some(Finished) => true,
            Some(Error) => !states.contains(&Running) || states.contains(&Postprocessing),
            _ => false,
        }
    })
    .await;
    states(&changes, name)
}

fn dates(job: &Value) -> [String; 3] {
    ["date_created", "date_started", "date_finished"]
        .map(|name| job[name].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_through_all_states_and_leaves_its_outputs() {
    for mode in MODES {
        let (stack, user) = start(mode).await;
        let id = user.submit(&job("run")).await;
        let queued = user.job(id).await;
        assert_eq!(queued["status"], Queued.name());
        assert_eq!(queued["date_started"], Value::Null);

        assert_eq!(ended(&stack, "run").await, success(), "{mode:?}");
        let finished = user.job(id).await;
        assert_eq!(finished["status"], Finished.name());
        assert_eq!(finished["runtime_details"], Value::Null);
        let [created, started, ended] = dates(&finished);
        assert!(created < started && started < ended, "{finished}");

        assert_eq!(
            user.paths("artifact/run").await,
            [
                "artifact/run/model/model_0.pt",
                "artifact/run/model/param_run_in.yaml"
            ]
        );
        assert_eq!(user.paths("log/run").await, ["log/run/log/log.log"]);
        let parameters = user.download("artifact/run/model/param_run_in.yaml").await;
        assert_eq!(parameters.body, PARAMETERS);
        let model = user.download("artifact/run/model/model_0.pt").await.body;
        assert!(model.starts_with(b"PK"));
        zip::ZipArchive::new(Cursor::new(model)).expect("a model as torch saves it");

        // Deleting the job takes its outputs and leaves its inputs.
        assert_eq!(user.delete(&format!("/jobs/{id}")).await.status, 204);
        for gone in ["artifact/run", "log/run"] {
            let listing = user.get(&format!("/files/{gone}/")).await;
            assert_eq!(listing.status, 404, "{gone} in {mode:?}");
        }
        assert_eq!(user.paths("config").await.len(), 1);
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_lasts_as_long_as_configured() {
    let stack = support::start(config(FileMode::Local, 0.3)).await;
    let user = Session::first(&stack).await;
    user.upload_inputs().await;
    user.submit(&job("run")).await;
    let changes = wait_for(&stack, |c| c.iter().any(|c| c.status == Finished)).await;
    let lasted = changes.windows(2).map(|pair| {
        let lasted = pair[1].at.duration_since(pair[0].at).unwrap();
        (pair[0].status, lasted)
    });
    let (pulled, others): (Vec<_>, Vec<_>) = lasted.partition(|(state, _)| *state == Pulled);
    for (state, lasted) in others {
        // The upper bound is generous: the machine may be busy.
        let told = Duration::from_millis(295)..Duration::from_secs(5);
        assert!(told.contains(&lasted), "{state} lasted {lasted:?}");
        assert!(pulled[0].1 < lasted, "{pulled:?}, {state} {lasted:?}");
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_container_ends_in_error_twice_with_its_log() {
    for mode in MODES {
        let mut config = config(mode, STATE);
        config.worker.fail = true;
        let stack = support::start(config).await;
        let user = Session::first(&stack).await;
        user.upload_inputs().await;
        let id = user.submit(&job("run")).await;
        let changes = wait_for(&stack, |c| states(c, "run").len() == 7).await;
        assert_eq!(
            states(&changes, "run"),
            [
                Queued,
                Pulled,
                Preprocessing,
                Running,
                Error,
                Postprocessing,
                Error
            ]
        );
        let failed = user.job(id).await;
        let details = failed["runtime_details"].as_str().unwrap();
        assert!(details.starts_with("\nLogs:\n"), "{details:?}");
        assert!(details.contains("Traceback"), "{details:?}");
        // The first of the two errors is what counts as its end.
        let first = changes.iter().find(|c| c.status == Error).unwrap();
        let ended: jiff::civil::DateTime =
            failed["date_finished"].as_str().unwrap().parse().unwrap();
        let ended = ended.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        let ended = SystemTime::from(ended);
        let running = changes.iter().find(|c| c.status == Running);
        let began = running.unwrap().at;
        assert!(began < ended && ended <= first.at, "{ended:?}: {changes:?}");
        assert_eq!(user.paths("artifact/run").await, [""; 0]);
        assert_eq!(user.paths("log/run").await, ["log/run/log/log.log"]);
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_inputs_end_in_error() {
    for mode in MODES {
        let (stack, user) = start(mode).await;
        user.upload("config/broken", "param.yaml", b"Camera: [1, 2\n")
            .await;
        user.upload("config/other", "readme.txt", b"no parameters here")
            .await;
        user.upload("data/other", "frames.tif", b"II*").await;
        let mut jobs = Vec::new();
        for (name, config, data, reason) in [
            ("broken", "broken", "exp", "yaml"),
            ("none", "other", "exp", "no parameter file"),
            ("uncalibrated", "exp", "other", "no calibration file"),
        ] {
            let mut wanted = job(name);
            wanted["attributes"]["files_down"] =
                json!({"config_id": config, "data_ids": [data], "artifact_ids": []});
            jobs.push((name, user.submit(&wanted).await, reason));
        }
        for (name, id, reason) in jobs {
            let states = ended(&stack, name).await;
            assert_eq!(states.last(), Some(&Error), "{name}");
            let job = user.job(id).await;
            let details = job["runtime_details"].as_str().unwrap();
            assert!(details.contains(reason), "{name}: {details}");
        }
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_was_deleted_before_it_is_fetched_ends_in_error() {
    for mode in MODES {
        let (stack, user) = start(mode).await;
        let id = user.submit(&job("run")).await;
        assert_eq!(user.delete("/files/config/exp/").await.status, 204);
        assert_eq!(
            ended(&stack, "run").await,
            [Queued, Pulled, Preprocessing, Error],
            "{mode:?}"
        );
        let job = user.job(id).await;
        let details = job["runtime_details"].as_str().unwrap();
        assert!(details.contains("config/exp"), "{details}");
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_deleted_while_it_runs_stops_and_leaves_nothing() {
    for mode in MODES {
        for state in [Preprocessing, Running, Postprocessing] {
            let (stack, user) = start(mode).await;
            let id = user.submit(&job("run")).await;
            wait_for(&stack, |c| c.iter().any(|c| c.status == state)).await;
            assert_eq!(user.delete(&format!("/jobs/{id}")).await.status, 204);
            let so_far = states(&stack.state_changes(), "run");
            // The worker is free at once for the next job, which gets the id again.
            assert_eq!(user.submit(&job("next")).await, id);
            assert_eq!(ended(&stack, "next").await, success());
            assert_eq!(
                states(&stack.state_changes(), "run"),
                so_far,
                "the deleted job came no further"
            );
            for directory in ["artifact", "log", "output"] {
                let paths = user.paths(directory).await;
                assert!(
                    paths.iter().all(|path| path.contains("/next/")),
                    "{mode:?}, deleted while {state}: {paths:?}"
                );
            }
            stack.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_job_frees_its_worker_at_once() {
    let stack = support::start(config(FileMode::Local, 3.0)).await;
    let user = Session::first(&stack).await;
    user.upload_inputs().await;
    let first = user.submit(&job("first")).await;
    user.submit(&job("next")).await;
    wait_for(&stack, |c| states(c, "first").contains(&Preprocessing)).await;
    let deleted = Instant::now();
    assert_eq!(user.delete(&format!("/jobs/{first}")).await.status, 204);
    wait_for(&stack, |c| states(c, "next").contains(&Pulled)).await;
    let took = deleted.elapsed();
    // Before the first one would have come to its next state.
    assert!(took < Duration::from_millis(2500), "{took:?}");
    stack.stop().await;
}
