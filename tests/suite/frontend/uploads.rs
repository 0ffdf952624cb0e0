//! Uploads of single files and of whole directories.

use futures_util::future::try_join_all;
use opencloud_model::event::Failure;
use opencloud_suite::{
    page,
    suite::Failed,
    user_api::{Endpoint, check_entries},
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixture::{Fixture, with_fixture};

#[wasm_bindgen_test]
pub(super) async fn uploads() -> Result<(), Failed> {
    with_fixture("frontend::uploads", async |fixture| {
        let steps = fixture.steps;
        let in_s3 = fixture.files_in_s3().await?;
        let directory = fixture.directory("config");
        let folder = directory.trim_end_matches('/').to_owned();
        let content = page::sample_blob(100.0);
        fixture.created.add_directory(&directory);
        steps
            .run("upload a file into a folder by //url", async {
                fixture
                    .upload(&directory, "single file.txt", &content)
                    .await?;
                fixture.upload(&directory, "frames.tif", &content).await
            })
            .await?;
        steps
            .run("upload a file into config itself by //url", async {
                let name = format!("{}.txt", fixture.name);
                let path = format!("config/{name}");
                fixture.created.add_directory(&path);
                fixture.api.upload("config/", &content, &name).await?;
                fixture
                    .api
                    .check_uploaded("config/", &content, &name)
                    .await?;
                fixture.check_content(&path, &content).await
            })
            .await?;
        steps
            .run("upload a file by /url", async {
                fixture.api.upload(&folder, &content, "tidy.txt").await?;
                fixture
                    .api
                    .check_uploaded(&directory, &content, "tidy.txt")
                    .await
            })
            .await?;
        steps
            .run("rename a file to a path with an empty segment", async {
                let from = format!("{directory}single file.txt");
                let to = format!("{directory}/renamed file.txt");
                fixture.api.rename(&from, &to).await?;
                fixture.api.check_renamed(&from, &to).await?;
                let path = format!("{directory}renamed file.txt");
                fixture.check_content(&path, &content).await
            })
            .await?;
        steps
            .run(
                "upload a directory, and download it as for a zip",
                directory_and_zip(fixture, in_s3),
            )
            .await
    })
    .await
}

/// The frontend asks for an upload into each folder, and names each file by its path from the chosen
/// directory on. The UserAPI's disk keeps that path below the folder; S3 takes the name after the last
/// slash (Amazon S3 API reference, "POST Object", `${filename}`).
async fn directory_and_zip(fixture: &Fixture<'_>, in_s3: bool) -> Result<(), Failure> {
    let directory = fixture.directory("config");
    let files = [("exp", "param.yaml"), ("exp/sub", "Größe 50 a+b&.txt")];
    let uploads = (0_u8..).zip(files).map(async |(number, (folder, name))| {
        let content = page::sample_blob(10.0 + f64::from(number));
        let path = format!("{directory}{folder}");
        let relative = format!("{folder}/{name}");
        fixture.api.upload(&path, &content, &relative).await?;
        let stored = if in_s3 { name } else { &relative };
        Ok::<_, Failure>((format!("{path}/{stored}"), content))
    });
    let expected = try_join_all(uploads).await?;
    let whole = format!("{directory}exp/");
    let listing = fixture.api.list(&whole, Endpoint::ListFiles).await?;
    let paths: Vec<_> = expected.iter().map(|(path, _)| path).collect();
    check_entries(&whole, &listing.unwrap_or_default(), &paths)?;
    let downloads = expected
        .iter()
        .map(|(path, content)| fixture.check_content(path, content));
    try_join_all(downloads).await?;
    Ok(())
}
