//! What is wrong with the services but the frontend lives with: shown in every report, a failure
//! only where that was asked for.

use opencloud_suite::{
    http::{Problem, Request},
    page,
    report::{self, Event, Failure},
    suite::Failed,
    user_api::CallError,
};
use secrecy::ExposeSecret;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::{Bench, on_bench};

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
        let job = json!({
            "job_name": bench.name,
            "environment": null,
            "priority": 0,
            "application": { "application": "decode", "version": "v0_10_1", "entrypoint": "train" },
            "attributes": {
                "files_down": { "config_id": bench.name, "data_ids": [], "artifact_ids": [] },
                "env_vars": {},
            },
            "hardware": null,
        });
        // Missing inputs would be told first.
        let content = page::sample_blob(10.0);
        bench
            .upload(&bench.directory("config"), "param_run_in.yaml", &content)
            .await?;
        bench.made.job_named(bench.name);
        let request: Request = bench.api.create_job_request(&job);
        let made = async || Ok(bench.api.job_named(bench.name).await?.map(drop));
        bench
            .steps
            .run("an unhandled error of the UserAPI", async {
                // Whatever the page can read is well: the error is handled, or reported readably.
                let kind = "create a job without hardware";
                let read = async |_| Ok(());
                let answered = bench.api.once(kind, &request, &[422, 500], 409, read, made);
                match answered.await {
                    Ok(()) => Ok(()),
                    Err(CallError::Http(failure)) => match failure.problem {
                        Problem::Blocked { .. } => advise(
                            bench,
                            "an unhandled error (500) carries no CORS headers, so the page takes \
                             it for a network that is down",
                            "UserAPI: handle exceptions inside CORSMiddleware, for instance by a \
                             handler for Exception on an inner application, or wrap the whole \
                             application in CORSMiddleware",
                        ),
                        _ => Err(failure.into()),
                    },
                    Err(other) => Err(other.into()),
                }
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn members_of_no_group() -> Result<(), Failed> {
    on_bench("advice::members_of_no_group", async |bench| {
        let Some(account) = &bench.suite.settings.extras.no_group else {
            report::write(&Event::NotChecked {
                what: "the answer to a user in no group".into(),
                why: "NOGROUP_EMAIL and NOGROUP_PASSWORD are not set".into(),
            });
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
