//! Faults at the edges of what files, links and jobs may be.

use opencloud_stack::Fault;
use serde_json::json;

use crate::{
    faults::{
        bench::{Bench, Checks, header},
        files::{ALL, filled, listed},
    },
    support::{
        http::Request,
        session::{job, wait_for},
    },
};

/// Renames to names that are taken, and the types of downloads.
pub(crate) async fn files(checks: &mut Checks) {
    let slash = async |b: &Bench| {
        let user = filled(b).await;
        let new = json!({"path": "data/e/x/"});
        let answer = user.json("PUT", "/files/data/d/a", &new).await;
        format!(
            "{} {}",
            answer.status,
            listed(&user, &format!("data{ALL}")).await
        )
    };
    checks
        .check(
            Fault::RenameSlashOverwrites,
            slash,
            "500 data/d/a data/d/ab data/d/below/c data/e/x",
            "200 data/d/ab data/d/below/c data/e/x",
        )
        .await;
    let onto = async |b: &Bench| {
        let user = b.user().await;
        for directory in ["one", "two"] {
            let path = format!("/files/data/{directory}/");
            user.request("POST", &path).send().await;
        }
        let new = json!({"path": "data/two/"});
        let answer = user.json("PUT", "/files/data/one/", &new).await;
        format!("{} {}", answer.status, listed(&user, "data/").await)
    };
    checks
        .check(
            Fault::RenameOntoFolderRefused,
            onto,
            "200 data/two/",
            "405 data/one/ data/two/",
        )
        .await;
    let image = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "a.tif", b"II*\0").await;
        header(&user.download("data/d/a.tif").await, "content-type")
    };
    let text = "text/plain; charset=utf-8";
    checks
        .check(Fault::DownloadsOfOneType, image, "image/tiff", text)
        .await;
}

/// The use of a link for something else than it is for.
pub(crate) async fn links(checks: &mut Checks) {
    let put = async |b: &Bench| {
        let user = filled(b).await;
        let spec = user.get("/files/data/d/a/url").await.json();
        let request = Request::new("PUT", spec["url"].as_str().unwrap());
        let status = request.body(b"other").send().await.status;
        format!("{status} {}", user.download("data/d/a").await.text())
    };
    checks
        .check(
            Fault::DownloadUrlAllowsPut,
            put,
            "403 contents",
            "200 other",
        )
        .await;
    let another = async |b: &Bench| {
        let user = filled(b).await;
        let spec = user.get("/files/data/d/a/url").await.json();
        let request = Request::new("GET", spec["url"].as_str().unwrap());
        let answer = request.header("If-Match", "\"another\"").send().await;
        answer.status.to_string()
    };
    checks
        .check(Fault::S3IgnoresConditions, another, "412", "200")
        .await;
}

/// Jobs that no worker here may take.
pub(crate) async fn jobs(checks: &mut Checks) {
    let impossible = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut wanted = job("run");
        wanted["hardware"]["memory"] = json!(10_000_000_000_000_000_000_u64);
        let answer = user.json("POST", "/jobs", &wanted).await;
        answer.status.to_string()
    };
    checks
        .check(Fault::JobHardwareNotChecked, impossible, "500", "201")
        .await;
    let elsewhere = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut cloud = job("cloud");
        cloud["environment"] = json!("cloud");
        cloud["priority"] = json!(5);
        user.submit(&cloud).await;
        user.submit(&job("local")).await;
        let finished = |name: &'static str| {
            move |change: &opencloud_stack::StateChange| {
                change.job_name == name && change.status == opencloud_stack::JobStatus::Finished
            }
        };
        let changes = wait_for(&b.stack, |changes| changes.iter().any(finished("local"))).await;
        changes.iter().any(finished("cloud")).to_string()
    };
    checks
        .check(Fault::CloudJobOnALocalWorker, elsewhere, "false", "true")
        .await;
}
