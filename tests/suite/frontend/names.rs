//! Names in paths, which the frontend does not escape: a browser escapes spaces and umlauts itself.

use futures_util::future::join_all;
use opencloud_model::{event::Failure, service::Service};
use opencloud_suite::{
    http::{Method, Request, SUCCESS},
    page,
    suite::Failed,
    transfer,
};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixture::{Fixture, with_fixture};

/// Names that stay the same on that way. `advice::unescaped_names` has others, and `files::names` sends
/// all of them escaped.
const NAMES: [&str; 3] = ["a b.txt", "Größe Å.txt", "1+1=2.txt"];

#[wasm_bindgen_test]
pub(super) async fn names() -> Result<(), Failed> {
    with_fixture("frontend::names", async |fixture| {
        let steps = fixture.steps;
        let directory = fixture.directory("data");
        fixture.created.add_directory(&directory);
        let fixture = &*fixture;
        // Each in a directory of its own: a listing beside changes in the same directory may fail.
        let files = NAMES.iter().enumerate().map(async |(number, name)| {
            use_name(fixture, &format!("{directory}{number}/"), name).await
        });
        let step = format!(
            "download, rename, delete by unescaped paths: {}",
            NAMES.join(", ")
        );
        // Of several failures, the one of the first name is reported.
        let outcome = async { join_all(files).await.into_iter().collect::<Result<(), _>>() };
        steps.run(&step, outcome).await
    })
    .await
}

async fn use_name(fixture: &Fixture<'_>, directory: &str, name: &str) -> Result<(), Failure> {
    let api = fixture.api;
    let content = page::sample_blob(20.0);
    let path = format!("{directory}{name}");
    let renamed = format!("{directory}/renamed {name}");
    api.upload(directory, &content, name).await?;

    let request = |method, action: &str, path: &str, end: &str| {
        let name = format!("{action} {path} by its unescaped path");
        Request::new(
            Service::UserApi,
            method,
            name,
            api.url(&format!("/files/{path}{end}")),
        )
    };
    let spec = request(Method::GET, "get the download URL for", &path, "/url");
    let spec = fixture.expect(spec, &[SUCCESS]).await?.json().await?;
    let download = transfer::download_request(spec, &path);
    let down = fixture.suite.http.expect(download, &[SUCCESS]).await?;
    fixture
        .same_content(&path, &content, &down.blob().await?)
        .await?;

    let rename = request(Method::PUT, "rename", &path, "").json(&json!({ "path": renamed }));
    api.rename_by(&rename, &path, &renamed).await?;
    let renamed = format!("{directory}renamed {name}");
    fixture.check_content(&renamed, &content).await?;

    fixture
        .expect(request(Method::DELETE, "delete", &renamed, ""), &[SUCCESS])
        .await?;
    api.check_deleted(&renamed).await
}
