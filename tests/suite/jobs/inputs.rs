//! The job that tests create, and its inputs.

use std::collections::BTreeMap;

use opencloud_model::event::Failure;
use opencloud_suite::{
    job::{ApplicationId, Attributes, FilesDown, Hardware, NewJob},
    page,
};
use web_sys::Blob;

use crate::fixture::Fixture;

/// A job with the fixture's inputs that no worker takes.
pub(crate) fn waiting_job(fixture: &Fixture<'_>) -> NewJob {
    NewJob {
        job_name: fixture.name.into(),
        environment: Some(fixture.suite.settings.worker.name()),
        priority: None,
        application: ApplicationId {
            application: "decode".into(),
            version: "v0_10_1".into(),
            entrypoint: "train".into(),
        },
        attributes: Attributes {
            files_down: FilesDown {
                config_id: Some(fixture.name.into()),
                data_ids: vec![fixture.name.into()],
                artifact_ids: Vec::new(),
            },
            env_vars: Some([].into()),
        },
        hardware: Hardware::of_no_worker(),
    }
}

/// A value for each environment variable that the UserAPI offers for the application of `job`.
pub(crate) async fn offered_variables(
    fixture: &Fixture<'_>,
    job: &NewJob,
) -> Result<BTreeMap<String, String>, Failure> {
    let ApplicationId {
        application,
        version,
        entrypoint,
    } = &job.application;
    let offered = fixture.api.offered().await?;
    let program = offered
        .get(application)
        .and_then(|versions| versions.get(version)?.get(entrypoint));
    let names = program.map(|entry_point| &entry_point.app.env);
    let names = names.into_iter().flatten();
    Ok(names.map(|name| (name.clone(), "1".into())).collect())
}

/// The file with a job's parameters.
pub(crate) const PARAMETERS: &str = "param_run_in.yaml";

/// Uploads the inputs of `waiting_job`, and returns their content.
pub(crate) async fn upload_inputs(fixture: &mut Fixture<'_>) -> Result<Blob, Failure> {
    let content = page::sample_blob(10.0);
    for (kind, file) in [
        ("config", PARAMETERS),
        ("data", "spline_calibration_3dcal.mat"),
    ] {
        fixture
            .upload(&fixture.directory(kind), file, &content)
            .await?;
    }
    Ok(content)
}
