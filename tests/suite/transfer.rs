//! Files go up and come down whole, and pass wasm memory by.

use opencloud_suite::{
    page,
    report::{self, Event, Failure},
    suite::Failed,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::on_bench;

const MEGABYTE: f64 = 1e6;

/// How much wasm memory may grow while a file of any size goes through the page, in megabytes.
const MEMORY_GROWTH: f64 = 8.0;

#[wasm_bindgen_test]
async fn sizes() -> Result<(), Failed> {
    on_bench("transfer::sizes", async |bench| {
        let steps = bench.steps;
        let directory = bench.directory("data");
        for (file, size) in [
            ("empty", 0.0),
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
        Ok(())
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
        if growth > MEMORY_GROWTH {
            return Err(Failure::ourselves(format!(
                "wasm memory grew by {growth} MB: a file has passed through it"
            )));
        }
        Ok(())
    })
    .await
}
