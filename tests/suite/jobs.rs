//! What the frontend's job pages do. Jobs strictly one at a time: the real services' database does
//! not bear a submission while a job is under way.

use opencloud_model::{cause::Service, event::Failure};
use opencloud_suite::{
    http::{Method, Request},
    job::Job,
    page,
    suite::Failed,
    user_api::jobs::{ApplicationId, Attributes, FilesDown, Hardware, NewJob, WorkerEnvironment},
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use crate::{
    bench::{Bench, on_bench, same},
    files::fields,
};

/// A job on the bench's own inputs that no worker takes.
pub(crate) fn waiting_job(bench: &Bench<'_>) -> NewJob {
    NewJob {
        job_name: bench.name.into(),
        environment: bench.suite.settings.worker.into(),
        priority: 0,
        application: ApplicationId {
            application: "decode".into(),
            version: "v0_10_1".into(),
            entrypoint: "train".into(),
        },
        attributes: Attributes {
            files_down: FilesDown {
                config_id: bench.name.into(),
                data_ids: vec![bench.name.into()],
                artifact_ids: Vec::new(),
            },
            env_vars: [].into(),
        },
        hardware: Hardware::of_no_worker(),
    }
}

/// The file with a job's parameters.
pub(crate) const PARAMETERS: &str = "param_run_in.yaml";

/// Uploads what `waiting_job` names as its inputs: files of this content.
pub(crate) async fn upload_inputs(bench: &mut Bench<'_>) -> Result<Blob, Failure> {
    let content = page::sample_blob(10.0);
    for (kind, file) in [
        ("config", PARAMETERS),
        ("data", "spline_calibration_3dcal.mat"),
    ] {
        bench.upload(&bench.directory(kind), file, &content).await?;
    }
    Ok(content)
}

#[wasm_bindgen_test]
async fn applications() -> Result<(), Failed> {
    on_bench("jobs::applications", async |bench| {
        let request = bench.api.applications_request();
        bench
            .steps
            .run("decode's training is among them", async {
                let applications: Value = bench.expect(request, &[200]).await?.json().await?;
                let train = &applications["decode"]["v0_10_1"]["train"];
                let inputs = &train["handler"]["files_down"];
                same(
                    "where its parameters go",
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

/// One test for all that can be done to a job that waits: jobs come one at a time, and to make one
/// takes most of the test's requests.
#[wasm_bindgen_test]
async fn create_show_and_delete() -> Result<(), Failed> {
    on_bench("jobs::create_show_and_delete", async |bench| {
        let (api, steps) = (bench.api, bench.steps);
        let new = waiting_job(bench);
        steps.run("upload its inputs", upload_inputs(bench)).await?;
        bench.made.job_named(bench.name);
        let job = steps
            .run("create a job", async {
                let job = api.create_job(&new).await?;
                same("the name of the new job", &job.job_name, &new.job_name)?;
                same("its status", job.status.as_str(), "queued")?;
                let worker = WorkerEnvironment::from(bench.suite.settings.worker);
                job.check_created(worker.name(), page::utc_now())
                    .map_err(|error| Failure::stack(format!("job {}: {error}", job.id)))?;
                Ok::<_, Failure>(job)
            })
            .await?;
        steps
            .run("its name is taken", async {
                let again = api.create_job_request(&new);
                bench
                    .refused_as(again, 409, "Job name must be unique")
                    .await
            })
            .await?;
        steps
            .run("it is shown, alone and in the list", async {
                let shown = api.job(job.id).await?;
                let name = shown.map(|job| job.job_name);
                same(
                    "the name of the job shown",
                    &name,
                    &Some(new.job_name.clone()),
                )?;
                let listed = api.job_named(&new.job_name).await?.map(|job| job.id);
                same("the id of the job in the list", &listed, &Some(job.id))
            })
            .await?;
        steps
            .run("the list comes in pages", async {
                // There is one job at least; more may come and go while this looks.
                for (offset, limit, least, most) in [
                    (0, 20, 1, 20),
                    (0, 1, 1, 1),
                    (0, 0, 0, 0),
                    (1_000_000, 20, 0, 0),
                ] {
                    let request = api.list_jobs_request(offset, limit);
                    let page: Vec<Job> = bench.expect(request, &[200]).await?.json().await?;
                    if !(least..=most).contains(&page.len()) {
                        return Err(Failure::stack(format!(
                            "the page of {limit} jobs behind the first {offset} holds {} of them \
                             (UserAPI, GET /jobs)",
                            page.len()
                        )));
                    }
                }
                let badly = Request::get(
                    Service::UserApi,
                    "list jobs badly",
                    api.url("/jobs?limit=many"),
                );
                fields(bench, badly, &["query.limit"]).await
            })
            .await?;
        steps
            .run("delete it while it is queued", async {
                let deleted = api.delete_job(&new.job_name).await?;
                same("it was there to be deleted", &deleted, &true)?;
                // Its id may be given to the next job.
                let found = api.job(job.id).await?;
                if found.is_some_and(|found| found.job_name == new.job_name) {
                    return Err(Failure::stack(format!(
                        "job {} was deleted but is still there",
                        job.id
                    )));
                }
                same(
                    "it is out of the list",
                    &api.job_named(&new.job_name).await?.is_none(),
                    &true,
                )
            })
            .await?;
        bench.made.job_is_gone(&new.job_name);
        Ok(())
    })
    .await
}

#[wasm_bindgen_test]
async fn refusals() -> Result<(), Failed> {
    on_bench("jobs::refusals", async |bench| {
        let (api, steps) = (bench.api, bench.steps);
        let sound = serde_json::to_value(waiting_job(bench)).expect("a job is plain data");
        let with = |path: &str, value: Value| {
            let mut job = sound.clone();
            let member = path.rsplit('/').next().unwrap_or_default();
            let name = format!("create a job with {member} {value}");
            *job.pointer_mut(path).expect("a job has this member") = value;
            let mut request = api.create_job_request(&job);
            request.name = name;
            request
        };
        // Whatever a faulty service makes of these is removed.
        bench.made.job_named(bench.name);

        steps
            .run("a job whose inputs are missing answers 400", async {
                let missing = with("/attributes/files_down/config_id", json!(bench.name));
                bench.refused_as(missing, 400, "").await
            })
            .await?;
        steps.run("upload its inputs", upload_inputs(bench)).await?;
        steps
            .run("a job whose data is missing answers 400", async {
                let missing = format!("{}_missing", bench.name);
                let request = with("/attributes/files_down/data_ids", json!([missing]));
                bench.refused_as(request, 400, "").await
            })
            .await?;
        steps
            .run("what is wrong with a job is told by its fields", async {
                let unknown = with("/application/application", json!("nope"));
                let places = [
                    "body.application.application",
                    "body.application.version",
                    "body.application.entrypoint",
                    "body.attributes",
                ];
                fields(bench, unknown, &places).await?;
                for priority in [json!(-1), json!(6), json!("x"), json!(2.5)] {
                    fields(bench, with("/priority", priority), &["body.priority"]).await?;
                }
                fields(
                    bench,
                    with("/environment", json!("moon")),
                    &["body.environment"],
                )
                .await?;
                let variables = with("/attributes/env_vars", json!({ "NOT_LISTED": "1" }));
                fields(bench, variables, &["body.attributes"]).await
            })
            .await?;
        steps
            .run("none of these made a job", async {
                let job = api.job_named(bench.name).await?.map(|job| job.id);
                same("the job of that name", &job, &None)
            })
            .await?;
        steps
            .run("a job that is not there answers 404", async {
                for request in [
                    api.job_request(i64::from(i32::MAX)),
                    api.delete_job_request(0),
                ] {
                    bench.refused_as(request, 404, "Job not found").await?;
                }
                let nonsense = Request::get(Service::UserApi, "get job abc", api.url("/jobs/abc"));
                fields(bench, nonsense, &["path.job_id"]).await
            })
            .await?;
        steps
            .run("a method that is not there answers 405", async {
                let request = Request::new(
                    Service::UserApi,
                    Method::PATCH,
                    "patch the jobs",
                    api.url("/jobs"),
                );
                bench.refused_as(request, 405, "Method Not Allowed").await
            })
            .await
    })
    .await
}
