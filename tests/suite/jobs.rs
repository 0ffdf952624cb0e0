//! What the frontend's job pages do. Jobs strictly one at a time: the real services' database does
//! not bear a submission while a job is under way.

use opencloud_suite::{
    cors::Service,
    http::{Method, Request},
    job::Job,
    page,
    report::Failure,
    suite::Failed,
    user_api::jobs::{ApplicationId, Attributes, FilesDown, Hardware, NewJob, WorkerEnvironment},
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    bench::{Bench, on_bench, same},
    files::fields,
};

/// Memory that no worker has, in megabytes: a job that asks for it stays queued.
const TOO_MUCH_MEMORY: u32 = 1_000_000_000;

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
        hardware: Hardware {
            memory: Some(TOO_MUCH_MEMORY),
            ..Hardware::default()
        },
    }
}

/// Uploads what `waiting_job` names as its inputs.
pub(crate) async fn upload_inputs(bench: &mut Bench<'_>) -> Result<(), Failure> {
    let content = page::sample_blob(10.0);
    bench
        .upload(&bench.directory("config"), "param_run_in.yaml", &content)
        .await?;
    bench
        .upload(
            &bench.directory("data"),
            "spline_calibration_3dcal.mat",
            &content,
        )
        .await
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
                let request = api.list_jobs_request(0, 20);
                let _: Vec<Job> = bench.expect(request, &[200]).await?.json().await?;
                let listed = api.job_named(&new.job_name).await?.map(|job| job.id);
                same("the id of the job in the list", &listed, &Some(job.id))
            })
            .await?;
        let second = format!("{}_2", bench.name);
        bench.made.job_named(&second);
        steps
            .run("the list shows the newest first", async {
                let later = NewJob {
                    job_name: second.clone(),
                    ..new.clone()
                };
                api.create_job(&later).await?;
                let names = api.jobs().await?.into_iter().map(|job| job.job_name);
                let made: Vec<_> = names
                    .filter(|name| *name == second || *name == new.job_name)
                    .collect();
                same(
                    "the two jobs in the list, newest first",
                    &made,
                    &vec![second.clone(), new.job_name.clone()],
                )?;
                let deleted = api.delete_job(&second).await?;
                same("the second was there to be deleted", &deleted, &true)
            })
            .await?;
        bench.made.job_is_gone(&second);
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
            *job.pointer_mut(path).expect("a job has this member") = value;
            api.create_job_request(&job)
        };
        // Whatever a faulty service makes of these is removed.
        bench.made.job_named(bench.name);

        steps
            .run("a job whose inputs are missing answers 400", async {
                bench
                    .refused_as(api.create_job_request(&sound), 400, "")
                    .await
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
