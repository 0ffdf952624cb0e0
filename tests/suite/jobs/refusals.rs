//! Jobs that must be refused, and requests for jobs that do not exist.

use opencloud_model::{cause::Cause, event::Failure, service::Service};
use opencloud_suite::{
    http::{Failure as HttpFailure, Method, Problem, Request},
    suite::Failed,
    user_api::{CallError, Endpoint, endpoint::MISSING_JOB},
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::inputs::{upload_inputs, waiting_job};
use crate::fixture::{check_reason, not_checked, same, with_fixture};

const UNSUPPORTED: &str = "an unsupported method: 405";

/// Whether the preflight of a request does not allow its method.
fn is_kept_back(failure: &HttpFailure) -> bool {
    matches!(
        failure.problem,
        Problem::Blocked {
            cause: Cause::PreflightMethod { .. },
            ..
        }
    )
}

#[wasm_bindgen_test]
pub(super) async fn refusals() -> Result<(), Failed> {
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
            .run("upload the inputs of the job", async {
                let content = upload_inputs(fixture).await?;
                let directory = fixture.directory("artifact");
                fixture.upload(&directory, "model_0.pt", &content).await
            })
            .await?;
        steps
            .run(
                "create a job whose data or artifact is missing: 400",
                async {
                    let missing = format!("{}_missing", fixture.name);
                    // The first of them is there: each must be looked for.
                    let ids = json!([fixture.name, missing]);
                    for member in ["artifact_ids", "data_ids"] {
                        let path = format!("/attributes/files_down/{member}");
                        let request = with(&path, ids.clone());
                        fixture.refused(request, 400, "").await?;
                    }
                    Ok::<_, Failure>(())
                },
            )
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
                    let version = with("/application/version", json!("nope"));
                    fixture.refused_for(version, &places[1..]).await?;
                    let entrypoint = with("/application/entrypoint", json!("nope"));
                    fixture.refused_for(entrypoint, &places[2..]).await?;
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
            .run(
                "create a job that asks for more than any machine has: refused",
                async {
                    let more = json!(10_000_000_000_000_000_000_u64);
                    fixture.refused_anyhow(with("/hardware/memory", more)).await
                },
            )
            .await?;
        steps
            .run("no refused request has created a job", async {
                let job = api.job_named(fixture.name).await?.map(|job| job.id);
                same("the id of a job of that name", &job, &None)
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
pub(super) async fn missing_jobs() -> Result<(), Failed> {
    with_fixture("jobs::missing_jobs", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        steps
            .run("get or delete a missing job: 404", async {
                for endpoint in [Endpoint::Job, Endpoint::DeleteJob] {
                    let request = api.request(endpoint, &[MISSING_JOB]);
                    fixture.refused(request, 404, "Job not found").await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        steps
            .run("get a job whose id is not a number: 422", async {
                let no_number = api.request(Endpoint::Job, &["abc"]);
                fixture.refused_for(no_number, &["path.job_id"]).await
            })
            .await?;
        steps
            .run(UNSUPPORTED, async {
                let request = Request::new(
                    Service::UserApi,
                    Method::PATCH,
                    "patch the jobs",
                    api.url("/jobs"),
                );
                match api.call(request, &[405]).await {
                    Ok(answer) => {
                        check_reason("patch the jobs", answer, Some("Method Not Allowed")).await
                    }
                    // The frontend does not send it either.
                    Err(CallError::Http(failure)) if is_kept_back(&failure) => {
                        not_checked(
                            UNSUPPORTED,
                            "the UserAPI's CORS settings let no page send PATCH",
                        );
                        Ok(())
                    }
                    Err(error) => Err(error.into()),
                }
            })
            .await
    })
    .await
}
