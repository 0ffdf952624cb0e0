//! The pages of the list of jobs.

use futures_util::future::try_join_all;
use opencloud_model::{event::Failure, settings::Environment};
use opencloud_suite::{
    http::SUCCESS,
    job::Job,
    suite::Failed,
    user_api::{CallError, Endpoint},
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    fixture::{Fixture, same, with_fixture},
    jobs::{upload_inputs, waiting_job},
};

/// How many jobs a page of the frontend shows.
const LIMIT: usize = 20;

#[wasm_bindgen_test]
async fn job_list() -> Result<(), Failed> {
    with_fixture("frontend::job_list", async |fixture| {
        let steps = fixture.steps;
        // Nobody waits for 21 jobs of a deployment: two pages of one job show the same there.
        let is_embedded = fixture.suite.settings.environment == Environment::Embedded;
        let limit = if is_embedded { LIMIT } else { 1 };
        steps
            .run("upload the inputs of the jobs", upload_inputs(fixture))
            .await?;
        let names: Vec<_> = (0..=limit)
            .map(|number| format!("{}_{number}", fixture.name))
            .collect();
        steps
            .run(
                &format!("create {} jobs, one more than a page shows", names.len()),
                create(fixture, &names),
            )
            .await?;
        steps
            .run(
                &format!("list jobs with offset={limit}&limit={limit}: the second page"),
                check_pages(fixture, &names, limit),
            )
            .await?;
        steps
            .run("delete the jobs", delete(fixture, &names))
            .await?;
        for name in &names {
            fixture.created.forget_job(name);
        }
        Ok(())
    })
    .await
}

/// One at a time, because the real services' database fails if a job is created beside another.
async fn create(fixture: &mut Fixture<'_>, names: &[String]) -> Result<(), Failure> {
    for name in names {
        let mut new = waiting_job(fixture);
        new.job_name.clone_from(name);
        fixture.create_job(&new).await?;
    }
    Ok(())
}

async fn delete(fixture: &Fixture<'_>, names: &[String]) -> Result<(), Failure> {
    let removals = names.iter().map(|name| fixture.api.remove_job(name, None));
    try_join_all(removals).await?;
    let listed = fixture.api.jobs().await?;
    let left = listed.iter().find(|job| names.contains(&job.job_name));
    let left = left.map(|job| &job.job_name);
    same("a job that is still listed", &left, &None)
}

/// The first page is full, so that the frontend offers the next one, and that shows other jobs. Where
/// the list is short enough to be read to its end, all of these jobs are on one page each.
async fn check_pages(fixture: &Fixture<'_>, names: &[String], limit: usize) -> Result<(), Failure> {
    let mut seen: Vec<Job> = Vec::new();
    let mut offset = 0;
    loop {
        let jobs = page(fixture, offset, limit).await?;
        if let Some(again) = jobs
            .iter()
            .find(|job| seen.iter().any(|old| old.id == job.id))
        {
            return Err(Failure::stack(format!(
                "the page with offset={offset} and limit={limit} shows job {} ({}) again, which is on \
                 an earlier page (UserAPI, GET /jobs)",
                again.id, again.job_name
            )));
        }
        let what = format!("how many jobs the page with offset={offset} and limit={limit} shows");
        let is_last = offset > 0;
        if !is_last {
            same(&what, &jobs.len(), &limit)?;
        }
        let is_end = jobs.len() < limit;
        seen.extend(jobs);
        offset += limit;
        if is_end || (is_last && limit < LIMIT) {
            break;
        }
    }
    if limit < LIMIT {
        return Ok(());
    }
    let missing = names
        .iter()
        .find(|name| !seen.iter().any(|job| job.job_name == **name));
    same("a job that is on no page", &missing, &None)
}

async fn page(fixture: &Fixture<'_>, offset: usize, limit: usize) -> Result<Vec<Job>, CallError> {
    let parameters = [offset, limit].map(|number| number.to_string());
    let parameters = parameters.each_ref().map(String::as_str);
    let mut request = fixture.api.request(Endpoint::Jobs, &parameters);
    request.name = format!("list jobs with offset={offset} and limit={limit}");
    let answer = fixture.api.call(request, &[SUCCESS]).await?;
    Ok(answer.json().await?)
}
