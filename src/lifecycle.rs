//! The whole flow of a user as named steps: upload, job, outputs, deletion; for one application, or for a
//! chain of applications that use one another's artifacts.

mod deletion;
mod flow;
mod inputs;
mod outputs;
mod progress;
mod submission;

use opencloud_model::{
    application::{self, Application},
    event::{Event, Failure, READ_APPLICATIONS},
};

use crate::{
    created::Created,
    job::Job,
    page,
    report::{self, StepFailure, Steps},
    suite::Suite,
    user_api::Place,
};
use flow::Flow;
use inputs::Upload;
use progress::Progress;

/// An application of a chain.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name of its file in `tests/applications`, without the extension.
    pub file: String,
    /// The name of its job and of the directories with its inputs.
    pub name: String,
}

/// Runs the applications of a chain, each after the one whose artifacts it needs, through the whole
/// flow. Those that were not chosen are left out. Everything is removed at the end, whatever the
/// outcome.
pub async fn run(suite: &Suite, steps: &Steps, chain: &[Member]) -> Result<(), StepFailure> {
    // Taken first, so that the places are in the order in which the tests have started.
    let place = suite.api.place();
    let reading = read(suite, chain);
    let (files, obstacles) = steps.run(READ_APPLICATIONS, reading).await?;
    let mut flows = Vec::new();
    for ((member, (file, application)), obstacle) in chain.iter().zip(&files).zip(obstacles) {
        if let Some(why) = obstacle {
            not_tested(file, why);
            continue;
        }
        let before = application.after.as_ref();
        let mut earlier = flows.iter();
        let earlier =
            earlier.find(|flow: &&Flow<'_>| before.is_some_and(|file| flow.file == *file));
        let earlier = earlier.map(|flow| flow.name);
        if let (Some(before), None) = (before, earlier) {
            not_tested(
                file,
                format!("it needs the artifacts of {before}, which is not tested"),
            );
            continue;
        }
        flows.push(Flow {
            suite,
            api: &suite.api,
            steps,
            file,
            application,
            name: &member.name,
            earlier,
        });
    }
    if flows.is_empty() {
        return Ok(());
    }
    let mut created = Created::default();
    // Boxed because the future of all steps is large.
    let outcome = Box::pin(run_all(&flows, &mut created, place)).await;
    created.tear_down(suite, steps, outcome).await
}

/// An application and the name of its file.
type File = (String, Application);

/// The applications of a chain, and for each why it is not tested, if that is so.
async fn read(
    suite: &Suite,
    chain: &[Member],
) -> Result<(Vec<File>, Vec<Option<String>>), Failure> {
    let mut files = Vec::new();
    for member in chain {
        files.push((member.file.clone(), suite.application(&member.file).await?));
    }
    let mut obstacles = Vec::new();
    for (file, application) in &files {
        obstacles.push(obstacle(suite, file, application, &files).await?);
    }
    Ok((files, obstacles))
}

/// Why an application is not tested, if that is so.
async fn obstacle(
    suite: &Suite,
    file: &str,
    application: &Application,
    files: &[File],
) -> Result<Option<String>, Failure> {
    let choice = &suite.settings.applications;
    if !application::is_needed(file, files, choice) {
        return Ok(Some(format!(
            "it is not among the chosen applications; `cargo e2e --application {file}` tests it, which \
             costs GPU time on a deployment"
        )));
    }
    let Some(folder) = suite.missing_inputs(file, application).await? else {
        return Ok(None);
    };
    Ok(Some(format!(
        "its real inputs are missing; APPLICATION_INPUTS names a zip or a directory that holds \
         the folder {folder}"
    )))
}

fn not_tested(file: &str, why: String) {
    report::write(&Event::NotChecked {
        what: format!("the application {file}"),
        why,
    });
}

async fn run_all(
    flows: &[Flow<'_>],
    created: &mut Created,
    mut place: Place,
) -> Result<(), StepFailure> {
    let not_started = |others: &[Flow<'_>], failed: &Flow<'_>| {
        for other in others {
            let why = format!(
                "it was not started, because {} failed before it",
                failed.file
            );
            not_tested(other.file, why);
        }
    };
    // Wrong inputs of a later application must not be found after the jobs of the earlier ones.
    let mut ready = Vec::new();
    for (at, flow) in flows.iter().enumerate() {
        let uploads = flow.prepare_all().await;
        if uploads.is_err() {
            not_started(&flows[..at], flow);
            not_started(&flows[at + 1..], flow);
        }
        ready.push(uploads?);
    }
    let mut done: Vec<(Job, Vec<Upload>)> = Vec::new();
    for ((at, flow), uploads) in flows.iter().enumerate().zip(ready) {
        let finished = Box::pin(flow.run(uploads, created, &mut place)).await;
        if finished.is_err() {
            not_started(&flows[at + 1..], flow);
        }
        done.push(finished?);
    }
    drop(place);
    let [first, ..] = flows else { return Ok(()) };
    let jobs: Vec<_> = done.iter().map(|(job, _)| job.job_name.as_str()).collect();
    let order = Box::pin(first.newest_first(&jobs, created));
    first.step("jobs are listed newest first", order).await?;
    first.check_name_is_taken().await?;
    for (at, (flow, (job, uploads))) in flows.iter().zip(&done).enumerate() {
        let step = "delete single files of the outputs, and nothing else";
        flow.step(step, flow.delete_single_outputs()).await?;
        let later: Vec<_> = flows[at + 1..].iter().collect();
        let deletion = Box::pin(flow.delete_job(job, uploads, &later, created));
        let step = "delete the job and its outputs, but not its inputs";
        flow.step(step, deletion).await?;
    }
    first
        .step("delete the inputs", async {
            for directory in created.directories() {
                first.api.delete(directory).await?;
            }
            for (flow, (_, uploads)) in flows.iter().zip(&done) {
                flow.check_deleted(uploads).await?;
            }
            created.forget_directories();
            Ok::<_, Failure>(())
        })
        .await
}

impl Flow<'_> {
    /// What needs no upload.
    async fn prepare_all(&self) -> Result<Vec<Upload>, StepFailure> {
        self.step("the application is offered", self.check_offered())
            .await?;
        self.step("prepare the inputs", self.prepare()).await
    }

    /// From the inputs to the outputs.
    async fn run(
        &self,
        uploads: Vec<Upload>,
        created: &mut Created,
        place: &mut Place,
    ) -> Result<(Job, Vec<Upload>), StepFailure> {
        self.step("the input directories do not exist yet: 404", async {
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
            self.step(&step, upload.send(self.api)).await?;
        }
        self.step(
            "the uploads are listed with their sizes",
            self.check_uploads(&uploads),
        )
        .await?;

        // A faulty service may create a job from one of the refused requests.
        created.add_job(self.name);
        self.check_refusals().await?;
        let new = self.new_job(self.name);
        // Boxed because the future is large.
        let creation = Box::pin(async {
            let job = self.create_job(&new, created, place).await?;
            Progress::new(self.api, &job)
        });
        let mut progress = self.step("create the job", creation).await?;
        for (state, limit) in self.suite.settings.limits.waits() {
            let step = format!("wait for {}", state.name());
            self.step(&step, progress.reach(state, limit, self.steps))
                .await?;
        }
        created.release_turn();
        let (job, history) = progress.into_parts();
        self.step(
            "the finished job has its dates in order, also in the list",
            self.check_record(&job),
        )
        .await?;
        for output in &self.application.outputs {
            let step = format!(
                "the job left {} in {}",
                output.file,
                output.directory.name()
            );
            // Boxed because the future is large.
            let check = Box::pin(self.check_output(output, &job, &history, &uploads));
            self.step(&step, check).await?;
        }
        let step = "the directories of its outputs are listed";
        self.step(step, self.check_outputs_listed()).await?;
        Ok((job, uploads))
    }

    async fn check_record(&self, job: &Job) -> Result<(), Failure> {
        job.check_finished(page::utc_now())
            .map_err(|error| Failure::stack(format!("job {}: {error}", job.id)))?;
        match self.api.job_named(&job.job_name).await? {
            Some(listed) => job
                .check_same("by its id", &listed, "in the list (UserAPI, GET /jobs)")
                .map_err(Failure::stack),
            None => Err(Failure::stack(format!(
                "the list of jobs does not show the finished job {} (UserAPI, GET /jobs)",
                job.id
            ))),
        }
    }
}
