//! What is wrong with the services but the frontend lives with: shown in every report, a failure
//! only where that was asked for.

use opencloud_model::event::{Event, Failure};
use opencloud_suite::{http::Problem, report, suite::Failed, user_api::CallError};
use secrecy::ExposeSecret;
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    bench::{Bench, not_checked, on_bench},
    jobs::{upload_inputs, waiting_job},
};

/// Gives advice, or fails where advice counts as failure.
fn advise(bench: &Bench<'_>, what: &str, mend: &str) -> Result<(), Failure> {
    report::write(&Event::Advice {
        what: what.into(),
        mend: mend.into(),
    });
    if bench.suite.settings.extras.strict {
        return Err(Failure::stack(format!("{what}\n{mend}")));
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn unhandled_errors() -> Result<(), Failed> {
    on_bench("advice::unhandled_errors", async |bench| {
        let sound = serde_json::to_value(waiting_job(bench)).expect("a job is plain data");
        let steps = bench.steps;
        // Missing inputs would be told first.
        steps.run("upload its inputs", upload_inputs(bench)).await?;
        let mut unhandled = Vec::new();
        for member in ["/hardware", "/attributes/files_down/data_ids"] {
            let name = member.rsplit('/').next().unwrap_or_default();
            let mut job = sound.clone();
            *job.pointer_mut(member).expect("a job has this member") = Value::Null;
            let step = format!("a job with {name}: null");
            if !steps.run(&step, is_handled(bench, &job)).await? {
                unhandled.push(format!("{name}: null"));
            }
        }
        if unhandled.is_empty() {
            return Ok(());
        }
        let what = format!(
            "an unhandled error (500) carries no CORS headers, so the page takes it for a network \
             that is down (a job with {})",
            unhandled.join(", or with ")
        );
        let mend = "UserAPI: handle exceptions inside CORSMiddleware, for instance by a handler for \
                    Exception on an inner application, or wrap the whole application in \
                    CORSMiddleware";
        steps
            .run("an unhandled error of the UserAPI", async {
                advise(bench, &what, mend)
            })
            .await
    })
    .await
}

/// Whether the page can read the answer to `job`, whatever it says: the error is handled, or
/// reported readably, or there is none any more. Then the job is removed again.
async fn is_handled(bench: &mut Bench<'_>, job: &Value) -> Result<bool, Failure> {
    let api = bench.api;
    bench.made.job_named(bench.name);
    let made = async || Ok(api.job_named(bench.name).await?.map(drop));
    let request = api.create_job_request(job);
    let kind = "create a job with a null";
    let read = async |_| Ok(());
    match api
        .once(kind, &request, &[201, 422, 500], 409, read, made)
        .await
    {
        Ok(()) => {}
        Err(CallError::Http(failure)) if matches!(failure.problem, Problem::Blocked { .. }) => {
            return Ok(false);
        }
        Err(other) => return Err(other.into()),
    }
    api.delete_job(bench.name).await?;
    bench.made.job_is_gone(bench.name);
    Ok(true)
}

#[wasm_bindgen_test]
async fn members_of_no_group() -> Result<(), Failed> {
    on_bench("advice::members_of_no_group", async |bench| {
        let Some(account) = &bench.suite.settings.extras.no_group else {
            not_checked(
                "the answer to a user in no group",
                "NOGROUP_EMAIL and NOGROUP_PASSWORD are not set",
            );
            return Ok(());
        };
        let suite = bench.suite;
        bench
            .steps
            .run("a user in no group", async {
                let tokens = suite.session.cognito().sign_in(account).await?;
                let request = bench.api.user_request().bearer(&tokens.id);
                match suite.http.expect(request, &[401, 403]).await?.status() {
                    403 => Ok(()),
                    _ => advise(
                        bench,
                        "a user in no group is answered 401 instead of 403, so the frontend does \
                         not show that the account is still to be confirmed",
                        "UserAPI: take a token without cognito:groups for one with an empty list",
                    ),
                }
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn names_in_urls() -> Result<(), Failed> {
    on_bench("advice::names_in_urls", async |bench| {
        if bench.files_in_s3().await? {
            not_checked(
                "the URLs for uploads hold names as they must be written",
                "user files are in S3 here, and names go in a form",
            );
            return Ok(());
        }
        bench
            .steps
            .run("a name with # in an upload URL", async {
                let spec = bench
                    .api
                    .upload_spec(&format!("data/{}/a#b/", bench.name))
                    .await?;
                if !spec.url().expose_secret().contains('#') {
                    return Ok(());
                }
                advise(
                    bench,
                    "the URL for an upload holds # as it is, so the browser cuts it there and the \
                     file goes elsewhere",
                    "UserAPI, local files: percent-encode the path in the URLs that it returns",
                )
            })
            .await
    })
    .await
}
