//! The requests of the frontend's job pages. Jobs are created one at a time, because the real services'
//! database fails if a job is created while another one runs.

use opencloud_model::{cause::Service, event::Failure, job_state::JobState};
use opencloud_suite::{
    http::{Method, Request},
    job::Job,
    page,
    suite::Failed,
    user_api::{
        Endpoint,
        jobs::{ApplicationId, Attributes, FilesDown, Hardware, NewJob},
    },
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use crate::fixture::{Fixture, same, with_fixture};

/// A job with the fixture's inputs that no worker takes.
pub(crate) fn waiting_job(fixture: &Fixture<'_>) -> NewJob {
    NewJob {
        job_name: fixture.name.into(),
        environment: fixture.suite.settings.worker.name(),
        priority: 0,
        application: ApplicationId {
            application: "decode".into(),
            version: "v0_10_1".into(),
            entrypoint: "train".into(),
        },
        attributes: Attributes {
            files_down: FilesDown {
                config_id: fixture.name.into(),
                data_ids: vec![fixture.name.into()],
                artifact_ids: Vec::new(),
            },
            env_vars: [].into(),
        },
        hardware: Hardware::of_no_worker(),
    }
}

/// The file with a job's parameters.
pub(crate) const PARAMETERS: &str = "param_run_in.yaml";

/// Uploads the inputs of `waiting_job`, and returns their content.
pub(crate) async fn upload_inputs(fixture: &mut Fixture<'_>) -> Result<Blob, Failure> {
    let content = page::sample_blob(10.0);
    for (kind, file) in [
        ("config", PARAMETERS),
        ("data", "spline_calibration_3dcal.mat"),
    ] {
        fixture
            .upload(&fixture.directory(kind), file, &content)
            .await?;
    }
    Ok(content)
}

#[wasm_bindgen_test]
async fn applications() -> Result<(), Failed> {
    with_fixture("jobs::applications", async |fixture| {
        let request = fixture.api.request(Endpoint::Applications, &[]);
        fixture
            .steps
            .run("the training of decode is listed", async {
                let applications: Value = fixture.expect(request, &[200]).await?.json().await?;
                let train = &applications["decode"]["v0_10_1"]["train"];
                let inputs = &train["handler"]["files_down"];
                same(
                    "the directory of its parameters",
                    &inputs["config_id"],
                    &json!("config"),
                )?;
                let variables = &train["app"]["env"];
                same(
                    "its environment variables are a list",
                    &variables.is_array(),
                    &true,
                )
            })
            .await
    })
    .await
}

/// One test for everything that can be done to a queued job, because creating a job takes most of the
/// requests.
#[wasm_bindgen_test]
async fn create_show_and_delete() -> Result<(), Failed> {
    with_fixture("jobs::create_show_and_delete", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let new = waiting_job(fixture);
        steps
            .run("upload the inputs of the job", upload_inputs(fixture))
            .await?;
        fixture.created.add_job(fixture.name);
        let job = steps
            .run("create a job: it is queued", async {
                let job = api.create_job(&new).await?;
                same("the name of the new job", &job.job_name, &new.job_name)?;
                same("its status", job.status.as_str(), JobState::Queued.name())?;
                job.check_created(new.environment, page::utc_now())
                    .map_err(|error| Failure::stack(format!("job {}: {error}", job.id)))?;
                Ok::<_, Failure>(job)
            })
            .await?;
        steps
            .run("create a job with a name that is taken: 409", async {
                let again = api.create_job_request(&new);
                fixture.refused(again, 409, "Job name must be unique").await
            })
            .await?;
        steps
            .run("the job is returned by its id, and in the list", async {
                let shown = api.job(job.id).await?;
                let name = shown.map(|job| job.job_name);
                same(
                    "the name of the job with that id",
                    &name,
                    &Some(new.job_name.clone()),
                )?;
                let listed = api.job_named(&new.job_name).await?.map(|job| job.id);
                same("the id of the job in the list", &listed, &Some(job.id))
            })
            .await?;
        steps
            .run("the list is returned in pages", async {
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
                    let page: Vec<Job> = fixture.expect(request, &[200]).await?.json().await?;
                    if !(least..=most).contains(&page.len()) {
                        return Err(Failure::stack(format!(
                            "with offset={offset} and limit={limit}, the list holds {} jobs \
                             (UserAPI, GET /jobs)",
                            page.len()
                        )));
                    }
                }
                Ok(())
            })
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
                if found.is_some_and(|found| found.job_name == new.job_name) {
                    return Err(Failure::stack(format!(
                        "job {} was deleted but still exists",
                        job.id
                    )));
                }
                same(
                    "whether the deleted job is in the list",
                    &api.job_named(&new.job_name).await?.is_some(),
                    &false,
                )
            })
            .await?;
        fixture.created.forget_job(&new.job_name);
        Ok(())
    })
    .await
}

#[wasm_bindgen_test]
async fn refusals() -> Result<(), Failed> {
    with_fixture("jobs::refusals", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let valid = serde_json::to_value(waiting_job(fixture)).expect("a job is plain data");
        let with = |path: &str, value: Value| {
            let mut job = valid.clone();
            let member = path.rsplit('/').next().unwrap_or_default();
            let name = format!("create a job with {member} {value}");
            *job.pointer_mut(path).expect("a job has this member") = value;
            let mut request = api.create_job_request(&job);
            request.name = name;
            request
        };
        // A faulty service may create a job from one of these requests.
        fixture.created.add_job(fixture.name);

        steps
            .run("create a job whose config is missing: 400", async {
                let missing = with("/attributes/files_down/config_id", json!(fixture.name));
                fixture.refused(missing, 400, "").await
            })
            .await?;
        steps
            .run("upload the inputs of the job", upload_inputs(fixture))
            .await?;
        steps
            .run("create a job whose data is missing: 400", async {
                let missing = format!("{}_missing", fixture.name);
                let request = with("/attributes/files_down/data_ids", json!([missing]));
                fixture.refused(request, 400, "").await
            })
            .await?;
        steps
            .run(
                "create a job with invalid members: 422, which names them",
                async {
                    let unknown = with("/application/application", json!("nope"));
                    let places = [
                        "body.application.application",
                        "body.application.version",
                        "body.application.entrypoint",
                        "body.attributes",
                    ];
                    fixture.refused_for(unknown, &places).await?;
                    for priority in [json!(-1), json!(6), json!("x"), json!(2.5)] {
                        fixture
                            .refused_for(with("/priority", priority), &["body.priority"])
                            .await?;
                    }
                    fixture
                        .refused_for(with("/environment", json!("moon")), &["body.environment"])
                        .await?;
                    let variables = with("/attributes/env_vars", json!({ "NOT_LISTED": "1" }));
                    fixture.refused_for(variables, &["body.attributes"]).await
                },
            )
            .await?;
        steps
            .run("no refused request has created a job", async {
                let job = api.job_named(fixture.name).await?.map(|job| job.id);
                same("the id of a job of that name", &job, &None)
            })
            .await?;
        steps
            .run("get or delete a missing job: 404", async {
                for (endpoint, id) in [(Endpoint::Job, "2147483647"), (Endpoint::DeleteJob, "0")] {
                    let request = api.request(endpoint, &[id]);
                    fixture.refused(request, 404, "Job not found").await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        steps
            .run("get a job whose id is no number: 422", async {
                let no_number = api.request(Endpoint::Job, &["abc"]);
                fixture.refused_for(no_number, &["path.job_id"]).await
            })
            .await?;
        steps
            .run("an unsupported method: 405", async {
                let request = Request::new(
                    Service::UserApi,
                    Method::PATCH,
                    "patch the jobs",
                    api.url("/jobs"),
                );
                fixture.refused(request, 405, "Method Not Allowed").await
            })
            .await
    })
    .await
}
