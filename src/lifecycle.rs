//! The flow that every release must survive, from sign-in to an empty account, as named steps.

mod progress;
mod submission;

use opencloud_model::{
    application::{Application, Input, Output, yaml},
    event::Failure,
};
use web_sys::Blob;

use crate::{
    file_size,
    job::{Job, PathsOut, watch::History},
    made::Made,
    report::Steps,
    suite::Suite,
    user_api::files::{FileInfo, FileKind, LISTING, Listing, paths},
};
use progress::Progress;

/// Takes the application of `tests/applications/<application>.yaml` through the whole flow. `name`
/// is that of the job and of the directories with its inputs. What the run made is removed at the
/// end, however that comes.
pub async fn run(
    suite: &Suite,
    steps: &Steps,
    name: &str,
    application: &str,
) -> Result<(), Failure> {
    let mut made = Made::default();
    let flow = Flow { suite, steps, name };
    let outcome = flow.run(application, &mut made).await;
    made.tear_down(suite, steps, outcome).await
}

struct Flow<'a> {
    suite: &'a Suite,
    steps: &'a Steps,
    /// The name of the job and of the directories with its inputs.
    name: &'a str,
}

/// An input as it is uploaded.
struct Upload {
    directory: String,
    file: String,
    content: Blob,
    /// The content as text where something of it is looked at later.
    text: Option<String>,
}

impl Upload {
    fn path(&self) -> String {
        format!("{}{}", self.directory, self.file)
    }
}

impl Flow<'_> {
    async fn run(&self, application: &str, made: &mut Made) -> Result<(), Failure> {
        let steps = self.steps;
        let (application, uploads) = steps
            .run("prepare the inputs", self.prepare(application))
            .await?;
        steps
            .run("no such files yet", self.nothing_there(&uploads))
            .await?;
        for upload in &uploads {
            let step = format!("upload {}", upload.path());
            steps.run(&step, self.upload(upload, made)).await?;
        }
        steps
            .run("list the files", self.uploads_are_listed(&uploads))
            .await?;

        let job = steps
            .run("start a job", self.start_job(&application, made))
            .await?;
        let mut progress = Progress::new(&self.suite.api, &job)?;
        for (state, limit) in self.suite.settings.limits.waits() {
            let step = format!("wait for {}", state.name());
            steps
                .run(&step, progress.reach(state, limit, steps))
                .await?;
        }
        let (job, history) = progress.into_parts();
        steps
            .run("check dates and paths", async { check_record(&job) })
            .await?;
        for output in &application.outputs {
            let step = format!("find {} in {}", output.file, output.directory.name());
            steps
                .run(&step, self.check_output(output, &job, &history, &uploads))
                .await?;
        }

        steps
            .run(
                "list the newest job first",
                self.newest_first(&application, &job, made),
            )
            .await?;
        steps
            .run("delete the job", self.delete_job(&job, &uploads, made))
            .await?;
        steps.run("delete the files", self.delete_files(made)).await
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

    async fn nothing_there(&self, uploads: &[Upload]) -> Result<(), Failure> {
        for upload in uploads {
            self.is_gone(&upload.directory, "before anything was uploaded to it")
                .await?;
        }
        Ok(())
    }

    async fn upload(&self, upload: &Upload, made: &mut Made) -> Result<(), Failure> {
        made.directory(&upload.directory);
        let Upload {
            directory,
            file,
            content,
            ..
        } = upload;
        Ok(self.suite.api.upload(directory, content, file).await?)
    }

    async fn uploads_are_listed(&self, uploads: &[Upload]) -> Result<(), Failure> {
        for upload in uploads {
            let path = upload.path();
            let listing = self.listing(&upload.directory).await?;
            let Some(found) = listing.iter().find(|entry| entry.path == path) else {
                return Err(Failure::stack(format!(
                    "{path} was uploaded, but the listing of {} does not show it {LISTING}; it shows \
                     {}",
                    upload.directory,
                    paths(&listing)
                )));
            };
            let size = file_size::of(&upload.content);
            if found.kind != FileKind::File || found.size != size {
                return Err(Failure::stack(format!(
                    "{path} was uploaded with {size}, but the listing shows {:?} with {} {LISTING}",
                    found.kind, found.size
                )));
            }
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
        let listing = self.suite.api.list(&directory, Listing::Tree).await?;
        let Some(listing) = listing else {
            return Err(Failure::stack(format!(
                "the finished job left nothing: {directory} should be there, but listing it \
                 answers 404; of a like name there is {}; {history}",
                self.named_alike(output).await?
            )));
        };
        let Some(found) = listing
            .iter()
            .find(|entry| entry.kind == FileKind::File && output.matches(entry.name()))
        else {
            return Err(Failure::stack(format!(
                "the finished job left no {} in {directory}: there is {}; {history}",
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
                "the input {} is no text",
                unchanged.input
            )));
        };
        let text = self.suite.api.download(&found.path).await?.text().await?;
        let before = value(uploaded, &unchanged.key)
            .map_err(|problem| Failure::input(format!("{}: {problem}", unchanged.input)))?;
        let after = value(&text, &unchanged.key)
            .map_err(|problem| Failure::stack(format!("{}: {problem}", found.path)))?;
        if !yaml::same(&before, &after) {
            return Err(Failure::stack(format!(
                "{} in {} is {}, but {} was uploaded",
                unchanged.key,
                found.path,
                shown(&after),
                shown(&before)
            )));
        }
        Ok(())
    }

    /// The directories beside the one in which `output` should be whose names begin like it.
    async fn named_alike(&self, output: &Output) -> Result<String, Failure> {
        let parent = format!("{}/", output.directory.name());
        let mut listing = self.listing(&parent).await?;
        listing.retain(|entry| entry.name().starts_with(self.name));
        Ok(paths(&listing))
    }

    async fn delete_job(
        &self,
        job: &Job,
        uploads: &[Upload],
        made: &mut Made,
    ) -> Result<(), Failure> {
        let (id, name) = (job.id, &job.job_name);
        if !self.suite.api.delete_job(name).await? {
            return Err(Failure::stack(format!(
                "job {id} ({name}) is gone before it was deleted"
            )));
        }
        if let Some(job) = self.suite.api.job_named(name).await? {
            return Err(Failure::stack(format!(
                "job {} was deleted but is still there ({})",
                job.id, job.status
            )));
        }
        for directory in PathsOut::of(self.name).directories() {
            self.is_gone(&directory, "although its job was deleted")
                .await?;
        }
        made.job_is_gone(name);
        self.uploads_are_listed(uploads).await.map_err(|failure| {
            Failure::stack(format!("after its job was deleted: {}", failure.message))
        })
    }

    async fn delete_files(&self, made: &mut Made) -> Result<(), Failure> {
        let inputs = made.directories();
        for directory in &inputs {
            self.suite.api.delete(directory).await?;
        }
        let outputs = PathsOut::of(self.name).directories();
        for directory in inputs.iter().chain(&outputs) {
            self.is_gone(directory, "although everything in it was deleted")
                .await?;
        }
        made.directories_are_gone();
        Ok(())
    }

    /// The files of a directory that must be there.
    async fn listing(&self, directory: &str) -> Result<Vec<FileInfo>, Failure> {
        self.suite
            .api
            .list(directory, Listing::Tree)
            .await?
            .ok_or_else(|| {
                Failure::stack(format!(
                    "{directory} should be there, but listing it answers 404"
                ))
            })
    }

    async fn is_gone(&self, directory: &str, circumstance: &str) -> Result<(), Failure> {
        match self.suite.api.list(directory, Listing::Tree).await? {
            None => Ok(()),
            Some(listing) => Err(Failure::stack(format!(
                "listing {directory} should answer 404, but it is there {circumstance}: {}",
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
        serde_yaml::from_str(text).map_err(|error| format!("it is no YAML: {error}"))?;
    yaml::get(&document, key)
        .cloned()
        .ok_or_else(|| format!("it has no {key}"))
}

fn shown(value: &serde_yaml::Value) -> String {
    serde_yaml::to_string(value)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
