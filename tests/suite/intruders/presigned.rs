//! Pre-signed requests: good for one use, until their time is over.

use opencloud_model::event::Failure;
use opencloud_suite::{
    http::Request,
    page,
    suite::{Failed, Suite},
    transfer::{self, TransferSpec},
};
use secrecy::ExposeSecret;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::{not_checked, on_bench};

const ON_DISK: &str = "user files are not in S3 here, so nothing is pre-signed";

#[wasm_bindgen_test]
async fn bent_requests() -> Result<(), Failed> {
    on_bench("intruders::bent_requests", async |bench| {
        if !bench.files_in_s3().await? {
            not_checked("pre-signed requests cannot be bent", ON_DISK);
            return Ok(());
        }
        let (suite, api, steps) = (bench.suite, bench.api, bench.steps);
        let directory = bench.directory("data");
        let content = page::sample_blob(10.0);
        steps
            .run("upload two files", async {
                bench.upload(&directory, "mine.txt", &content).await?;
                bench.upload(&directory, "other.txt", &content).await
            })
            .await?;
        let elsewhere = format!("{}_elsewhere", bench.name);
        bench.made.directory(&format!("data/{elsewhere}/"));
        steps
            .run("an upload cannot leave its directory", async {
                let spec = api.upload_spec(&directory).await?;
                let bent = spec.with_key(|key| key.replace(bench.name, &elsewhere));
                let request = transfer::upload_request(bent, &content, "stolen.txt");
                denied(suite, request, 403, "AccessDenied").await
            })
            .await?;
        let mine = api.download_spec(&format!("{directory}mine.txt")).await?;
        steps
            .run("a download cannot be turned to another file", async {
                let bent = mine.with_url(|url| url.replace("mine.txt", "other.txt"));
                let request = transfer::download_request(bent, "other.txt");
                denied(suite, request, 403, "SignatureDoesNotMatch").await
            })
            .await?;
        steps
            .run("a download of what was deleted is told so", async {
                api.delete(&format!("{directory}mine.txt")).await?;
                let request = transfer::download_request(mine, "mine.txt");
                denied(suite, request, 404, "NoSuchKey").await
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn late_upload() -> Result<(), Failed> {
    on_bench("intruders::late_upload", async |bench| {
        let suite = bench.suite;
        let what = "an upload cannot come after its time";
        if !bench.files_in_s3().await? {
            not_checked(what, ON_DISK);
            return Ok(());
        }
        let Some(expired) = &suite.settings.extras.expired_upload else {
            not_checked(what, "EXPIRED_UPLOAD is not set");
            return Ok(());
        };
        bench
            .steps
            .run(what, async {
                let expired: TransferSpec = serde_json::from_str(expired.expose_secret())
                    .map_err(|error| Failure::input(format!("EXPIRED_UPLOAD: {error}")))?;
                let content = page::sample_blob(10.0);
                let request = transfer::upload_request(expired, &content, "late.txt");
                denied(suite, request, 403, "AccessDenied").await
            })
            .await
    })
    .await
}

/// S3 must refuse `request` in an answer that the page can read, with this status and code.
async fn denied(suite: &Suite, request: Request, status: u16, code: &str) -> Result<(), Failure> {
    let what = request.name.clone();
    let answer = suite.http.expect(request, &[status]).await?.text().await?;
    if answer.contains(&format!("<Code>{code}</Code>")) {
        return Ok(());
    }
    Err(Failure::stack(format!(
        "{what}: S3 should refuse it with {code}, but says {answer}"
    )))
}
