//! The whole flow of a user as named steps: upload, job, outputs, deletion.

mod flow;
mod progress;
mod submission;

use opencloud_model::{
    application::{Application, Input, Output, yaml},
    event::Failure,
};
use web_sys::Blob;

use crate::{
    created::Created,
    job::{Job, PathsOut, watch::History},
    report::Steps,
    suite::Suite,
    user_api::{
        CallError, Endpoint, UserApi,
        files::{FileKind, paths},
    },
};
use flow::Flow;
use progress::Progress;

/// Runs the application of `tests/applications/<application>.yaml` through the whole flow. `name` is the
/// name of the job and of the directories with its inputs. Everything is removed at the end, whatever
/// the outcome.
pub async fn run(
    suite: &Suite,
    steps: &Steps,
    name: &str,
    application: &str,
) -> Result<(), Failure> {
    let mut created = Created::default();
    let api = &suite.api;
    let flow = Flow {
        suite,
        api,
        steps,
        name,
    };
    // Boxed because the future of all steps is large.
    let outcome = Box::pin(flow.run(application, &mut created)).await;
    created.tear_down(suite, steps, outcome).await
}

/// An input that is uploaded.
struct Upload {
    directory: String,
    file: String,
    content: Blob,
    /// The content as text, if it was edited.
    text: Option<String>,
}

impl Upload {
    async fn send(&self, api: &UserApi) -> Result<(), CallError> {
        api.upload(&self.directory, &self.content, &self.file).await
    }

    async fn check(&self, api: &UserApi) -> Result<(), Failure> {
        api.check_uploaded(&self.directory, &self.content, &self.file)
            .await
    }
}

impl Flow<'_> {
    async fn run(&self, application: &str, created: &mut Created) -> Result<(), Failure> {
        let steps = self.steps;
        let (application, uploads) = steps
            .run("prepare the inputs", self.prepare(application))
            .await?;
        steps
            .run("the input directories do not exist yet: 404", async {
                for upload in &uploads {
                    self.check_gone(&upload.directory, "before the first upload to it")
                        .await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        for upload in &uploads {
            let step = format!("upload {}{}", upload.directory, upload.file);
            created.add_directory(&upload.directory);
            steps.run(&step, upload.send(self.api)).await?;
        }
        steps
            .run(
                "the uploads are listed with their sizes",
                self.check_uploads(&uploads),
            )
            .await?;

        let job = steps
            .run("create the job", self.create_job(&application, created))
            .await?;
        let mut progress = Progress::new(self.api, &job)?;
        for (state, limit) in self.suite.settings.limits.waits() {
            let step = format!("wait for {}", state.name());
            steps
                .run(&step, progress.reach(state, limit, steps))
                .await?;
        }
        let (job, history) = progress.into_parts();
        steps
            .run(
                "the finished job has its dates in order and its paths",
                async { check_record(&job) },
            )
            .await?;
        for output in &application.outputs {
            let step = format!(
                "the job left {} in {}",
                output.file,
                output.directory.name()
            );
            steps
                .run(&step, self.check_output(output, &job, &history, &uploads))
                .await?;
        }

        steps
            .run(
                "jobs are listed newest first",
                self.newest_first(&application, &job, created),
            )
            .await?;
        steps
            .run(
                "delete the job and its outputs, but not its inputs",
                self.delete_job(&job, &uploads, created),
            )
            .await?;
        steps
            .run("delete the inputs", self.delete_inputs(created))
            .await
    }

    async fn prepare(&self, name: &str) -> Result<(Application, Vec<Upload>), Failure> {
        let application = self.suite.application(name).await?;
        let mut uploads = Vec::new();
        for input in &application.inputs {
            let (content, text) = self.prepare_input(name, &application, input).await?;
            uploads.push(Upload {
                directory: format!("{}/{}/", input.to.name(), input.to.inputs_of(self.name)),
                file: input.file.clone(),
                content,
                text,
            });
        }
        Ok((application, uploads))
    }

    async fn prepare_input(
        &self,
        name: &str,
        application: &Application,
        input: &Input,
    ) -> Result<(Blob, Option<String>), Failure> {
        let path = &input.file;
        let file = self.suite.input(name, application, path).await?;
        if input.set.is_empty() {
            return Ok((file.blob().await?, None));
        }
        let text = file.text().await?;
        let text = input
            .edited(&text, self.suite.settings.device)
            .map_err(|error| Failure::input(format!("{path} of {name}: {error}")))?;
        let parts = js_sys::Array::of1(&text.as_str().into());
        let blob = Blob::new_with_str_sequence(&parts)
            .map_err(|error| Failure::ourselves(format!("no blob from {path}: {error:?}")))?;
        Ok((blob, Some(text)))
    }

    async fn check_uploads(&self, uploads: &[Upload]) -> Result<(), Failure> {
        for upload in uploads {
            upload.check(self.api).await?;
        }
        Ok(())
    }

    async fn check_output(
        &self,
        output: &Output,
        job: &Job,
        history: &History,
        uploads: &[Upload],
    ) -> Result<(), Failure> {
        let directory = format!("{}/{}/", output.directory.name(), job.job_name);
        let listing = self.api.list(&directory, Endpoint::ListTree).await?;
        let Some(listing) = listing else {
            return Err(Failure::stack(format!(
                "the finished job left no outputs: {directory} should exist, but listing it answers \
                 404; directories with a similar name: {}; {history}",
                self.similar_directories(output).await?
            )));
        };
        let Some(found) = listing
            .iter()
            .find(|entry| entry.kind == FileKind::File && output.matches(entry.name()))
        else {
            return Err(Failure::stack(format!(
                "the finished job left no {} in {directory}, but: {}; {history}",
                output.file,
                paths(&listing)
            )));
        };
        let Some(unchanged) = &output.unchanged else {
            return Ok(());
        };
        let uploaded = uploads.iter().find(|upload| upload.file == unchanged.input);
        let Some(uploaded) = uploaded.and_then(|upload| upload.text.as_deref()) else {
            return Err(Failure::input(format!(
                "the input {} is not one whose values are set",
                unchanged.input
            )));
        };
        let text = self.api.download(&found.path).await?.text().await?;
        let before = value(uploaded, &unchanged.key)
            .map_err(|problem| Failure::input(format!("{}: {problem}", unchanged.input)))?;
        let after = value(&text, &unchanged.key)
            .map_err(|problem| Failure::stack(format!("{}: {problem}", found.path)))?;
        if !yaml::same(&before, &after) {
            return Err(Failure::stack(format!(
                "{} in {} is {}, but {} was uploaded",
                unchanged.key,
                found.path,
                as_text(&after),
                as_text(&before)
            )));
        }
        Ok(())
    }

    /// The directories whose names begin like that of the one in which `output` should be.
    async fn similar_directories(&self, output: &Output) -> Result<String, Failure> {
        let parent = format!("{}/", output.directory.name());
        let listing = self.api.list(&parent, Endpoint::List).await?;
        let mut listing = listing.unwrap_or_default();
        listing.retain(|entry| entry.name().starts_with(self.name));
        Ok(paths(&listing))
    }

    async fn delete_job(
        &self,
        job: &Job,
        uploads: &[Upload],
        created: &mut Created,
    ) -> Result<(), Failure> {
        let (id, name) = (job.id, &job.job_name);
        if !self.api.delete_job(name).await? {
            return Err(Failure::stack(format!(
                "job {id} ({name}) was gone before it was deleted"
            )));
        }
        if let Some(job) = self.api.job_named(name).await? {
            return Err(Failure::stack(format!(
                "job {} was deleted but still exists ({})",
                job.id, job.status
            )));
        }
        for directory in PathsOut::of(self.name).directories() {
            self.check_gone(&directory, "after its job was deleted")
                .await?;
        }
        created.forget_job(name);
        self.check_uploads(uploads).await.map_err(|failure| {
            Failure::stack(format!("after its job was deleted: {}", failure.message))
        })
    }

    async fn delete_inputs(&self, created: &mut Created) -> Result<(), Failure> {
        let inputs = created.directories().to_vec();
        for directory in &inputs {
            self.api.delete(directory).await?;
        }
        let outputs = PathsOut::of(self.name).directories();
        for directory in inputs.iter().chain(&outputs) {
            self.check_gone(directory, "after it was deleted").await?;
        }
        created.forget_directories();
        Ok(())
    }

    async fn check_gone(&self, directory: &str, circumstance: &str) -> Result<(), Failure> {
        match self.api.list(directory, Endpoint::ListTree).await? {
            None => Ok(()),
            Some(listing) => Err(Failure::stack(format!(
                "listing {directory} should answer 404 {circumstance}, but shows {}",
                paths(&listing)
            ))),
        }
    }
}

fn check_record(job: &Job) -> Result<(), Failure> {
    job.check_finished()
        .map_err(|error| Failure::stack(format!("job {}: {error}", job.id)))
}

/// The value at `key` of a YAML text.
fn value(text: &str, key: &str) -> Result<serde_yaml::Value, String> {
    let document: serde_yaml::Value =
        serde_yaml::from_str(text).map_err(|error| format!("it is not YAML: {error}"))?;
    yaml::get(&document, key)
        .cloned()
        .ok_or_else(|| format!("it has no {key}"))
}

fn as_text(value: &serde_yaml::Value) -> String {
    serde_yaml::to_string(value)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
