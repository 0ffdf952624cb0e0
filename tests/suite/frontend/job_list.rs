//! The pages of the list of jobs.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::try_join_all;
use opencloud_model::{event::Failure, settings::Environment};
use opencloud_suite::{
    http::SUCCESS,
    job::Job,
    page::{self, Instant},
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
pub(super) async fn job_list() -> Result<(), Failed> {
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
        let step = format!("create {} jobs, one more than a page shows", names.len());
        let ids = steps.run(&step, create(fixture, &names)).await?;
        steps
            .run("each of them is in the list", async {
                let listed = all(fixture).await?;
                let missing = ids.iter().find(|id| !listed.contains(id));
                missing.map_or(Ok(()), |id| {
                    Err(Failure::stack(format!(
                        "job {id}, which was created for any environment, is not in the list (UserAPI, GET /jobs)"
                    )))
                })
            })
            .await?;
        steps
            .run(
                &format!("list jobs with offset={limit}&limit={limit}: the second page"),
                check_pages(fixture, &names, limit),
            )
            .await?;
        steps
            .run("delete the jobs", delete(fixture, &names, &ids))
            .await?;
        for name in &names {
            fixture.created.forget_job(name);
        }
        Ok(())
    })
    .await
}

/// One at a time, because the real services' database fails if a job is created beside another.
async fn create(fixture: &mut Fixture<'_>, names: &[String]) -> Result<Vec<i64>, Failure> {
    let mut ids = Vec::new();
    for name in names {
        let mut new = waiting_job(fixture);
        new.job_name.clone_from(name);
        // As the form has it that is left alone: any worker may take it that has its hardware.
        new.environment = None;
        ids.push(fixture.create_job(&new).await?.job().id);
    }
    Ok(ids)
}

async fn delete(fixture: &Fixture<'_>, names: &[String], ids: &[i64]) -> Result<(), Failure> {
    let removals = names.iter().zip(ids);
    let removals = removals.map(|(name, id)| fixture.api.delete_created_job(name, *id));
    try_join_all(removals).await?;
    let listed = fixture.api.jobs().await?;
    let left = listed.iter().find(|job| names.contains(&job.job_name));
    let left = left.map(|job| &job.job_name);
    same("a job that is still listed", &left, &None)
}

/// How long the pages are looked at again if the list changes: jobs that other tests delete, or another run
/// creates, between two pages move the others.
const LIMIT_OF_LOOKS: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// No list is read further, in case that it has no end.
const MOST_PAGES: usize = 50;

async fn check_pages(fixture: &Fixture<'_>, names: &[String], limit: usize) -> Result<(), Failure> {
    // As long as it is kept, no other test creates a job.
    let _turn = fixture.api.turn(fixture.steps).await;
    let since = Instant::now();
    loop {
        let before = all(fixture).await?;
        let pages = pages(fixture, limit).await?;
        let apart = apart(fixture).await?;
        let Some(problem) = apart.or_else(|| problem(&pages, names, limit)) else {
            break;
        };
        if all(fixture).await? == before || since.elapsed() > LIMIT_OF_LOOKS {
            return Err(Failure::stack(format!("{problem} (UserAPI, GET /jobs)")));
        }
        page::sleep(BETWEEN_LOOKS).await;
    }
    let page = one_page(fixture, 0, LIMIT).await?;
    unsorted(&page).map_or(Ok(()), |pair| {
        Err(Failure::stack(format!(
            "the page with offset=0 and limit={LIMIT} shows {pair}: each page has its newest jobs first \
             (UserAPI, GET /jobs)"
        )))
    })
}

/// What is wrong if two pages of two jobs share none, though both must show the second one.
async fn apart(fixture: &Fixture<'_>) -> Result<Option<String>, CallError> {
    let ids = async |offset| {
        let page = one_page(fixture, offset, 2).await?;
        Ok::<BTreeSet<_>, CallError>(page.iter().map(|job| job.id).collect())
    };
    let (first, second) = (ids(0).await?, ids(1).await?);
    let is_full = first.len() == 2;
    Ok((is_full && first.is_disjoint(&second)).then(|| {
        format!(
            "the pages with offset=0 and offset=1 and limit=2 show the jobs {first:?} and {second:?}, which must \
             share one: an offset counts jobs, and not pages"
        )
    }))
}

/// Two jobs of a page of which the second is newer, if there are any.
fn unsorted(page: &[Job]) -> Option<String> {
    // The dates are texts of one length.
    let is_older = |pair: &&[Job]| pair[0].date_created < pair[1].date_created;
    let pair = page.windows(2).find(is_older)?;
    let [one, other] =
        [&pair[0], &pair[1]].map(|job| format!("job {} ({})", job.id, job.date_created));
    Some(format!("{one} before {other}"))
}

/// The ids of all jobs of the account.
async fn all(fixture: &Fixture<'_>) -> Result<BTreeSet<i64>, CallError> {
    let jobs = fixture.api.jobs().await?;
    Ok(jobs.into_iter().map(|job| job.id).collect())
}

/// The pages from the first on: all that there are, or two where they are small.
async fn pages(fixture: &Fixture<'_>, limit: usize) -> Result<Vec<Vec<Job>>, CallError> {
    let most = if limit == LIMIT { MOST_PAGES } else { 2 };
    let mut pages = Vec::new();
    while pages.len() < most {
        let jobs = one_page(fixture, pages.len() * limit, limit).await?;
        let is_end = jobs.len() < limit;
        pages.push(jobs);
        if is_end {
            break;
        }
    }
    Ok(pages)
}

/// The first page must be full, so that the frontend offers the next one; no page may show a job again;
/// and where all pages are known, each job that was created must be on one.
fn problem(pages: &[Vec<Job>], names: &[String], limit: usize) -> Option<String> {
    let first = pages.first().map_or(0, Vec::len);
    if first != limit {
        return Some(format!(
            "the page with offset=0 and limit={limit} shows {first} jobs although there are more, so the \
             frontend offers no second page"
        ));
    }
    for (number, page) in pages.iter().enumerate() {
        let earlier = || pages[..number].iter().flatten();
        if let Some(again) = page
            .iter()
            .find(|job| earlier().any(|other| other.id == job.id))
        {
            return Some(format!(
                "the page with offset={} and limit={limit} shows job {} ({}) again, which is on an earlier \
                 page",
                number * limit,
                again.id,
                again.job_name
            ));
        }
    }
    let is_shown = |name: &&String| pages.iter().flatten().any(|job| job.job_name == **name);
    let missing = names.iter().find(|name| !is_shown(name))?;
    (limit == LIMIT).then(|| format!("{missing} is on none of the {} pages", pages.len()))
}

async fn one_page(
    fixture: &Fixture<'_>,
    offset: usize,
    limit: usize,
) -> Result<Vec<Job>, CallError> {
    let parameters = [offset, limit].map(|number| number.to_string());
    let parameters = parameters.each_ref().map(String::as_str);
    let mut request = fixture.api.request(Endpoint::Jobs, &parameters);
    request.name = format!("list jobs with offset={offset} and limit={limit}");
    let answer = fixture.api.call(request, &[SUCCESS]).await?;
    Ok(answer.json().await?)
}
