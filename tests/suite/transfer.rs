//! Files are uploaded and downloaded unchanged, without passing through wasm memory.

use js_sys::Array;
use opencloud_model::event::{Event, Failure};
use opencloud_suite::{
    content, page,
    report::{self, StepFailure},
    suite::Failed,
    user_api::Endpoint,
};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use crate::fixture::{Fixture, same, with_fixture};

tests! { "transfer":
    sizes;
    alone: memory
}

const MEGABYTE: f64 = 1e6;

/// The name of the large file.
const FRAMES: &str = "frames.tif";

/// Wasm memory may grow by this part of a file's size while the page transfers the file.
const MEMORY_GROWTH: f64 = 0.5;

/// What takes files for texts may change it.
const TEXT: &str = "spline: Bänder \r\nframes: 3\t\n\n";

/// By them a browser decides how it shows a file. Only the UserAPI's own downloads have them: S3 does not
/// look at names.
const MEDIA_TYPES: [(&str, &str); 2] = [
    ("image.tif", "image/tiff"),
    ("table.csv", "text/csv; charset=utf-8"),
];

/// Uploads and downloads in one test, because only a download shows what an upload has stored.
#[wasm_bindgen_test]
async fn sizes() -> Result<(), Failed> {
    with_fixture("transfer::sizes", async |fixture| {
        let steps = fixture.steps;
        let directory = fixture.directory("data");
        for (file, size) in [
            ("empty", 0.0),
            ("two_bytes", 2.0),
            ("one_byte", 1.0),
            // Its size is rounded up.
            ("two_kilobytes", 2067.0),
            ("five_megabytes", 5.0 * MEGABYTE),
        ] {
            let content = page::sample_blob(size);
            steps
                .run(
                    &format!("upload and download a file of {size} bytes"),
                    async {
                        fixture.upload(&directory, file, &content).await?;
                        fixture
                            .check_content(&format!("{directory}{file}"), &content)
                            .await
                    },
                )
                .await?;
        }
        steps
            .run(
                "upload and download a text, with each of its line ends",
                async {
                    let content = Blob::new_with_str_sequence(&Array::of1(&TEXT.into()))
                        .map_err(|error| Failure::ourselves(format!("no blob: {error:?}")))?;
                    fixture.upload(&directory, "lines.yaml", &content).await?;
                    fixture
                        .check_content(&format!("{directory}lines.yaml"), &content)
                        .await
                },
            )
            .await?;
        steps
            .run(
                "upload other bytes under the same name: they replace the file",
                async {
                    // Of other sizes, which the listing must show: a longer one, and a shorter one.
                    for megabytes in [1.0, 2.0] {
                        let content = page::sample_blob(megabytes * MEGABYTE);
                        fixture.upload(&directory, "again", &content).await?;
                    }
                    let content = page::sample_blob(0.5 * MEGABYTE);
                    fixture.upload(&directory, "again", &content).await?;
                    fixture
                        .check_content(&format!("{directory}again"), &content)
                        .await
                },
            )
            .await?;
        if fixture.files_in_s3().await? {
            return Ok(());
        }
        steps
            .run("a download has the media type of the file's name", async {
                for (file, expected) in MEDIA_TYPES {
                    fixture
                        .upload(&directory, file, &page::sample_blob(10.0))
                        .await?;
                    let path = format!("{directory}{file}");
                    let answer = fixture.api.download(&path).await?;
                    let found = answer.header("content-type").unwrap_or_default();
                    same(&format!("the content-type of {file}"), &*found, expected)?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        steps
            .run("upload without a file: 422", async {
                let request = fixture.api.request(Endpoint::Upload, &[&directory]);
                fixture.refused_for(request, &["body.file"]).await
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn memory() -> Result<(), Failed> {
    with_fixture("transfer::memory", async |fixture| {
        let steps = fixture.steps;
        let megabytes = f64::from(fixture.suite.settings.transfer_megabytes);
        let directory = fixture.directory("data");
        let before = page::wasm_memory();
        let sample = fixture.name;
        let content = steps
            .run(
                &format!("write {megabytes} MB to a file of the browser's"),
                async {
                    let written = page::sample_file(sample, megabytes * MEGABYTE).await;
                    written.map_err(|why| {
                        Failure::ourselves(format!(
                            "the browser cannot keep a file of {megabytes} MB \
                             (TRANSFER_MEGABYTES) on its disk (TMPDIR): {why}"
                        ))
                    })
                },
            )
            .await?;
        let transferred = transfer(fixture, &directory, &content, megabytes).await;
        let removed = page::remove_sample_file(sample).await;
        transferred?;
        let step = "the file has not passed through wasm memory";
        steps
            .run(step, async {
                removed.map_err(|why| {
                    Failure::ourselves(format!("the browser cannot remove its file: {why}"))
                })?;
                check_growth(megabytes, before)
            })
            .await
    })
    .await
}

async fn transfer(
    fixture: &mut Fixture<'_>,
    directory: &str,
    content: &Blob,
    megabytes: f64,
) -> Result<(), StepFailure> {
    let steps = fixture.steps;
    steps
        .run(
            &format!("upload {megabytes} MB"),
            fixture.upload(directory, FRAMES, content),
        )
        .await?;
    steps
        .run("download the same file", async {
            let path = format!("{directory}{FRAMES}");
            let down = fixture.api.download(&path).await?;
            content::check_streamed(&path, content, down).await
        })
        .await
}

/// Fails if wasm memory, which had the size `before`, has grown with the file.
fn check_growth(megabytes: f64, before: f64) -> Result<(), Failure> {
    let growth = (page::wasm_memory() - before) / MEGABYTE;
    report::write(&Event::Measured {
        what: format!("growth of wasm memory over upload and download of {megabytes} MB, in MB"),
        value: growth,
    });
    if growth > megabytes * MEMORY_GROWTH {
        return Err(Failure::ourselves(format!(
            "wasm memory grew by {growth} MB: the file has passed through it"
        )));
    }
    Ok(())
}
