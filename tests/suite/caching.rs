//! What a page shows is what there is now: no list comes from a cache.

use opencloud_model::event::Failure;
use opencloud_suite::{
    page,
    suite::Failed,
    user_api::{Endpoint, endpoint::MISSING_JOB},
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixture::{Fixture, with_fixture};

tests! { "caching":
    lists_are_fresh
}

#[wasm_bindgen_test]
async fn lists_are_fresh() -> Result<(), Failed> {
    with_fixture("caching::lists_are_fresh", async |fixture| {
        let steps = fixture.steps;
        steps
            .run(
                "the browser may not show an earlier answer again",
                no_reuse(fixture),
            )
            .await?;
        steps
            .run(
                "a list shows at once what has been created",
                no_stale_list(fixture),
            )
            .await
    })
    .await
}

/// The answers that a page shows, each as it is sent by default, and one that tells of what is missing.
async fn no_reuse(fixture: &mut Fixture<'_>) -> Result<(), Failure> {
    let directory = fixture.directory("data");
    fixture
        .upload(&directory, "file.txt", &page::sample_blob(1.0))
        .await?;
    let api = fixture.api;
    let file = format!("{directory}file.txt");
    // The access info and the applications change only with the UserAPI itself.
    let answers: [(Endpoint, &[&str]); 7] = [
        (Endpoint::User, &[]),
        (Endpoint::List, &[""]),
        (Endpoint::ListFiles, &[&directory]),
        (Endpoint::DownloadUrl, &[&file]),
        (Endpoint::DownloadUrl, &["data/none"]),
        (Endpoint::Jobs, &["0", "100"]),
        (Endpoint::Job, &[MISSING_JOB]),
    ];
    for (endpoint, parameters) in answers {
        let request = api.request(endpoint, parameters);
        api.call(request, &[200, 404]).await?;
    }
    check_reuse(fixture, &["/user", "/files", "/jobs?", "/jobs/{}"])
}

/// Fails if the browser may use any answer so far again whose address begins with one of the `paths`.
pub(crate) fn check_reuse(fixture: &Fixture<'_>, paths: &[&str]) -> Result<(), Failure> {
    let http = &fixture.suite.http;
    let reused: Vec<_> = paths
        .iter()
        .flat_map(|path| http.reusable_answers(path))
        .collect();
    if reused.is_empty() {
        return Ok(());
    }
    Err(Failure::stack(format!(
        "these answers come from the browser's cache when they are asked for again, so a page shows \
         what was there before: {} (UserAPI, Cache-Control: no-store, or nothing, in its answers and in \
         those of the proxy before it)",
        reused.join(", ")
    )))
}

/// A cache between the page and the service says nothing of itself that a page can read.
async fn no_stale_list(fixture: &mut Fixture<'_>) -> Result<(), Failure> {
    let directory = fixture.directory("data");
    for name in ["first.txt", "second.txt"] {
        fixture
            .upload(&directory, name, &page::sample_blob(1.0))
            .await?;
    }
    Ok(())
}
