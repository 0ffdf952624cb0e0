//! What the frontend's file browser does.

use futures_util::future::try_join_all;
use opencloud_model::{cause::Service, event::Failure};
use opencloud_suite::{
    http::Request,
    page,
    suite::Failed,
    user_api::{
        error::{Detail, FieldError},
        files::{FileInfo, FileKind, Listing},
    },
};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::{Bench, on_bench, same};

/// The directories of every user, in the order of a listing.
const ROOT: [&str; 5] = ["artifact/", "config/", "data/", "log/", "output/"];

fn paths(entries: &[FileInfo]) -> Vec<&str> {
    entries.iter().map(|entry| entry.path.as_str()).collect()
}

#[wasm_bindgen_test]
async fn browse() -> Result<(), Failed> {
    on_bench("files::browse", async |bench| {
        let (api, steps) = (bench.api, bench.steps);
        let directory = bench.directory("data");
        let below = format!("{directory}below/");
        let content = page::sample_blob(1.0);

        for root in ["", "/"] {
            let step = format!("the root, as /files/{root}");
            steps
                .run(&step, async {
                    let entries = bench.expect(api.list_request(root, Listing::Level), &[200]);
                    let entries: Vec<FileInfo> = entries.await?.json().await?;
                    same("the root's directories", &paths(&entries)[..], &ROOT)?;
                    let all = entries
                        .iter()
                        .all(|entry| entry.kind == FileKind::Directory);
                    same("they are all directories", &all, &true)
                })
                .await?;
        }
        steps
            .run("upload two files", async {
                bench.upload(&directory, "b.txt", &content).await?;
                bench.upload(&below, "a.txt", &content).await
            })
            .await?;
        let file = format!("{directory}b.txt");
        let nested = format!("{below}a.txt");
        steps
            .run("a directory, level by level", async {
                let entries = list(bench, &directory, Listing::Level).await?;
                same(
                    "its entries",
                    &paths(&entries)[..],
                    &[file.as_str(), &below],
                )?;
                same("the size of a directory", entries[1].size.as_str(), "")
            })
            .await?;
        steps
            .run("all files, as the zip download needs them", async {
                let entries = list(bench, &directory, Listing::Files).await?;
                same("its files", &paths(&entries)[..], &[file.as_str(), &nested])
            })
            .await?;
        steps
            .run("what is no directory answers 404", async {
                for path in [&format!("{directory}missing/"), &file] {
                    let request = api.list_request(path, Listing::Level);
                    bench.refused_as(request, 404, "Not Found").await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        steps
            .run("a query that is no yes or no answers 422", async {
                let request = Request::get(
                    Service::UserApi,
                    "list badly",
                    api.url("/files/?recursive=maybe"),
                );
                fields(bench, request, &["query.recursive"]).await
            })
            .await
    })
    .await
}

async fn list(
    bench: &Bench<'_>,
    directory: &str,
    listing: Listing,
) -> Result<Vec<FileInfo>, Failure> {
    let entries = bench.api.list(directory, listing).await?;
    entries.ok_or_else(|| Failure::stack(format!("listing {directory} answers 404")))
}

/// `request` must be refused with 422 and a list of what is wrong at these places.
pub(crate) async fn fields(
    bench: &Bench<'_>,
    request: Request,
    places: &[&str],
) -> Result<(), Failure> {
    let what = request.name.clone();
    match bench.refused(request, 422).await? {
        Detail::Fields(errors) => {
            let found: Vec<_> = errors.iter().map(FieldError::place).collect();
            let found: Vec<_> = found.iter().map(String::as_str).collect();
            same(
                &format!("{what}: the fields that are wrong"),
                &found[..],
                places,
            )
        }
        Detail::Text(text) => Err(Failure::stack(format!(
            "{what} answers 422, but with the text {text:?} instead of a list of fields"
        ))),
    }
}

#[wasm_bindgen_test]
async fn new_folder() -> Result<(), Failed> {
    on_bench("files::new_folder", async |bench| {
        let (api, steps) = (bench.api, bench.steps);
        let directory = bench.directory("config");
        bench.made.directory(&directory);
        steps
            .run(
                "a new folder is there and empty, made once or twice",
                async {
                    for _ in 0..2 {
                        let request = api.create_directory_request(&directory);
                        bench.expect(request, &[201]).await?;
                        let entries = list(bench, &directory, Listing::Level).await?;
                        same("its entries", &paths(&entries)[..], &[])?;
                    }
                    Ok::<_, Failure>(())
                },
            )
            .await?;
        steps
            .run("no folder among the results, nor an upload", async {
                let results = format!("output/{}/", bench.name);
                let request = api.create_directory_request(&results);
                fields(bench, request, &["path.f_type"]).await?;
                let request = api.upload_spec_request(&results);
                fields(bench, request, &["path.f_type"]).await
            })
            .await?;
        steps
            .run("an upload beside the directories answers 405", async {
                let request = api.upload_spec_request("config");
                bench.refused_as(request, 405, "Method Not Allowed").await
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn rename_and_move() -> Result<(), Failed> {
    on_bench("files::rename_and_move", async |bench| {
        let (api, steps) = (bench.api, bench.steps);
        let directory = bench.directory("data");
        let elsewhere = bench.directory("config");
        let content = page::sample_blob(1000.0);
        let [first, second, third] = [
            format!("{directory}first.tif"),
            format!("{directory}second.tif"),
            format!("{elsewhere}third.tif"),
        ];
        steps
            .run(
                "upload a file",
                bench.upload(&directory, "first.tif", &content),
            )
            .await?;
        bench.made.directory(&elsewhere);
        for (step, from, to) in [("rename it", &first, &second), ("move it", &second, &third)] {
            steps
                .run(step, async {
                    let info = api.rename(from, to).await?;
                    same("the path that the answer tells", &info.path, to)?;
                    bench.holds(to, &content).await?;
                    let left = api.entry(from).await?;
                    same(&format!("{from} under its old name"), &left, &None)?;
                    let old = api.download_spec_request(from);
                    bench.refused_as(old, 404, "Not Found").await
                })
                .await?;
        }
        steps
            .run("what cannot be renamed is refused with a reason", async {
                let missing = api.rename_request(&first, &second);
                bench.refused_as(missing, 404, "Not Found").await?;
                let full = api.rename_request(&elsewhere, &directory);
                let reason = "Cannot rename a non-empty directory";
                bench.refused_as(full, 405, reason).await?;
                let no_path = Request::new(
                    Service::UserApi,
                    opencloud_suite::http::Method::PUT,
                    "rename without a path",
                    api.url(&format!("/files/{third}")),
                );
                fields(bench, no_path.json(&json!({})), &["body.path"]).await
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn delete() -> Result<(), Failed> {
    on_bench("files::delete", async |bench| {
        let (api, steps) = (bench.api, bench.steps);
        let directory = bench.directory("data");
        let sibling = format!("{}_sibling/", directory.trim_end_matches('/'));
        let content = page::sample_blob(10.0);
        steps
            .run("upload four files", async {
                for (directory, file) in [
                    (&directory, "one"),
                    (&directory, "one_more"),
                    (&format!("{directory}below/"), "two"),
                    (&sibling, "three"),
                ] {
                    bench.upload(directory, file, &content).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        steps
            .run("delete one file, and only that", async {
                let deleted = format!("{directory}one");
                api.delete(&deleted).await?;
                let left = list(bench, &directory, Listing::Files).await?;
                let left = paths(&left);
                let still_there = left.contains(&deleted.as_str());
                same(&format!("{deleted} is still there"), &still_there, &false)?;
                let expected = [
                    format!("{directory}below/two"),
                    format!("{directory}one_more"),
                ];
                let expected = expected.each_ref().map(String::as_str);
                same("what is left", &left[..], &expected)
            })
            .await?;
        steps
            .run("delete the directory, and only that", async {
                api.delete(&directory).await?;
                let gone = api.list_request(&directory, Listing::Tree);
                bench.refused_as(gone, 404, "Not Found").await?;
                bench.holds(&format!("{sibling}three"), &content).await
            })
            .await?;
        steps
            .run("deleting what is not there succeeds too", async {
                api.delete(&format!("{directory}one")).await?;
                Ok::<_, Failure>(())
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn names() -> Result<(), Failed> {
    on_bench("files::names", async |bench| {
        let steps = bench.steps;
        let directory = bench.directory("data");
        let mut names = vec![
            "a b.txt",
            "Größe Å.txt",
            "1+1=2.txt",
            "ends in a space .txt",
        ];
        // Local mode's answers hold the bare name, which a browser cuts at these.
        if bench.api.upload_spec(&directory).await?.is_form() {
            names.extend(["a#b.txt", "100%.txt", "%41.txt", "a?b&c.txt"]);
        }
        bench.made.directory(&directory);
        let bench = &*bench;
        let files = names
            .iter()
            .map(|name| name_survives(bench, &directory, name));
        steps.run(&names.join(", "), try_join_all(files)).await?;
        Ok(())
    })
    .await
}

/// A file of that name goes up, is listed, comes down, is renamed and deleted unharmed.
async fn name_survives(bench: &Bench<'_>, directory: &str, name: &str) -> Result<(), Failure> {
    let api = bench.api;
    let content = page::sample_blob(20.0);
    let path = format!("{directory}{name}");
    let renamed = format!("{directory}renamed {name}");
    bench.put(directory, name, &content).await?;
    bench.holds(&path, &content).await?;
    api.rename(&path, &renamed).await?;
    bench.holds(&renamed, &content).await?;
    same("the old name is gone", &api.entry(&path).await?, &None)?;
    api.delete(&renamed).await?;
    same("the new name is gone", &api.entry(&renamed).await?, &None)
}
