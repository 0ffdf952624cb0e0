//! Names of files with characters that something on the way may change.

use futures_util::future::join_all;
use opencloud_model::{event::Failure, service::Service};
use opencloud_suite::{
    http::{Request, SUCCESS},
    page,
    suite::Failed,
    user_api::Endpoint,
};
use wasm_bindgen_test::wasm_bindgen_test;

use super::paths;
use crate::fixture::{Fixture, not_checked, same, with_fixture};

#[wasm_bindgen_test]
pub(super) async fn names() -> Result<(), Failed> {
    with_fixture("files::names", async |fixture| {
        let steps = fixture.steps;
        let directory = fixture.directory("data");
        let mut names = vec![
            "a b.txt",
            "Größe Å.txt",
            "1+1=2.txt",
            "ends in a space .txt",
            // A space that looks like another.
            "a\u{a0}b.txt",
            // A letter of two UTF-16 units.
            "\u{1f600}.txt",
            // Unix lists it only when asked for all files.
            ".hidden.txt",
            // Some systems leave it out.
            "ends in a dot.",
            // Firewalls take the first for an attack, and servers cut paths at the second.
            "it's.txt",
            "a;b, (1) [2].txt",
        ];
        // The same letters decomposed (NFD), as macOS has them.
        if page::keeps_form_names().await {
            names.push("Gro\u{308}\u{df}e.txt");
        } else {
            not_checked(
                "names in the Unicode form NFD stay as they are",
                "this browser writes the names of files in a form in NFC",
            );
        }
        // Files on disk: the UserAPI returns unescaped URLs, which a browser cuts at these characters.
        if fixture.files_in_s3().await? {
            names.extend(["a#b.txt", "100%.txt", "%41.txt", "a?b&c.txt"]);
        }
        // One begins with a segment of the UserAPI's own addresses.
        let mut folders = vec!["a b", "Größe Å", "1+1=2", "it's (1) [2]", "urls"];
        if fixture.files_in_s3().await? {
            folders.push("100% #1");
        }
        fixture.created.add_directory(&directory);
        let fixture = &*fixture;
        // Each in a directory of its own: a listing beside changes in the same directory may fail.
        let files = names.iter().enumerate().map(async |(number, name)| {
            use_name(fixture, &format!("{directory}{number}/"), name).await
        });
        let step = format!(
            "upload, download, rename and delete files of {} awkward names",
            names.len()
        );
        steps
            .run(&step, async {
                first_failure(join_all(files).await, "files")
            })
            .await?;
        let used = folders.iter().enumerate().map(async |(number, name)| {
            use_folder(fixture, &format!("{directory}folders/{number}/"), name).await
        });
        let step = format!(
            "create, fill, list and delete folders of {} awkward names",
            folders.len()
        );
        steps
            .run(&step, async {
                first_failure(join_all(used).await, "folders")
            })
            .await
    })
    .await
}

/// Of several failures, that of the first name, and how many `things` of other names went well.
fn first_failure(outcomes: Vec<Result<(), Failure>>, things: &str) -> Result<(), Failure> {
    let well = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let failed = outcomes.into_iter().find_map(Result::err);
    match failed {
        None => Ok(()),
        Some(failure) if well == 0 => Err(failure),
        Some(failure) => {
            Err(failure.and(format!("; the {things} of {well} other names went well")))
        }
    }
}

/// Creates a folder of that name in `parent`, uploads a file into it, and deletes it.
async fn use_folder(fixture: &Fixture<'_>, parent: &str, name: &str) -> Result<(), Failure> {
    let api = fixture.api;
    let content = page::sample_blob(20.0);
    let folder = format!("{parent}{name}/");
    let request = api.request(Endpoint::CreateDirectory, &[&folder]);
    fixture.expect(request, &[SUCCESS]).await?;
    api.check_created(&folder).await?;
    let entries = api.list(&folder, Endpoint::List).await?;
    let Some(entries) = entries else {
        let why = explain_escapes(fixture, Endpoint::List, &folder).await;
        return Err(Failure::stack(format!(
            "{folder} was created and its parent lists it, but it cannot be listed itself (404; UserAPI, GET /files){}",
            why.unwrap_or_default()
        )));
    };
    same("the entries of a new folder", &paths(&entries)[..], &[])?;
    api.upload(&folder, &content, "a.txt").await?;
    api.check_uploaded(&folder, &content, "a.txt").await?;
    fixture
        .check_content(&format!("{folder}a.txt"), &content)
        .await?;
    api.delete(&folder).await?;
    api.check_deleted(&folder).await
}

/// Uploads, downloads, renames and deletes a file of that name, and checks that the name stays the same.
async fn use_name(fixture: &Fixture<'_>, directory: &str, name: &str) -> Result<(), Failure> {
    let api = fixture.api;
    let content = page::sample_blob(20.0);
    let path = format!("{directory}{name}");
    let renamed = format!("{directory}renamed {name}");
    api.upload(directory, &content, name).await?;
    api.check_uploaded(directory, &content, name).await?;
    if let Err(failure) = fixture.check_content(&path, &content).await {
        let why = explain_escapes(fixture, Endpoint::DownloadUrl, &path).await;
        return Err(Failure::stack(failure.message + why.unwrap_or_default()));
    }
    api.rename(&path, &renamed).await?;
    api.check_renamed(&path, &renamed).await?;
    fixture.check_content(&renamed, &content).await?;
    api.delete(&renamed).await?;
    api.check_deleted(&renamed).await
}

/// What it means that `path`, which the listing shows, is not found by its own address, if that holds escapes.
async fn explain_escapes(
    fixture: &Fixture<'_>,
    endpoint: Endpoint,
    path: &str,
) -> Option<&'static str> {
    let ask = |change: fn(String) -> String| {
        let request = fixture.api.request(endpoint, &[path]);
        let url = change(request.bare_url().to_owned());
        let again = Request::get(Service::UserApi, "the same address again", url.clone());
        async move { (url, fixture.api.call(again, &[SUCCESS, 404]).await) }
    };
    let (url, answer) = ask(|url| url).await;
    if !url.contains('%') || answer.ok()?.status() != 404 {
        return None;
    }
    let (_, escaped_again) = ask(|url| url.replace('%', "%25")).await;
    Some(if escaped_again.is_ok_and(|answer| answer.is_success()) {
        "; it is found where its address is escaped twice, so something unescapes it before the UserAPI does \
         (UserAPI, what stands before it and rewrites addresses)"
    } else {
        "; the listing shows it, so the escapes in its address do not arrive as they were sent (UserAPI, \
         what stands before it and rewrites addresses)"
    })
}
