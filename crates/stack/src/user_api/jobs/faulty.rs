//! Faults of jobs that use what earlier jobs have left, and of the choice of their program.

use std::io;

use crate::{
    applications::Applications,
    faults::{Fault, Faults},
    files::{UserFiles, UserPath},
    jobs::{Application, FilesDown, Job},
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
