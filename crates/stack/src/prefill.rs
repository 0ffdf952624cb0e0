//! The account of a user who has used the service before.

use std::io;

use crate::{
    cognito::Account,
    faults::{Disturbance, Fault, Faults},
    files::{FileSystem, UserFiles, UserPath},
    jobs::{
        Application, Attributes, CreateError, FilesDown, Hardware, JobStatus, JobStore, NewJob,
    },
};

/// How many old jobs and files a full account has.
const JOBS: usize = 120;
const FILES: usize = 1000;

/// The name of a run that crashed.
const CRASHED: &str = "integration_test_20260101T000000Z_0000beef";

/// Fills the account as the stack's faults and disturbances want it.
pub(crate) async fn fill(
    files: &FileSystem,
    jobs: &JobStore,
    account: &Account,
    faults: &Faults,
) -> anyhow::Result<()> {
    let user_files = files.of(&account.sub);
    if faults.disturbed_by(Disturbance::CrowdedAccount) {
        for number in 0..JOBS {
            let name = format!("old_job_{number:03}");
            add_job(jobs, account, &name, JobStatus::Finished)?;
        }
        for number in 0..FILES {
            let kind = ["config", "data", "artifact", "log"][number % 4];
            let path = format!("{kind}/old_{:02}/file_{number:04}.txt", number % 25);
            put(files, &user_files, &path).await?;
        }
    }
    if faults.has(Fault::JobIdOfAnother) {
        add_job(jobs, account, "another", JobStatus::Finished)?;
    }
    if faults.has(Fault::ArtifactsOfAnotherJob) {
        put(files, &user_files, "artifact/another/model/model_0.pt").await?;
    }
    if faults.disturbed_by(Disturbance::Leftovers) {
        add_job(jobs, account, CRASHED, JobStatus::Error)?;
        for path in [
            "config/CRASHED/param_run_in.yaml",
            "data/CRASHED/spline_calibration_3dcal.mat",
            "log/CRASHED/log/log.log",
            "artifact/CRASHED/model/param_run_in.yaml",
        ] {
            put(files, &user_files, &path.replace("CRASHED", CRASHED)).await?;
        }
    }
    Ok(())
}

async fn put(files: &FileSystem, user_files: &UserFiles, path: &str) -> io::Result<()> {
    let path = UserPath::parse(path).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(files
        .put(user_files, &path, b"from an earlier run\n")
        .await?)
}

fn add_job(jobs: &JobStore, account: &Account, name: &str, end: JobStatus) -> anyhow::Result<()> {
    let created = jobs.create(&NewJob {
        job_name: name.to_owned(),
        environment: Some("local".into()),
        priority: 0,
        application: Application {
            application: "decode".into(),
            version: "v0_10_1".into(),
            entrypoint: "train".into(),
        },
        attributes: Attributes {
            files_down: FilesDown {
                config_id: Some(name.to_owned()),
                data_ids: vec![name.to_owned()],
                artifact_ids: Vec::new(),
            },
            env_vars: None,
        },
        hardware: Hardware::default(),
        user_id: account.sub.clone(),
        user_email: Some(account.email.clone()),
    });
    match created {
        Ok(job) => {
            for status in [JobStatus::Pulled, end] {
                jobs.advance(job.key(), status, "")?;
            }
            Ok(())
        }
        // The data directory was filled before.
        Err(CreateError::NameTaken) => Ok(()),
        Err(CreateError::Database(error)) => Err(error.into()),
    }
}
