//! Files go up and come down whole, and pass wasm memory by.

use opencloud_suite::{
    lifecycle::run_name,
    made::Made,
    page,
    report::{self, Event, Failure, Steps},
    suite::{self, Failed, Suite},
    transfer,
};
use wasm_bindgen_test::wasm_bindgen_test;

const FILE: &str = "frames.tif";

/// How much wasm memory may grow while a file of any size goes through the page.
const MEMORY_GROWTH: usize = 8 << 20;

#[wasm_bindgen_test]
async fn a_file_comes_down_as_it_went_up() -> Result<(), Failed> {
    let name = run_name();
    suite::test(
        "transfer::a_file_comes_down_as_it_went_up",
        &name,
        async |suite, steps| {
            let mut made = Made::default();
            let outcome = there_and_back(suite, steps, &format!("data/{name}/"), &mut made).await;
            made.tear_down(suite, steps, outcome).await
        },
    )
    .await
}

async fn there_and_back(
    suite: &Suite,
    steps: &Steps,
    directory: &str,
    made: &mut Made,
) -> Result<(), Failure> {
    let megabytes = suite.settings.transfer_megabytes;
    let before = page::wasm_memory();
    let up = page::sample_blob(f64::from(megabytes) * 1e6);
    made.directory(directory);
    steps
        .run(&format!("upload {megabytes} MB"), async {
            let spec = suite.api.upload_spec(directory).await?;
            transfer::upload(&suite.http, spec, &up, FILE).await?;
            Ok::<_, Failure>(())
        })
        .await?;
    let down = steps
        .run("download it again", async {
            let spec = suite
                .api
                .download_spec(&format!("{directory}{FILE}"))
                .await?;
            Ok::<_, Failure>(transfer::download(&suite.http, spec, FILE).await?)
        })
        .await?;
    steps
        .run("compare the two", async {
            match page::same_bytes(&up, &down).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(Failure::stack(format!(
                    "{} bytes went up, {} came down, and they are not the same",
                    up.size(),
                    down.size()
                ))),
                Err(error) => Err(Failure::ourselves(format!("no comparison: {error}"))),
            }
        })
        .await?;
    let growth = page::wasm_memory() - before;
    #[expect(
        clippy::cast_precision_loss,
        reason = "megabytes, with three digits after the point"
    )]
    report::write(&Event::Measured {
        what: format!("growth of wasm memory over {megabytes} MB up and down, in MB"),
        value: growth as f64 / 1e6,
    });
    if growth > MEMORY_GROWTH {
        return Err(Failure::ourselves(format!(
            "wasm memory grew by {growth} bytes: a file has passed through it"
        )));
    }
    Ok(())
}
