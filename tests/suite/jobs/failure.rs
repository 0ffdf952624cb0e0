//! A job that fails: its user sees what the worker reports.

use std::time::Duration;

use js_sys::Array;
use opencloud_model::{
    event::Failure,
    job_state::JobState,
    settings::{Environment, Worker},
};
use opencloud_suite::{
    job::{
        Hardware, Job, NewJob,
        watch::{Problem, Watch, WatchError},
    },
    page::{self, Instant},
    suite::Failed,
    user_api::Place,
};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use super::inputs::{PARAMETERS, upload_inputs, waiting_job};
use crate::fixture::{Fixture, not_checked, with_fixture};

/// How often a job is asked for that a worker is to take.
const POLL: Duration = Duration::from_millis(20);

/// No YAML.
const BROKEN: &str = "Camera: [unclosed\n";

#[wasm_bindgen_test]
pub(super) async fn failing_job() -> Result<(), Failed> {
    with_fixture("jobs::failing_job", async |fixture| {
        let steps = fixture.steps;
        let mut place = fixture.api.place();
        let what = "a job that fails shows what its worker reports";
        let environment = fixture.suite.settings.environment;
        if ![Environment::Embedded, Environment::Local].contains(&environment) {
            let why = format!("it would take the time of a worker of {environment}");
            not_checked(what, why);
            return Ok(());
        }
        steps
            .run(
                "upload inputs with parameters that nothing can read",
                async {
                    upload_inputs(fixture).await?;
                    let broken = Blob::new_with_str_sequence(&Array::of1(&BROKEN.into()))
                        .map_err(|error| Failure::ourselves(format!("no blob: {error:?}")))?;
                    let directory = fixture.directory("config");
                    fixture.upload(&directory, PARAMETERS, &broken).await
                },
            )
            .await?;
        let mut new = waiting_job(fixture);
        new.hardware = Hardware::default();
        let (here, elsewhere) = match fixture.suite.settings.worker {
            Worker::Local => (Worker::Local, Worker::Cloud),
            Worker::Cloud => (Worker::Cloud, Worker::Local),
        };
        // A worker that may take it takes it first.
        let other = NewJob {
            job_name: format!("{}_elsewhere", fixture.name),
            environment: Some(elsewhere.name()),
            priority: Some(5),
            ..new.clone()
        };
        let step = format!("create a job for workers of {}", elsewhere.name());
        let other = steps
            .run(&step, fixture.create_job(&other))
            .await?
            .into_job();
        if environment == Environment::Embedded {
            let step = "a job that a worker has is deleted: it and its outputs are gone";
            // Boxed because the future is large.
            let deletion = Box::pin(delete_running(fixture, &new, &mut place));
            steps.run(step, deletion).await?;
        }
        let job = steps
            .run(
                "create a job with them",
                fixture.start_job(&new, &mut place),
            )
            .await?;
        let step = "the job fails, and its details are what its worker reports";
        steps.run(step, fails(fixture, &job)).await?;
        fixture.created.release_turn();
        drop(place);
        let step = format!("no worker of {} has taken the other job", here.name());
        steps
            .run(&step, waits(fixture, &other, here, elsewhere))
            .await
    })
    .await
}

/// Deletes a job like `new` as soon as a worker has it. The real services' database may fail if the next job is
/// created before the worker has noticed that.
async fn delete_running(
    fixture: &mut Fixture<'_>,
    new: &NewJob,
    place: &mut Place,
) -> Result<(), Failure> {
    let new = NewJob {
        job_name: format!("{}_deleted", fixture.name),
        ..new.clone()
    };
    let job = fixture.start_job(&new, place).await?;
    let mut limits = fixture.suite.settings.limits.waits();
    let limit = limits.next().map_or(POLL, |(_, limit)| limit);
    let waiting = format!("a worker to take job {}", job.id);
    fixture.steps.waiting_for(waiting, limit);
    let since = Instant::now();
    loop {
        let seen = fixture.api.job(job.id).await?;
        if seen.is_none_or(|seen| seen.status != JobState::Queued.name()) {
            break;
        }
        if since.elapsed() > limit {
            return Err(Failure::stack(format!(
                "no worker has taken job {} ({}) within {limit:?} (WorkerAPI, and whether a worker runs)",
                job.id, job.job_name
            )));
        }
        page::sleep(POLL).await;
    }
    fixture
        .api
        .delete_created_job(&new.job_name, job.id)
        .await?;
    let found = fixture.api.job(job.id).await?;
    if found.is_some_and(|found| found.job_name == new.job_name) {
        return Err(Failure::stack(format!(
            "job {} was deleted while a worker had it, but is still there (UserAPI, DELETE /jobs)",
            job.id
        )));
    }
    fixture.created.release_turn();
    Ok(())
}

/// Fails unless the job still waits for a worker of `elsewhere`. Here are only those of `here`, and one of
/// them has just worked on a job of a lower priority.
async fn waits(
    fixture: &Fixture<'_>,
    job: &Job,
    here: Worker,
    elsewhere: Worker,
) -> Result<(), Failure> {
    let queued = JobState::Queued.name();
    let seen = fixture.api.job(job.id).await?.map(|job| job.status);
    if seen.as_deref() == Some(queued) {
        return Ok(());
    }
    Err(Failure::stack(format!(
        "job {} ({}) is for workers of {}, of which there is none, but it is {} instead of {queued}: a \
         worker of {} has taken it (WorkerAPI, GET /jobs: select by the worker's environment; Cognito, \
         whether the worker is in the group `cloud`)",
        job.id,
        job.job_name,
        elsewhere.name(),
        seen.as_deref().unwrap_or("gone"),
        here.name(),
    )))
}

/// Waits for the end of the job; fails unless that is an error with details.
async fn fails(fixture: &Fixture<'_>, job: &Job) -> Result<(), Failure> {
    let limits = fixture.suite.settings.limits.waits();
    let limit: Duration = limits.into_iter().map(|(_, limit)| limit).sum();
    let waiting = format!("job {} to fail", job.id);
    fixture.steps.waiting_for(waiting, limit);
    let is_embedded = fixture.suite.settings.environment == Environment::Embedded;
    let mut watch = Watch::new(&job.job_name);
    let since = Instant::now();
    let failure =
        |problem: String| Failure::stack(format!("job {} ({}): {problem}", job.id, job.job_name));
    loop {
        let seen = fixture.api.job(job.id).await?;
        let now = since.elapsed();
        watch
            .see(seen.as_ref(), now)
            .map_err(|error| failure(error.to_string()))?;
        if watch.has_reached(JobState::Finished) {
            let problem = "finished, although its parameters cannot be read";
            return Err(failure(problem.into()));
        }
        // The real services' database fails if the next test creates a job while a worker still has this one.
        let dates = seen.as_ref().map_or(Ok(()), |job| {
            job.check_finished(page::utc_now()).map_err(failure)
        });
        let details = seen.and_then(|job| job.runtime_details);
        if is_embedded && watch.has_failed() && details.is_some() {
            return dates;
        }
        if let Some(WatchError {
            problem, history, ..
        }) = watch.end(now)
        {
            return match problem {
                Problem::Failed(Some(_)) => dates,
                _ => Err(failure(format!(
                    "it failed, and runtime_details is empty: what the worker reports is lost \
                     (UserAPI, PUT /_job_status; WorkerAPI, PUT /jobs/…/status); {history}"
                ))),
            };
        }
        if now > limit {
            let problem = format!("not in error within {limit:?}; {}", watch.history());
            return Err(failure(problem).out_of_time(true));
        }
        page::sleep(watch.period(now)).await;
    }
}
