//! Jobs of the user.

use std::collections::HashSet;

use opencloud_model::{event::Failure, job_state::JobState};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
    turns::{Place, Turn},
};
use crate::{
    http::{Answer, Request, SUCCESS},
    job::{Job, NewJob},
    page,
    report::Steps,
};

/// A job that was created.
#[derive(Debug)]
pub enum NewlyCreated {
    /// As the answer to its creation shows it.
    Answered(Job),
    /// As it was found later, because that answer was lost. A worker may have it already.
    Found(Job),
}

impl NewlyCreated {
    /// The job.
    #[must_use]
    pub fn job(&self) -> &Job {
        let (Self::Answered(job) | Self::Found(job)) = self;
        job
    }

    /// The job itself.
    #[must_use]
    pub fn into_job(self) -> Job {
        let (Self::Answered(job) | Self::Found(job)) = self;
        job
    }

    /// The job, which must be queued and what was `asked` for. One that a worker has begun to run before it
    /// was found is taken as it is.
    pub fn checked(self, asked: &NewJob) -> Result<Job, Failure> {
        let may_have_begun = matches!(self, Self::Found(_));
        let job = self.into_job();
        if may_have_begun && job.status != JobState::Queued.name() {
            return Ok(job);
        }
        let of_job = format!("job {}: ", job.id);
        let failed = |error: &str, setting: &str| {
            let error = error.strip_prefix(&of_job).unwrap_or(error);
            Failure::stack(format!("{of_job}{error} (UserAPI, {setting})"))
        };
        job.check_id()
            .map_err(|error| failed(&error, "the ids of its database"))?;
        job.check_created(asked, page::utc_now())
            .map_err(|error| failed(&error, "POST /jobs"))?;
        Ok(job)
    }
}

impl UserApi {
    /// The request that creates a job from a [`NewJob`], or from any other JSON.
    #[must_use]
    pub fn create_job_request(&self, job: &impl Serialize) -> Request {
        self.request(Endpoint::CreateJob, &[]).json(job)
    }

    /// The turn to create a job that no worker takes, for which the current one of `steps` waits.
    pub async fn turn(&self, steps: &Steps) -> Turn {
        self.turns.turn(steps).await
    }

    /// The next place among the tests whose jobs workers take.
    #[must_use]
    pub fn place(&self) -> Place {
        self.turns.place()
    }

    /// Creates a job when it is this one's `turn`. Never creates two: if the answer is lost, looks for a job
    /// of that name.
    pub async fn create_job(&self, job: &NewJob, _turn: &Turn) -> Result<NewlyCreated, CallError> {
        let request = self.create_job_request(job);
        let read = async |answer: Answer| Ok(NewlyCreated::Answered(answer.json().await?));
        let found = async || {
            let found = self.job_named(&job.job_name).await?;
            Ok(found.map(NewlyCreated::Found))
        };
        let kind = "create a job";
        match self
            .call_once(kind, &request, &[SUCCESS], 409, read, found)
            .await
        {
            Err(CallError::Http(failure)) if failure.has_status(400) => {
                // Boxed because the future is large and seldom needed.
                let remark = Box::pin(self.inputs_of(job)).await?;
                Err(failure.remarking(&remark).into())
            }
            other => other,
        }
    }

    /// What the listings show of the inputs of `job`, whose creation is refused as if one were missing.
    async fn inputs_of(&self, job: &NewJob) -> Result<String, CallError> {
        let inputs = &job.attributes.files_down;
        let of_kind = |kind: &'static str, ids: &[String]| {
            let paths = ids.iter().map(|id| format!("{kind}/{id}"));
            paths.collect::<Vec<_>>()
        };
        let paths = [
            of_kind("config", inputs.config_id.as_slice()),
            of_kind("data", &inputs.data_ids),
            of_kind("artifact", &inputs.artifact_ids),
        ];
        for path in paths.concat() {
            if self.entry(&path).await?.is_none() {
                return Ok(format!("{path} is not listed"));
            }
        }
        Ok(
            "each of its inputs is listed, so they are looked for elsewhere, or something else is refused (UserAPI, \
             POST /jobs)"
                .into(),
        )
    }

    /// All jobs of the user, the newest first.
    pub async fn jobs(&self) -> Result<Vec<Job>, CallError> {
        let (mut jobs, pages): (Vec<Job>, usize) = self.all_jobs().await?;
        if pages > 1 {
            // One that was created meanwhile moves others to the next page.
            let mut seen = HashSet::new();
            jobs.retain(|job| seen.insert(job.id));
            // The dates are texts of one length.
            jobs.sort_by(|a, b| b.date_created.cmp(&a.date_created));
        }
        Ok(jobs)
    }

    /// All jobs of the user. Only the jobs of one page are sorted by age: the recorded UserAPI cuts the list
    /// into pages by the jobs' names. So this asks for a single page, or for those that the frontend asks
    /// for if the UserAPI limits them. Also returns how many pages it took.
    async fn all_jobs<T: DeserializeOwned>(&self) -> Result<(Vec<T>, usize), CallError> {
        const PAGE: usize = 20;
        // A UserAPI that heeds no offset has no last page.
        const MOST: usize = 1000;
        let page = async |offset: usize, limit: usize, expected: &[u16]| {
            let parameters = [offset, limit].map(|number| number.to_string());
            let request = self.request(Endpoint::Jobs, &parameters.each_ref().map(String::as_str));
            // Boxed because the future is part of that of many steps.
            Box::pin(self.call(request, expected)).await
        };
        let whole = page(0, 1_000_000, &[SUCCESS, 400, 422]).await?;
        if whole.is_success() {
            return Ok((whole.json().await?, 1));
        }
        let (mut all, mut pages) = (Vec::new(), 0);
        loop {
            pages += 1;
            let next: Vec<T> = page(all.len(), PAGE, &[SUCCESS]).await?.json().await?;
            let is_last = next.len() < PAGE;
            all.extend(next);
            if is_last || pages == MOST {
                return Ok((all, pages));
            }
        }
    }

    /// The user's job of that name.
    pub async fn job_named(&self, name: &str) -> Result<Option<Job>, CallError> {
        let jobs = self.jobs().await?;
        Ok(jobs.into_iter().find(|job| job.job_name == name))
    }

    /// The job, or `None` if this user has no such job.
    pub async fn job(&self, id: i64) -> Result<Option<Job>, CallError> {
        let request = self.request(Endpoint::Job, &[&id.to_string()]);
        let answer = self.call(request, &[SUCCESS, 404]).await?;
        if answer.status() == 404 {
            return Ok(None);
        }
        Ok(Some(answer.json().await?))
    }

    /// The current id of the user's job of that name, for a teardown: it reads answers that are not as
    /// documented, and needs no list of the jobs if the job is still found by `id`.
    pub async fn find_job(&self, name: &str, id: Option<i64>) -> Result<Option<String>, CallError> {
        let mut is_missing = false;
        if let Some(id) = id {
            let id = id.to_string();
            let request = self.request(Endpoint::Job, &[&id]);
            if let Ok(answer) = self.call(request, &[SUCCESS, 404]).await {
                is_missing = answer.status() == 404;
                let job: Result<Value, _> = answer.json().await;
                if job.is_ok_and(|job| is_named(&job, name)) {
                    return Ok(Some(id));
                }
            }
        }
        match self.listed_id(name).await {
            Err(_) if is_missing => Ok(None),
            listed => listed,
        }
    }

    async fn listed_id(&self, name: &str) -> Result<Option<String>, CallError> {
        let (jobs, _) = self.all_jobs().await?;
        Ok(id_in(&Value::Array(jobs), name))
    }

    /// Deletes the job that [`UserApi::find_job`] finds. Returns whether there was one.
    pub async fn remove_job(&self, name: &str, id: Option<i64>) -> Result<bool, CallError> {
        let Some(found) = self.find_job(name, id).await? else {
            return Ok(false);
        };
        let gone = async || Ok(self.find_job(name, id).await?.is_none().then_some(()));
        self.delete_job_by_id(&found, gone).await?;
        Ok(true)
    }

    /// Deletes the user's job of that name and its outputs. Returns whether there was one. Asks for its
    /// current id, because the id that it was created with may belong to another job.
    pub async fn delete_job(&self, name: &str) -> Result<bool, CallError> {
        let Some(job) = self.job_named(name).await? else {
            return Ok(false);
        };
        let gone = async || Ok(self.job_named(name).await?.is_none().then_some(()));
        self.delete_job_by_id(&job.id.to_string(), gone).await?;
        Ok(true)
    }

    /// Deletes the job of this name and id, which has just been created. Another test's job may get the id
    /// afterwards.
    pub async fn delete_created_job(&self, name: &str, id: i64) -> Result<(), CallError> {
        let gone = async || {
            let job = self.job(id).await?;
            Ok(job.is_none_or(|job| job.job_name != name).then_some(()))
        };
        self.delete_job_by_id(&id.to_string(), gone).await
    }

    async fn delete_job_by_id(
        &self,
        id: &str,
        gone: impl AsyncFn() -> Result<Option<()>, CallError>,
    ) -> Result<(), CallError> {
        let request = self.request(Endpoint::DeleteJob, &[id]);
        let read = async |_| Ok(());
        let call = self.call_once("delete a job", &request, &[SUCCESS], 404, read, &gone);
        // Boxed because the future is large.
        match Box::pin(call).await {
            Err(CallError::Http(failure)) if failure.service_error().is_some() => {
                let remark = match gone().await {
                    Ok(Some(())) => {
                        "the job is gone all the same, so what comes after that fails, such as the deletion of its \
                         outputs"
                    }
                    Ok(None) => "the job is still there",
                    Err(_) => return Err(failure.into()),
                };
                Err(failure.remarking(remark).into())
            }
            other => other,
        }
    }
}

fn is_named(job: &Value, name: &str) -> bool {
    job.get("job_name").and_then(Value::as_str) == Some(name)
}

/// The id of the job of that name, wherever it is in `jobs` and of whichever type.
fn id_in(jobs: &Value, name: &str) -> Option<String> {
    match jobs {
        Value::Array(items) => items.iter().find_map(|item| id_in(item, name)),
        Value::Object(members) if !is_named(jobs, name) => {
            members.values().find_map(|member| id_in(member, name))
        }
        Value::Object(members) => match members.get("id")? {
            Value::String(id) => Some(id.clone()),
            id => Some(id.to_string()),
        },
        _ => None,
    }
}
