//! Creates the flow's job, and jobs that must be refused.

use opencloud_model::{application::InputDirectory, event::Failure};

use super::flow::Flow;
use crate::{
    created::Created,
    job::{ApplicationId, Attributes, FilesDown, Hardware, Job, NewJob},
    report::StepFailure,
    user_api::Place,
};

/// An environment variable that no application has.
const NO_VARIABLE: &str = "NOT_LISTED";

impl Flow<'_> {
    /// The application is among those that the UserAPI offers.
    pub(super) async fn check_offered(&self) -> Result<(), Failure> {
        let offered = self.api.applications().await?;
        let wanted = self.application.title();
        if offered.contains(&wanted) {
            return Ok(());
        }
        Err(Failure::stack(format!(
            "{wanted} is not among the applications that the UserAPI offers (GET /jobs/applications), \
             which are {}",
            offered.join(", ")
        )))
    }

    /// A job of that name, whose inputs are the uploads and the artifacts of the earlier job.
    pub(super) fn new_job(&self, name: &str) -> NewJob {
        let application = self.application;
        let directories = application.input_directories();
        // The form takes a name from the listing, where that of a directory ends in a slash.
        let id = |directory: InputDirectory| format!("{}/", directory.inputs_of(self.name));
        let ids = |directory: InputDirectory| {
            let used = directories.contains(&directory);
            used.then(|| id(directory)).into_iter().collect::<Vec<_>>()
        };
        let mut artifact_ids = ids(InputDirectory::Artifact);
        artifact_ids.extend(self.earlier.map(|job| format!("{job}/")));
        NewJob {
            job_name: name.to_owned(),
            environment: Some(self.suite.settings.worker.name()),
            priority: Some(0),
            application: ApplicationId {
                application: application.application.clone(),
                version: application.version.clone(),
                entrypoint: application.entrypoint.clone(),
            },
            attributes: Attributes {
                files_down: FilesDown {
                    config_id: Some(id(InputDirectory::Config)),
                    data_ids: ids(InputDirectory::Data),
                    artifact_ids,
                },
                env_vars: Some([].into()),
            },
            hardware: Hardware::default(),
        }
    }

    /// What is wrong with this application alone is refused.
    pub(super) async fn check_refusals(&self) -> Result<(), StepFailure> {
        let mut job = self.new_job(self.name);
        let variables = job.attributes.env_vars.get_or_insert_default();
        variables.insert(NO_VARIABLE.into(), "1".into());
        let what = "create a job with an environment variable that its application does not have";
        self.step(&format!("{what}: 422"), self.check_refused(what, &job, 422))
            .await?;
        let Some(earlier) = self.earlier else {
            return Ok(());
        };
        let mut job = self.new_job(self.name);
        job.attributes.files_down.artifact_ids = vec![format!("{earlier}_missing/")];
        let what = "create a job whose artifacts are missing";
        self.step(&format!("{what}: 400"), self.check_refused(what, &job, 400))
            .await
    }

    /// The name of a job belongs to it as long as it exists: so do its outputs.
    pub(super) async fn check_name_is_taken(&self) -> Result<(), StepFailure> {
        let job = NewJob {
            hardware: Hardware::of_no_worker(),
            ..self.new_job(self.name)
        };
        let what = "create a job with the name of a finished one";
        self.step(&format!("{what}: 409"), self.check_refused(what, &job, 409))
            .await
    }

    async fn check_refused(&self, what: &str, job: &NewJob, status: u16) -> Result<(), Failure> {
        let mut request = self.api.create_job_request(job);
        request.name = what.into();
        // A refused request changes nothing.
        self.api.call(request.idempotent(true), &[status]).await?;
        Ok(())
    }

    /// Creates the job when it is the turn of that place, and keeps the turn.
    pub(super) async fn create_job(
        &self,
        new: &NewJob,
        created: &mut Created,
        place: &mut Place,
    ) -> Result<Job, Failure> {
        let turn = place.turn(self.steps).await;
        let newly = self.api.create_job(new, &turn).await;
        created.keep_turn(turn);
        let newly = newly?;
        let job = newly.job();
        created.add_job_id(&job.job_name, job.id);
        newly.checked(new)
    }

    /// Creates one more job to check the order of the list. This comes after the chain's `jobs` have
    /// finished, because the real services' database fails if a job is created while another one runs.
    pub(super) async fn newest_first(
        &self,
        jobs: &[&str],
        created: &mut Created,
    ) -> Result<(), Failure> {
        let api = self.api;
        let name = format!("{}_2", self.name);
        created.add_job(&name);
        let newest = NewJob {
            hardware: Hardware::of_no_worker(),
            ..self.new_job(&name)
        };
        let turn = api.turn(self.steps).await;
        let newest = api.create_job(&newest, &turn).await?.into_job();
        drop(turn);
        created.add_job_id(&name, newest.id);
        let expected: Vec<_> = [name.as_str()]
            .into_iter()
            .chain(jobs.iter().rev().copied())
            .collect();
        let listed = api.jobs().await?.into_iter().map(|job| job.job_name);
        let listed: Vec<_> = listed
            .filter(|listed| expected.contains(&listed.as_str()))
            .collect();
        if listed != expected {
            return Err(Failure::stack(format!(
                "the list of jobs should show {}, newest first, but shows {} (UserAPI, GET /jobs)",
                expected.join(" before "),
                listed.join(", ")
            )));
        }
        api.delete_job(&name).await?;
        created.forget_job(&name);
        Ok(())
    }
}
