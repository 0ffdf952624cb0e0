//! Faults of the form for a new job, of jobs that use what earlier jobs have left, and of the list's pages.

use std::io;

use serde_json::{Value, json};

use crate::{
    applications::Applications,
    faults::{Fault, Faults},
    files::{UserFiles, UserPath},
    jobs::{Application, FilesDown, Job},
    user_api::{
        api::UserApi,
        errors::{ApiError, Flaw},
    },
};

/// Whether the UserAPI does not reach the WorkerAPI.
pub(super) fn is_worker_api_away(faults: &Faults) -> bool {
    faults.has(Fault::WorkerApiAway) || faults.has(Fault::CreateJobAnswers500)
}

/// The inputs that a job gets where its user chose `inputs`.
pub(super) fn passed_on(mut inputs: FilesDown, faults: &Faults) -> FilesDown {
    if faults.has(Fault::ArtifactsOfAnotherJob) {
        for id in &mut inputs.artifact_ids {
            "another/".clone_into(id);
        }
    }
    inputs
}

/// The program that runs where the user chose `application`.
pub(super) fn run_instead(
    mut application: Application,
    known: &Applications,
    faults: &Faults,
) -> Application {
    let name = &application.application;
    if faults.has(Fault::AnotherVersionRuns)
        && let Some(first) = known.versions(name).first()
    {
        application.version = (*first).to_owned();
    }
    if faults.has(Fault::AnotherEntryPointRuns)
        && let Some(first) = known.entrypoints(name, &application.version).first()
    {
        application.entrypoint = (*first).to_owned();
    }
    application
}

/// Deletes the outputs of the jobs that have used the artifacts of `deleted`.
pub(super) fn delete_later_results(
    files: &UserFiles,
    deleted: &Job,
    jobs: &[Job],
) -> io::Result<()> {
    for job in jobs {
        let mut used = job.posted.attributes.files_down.artifact_ids.iter();
        if used.any(|id| id.trim_end_matches('/') == deleted.posted.job_name)
            && let Some(path) = UserPath::parse(&job.path_out("artifact"))
        {
            files.delete(&path.as_directory())?;
        }
    }
    Ok(())
}

/// The members of the form that hold numbers.
const NUMBERS: [&str; 4] = [
    "/priority",
    "/hardware/cpu_cores",
    "/hardware/memory",
    "/hardware/gpu_mem",
];

/// The form as the service reads it.
pub(super) fn form_read(form: Option<Value>, faults: &Faults) -> Result<Option<Value>, ApiError> {
    let Some(mut form) = form else {
        return Ok(None);
    };
    let mut empty = |member: &str, text: &str| {
        if let Some(value) = form.pointer_mut(member).filter(|value| **value == text) {
            *value = Value::Null;
        }
    };
    if faults.has(Fault::JobTextNullAccepted) {
        empty("/environment", "null");
    }
    if faults.has(Fault::JobEmptyNumbersAccepted) {
        for member in NUMBERS {
            empty(member, "");
        }
    }
    if faults.has(Fault::JobNullEnvironmentRefused) && form["environment"].is_null() {
        let loc = [json!("body"), json!("environment")];
        return Err(Flaw::not_one_of(&loc, "'cloud' or 'local'", Value::Null).into());
    }
    if faults.has(Fault::JobCloudRefused) && form["environment"] == "cloud" {
        let (loc, input) = ([json!("body"), json!("environment")], json!("cloud"));
        return Err(Flaw::not_one_of(&loc, "'local' or None", input).into());
    }
    if faults.has(Fault::JobEmptyTextsRefused) && form["hardware"]["gpu_model"] == "" {
        let loc = [json!("body"), json!("hardware"), json!("gpu_model")];
        let reason = "String should have at least 1 character";
        return Err(Flaw::new("string_too_short", &loc, reason, json!("")).into());
    }
    Ok(Some(form))
}

/// Whether another user has the input at the path `raw`, where a job may read it.
pub(super) fn another_has<'a>(
    api: &'a UserApi,
    mut others: impl Iterator<Item = &'a str>,
    raw: &str,
) -> io::Result<bool> {
    let has = |other: &str, path: &str| match UserPath::parse(path) {
        Some(path) => api.files.of(other).exists(&path),
        None => Ok(false),
    };
    let faults = &api.faults;
    if faults.has(Fault::JobInputsEscapeByDots)
        && let Some((_, outside)) = raw.rsplit_once("../")
        && let Some((other, path)) = outside.split_once('/')
    {
        return has(other, path);
    }
    let is_read = faults.has(Fault::JobInputsOfOthers)
        || (faults.has(Fault::JobDataOfOthers) && raw.starts_with("data/"))
        || (faults.has(Fault::JobArtifactsOfOthers) && raw.starts_with("artifact/"));
    others.try_fold(false, |found, other| {
        Ok(found || (is_read && has(other, raw)?))
    })
}

/// Whether all inputs are folders.
pub(super) fn are_folders(files: &UserFiles, inputs: &FilesDown) -> io::Result<bool> {
    let mut paths = inputs.paths().into_iter();
    paths.try_fold(true, |all, path| match UserPath::parse(&path) {
        Some(path) => Ok(all && files.is_directory(&path.as_directory())?),
        None => Ok(false),
    })
}

/// The offset and the limit by which a page of the list is cut out.
pub(super) fn page(offset: i64, limit: i64, faults: &Faults) -> (i64, i64) {
    if faults.has(Fault::JobListRepeatsFirstPage) && offset == limit {
        return (0, limit);
    }
    if faults.has(Fault::JobOffsetCountsPages) {
        return (offset.saturating_mul(limit), limit);
    }
    if faults.has(Fault::JobListPageLacksOne) && limit > 1 {
        return (offset, limit - 1);
    }
    (offset, limit)
}
