//! A second user, who must neither see nor change anything of the first one's.

use opencloud_model::{cause::Service, event::Failure};
use opencloud_suite::{
    http::{Method, Request},
    job::Job,
    suite::{Failed, Suite},
    transfer::TransferSpec,
    user_api::{UserApi, files::Listing},
};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{account_for, all};
use crate::{
    bench::{on_bench, refused, same, says},
    jobs::{PARAMETERS, upload_inputs, waiting_job},
};

/// Any refusal of the documented kinds will do.
const REFUSALS: [u16; 5] = [400, 403, 404, 405, 422];

#[wasm_bindgen_test]
async fn another_user() -> Result<(), Failed> {
    on_bench("intruders::another_user", async |bench| {
        let (suite, api, steps) = (bench.suite, bench.api, bench.steps);
        let what = "a second user sees nothing of the first one's";
        let Some(account) = account_for(suite.settings.extras.second.as_ref(), what, "SECOND")
        else {
            return Ok(());
        };
        let new = waiting_job(bench);
        bench.made.job_named(bench.name);
        let (content, job) = steps
            .run("the first user has files and a job", async {
                let content = upload_inputs(bench).await?;
                Ok::<_, Failure>((content, api.create_job(&new).await?))
            })
            .await?;
        let tokens = steps
            .run(
                "the second user signs in",
                suite.session.cognito().sign_in(account),
            )
            .await?;
        let as_second = |request: Request| request.bearer(&tokens.id);
        let directory = bench.directory("config");
        let file = format!("{directory}{PARAMETERS}");

        steps
            .run("the second user does not see the job", async {
                for request in [api.job_request(job.id), api.delete_job_request(job.id)] {
                    let what = request.name.clone();
                    let detail = refused(suite, as_second(request), 404).await?;
                    says(&what, &detail, "Job not found")?;
                }
                let list = as_second(api.list_jobs_request(0, 1_000_000));
                let jobs: Vec<Job> = suite.http.expect(list, &[200]).await?.json().await?;
                let seen = jobs.iter().any(|other| other.job_name == job.job_name);
                same("the job is in the second user's list", &seen, &false)
            })
            .await?;
        steps
            .run("the second user does not see the files", async {
                for request in [
                    api.list_request(&directory, Listing::Tree),
                    api.download_spec_request(&file),
                ] {
                    refused(suite, as_second(request), 404).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        let access = suite.session.access_token().await?;
        let owner = suite.session.cognito().user(&access).await?.username;
        let ways = ways_around(&owner, &directory);
        steps
            .run("nor by any way around", async {
                let paths = ways
                    .iter()
                    .flat_map(|way| [format!("{way}/"), format!("{way}/{PARAMETERS}/url")]);
                let tries = paths.map(|path| {
                    let name = format!("reach {path}");
                    let url = api.url(&format!("/files/{path}"));
                    let request = as_second(Request::get(Service::UserApi, name, url));
                    async {
                        suite.http.expect(request, &REFUSALS).await?;
                        Ok(())
                    }
                });
                all(tries).await
            })
            .await?;
        steps
            .run("nor changes them by one", async {
                let stolen = bench.directory("data");
                let tries = ways.iter().flat_map(|way| changes(api, way, &stolen));
                let tries = tries.map(|request| harmless(suite, as_second(request)));
                let outcome = all(tries).await;
                // What was stolen lies in the second user's own directory.
                let put_back = as_second(api.delete_request(&stolen));
                suite.http.expect(put_back, &[204]).await?;
                outcome?;
                bench.holds(&file, &content).await
            })
            .await
    })
    .await
}

/// Paths that would lead a careless server to another user's directory. Escapes that a browser
/// resolves by itself are of no use to a page.
fn ways_around(owner: &str, directory: &str) -> [String; 8] {
    let directory = directory.trim_end_matches('/');
    let escaped = directory.replace('/', "%2F");
    [
        format!("..%2F{owner}%2F{escaped}"),
        format!("..%2f{owner}/{directory}"),
        format!("%2e%2e%2f{owner}%2f{escaped}"),
        format!("config%2F..%2F..%2F{owner}%2F{escaped}"),
        format!("%2F{owner}%2F{escaped}"),
        format!("/{owner}/{directory}"),
        format!("{owner}/{directory}"),
        format!("..%5C{owner}%5C{escaped}"),
    ]
}

/// Requests that would change what is in the directory to which `way` leads, or take it to `stolen`.
fn changes(api: &UserApi, way: &str, stolen: &str) -> [Request; 3] {
    let request = |method, what, path: &str| {
        let url = api.url(&format!("/files/{path}"));
        Request::new(Service::UserApi, method, format!("{what} {path}"), url).repeatable()
    };
    let file = format!("{way}/{PARAMETERS}");
    let taken = json!({ "path": format!("{stolen}{PARAMETERS}") });
    [
        request(Method::POST, "upload to", &format!("{way}/url")),
        request(Method::PUT, "move", &file).json(&taken),
        request(Method::DELETE, "delete", &file),
    ]
}

/// `request` must be refused, or do nothing to another user's files.
async fn harmless(suite: &Suite, request: Request) -> Result<(), Failure> {
    let what = request.name.clone();
    let mut expected = REFUSALS.to_vec();
    match request.method {
        // So the UserAPI answers whether or not there was anything to delete; a look tells.
        Method::DELETE => expected.push(204),
        Method::POST => expected.push(201),
        _ => {}
    }
    let answer = suite.http.expect(request, &expected).await?;
    if answer.status() != 201 {
        return Ok(());
    }
    let spec: TransferSpec = answer.json().await?;
    match spec.key() {
        // In the name of an object in S3 two dots lead nowhere.
        Some(key) if key.contains("..") => Ok(()),
        _ => Err(Failure::stack(format!(
            "{what}: the UserAPI hands out an upload to another user's directory"
        ))),
    }
}
