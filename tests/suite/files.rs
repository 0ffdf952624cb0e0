//! The requests of the frontend's file browser.

mod directories;
mod names;

use opencloud_model::{event::Failure, service::Service};
use opencloud_suite::{
    file_size,
    http::{Request, SUCCESS},
    page,
    suite::Failed,
    user_api::{Endpoint, check_entries, files::FileInfo},
};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use crate::fixture::{Fixture, ROOT, same, with_fixture};

tests! { "files":
    browse, new_folder, rename_and_move, delete, directories::rename_directories, directories::emptied_account, names::names;
    alone: directories::predefined_directories
}

/// Fails unless the answer to the rename of a file with that `content` tells of it as the listing does.
fn same_entry(
    answered: &FileInfo,
    listed: Option<&FileInfo>,
    content: &Blob,
) -> Result<(), Failure> {
    if listed == Some(answered) {
        return Ok(());
    }
    let told = |entry: &FileInfo| format!("{:?} {} with {:?}", entry.kind, entry.path, entry.size);
    Err(Failure::stack(format!(
        "the file was uploaded with {}; the answer to its rename tells of {}, and the listing {} (UserAPI, PUT \
         /files against GET /files)",
        file_size::of(content),
        told(answered),
        listed.map_or("does not show it".into(), |entry| format!(
            "shows {}",
            told(entry)
        )),
    )))
}

#[wasm_bindgen_test]
async fn browse() -> Result<(), Failed> {
    with_fixture("files::browse", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let directory = fixture.directory("data");
        let below = format!("{directory}below/");
        // Deeper than one that walks a directory level by level may go.
        let deep = format!("{below}c/d/");
        let content = page::sample_blob(1.0);

        for root in ["", "/"] {
            let step = format!("list the root as /files/{root}");
            steps
                .run(&step, async {
                    let entries = fixture.expect(api.request(Endpoint::List, &[root]), &[SUCCESS]);
                    let entries: Vec<FileInfo> = entries.await?.json().await?;
                    let entries = fixture.of_root(entries);
                    check_entries("", &entries, &ROOT)
                })
                .await?;
        }
        steps
            .run("list with an invalid query: 422", async {
                let request = Request::get(
                    Service::UserApi,
                    "list with an invalid query",
                    api.url("/files/?recursive=maybe"),
                );
                fixture.refused_for(request, &["query.recursive"]).await
            })
            .await?;
        steps
            .run(
                "upload three files, each below the others' directory",
                async {
                    fixture.upload(&directory, "b.txt", &content).await?;
                    fixture.upload(&below, "a.txt", &content).await?;
                    fixture.upload(&deep, "e.txt", &content).await
                },
            )
            .await?;
        let file = format!("{directory}b.txt");
        let nested = format!("{below}a.txt");
        let deepest = format!("{deep}e.txt");
        steps
            .run("list a directory: its own entries, sorted", async {
                let entries = list(fixture, &directory, Endpoint::List).await?;
                check_entries(&directory, &entries, &[&file, &below])
            })
            .await?;
        steps
            .run("list all files below a directory, as for a zip", async {
                let entries = list(fixture, &directory, Endpoint::ListFiles).await?;
                check_entries(&directory, &entries, &[&file, &nested, &deepest])?;
                let shown = list(fixture, &directory, Endpoint::List).await?;
                same("its first file, as when browsing", &entries[0], &shown[0])
            })
            .await?;
        steps
            .run("list what is not a directory: 404", async {
                for path in [&format!("{directory}missing/"), &file] {
                    let request = api.request(Endpoint::List, &[path]);
                    fixture.refused(request, 404, "Not Found").await?;
                }
                Ok::<_, Failure>(())
            })
            .await
    })
    .await
}

async fn list(
    fixture: &Fixture<'_>,
    directory: &str,
    listing: Endpoint,
) -> Result<Vec<FileInfo>, Failure> {
    let entries = fixture.api.list(directory, listing).await?;
    entries.ok_or_else(|| Failure::stack(format!("listing {directory} answers 404")))
}

#[wasm_bindgen_test]
async fn new_folder() -> Result<(), Failed> {
    with_fixture("files::new_folder", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let directory = fixture.directory("config");
        fixture.created.add_directory(&directory);
        steps
            .run("create a folder, and again: it is empty", async {
                for _ in 0..2 {
                    let request = api.request(Endpoint::CreateDirectory, &[&directory]);
                    fixture.expect(request, &[SUCCESS]).await?;
                    let entries = list(fixture, &directory, Endpoint::List).await?;
                    check_entries(&directory, &entries, &[""; 0])?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        steps
            .run("its parent lists it as a folder", async {
                api.check_created(&directory).await
            })
            .await?;
        steps
            .run("create it again with a file in it: the file stays", async {
                let content = page::sample_blob(100.0);
                fixture.upload(&directory, "kept.txt", &content).await?;
                let request = api.request(Endpoint::CreateDirectory, &[&directory]);
                fixture.expect(request, &[SUCCESS]).await?;
                let kept = format!("{directory}kept.txt");
                fixture.check_content(&kept, &content).await.map_err(|failure| {
                    Failure::stack(format!(
                        "{}\n{directory} was created once more, which must change nothing in it (UserAPI, POST \
                         /files)",
                        failure.message
                    ))
                })
            })
            .await?;
        steps
            .run("create a folder in output, or upload there: 422", async {
                let output = format!("output/{}/", fixture.name);
                let request = api.request(Endpoint::CreateDirectory, &[&output]);
                fixture.refused_for(request, &["path.f_type"]).await?;
                let request = api.request(Endpoint::UploadUrl, &[&output]);
                fixture.refused_for(request, &["path.f_type"]).await
            })
            .await?;
        steps
            .run("upload beside the predefined directories: 405", async {
                let request = api.request(Endpoint::UploadUrl, &["config"]);
                fixture.refused(request, 405, "Method Not Allowed").await
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn rename_and_move() -> Result<(), Failed> {
    with_fixture("files::rename_and_move", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let directory = fixture.directory("data");
        let elsewhere = fixture.directory("config");
        let content = page::sample_blob(1000.0);
        let [first, second, third, taken] = [
            format!("{directory}first.tif"),
            format!("{directory}second.tif"),
            format!("{elsewhere}third.tif"),
            format!("{elsewhere}taken.tif"),
        ];
        steps
            .run(
                "upload a file",
                fixture.upload(&directory, "first.tif", &content),
            )
            .await?;
        fixture.created.add_directory(&elsewhere);
        for (step, from, to) in [
            ("rename a file", &first, &second),
            ("move a file to another directory", &second, &third),
        ] {
            steps.run(step, rename(fixture, from, to, &content)).await?;
        }
        let step = "rename a file to the name of another, which it replaces";
        steps
            .run(step, replace(fixture, &third, &taken, &content))
            .await?;
        if !fixture.files_in_s3().await? {
            let step = "rename a file to another's name with a slash: refused, and both are kept";
            steps
                .run(step, keep_both(fixture, &taken, &content))
                .await?;
        }
        steps
            .run("rename a missing file: 404", async {
                let missing = api.rename_request(&first, &second);
                fixture.refused(missing, 404, "Not Found").await
            })
            .await?;
        steps
            .run("rename a directory that is not empty: 405", async {
                let full = api.rename_request(&elsewhere, &directory);
                let reason = "Cannot rename a non-empty directory";
                fixture.refused(full, 405, reason).await
            })
            .await?;
        steps
            .run("rename without a new path: 422", async {
                let mut no_path = api.request(Endpoint::Rename, &[&taken]);
                no_path.name = "rename without a new path".into();
                fixture
                    .refused_for(no_path.json(&json!({})), &["body.path"])
                    .await
            })
            .await
    })
    .await
}

/// The file of that `content` has the new name afterwards, and no longer the old one.
async fn rename(
    fixture: &Fixture<'_>,
    from: &str,
    to: &str,
    content: &Blob,
) -> Result<(), Failure> {
    let api = fixture.api;
    let info = api.rename(from, to).await?;
    same("the path in the answer", info.path.as_str(), to)?;
    api.check_renamed(from, to).await?;
    fixture.check_content(to, content).await?;
    let old = api.request(Endpoint::DownloadUrl, &[from]);
    fixture.refused(old, 404, "Not Found").await?;
    let entry = api.entry(to).await?;
    same_entry(&info, entry.as_ref(), content)
}

/// The same where there is a file of the new name.
async fn replace(
    fixture: &mut Fixture<'_>,
    from: &str,
    taken: &str,
    content: &Blob,
) -> Result<(), Failure> {
    let (directory, file) = taken.rsplit_once('/').unwrap_or_default();
    let other = page::sample_blob(500.0);
    fixture
        .upload(&format!("{directory}/"), file, &other)
        .await?;
    let renamed = rename(fixture, from, taken, content).await;
    renamed.map_err(|failure| Failure {
        message: format!(
            "{}\n{taken} was another file before, which the rename must replace (UserAPI, PUT /files)",
            failure.message
        ),
        ..failure
    })
}

/// A name with a slash at its end is that of a directory. On a disk the operating system tells the two
/// apart, and a service that does not replaces a file that its user has not named.
async fn keep_both(fixture: &mut Fixture<'_>, file: &str, content: &Blob) -> Result<(), Failure> {
    let directory = fixture.directory("data");
    let other = page::sample_blob(500.0);
    fixture.upload(&directory, "taken.tif", &other).await?;
    let taken = format!("{directory}taken.tif");
    let request = fixture.api.rename_request(file, &format!("{taken}/"));
    let refusal = fixture.refused_anyhow(request).await;
    refusal.map_err(|mut failure| {
        failure.message += "\na rename to a name with a slash must not replace the file of that name \
                            (UserAPI, PUT /files)";
        failure
    })?;
    fixture.check_content(&taken, &other).await?;
    fixture.check_content(file, content).await
}

#[wasm_bindgen_test]
async fn delete() -> Result<(), Failed> {
    with_fixture("files::delete", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let directory = fixture.directory("data");
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
                    fixture.upload(directory, file, &content).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        steps
            .run("delete a file, and nothing else", async {
                let deleted = format!("{directory}one");
                api.delete(&deleted).await?;
                let left = list(fixture, &directory, Endpoint::ListFiles).await?;
                if left.iter().any(|entry| entry.path == deleted) {
                    return Err(Failure::stack(format!(
                        "{deleted} was deleted but still exists{}",
                        api.explain_deletion()
                    )));
                }
                let expected = [
                    format!("{directory}below/two"),
                    format!("{directory}one_more"),
                ];
                check_entries(&directory, &left, &expected)
            })
            .await?;
        steps
            .run(
                "delete a directory with its content, and nothing else",
                async {
                    api.delete(&directory).await?;
                    api.check_deleted(&directory).await?;
                    let gone = api.request(Endpoint::ListTree, &[&directory]);
                    if let Err(mut failure) = fixture.refused(gone, 404, "Not Found").await {
                        failure.message.push_str(&api.explain_deletion());
                        return Err(failure);
                    }
                    fixture
                        .check_content(&format!("{sibling}three"), &content)
                        .await
                },
            )
            .await?;
        steps
            .run("delete a missing file: 204", async {
                api.delete(&format!("{directory}one")).await?;
                Ok::<_, Failure>(())
            })
            .await
    })
    .await
}
