//! Creates the flow's job, and one after it.

use opencloud_model::{
    application::{Application, InputDirectory},
    event::Failure,
};

use super::flow::Flow;
use crate::{
    created::Created,
    job::Job,
    page,
    user_api::jobs::{ApplicationId, Attributes, FilesDown, Hardware, NewJob},
};

impl Flow<'_> {
    /// A job of that name, whose inputs are the uploads.
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
            environment: self.suite.settings.worker.name(),
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

    pub(super) async fn create_job(
        &self,
        application: &Application,
        created: &mut Created,
    ) -> Result<Job, Failure> {
        let job = self.new_job(application, self.name, Hardware::default());
        created.add_job(&job.job_name);
        let environment = job.environment;
        let job = self.api.create_job(&job).await?;
        job.check_created(environment, page::utc_now())
            .map_err(|error| Failure::stack(format!("job {}: {error}", job.id)))?;
        Ok(job)
    }

    /// Creates a second job to check the order of the list. This comes after the first job has finished,
    /// because the real services' database fails if a job is created while another one runs.
    pub(super) async fn newest_first(
        &self,
        application: &Application,
        finished: &Job,
        created: &mut Created,
    ) -> Result<(), Failure> {
        let api = self.api;
        let name = format!("{}_2", self.name);
        created.add_job(&name);
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
        created.forget_job(&name);
        Ok(())
    }
}
