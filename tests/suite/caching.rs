//! What a page shows is what there is now: no list comes from a cache.

use opencloud_model::event::Failure;
use opencloud_suite::{
    page,
    suite::Failed,
    user_api::{Endpoint, files::FileInfo},
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixture::{Fixture, with_fixture};

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

/// The answers that a page shows, each as it is sent by default.
async fn no_reuse(fixture: &Fixture<'_>) -> Result<(), Failure> {
    let api = fixture.api;
    let answers: [(Endpoint, &[&str]); 3] = [
        (Endpoint::List, &[""]),
        (Endpoint::Jobs, &["0", "100"]),
        (Endpoint::User, &[]),
    ];
    let mut reused = Vec::new();
    for (endpoint, parameters) in answers {
        let answer = api.call(api.request(endpoint, parameters), &[200]).await?;
        if let Some(header) = answer.reusable() {
            reused.push(format!("{} ({header})", endpoint.name("the root")));
        }
    }
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

/// A cache between the page and the service shows nothing in its headers that a page can read. It
/// shows an earlier list, though, and the same list at another address is right.
async fn no_stale_list(fixture: &mut Fixture<'_>) -> Result<(), Failure> {
    let directory = fixture.directory("data");
    for name in ["first.txt", "second.txt"] {
        fixture
            .upload(&directory, name, &page::sample_blob(1.0))
            .await?;
        let shown = async |listing: Option<Vec<FileInfo>>| {
            let mut entries = listing.iter().flatten();
            entries.any(|entry| entry.name() == name)
        };
        let api = fixture.api;
        if shown(api.list(&directory, Endpoint::List).await?).await {
            continue;
        }
        let elsewhere = api.list_again(&directory, &page::random_id()).await?;
        if shown(elsewhere).await {
            return Err(Failure::stack(format!(
                "the list of {directory} does not show {name}, but the same list at an address that \
                 was never asked for does: the answers come from a cache between the page and the \
                 UserAPI (UserAPI, what the proxy before it stores)"
            )));
        }
        return Err(Failure::stack(format!(
            "{directory}{name} was uploaded, but the list does not show it"
        )));
    }
    Ok(())
}
