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

use crate::fixture::{Fixture, not_checked, with_fixture};

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
        // Of several failures, the one of the first name is reported.
        let outcome = async {
            let outcomes = join_all(files).await;
            let well = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            let failed = outcomes.into_iter().find_map(Result::err);
            let Some(failure) = failed else {
                return Ok(());
            };
            if well == 0 {
                return Err(failure);
            }
            Err(Failure {
                message: format!(
                    "{}; the files of {well} other names went well",
                    failure.message
                ),
                ..failure
            })
        };
        steps.run(&step, outcome).await
    })
    .await
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
        let why = explain_escapes(fixture, &path).await.unwrap_or_default();
        return Err(Failure::stack(failure.message + why));
    }
    api.rename(&path, &renamed).await?;
    api.check_renamed(&path, &renamed).await?;
    fixture.check_content(&renamed, &content).await?;
    api.delete(&renamed).await?;
    api.check_deleted(&renamed).await
}

/// What it means that the file at `path`, which the listing shows, is not found by its own address, if that holds
/// escapes.
async fn explain_escapes(fixture: &Fixture<'_>, path: &str) -> Option<&'static str> {
    let ask = |change: fn(String) -> String| {
        let request = fixture.api.request(Endpoint::DownloadUrl, &[path]);
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
        "; the listing shows the file, so the escapes in its address do not arrive as they were sent (UserAPI, \
         what stands before it and rewrites addresses)"
    })
}
