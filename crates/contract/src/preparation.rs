//! What was done while recording and is not in the recordings, although what follows needs it.

use std::ops::RangeInclusive;

use anyhow::ensure;
use serde_json::json;

use crate::{
    deployment::{Deployment, bearer},
    form,
    group::{Group, Mode},
    http::{Answer, Request},
};

/// Something that was not recorded.
#[derive(Clone, Debug)]
enum Step {
    /// A file was deleted.
    Delete(&'static str),
    /// Files were uploaded into a directory: their names and contents.
    Upload(&'static str, &'static [(&'static str, Content)]),
    /// Jobs were created, whose names are `page` and these numbers.
    Jobs(RangeInclusive<u8>),
}

/// What is in a file.
#[derive(Clone, Debug)]
enum Content {
    /// The file that the frontend's user had.
    Known,
    /// This text.
    Text(&'static str),
}

/// When it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Before any exchange of the group.
    First,
    /// After the exchange of this name.
    After(&'static str),
}

use Content::{Known, Text};
use Step::{Delete, Jobs, Upload};
use When::{After, First};

const GROUPS: &[(Group, Option<Mode>, When, Step)] = &[
    (
        Group::Files,
        Some(Mode::Local),
        After("upload_filename_with_path"),
        Delete("config/exp/a/"),
    ),
    (
        Group::Files,
        Some(Mode::S3),
        After("presigned_post_other_origin"),
        Delete("config/exp/o.txt"),
    ),
    (
        Group::Jobs,
        None,
        First,
        Upload("config/exp", &[("param_run_in.yaml", Known)]),
    ),
    (
        Group::Jobs,
        None,
        First,
        Upload("data/exp", &[("spline_calibration_3dcal.mat", Known)]),
    ),
    (
        Group::Frontend,
        None,
        After("files: new folder: POST /files/config/new/"),
        Upload("config/", &[("big.bin", Known), ("image.tif", Text("tif"))]),
    ),
    (
        Group::Frontend,
        Some(Mode::Local),
        After("files: upload a directory: POST /files/config/exp/url"),
        Upload("config/exp", &[("exp/param_run_in.yaml", Known)]),
    ),
    (
        Group::Frontend,
        Some(Mode::S3),
        After("files: upload a directory: POST /files/config/exp/url"),
        Upload(
            "config/exp",
            &[
                ("exp/param_run_in.yaml", Known),
                ("exp/spline_calibration_3dcal.mat", Known),
            ],
        ),
    ),
    (
        Group::Frontend,
        Some(Mode::S3),
        After("files: upload a directory: POST /files/config/exp/sub/url"),
        Upload(
            "config/exp/sub",
            &[("exp/sub/Größe #1 50% a+b&.txt", Text("odd"))],
        ),
    ),
    (
        Group::Frontend,
        Some(Mode::S3),
        After("files: upload a file in a directory below: POST /files/config/exp/sub//url"),
        Upload("config/exp/sub/", &[("plain.txt", Text("plain"))]),
    ),
    (
        Group::Frontend,
        Some(Mode::S3),
        After("files: upload a directory into data: POST /files/data/calib/url"),
        Upload(
            "data/calib",
            &[("calib/spline_calibration_3dcal.mat", Known)],
        ),
    ),
    // The results of a job; whether a worker has run it is another matter.
    (
        Group::Frontend,
        None,
        After("job: details: GET /jobs/1"),
        Upload(
            "artifact/single/model",
            &[("model_2.pt", Known), ("param_run_in.yaml", Text(""))],
        ),
    ),
    (
        Group::Frontend,
        None,
        After("jobs: 21 more for paging: POST /jobs"),
        Jobs(1..=20),
    ),
];

/// Does what was done at that moment and not recorded.
///
/// # Errors
/// If the deployment refuses it.
pub(crate) fn catch_up(deployment: &Deployment, group: Group, when: &str) -> anyhow::Result<()> {
    for (of, mode, at, step) in GROUPS {
        let is_now = match at {
            First => when.is_empty(),
            After(name) => *name == when,
        };
        if is_now && *of == group && mode.is_none_or(|mode| mode == deployment.mode) {
            perform(deployment, step)?;
        }
    }
    Ok(())
}

fn perform(deployment: &Deployment, step: &Step) -> anyhow::Result<()> {
    match step {
        Delete(path) => {
            let path = format!("/files/{path}");
            accepted("DELETE", &path, &deployment.ask("DELETE", &path, None)?)
        }
        Upload(directory, files) => {
            for (name, content) in *files {
                let content = match content {
                    Known => form::content(name),
                    Text(text) => text.as_bytes().to_vec(),
                };
                upload(deployment, directory, name, &content)?;
            }
            Ok(())
        }
        Jobs(numbers) => {
            for number in numbers.clone() {
                let answer = deployment.ask("POST", "/jobs", Some(&job(number)))?;
                accepted("POST", "/jobs", &answer)?;
            }
            Ok(())
        }
    }
}

fn upload(
    deployment: &Deployment,
    directory: &str,
    name: &str,
    content: &[u8],
) -> anyhow::Result<()> {
    let path = format!("/files/{directory}/url");
    let asked = deployment.ask("POST", &path, None)?;
    accepted("POST", &path, &asked)?;
    let upload = asked.json();
    let url = upload["url"].as_str().unwrap_or_default().to_owned();
    let mut headers = vec![("Content-Type".to_owned(), form::content_type())];
    if deployment.mode == Mode::Local {
        headers.push(bearer(&deployment.user().id_token));
    }
    let answer = deployment.http.send(&Request {
        method: "POST".into(),
        headers,
        body: Some(form::form(
            &upload,
            name,
            "application/octet-stream",
            content,
        )),
        url: url.clone(),
    })?;
    accepted("POST", &url, &answer)
}

fn job(number: u8) -> serde_json::Value {
    json!({
        "job_name": format!("page{number}"),
        "environment": null,
        "priority": null,
        "application": {"application": "decode", "version": "v0_10_1", "entrypoint": "train"},
        "attributes": {
            "files_down": {"config_id": "exp/", "data_ids": ["calib/"], "artifact_ids": []},
            "env_vars": {},
        },
        "hardware": {
            "cpu_cores": null, "memory": null, "gpu_model": null, "gpu_archi": null, "gpu_mem": null,
        },
    })
}

fn accepted(method: &str, what: &str, answer: &Answer) -> anyhow::Result<()> {
    ensure!(
        (200..300).contains(&answer.status),
        "{method} {what} is answered with {}",
        answer.status
    );
    Ok(())
}
