use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::jobs::{Application, Attributes, FilesDown, Hardware};

/// A store, and the directory that it is in.
pub(crate) fn store() -> (JobStore, TempDir) {
    let directory = TempDir::new().unwrap();
    let database = Database::open(&directory.path().join("jobs.sqlite")).unwrap();
    (JobStore::open(database).unwrap(), directory)
}

/// A job that trains DECODE.
pub(crate) fn job(name: &str) -> NewJob {
    let application = json!({"application": "decode", "version": "v0_10_1", "entrypoint": "train"});
    let application: Application = serde_json::from_value(application).unwrap();
    NewJob {
        job_name: name.into(),
        environment: None,
        priority: 0,
        application,
        attributes: Attributes {
            files_down: FilesDown {
                config_id: None,
                data_ids: Vec::new(),
                artifact_ids: Vec::new(),
            },
            env_vars: None,
        },
        hardware: Hardware::default(),
        user_id: "user".into(),
        user_email: None,
    }
}

#[test]
fn a_deleted_job_does_not_affect_the_next_one_with_its_id() {
    let (store, _directory) = store();
    let old = store.create(&job("old")).unwrap();
    assert!(store.delete(old.key()).unwrap());
    let new = store.create(&job("new")).unwrap();
    assert_eq!(new.id, old.id);

    assert!(!store.exists(old.key()).unwrap());
    assert!(!store.advance(old.key(), JobStatus::Error, "late").unwrap());
    assert!(!store.delete(old.key()).unwrap());
    let new = store.get("user", new.id).unwrap().unwrap();
    assert_eq!(new.status, JobStatus::Queued);
    assert_eq!(new.runtime_details, None);
}

#[test]
fn dates_are_set_once_and_details_add_up() {
    let (store, _directory) = store();
    let key = store.create(&job("job")).unwrap().key();
    let now = || store.get("user", key.id).unwrap().unwrap();
    store.advance(key, JobStatus::Pulled, "").unwrap();
    let started = now().date_started;
    assert!(started.is_some() && now().date_finished.is_none());
    store.advance(key, JobStatus::Error, "Logs:\nboom").unwrap();
    let finished = now().date_finished;
    assert!(finished.is_some());

    store.advance(key, JobStatus::Pulled, "").unwrap();
    store.advance(key, JobStatus::Running, "").unwrap();
    store.advance(key, JobStatus::Finished, "again").unwrap();
    assert_eq!(
        (now().date_started, now().date_finished),
        (started, finished)
    );
    assert_eq!(
        now().runtime_details.as_deref(),
        Some("\nLogs:\nboom\nagain")
    );
}
