//! Applications, and what one job passes on to the next.

use opencloud_stack::{Family, Fault};
use serde_json::{Value, json};

use crate::{
    faults::bench::{Bench, Checks},
    support::{
        applications::{COMET, FIT, LATEST, Names, TRAIN, job_of, outputs, run},
        session::Session,
    },
};

/// The end of a job in a few words: its status, and the line of its details that names an exception.
fn end(job: &Value) -> String {
    let details = job["runtime_details"].as_str().unwrap_or_default();
    let mut lines = details
        .lines()
        .filter(|line| line.contains("no ") || line.contains("cannot"));
    let line = lines.next_back().unwrap_or_default();
    let status = job["status"].as_str().unwrap_or_default();
    format!("{status} {}", line.split('=').next().unwrap_or_default())
        .trim()
        .to_owned()
}

async fn alone(b: &Bench, names: Names) -> (Session, Value) {
    let user = b.user().await;
    let job = run(&b.stack, &user, "run", names, &[]).await;
    (user, job)
}

/// A training, and a fit with its model.
async fn fit(b: &Bench) -> (Session, Value) {
    let user = b.user().await;
    run(&b.stack, &user, "train", TRAIN, &[]).await;
    let fit = run(&b.stack, &user, "fit", FIT, &["train/"]).await;
    (user, fit)
}

/// The outputs but for those of a training.
async fn results(user: &Session) -> String {
    let mut paths = outputs(user).await;
    paths.retain(|path| !path.contains("/model/") && !path.contains("log/"));
    paths.join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn applications() {
    let mut checks = Checks::of(Family::Applications);
    artifacts(&mut checks).await;
    results_of_fits(&mut checks).await;
    programs(&mut checks).await;
    inputs(&mut checks).await;
    checks.complete();
}

async fn artifacts(checks: &mut Checks) {
    let ends = async |b: &Bench| end(&fit(b).await.1);
    checks
        .check(
            Fault::ArtifactsNotPassedOn,
            ends,
            "finished",
            "error FileNotFoundError: no model: --model_path",
        )
        .await;
    let shown = async |b: &Bench| {
        let (_, fit) = fit(b).await;
        let ids = &fit["attributes"]["files_down"]["artifact_ids"];
        format!("{} {ids}", end(&fit))
    };
    checks
        .check(
            Fault::ArtifactsOfAnotherJob,
            shown,
            r#"finished ["train/"]"#,
            r#"finished ["another/"]"#,
        )
        .await;
    let missing = async |b: &Bench| {
        let user = b.user().await;
        run(&b.stack, &user, "run", TRAIN, &[]).await;
        let mut job = job_of("fit", FIT, &["missing/"]);
        job["attributes"]["files_down"]["config_id"] = json!("run");
        job["attributes"]["files_down"]["data_ids"] = json!(["run"]);
        user.json("POST", "/jobs", &job).await.status.to_string()
    };
    checks
        .check(Fault::MissingArtifactsAccepted, missing, "400", "201")
        .await;
}

async fn results_of_fits(checks: &mut Checks) {
    let sound = "artifact/fit/output/emitter.h5";
    let left = async |b: &Bench| results(&fit(b).await.0).await;
    for (fault, faulty) in [
        (
            Fault::ResultsWithTheEarlierJob,
            "artifact/train/output/emitter.h5",
        ),
        (
            Fault::ResultsInAnotherDirectory,
            "output/fit/output/emitter.h5",
        ),
    ] {
        checks.check(fault, left, sound, faulty).await;
    }
    let is_empty = async |b: &Bench| {
        let (user, _) = fit(b).await;
        user.download(sound).await.body.is_empty().to_string()
    };
    checks
        .check(Fault::ResultsEmpty, is_empty, "false", "true")
        .await;
    let after_deletion = async |b: &Bench| {
        let (user, _) = fit(b).await;
        let jobs = user.get("/jobs").await.json();
        let jobs = jobs.as_array().unwrap().clone();
        let train = jobs.iter().find(|job| job["job_name"] == "train").unwrap();
        user.delete(&format!("/jobs/{}", train["id"])).await;
        results(&user).await
    };
    checks
        .check(Fault::DeleteTakesLaterResults, after_deletion, sound, "")
        .await;
    let logs = async |b: &Bench| alone(b, COMET).await.0.paths("log").await.join(" ");
    checks
        .check(Fault::LogsNotKept, logs, "log/run/log/log.log", "")
        .await;
}

async fn programs(checks: &mut Checks) {
    let names = async |b: &Bench, path: &str| {
        let offered = b.user().await.get("/jobs/applications").await.json();
        let found = offered.pointer(path).and_then(Value::as_object).cloned();
        found
            .unwrap_or_default()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let versions = async |b: &Bench| {
        let user = b.user().await;
        let answer = user
            .json("POST", "/jobs", &job_of("run", LATEST, &[]))
            .await;
        format!("{} {}", names(b, "/decode").await, answer.status)
    };
    checks
        .check(
            Fault::ApplicationsLackAVersion,
            versions,
            "v0_10_1 latest 400",
            "v0_10_1 422",
        )
        .await;
    let entry_points = async |b: &Bench| names(b, "/decode/v0_10_1").await;
    checks
        .check(
            Fault::ApplicationsLackAnEntryPoint,
            entry_points,
            "train fit",
            "train",
        )
        .await;
    let program = |job: &Value| {
        let app = &job["application"];
        format!(
            "{} {} {}",
            app["application"], app["version"], app["entrypoint"]
        )
        .replace('"', "")
    };
    let of_fit = async |b: &Bench| program(&fit(b).await.1);
    checks
        .check(
            Fault::AnotherEntryPointRuns,
            of_fit,
            "decode v0_10_1 fit",
            "decode v0_10_1 train",
        )
        .await;
    let of_latest = async |b: &Bench| program(&alone(b, LATEST).await.1);
    checks
        .check(
            Fault::AnotherVersionRuns,
            of_latest,
            "decode latest train",
            "decode v0_10_1 train",
        )
        .await;
    let variables = async |b: &Bench| {
        let (user, _) = alone(b, COMET).await;
        let mut statuses = Vec::new();
        for (name, names) in [("comet", COMET), ("train", TRAIN)] {
            let mut job = job_of("run", names, &[]);
            job["job_name"] = json!(name);
            job["attributes"]["env_vars"] = json!({"NOT_LISTED": "1"});
            statuses.push(user.json("POST", "/jobs", &job).await.status.to_string());
        }
        statuses.join(" ")
    };
    checks
        .check(
            Fault::VariablesNotCheckedForComet,
            variables,
            "422 422",
            "201 422",
        )
        .await;
}

async fn inputs(checks: &mut Checks) {
    let calibration =
        |argument: &str| format!("error FileNotFoundError: no calibration file: {argument}");
    let train = async |b: &Bench| end(&alone(b, TRAIN).await.1);
    checks
        .check(
            Fault::DataFromAnotherDirectory,
            train,
            "finished",
            &calibration("--calib_path"),
        )
        .await;
    let latest = async |b: &Bench| end(&alone(b, LATEST).await.1);
    checks
        .check(
            Fault::OnlyTheFirstDataFile,
            latest,
            "finished",
            &calibration("Paths.calibration"),
        )
        .await;
    checks
        .check(
            Fault::ParametersInAnotherDirectory,
            latest,
            "finished",
            "error mkdir: cannot create directory '/files/config': File exists",
        )
        .await;
}
