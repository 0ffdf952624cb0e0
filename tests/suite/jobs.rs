//! The requests of the frontend's job pages. Jobs are created one at a time, because the real services'
//! database fails if a job is created while another one runs.

mod failure;
mod inputs;
mod refusals;

use opencloud_model::{event::Failure, service::Service};
use opencloud_suite::{
    http::{Method, Problem, Request, SUCCESS},
    job::{Job, NewJob, Owner},
    suite::Failed,
    user_api::Endpoint,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    caching::check_reuse,
    fixture::{Fixture, check_reason, is_hidden, not_checked, same, with_fixture},
};
pub(crate) use inputs::{PARAMETERS, offered_variables, upload_inputs, waiting_job};

tests! { "jobs":
    applications, create_show_and_delete, failure::failing_job, refusals::refusals, refusals::missing_jobs
}

#[wasm_bindgen_test]
async fn applications() -> Result<(), Failed> {
    with_fixture("jobs::applications", async |fixture| {
        let request = fixture.api.request(Endpoint::Applications, &[]);
        fixture
            .steps
            .run("the training of decode is listed", async {
                let applications: Value = fixture.expect(request, &[SUCCESS]).await?.json().await?;
                let train = &applications["decode"]["v0_10_1"]["train"];
                let config = &train["handler"]["files_down"]["config_id"];
                same("the directory of its parameters", config, &json!("config"))?;
                for (application, versions) in members(&applications) {
                    for (version, entry_points) in members(versions) {
                        for (name, entry_point) in members(entry_points) {
                            let of_decode = application == "decode" && version == "v0_10_1";
                            let what = format!("{application} {version} {name}");
                            check_inputs(&what, entry_point, of_decode)?;
                        }
                    }
                }
                let variables = &train["app"]["env"];
                same(
                    "its environment variables are a list",
                    &variables.is_array(),
                    &true,
                )
            })
            .await?;
        fixture
            .steps
            .run(
                "each entry point lists its environment variables",
                fixture.api.offered(),
            )
            .await?;
        fixture
            .steps
            .run("the same are listed each time", async {
                // One of several instances may have another configuration.
                let first = fixture.api.applications().await?;
                for _ in 0..3 {
                    let again = fixture.api.applications().await?;
                    same(
                        "the applications (UserAPI, the configuration of each of its instances)",
                        &again,
                        &first,
                    )?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        Ok(())
    })
    .await
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The form asks for the kinds of inputs that an entry point lists: each has a configuration and data, and not each
/// uses artifacts. What is in the container reads each kind from a directory of its own; of DECODE they are known.
fn check_inputs(name: &str, entry_point: &Value, of_decode: bool) -> Result<(), Failure> {
    let inputs = &entry_point["handler"]["files_down"];
    for (kind, directory) in [
        ("config_id", "config"),
        ("data_ids", "data"),
        ("artifact_ids", "artifact"),
    ] {
        let found = &inputs[kind];
        let may_lack = kind == "artifact_ids" && inputs.is_object();
        let is_right = match found.as_str() {
            Some(found) => !of_decode || found == directory,
            None => may_lack && found.is_null(),
        };
        if !is_right {
            return Err(Failure::stack(format!(
                "the directory of the inputs {kind} of {name} is {found}, so a job of it gets none (UserAPI, GET \
                 /jobs/applications: files_down in its application configuration)"
            )));
        }
    }
    Ok(())
}

/// One test for everything that can be done to a queued job, because creating a job takes most of the
/// requests.
#[wasm_bindgen_test]
async fn create_show_and_delete() -> Result<(), Failed> {
    with_fixture("jobs::create_show_and_delete", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let mut new = waiting_job(fixture);
        let more = format!("{}_more", fixture.name);
        // As when the outputs of earlier jobs are used.
        new.attributes.files_down.artifact_ids = vec![fixture.name.into(), more.clone()];
        // As the frontend names a folder that was chosen in a listing.
        new.attributes.files_down.data_ids = vec![format!("{}/", fixture.name), format!("{more}/")];
        steps
            .run("upload the inputs of the job", async {
                let content = upload_inputs(fixture).await?;
                for directory in [
                    fixture.directory("artifact"),
                    format!("artifact/{more}/"),
                    format!("data/{more}/"),
                ] {
                    fixture.upload(&directory, "model_0.pt", &content).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        let job = steps
            .run(
                "create a job: it is queued, and is what was asked for",
                async {
                    // The form has a field for each.
                    new.attributes.env_vars = Some(offered_variables(fixture, &new).await?);
                    let created = fixture.create_job(&new).await;
                    created
                        .map_err(|failure| of_variables(&new, failure))?
                        .checked(&new)
                },
            )
            .await?;
        steps
            .run("create a job with a name that is taken: 409", async {
                let again = api.create_job_request(&new);
                fixture.refused(again, 409, "Job name must be unique").await
            })
            .await?;
        steps
            .run("the job does not come from the browser's cache", async {
                api.job(job.id).await?;
                check_reuse(fixture, &["/jobs/{}"])
            })
            .await?;
        let owner = steps
            .run("find out who is signed in", fixture.suite.session.owner())
            .await?;
        steps
            .run(
                "the job is the same by its id and in the list",
                check_views(fixture, &owner, &job),
            )
            .await?;
        steps
            .run(
                "the list is returned in pages",
                check_pages(fixture, &owner),
            )
            .await?;
        steps
            .run(
                "set a job's status without the WorkerAPI's key: refused, and without effect",
                set_status_without_key(fixture, &job),
            )
            .await?;
        steps
            .run("list jobs with an invalid limit: 422", async {
                let url = api.url("/jobs?limit=many");
                let badly = Request::get(Service::UserApi, "list jobs with an invalid limit", url);
                fixture.refused_for(badly, &["query.limit"]).await
            })
            .await?;
        steps
            .run("delete the queued job", async {
                let deleted = api.delete_job(&new.job_name).await?;
                same("whether there was a job to delete", &deleted, &true)?;
                // The next job may get its id.
                let found = api.job(job.id).await?;
                if let Some(found) = found.filter(|found| found.job_name == new.job_name) {
                    return Err(Failure::stack(format!(
                        "job {} was deleted but is still found by its id, with status {} (UserAPI, DELETE /jobs){}",
                        job.id,
                        found.status,
                        api.explain_deletion()
                    )));
                }
                match api.job_named(&new.job_name).await? {
                    None => Ok(()),
                    Some(_) => Err(Failure::stack(format!(
                        "job {} is deleted and not found by its id, but still in the list (UserAPI, GET /jobs: it \
                         leaves out what is deleted)",
                        job.id
                    ))),
                }
            })
            .await?;
        fixture.created.forget_job(&new.job_name);
        Ok(())
    })
    .await
}

/// The failure to create `new`, with where to look if it is about the variables that the job sets.
fn of_variables(new: &NewJob, failure: Failure) -> Failure {
    let set: Vec<_> = new.attributes.env_vars.iter().flatten().collect();
    if set.is_empty() || !failure.message.to_lowercase().contains("env") {
        return failure;
    }
    let names = set.iter().map(|(name, _)| name.as_str());
    let names = names.collect::<Vec<_>>().join(", ");
    failure.and(format!(
        "\nGET /jobs/applications offers {names} for this application (UserAPI, the configuration that each of the two \
         reads)"
    ))
}

/// The job is shown by its id and in the list, and in each as in the answer to its creation.
async fn check_views(fixture: &Fixture<'_>, owner: &Owner, job: &Job) -> Result<(), Failure> {
    let (api, name) = (fixture.api, &job.job_name);
    let shown = api.job(job.id).await?;
    let shown_name = shown.as_ref().map(|shown| &shown.job_name);
    if let Err(failure) = same("the name of the job with that id", &shown_name, &Some(name)) {
        let is_it = |shown: &Job| shown.job_name == *name;
        let stale = api.explain_stale_job(job.id, is_it).await;
        if let Some(shown) = shown_name
            && name.starts_with(shown.as_str())
            && stale.is_none()
        {
            return Err(Failure::stack(format!(
                "job {} was created with the name {name}, and has {shown} now: it is cut where it is stored (UserAPI, its \
                 database)",
                job.id
            )));
        }
        if let (None, None) = (shown_name, &stale)
            && let Some(other) = api.job_named(name).await?
        {
            return Err(Failure::stack(format!(
                "the answer to its creation tells of {name} as job {}, and the list as job {}, which is right (UserAPI, \
                 POST /jobs: the id in its answer)",
                job.id, other.id
            )));
        }
        return Err(stale.map_or(failure, |stale| {
            let how = stale.told("database");
            Failure::stack(format!("the answer for job {} {how}", job.id))
        }));
    }
    if job.user_email.is_none() {
        let email = api.user().await?.email;
        return Err(Failure::stack(format!(
            "job {} has no user_email, though GET /user tells {email} of its user (UserAPI, POST /jobs: the e-mail \
             address in the caller's token)",
            job.id
        )));
    }
    let jobs = api.jobs().await?;
    owner.check(&jobs).map_err(Failure::stack)?;
    // What a page shows that asks for no part of the list.
    let url = api.url("/jobs");
    let request = Request::get(Service::UserApi, "list jobs without a query", url);
    let first: Vec<Job> = api.call(request, &[SUCCESS]).await?.json().await?;
    owner.check(&first).map_err(Failure::stack)?;
    let listed = jobs.iter().find(|listed| listed.job_name == *name);
    let id = listed.map(|job| job.id);
    if let Err(failure) = same("the id of the job in the list", &id, &Some(job.id)) {
        let stale = api.explain_stale_jobs(name).await;
        return Err(stale.map_or(failure, |stale| {
            let how = stale.told("database");
            Failure::stack(format!("the list of jobs {how}"))
        }));
    }
    for (view, place) in [(shown.as_ref(), "by its id"), (listed, "in the list")] {
        let Some(view) = view else { continue };
        job.check_same("in the answer to its creation", view, place)
            .map_err(|error| Failure::stack(format!("{error} (UserAPI)")))?;
    }
    Ok(())
}

/// The list, which holds a job, is cut into pages as `offset` and `limit` say, and each holds only the user's own
/// jobs.
async fn check_pages(fixture: &Fixture<'_>, owner: &Owner) -> Result<(), Failure> {
    let api = fixture.api;
    // At least one job exists; others may come and go meanwhile.
    for (offset, limit, least, most) in [
        (0, 20, 1, 20),
        (0, 1, 1, 1),
        (0, 0, 0, 0),
        (1_000_000, 20, 0, 0),
    ] {
        let parameters = [offset, limit].map(|number: u32| number.to_string());
        let parameters = parameters.each_ref().map(String::as_str);
        let request = api.request(Endpoint::Jobs, &parameters);
        // A list may refuse to be asked for nothing.
        let accepted: &[u16] = match limit {
            0 => &[SUCCESS, 400, 422],
            _ => &[SUCCESS],
        };
        let answer = fixture.expect(request, accepted).await?;
        if !answer.is_success() {
            continue;
        }
        let page: Vec<Job> = answer.json().await?;
        owner.check(&page).map_err(Failure::stack)?;
        let is_right = |page: &[Job]| (least..=most).contains(&page.len());
        if is_right(&page) {
            continue;
        }
        if let Some(stale) = api.explain_stale_page(parameters, is_right).await {
            let how = stale.told("database");
            return Err(Failure::stack(format!("the list of jobs {how}")));
        }
        let why = match api.explain_query().await {
            None if page.len() < least => {
                ", and a job of this user's is there: the limit counts what is not shown, such as jobs of other users"
            }
            why => why.unwrap_or_default(),
        };
        return Err(Failure::stack(format!(
            "with offset={offset} and limit={limit}, the list holds {} jobs (UserAPI, GET /jobs){why}",
            page.len(),
        )));
    }
    Ok(())
}

/// `PUT /_job_status` is for the WorkerAPI alone, but any page reaches it where nothing keeps it away.
async fn set_status_without_key(fixture: &Fixture<'_>, job: &Job) -> Result<(), Failure> {
    let request = |name: &str| {
        let url = fixture.api.url("/_job_status");
        let body = json!({ "job_id": job.id, "status": "running", "runtime_details": "made up" });
        Request::new(Service::UserApi, Method::PUT, name, url).json(&body)
    };
    let made_up = request("set a job's status with a made-up key").header("x-api-key", "made-up");
    let name = made_up.name.clone();
    match fixture
        .suite
        .http
        .expect(made_up.idempotent(true), &[401])
        .await
    {
        Ok(answer) => check_reason(&name, answer, Some("unauthorized")).await?,
        Err(failure) => {
            let is_done = matches!(failure.problem, Problem::Status { status: ..300, .. });
            // Something else may have refused it, or have kept it from the UserAPI.
            let now = fixture.api.job(job.id).await?;
            let is_unchanged = now.is_some_and(|now| now == *job);
            if is_unchanged && is_hidden(&failure) {
                let why = "nobody reaches it from a page: something before the UserAPI keeps its own paths away";
                not_checked("a status is set with the WorkerAPI's key alone", why);
                return Ok(());
            }
            let consequence = if is_unchanged && !is_done {
                "; the job's status is not changed by it (PUT /_job_status)"
            } else {
                "\na key that is not the WorkerAPI's must be refused with 401, or whoever reaches the UserAPI \
                 sets the status of any job (UserAPI, PUT /_job_status, INTERNAL_API_KEY_SECRET)"
            };
            return Err(Failure::stack(format!("{failure}{consequence}")));
        }
    }
    let without = request("set a job's status without a key");
    let without = without.idempotent(true);
    // FastAPI's own check of such a key answers 403.
    fixture.expect(without, &[401, 403, 422]).await?;
    let Some(now) = fixture.api.job(job.id).await? else {
        let is_it = |shown: &Job| shown.job_name == job.job_name;
        let stale = fixture.api.explain_stale_job(job.id, is_it).await;
        let how = stale.map_or("is 404: it is gone".into(), |stale| stale.told("database"));
        return Err(Failure::stack(format!(
            "the answer for job {} {how}",
            job.id
        )));
    };
    job.check_same("before", &now, "after refused changes of its status")
        .map_err(Failure::stack)
}
