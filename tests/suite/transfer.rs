//! Files go up and come down whole, and pass wasm memory by.

use opencloud_model::{
    cause::Service,
    event::{Event, Failure},
};
use opencloud_suite::{http::Request, page, report, suite::Failed};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{bench::on_bench, files::fields};

const MEGABYTE: f64 = 1e6;

/// How much wasm memory may grow while a file goes through the page: this part of its size.
const MEMORY_GROWTH: f64 = 0.5;

/// Uploads and downloads in one test: only a download shows what an upload has done, and nothing can
/// be downloaded that was not uploaded.
#[wasm_bindgen_test]
async fn sizes() -> Result<(), Failed> {
    on_bench("transfer::sizes", async |bench| {
        let steps = bench.steps;
        let directory = bench.directory("data");
        for (file, size) in [
            ("empty", 0.0),
            ("two_bytes", 2.0),
            ("one_byte", 1.0),
            ("five_megabytes", 5.0 * MEGABYTE),
        ] {
            let content = page::sample_blob(size);
            steps
                .run(&format!("a file of {size} bytes"), async {
                    bench.upload(&directory, file, &content).await?;
                    bench.holds(&format!("{directory}{file}"), &content).await
                })
                .await?;
        }
        steps
            .run("the same name again, with other bytes", async {
                let content = page::sample_blob(MEGABYTE);
                bench.upload(&directory, "again", &content).await?;
                let content = page::sample_blob(MEGABYTE);
                bench.upload(&directory, "again", &content).await?;
                bench.holds(&format!("{directory}again"), &content).await
            })
            .await?;
        if bench.files_in_s3().await? {
            return Ok(());
        }
        steps
            .run("an upload without a file answers 422", async {
                let url = bench.api.url(&format!("/files/{directory}upload"));
                let request = Request::post(Service::UserApi, "upload nothing", url);
                fields(bench, request, &["body.file"]).await
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn memory() -> Result<(), Failed> {
    on_bench("transfer::memory", async |bench| {
        let steps = bench.steps;
        let megabytes = f64::from(bench.suite.settings.transfer_megabytes);
        let directory = bench.directory("data");
        let before = page::wasm_memory();
        let content = page::sample_blob(megabytes * MEGABYTE);
        steps
            .run(
                &format!("upload {megabytes} MB"),
                bench.upload(&directory, "frames.tif", &content),
            )
            .await?;
        steps
            .run(
                "download it again",
                bench.holds(&format!("{directory}frames.tif"), &content),
            )
            .await?;
        let growth = (page::wasm_memory() - before) / MEGABYTE;
        report::write(&Event::Measured {
            what: format!("growth of wasm memory over {megabytes} MB up and down, in MB"),
            value: growth,
        });
        if growth > megabytes * MEMORY_GROWTH {
            return Err(Failure::ourselves(format!(
                "wasm memory grew by {growth} MB: a file has passed through it"
            )));
        }
        Ok(())
    })
    .await
}
