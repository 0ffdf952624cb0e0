//! A second user must neither see nor change the first user's files and jobs.

use opencloud_model::{cause::Service, event::Failure};
use opencloud_suite::{
    http::{Method, Request},
    job::Job,
    suite::{Failed, Suite},
    transfer::TransferSpec,
    user_api::{Endpoint, UserApi},
};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{account_for, all};
use crate::{
    fixture::{refused, same, with_fixture},
    jobs::{PARAMETERS, upload_inputs, waiting_job},
};

/// The statuses of the documented refusals.
const REFUSALS: [u16; 5] = [400, 403, 404, 405, 422];

#[wasm_bindgen_test]
async fn another_user() -> Result<(), Failed> {
    with_fixture("authorization::another_user", async |fixture| {
        let (suite, api, steps) = (fixture.suite, fixture.api, fixture.steps);
        let what = "a second user cannot see or change files and jobs of the first";
        let Some(account) = account_for(suite.settings.extras.second.as_ref(), what, "SECOND")
        else {
            return Ok(());
        };
        let new = waiting_job(fixture);
        fixture.created.add_job(fixture.name);
        let (content, job) = steps
            .run("create files and a job as the first user", async {
                let content = upload_inputs(fixture).await?;
                Ok::<_, Failure>((content, api.create_job(&new).await?))
            })
            .await?;
        let tokens = steps
            .run(
                "sign in as the second user",
                suite.session.cognito().sign_in(account),
            )
            .await?;
        let as_second = |request: Request| request.bearer(&tokens.id);
        let directory = fixture.directory("config");
        let file = format!("{directory}{PARAMETERS}");

        steps
            .run(
                "get, delete or list a job of another user: refused or not shown",
                async {
                    for endpoint in [Endpoint::Job, Endpoint::DeleteJob] {
                        let request = api.request(endpoint, &[&job.id.to_string()]);
                        refused(suite, as_second(request), 404, Some("Job not found")).await?;
                    }
                    let list = as_second(api.request(Endpoint::Jobs, &["0", "1000000"]));
                    let jobs: Vec<Job> = suite.http.expect(list, &[200]).await?.json().await?;
                    let seen = jobs.iter().any(|other| other.job_name == job.job_name);
                    same(
                        "whether the second user's list shows the job",
                        &seen,
                        &false,
                    )
                },
            )
            .await?;
        steps
            .run(
                "list or download files of another user by their own paths: 404",
                async {
                    for request in [
                        api.request(Endpoint::ListTree, &[&directory]),
                        api.request(Endpoint::DownloadUrl, &[&file]),
                    ] {
                        refused(suite, as_second(request), 404, None).await?;
                    }
                    Ok::<_, Failure>(())
                },
            )
            .await?;
        let access = suite.session.access_token().await?;
        let owner = suite.session.cognito().user(&access).await?.username;
        let ways = traversals(&owner, &directory);
        steps
            .run(
                "list or download files of another user by path traversal: refused",
                async {
                    let paths = ways
                        .iter()
                        .flat_map(|way| [format!("{way}/"), format!("{way}/{PARAMETERS}/url")]);
                    let checks = paths.map(|path| {
                        let name = format!("reach {path}");
                        let url = api.url(&format!("/files/{path}"));
                        let request = as_second(Request::get(Service::UserApi, name, url));
                        async {
                            suite.http.expect(request, &REFUSALS).await?;
                            Ok(())
                        }
                    });
                    all(checks).await
                },
            )
            .await?;
        steps
            .run(
                "change files of another user by path traversal: no effect",
                async {
                    let target = fixture.directory("data");
                    let checks = ways.iter().flat_map(|way| changes(api, way, &target));
                    let checks = checks.map(|request| check_harmless(suite, as_second(request)));
                    let outcome = all(checks).await;
                    // A file that was moved is now in the second user's own directory.
                    let delete = as_second(api.request(Endpoint::Delete, &[&target]));
                    suite.http.expect(delete, &[204]).await?;
                    outcome?;
                    fixture.check_content(&file, &content).await
                },
            )
            .await
    })
    .await
}

/// Paths that lead a careless server to another user's directory. Those that a browser resolves itself
/// are left out, because a page cannot send them.
fn traversals(owner: &str, directory: &str) -> [String; 8] {
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

/// Requests that would change the directory to which `way` leads, or move its file to `target`.
fn changes(api: &UserApi, way: &str, target: &str) -> [Request; 3] {
    let request = |method, what, path: &str| {
        let url = api.url(&format!("/files/{path}"));
        Request::new(Service::UserApi, method, format!("{what} {path}"), url).idempotent(true)
    };
    let file = format!("{way}/{PARAMETERS}");
    let new_path = json!({ "path": format!("{target}{PARAMETERS}") });
    [
        request(Method::POST, "upload to", &format!("{way}/url")),
        request(Method::PUT, "move", &file).json(&new_path),
        request(Method::DELETE, "delete", &file),
    ]
}

/// Fails unless `request` is refused, or its answer shows that it has no effect on another user's files.
async fn check_harmless(suite: &Suite, request: Request) -> Result<(), Failure> {
    let what = request.name.clone();
    let mut expected = REFUSALS.to_vec();
    match request.method {
        // The UserAPI answers so even if there was nothing to delete; the file is checked later.
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
        // In the key of an S3 object, two dots have no special meaning.
        Some(key) if key.contains("..") => Ok(()),
        _ => Err(Failure::stack(format!(
            "{what}: the UserAPI returns an upload URL for another user's directory"
        ))),
    }
}
