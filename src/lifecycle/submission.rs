//! Submits the flow's job, and one behind it.

use opencloud_model::{
    application::{Application, InputDirectory},
    event::Failure,
};

use super::Flow;
use crate::{
    job::Job,
    made::Made,
    page,
    user_api::jobs::{ApplicationId, Attributes, FilesDown, Hardware, NewJob, WorkerEnvironment},
};

impl Flow<'_> {
    /// The job of that name, run on the uploads.
    fn new_job(&self, application: &Application, name: &str, hardware: Hardware) -> NewJob {
        let directories = application.input_directories();
        let ids = |directory: InputDirectory| {
            let used = directories.contains(&directory);
            used.then(|| directory.inputs_of(self.name))
                .into_iter()
                .collect::<Vec<_>>()
        };
        NewJob {
            job_name: name.to_owned(),
            environment: self.suite.settings.worker.into(),
            priority: 0,
            application: ApplicationId {
                application: application.application.clone(),
                version: application.version.clone(),
                entrypoint: application.entrypoint.clone(),
            },
            attributes: Attributes {
                files_down: FilesDown {
                    config_id: InputDirectory::Config.inputs_of(self.name),
                    data_ids: ids(InputDirectory::Data),
                    artifact_ids: ids(InputDirectory::Artifact),
                },
                env_vars: [].into(),
            },
            hardware,
        }
    }

    pub(super) async fn start_job(
        &self,
        application: &Application,
        made: &mut Made,
    ) -> Result<Job, Failure> {
        let job = self.new_job(application, self.name, Hardware::default());
        made.job_named(&job.job_name);
        let job = self.suite.api.create_job(&job).await?;
        let worker = WorkerEnvironment::from(self.suite.settings.worker);
        job.check_created(worker.name(), page::utc_now())
            .map_err(|error| Failure::stack(format!("job {}: {error}", job.id)))?;
        Ok(job)
    }

    /// It takes two jobs to see their order, and this is where one is there that is under way no
    /// more: the real services' database does not bear a submission while a job is.
    pub(super) async fn newest_first(
        &self,
        application: &Application,
        finished: &Job,
        made: &mut Made,
    ) -> Result<(), Failure> {
        let api = &self.suite.api;
        let name = format!("{}_2", self.name);
        made.job_named(&name);
        let newest = self.new_job(application, &name, Hardware::of_no_worker());
        api.create_job(&newest).await?;
        let jobs = api.jobs().await?.into_iter().map(|job| job.job_name);
        let listed: Vec<_> = jobs
            .filter(|listed| [&name, &finished.job_name].contains(&listed))
            .collect();
        if listed != [name.clone(), finished.job_name.clone()] {
            return Err(Failure::stack(format!(
                "the list of jobs should show {name} before {}, newest first, but shows {} \
                 (UserAPI, GET /jobs)",
                finished.job_name,
                listed.join(", ")
            )));
        }
        api.delete_job(&name).await?;
        made.job_is_gone(&name);
        Ok(())
    }
}
