//! Names of files with characters that something on the way may change.

use futures_util::future::join_all;
use opencloud_model::event::Failure;
use opencloud_suite::{http::SUCCESS, page, suite::Failed, user_api::Endpoint};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixture::{Fixture, not_checked, with_fixture};

#[wasm_bindgen_test]
pub(super) async fn names() -> Result<(), Failed> {
    with_fixture("files::names", async |fixture| {
        let steps = fixture.steps;
        let directory = fixture.directory("data");
        // As instruments make names of all their settings.
        let long = format!("{}.txt", "a".repeat(120));
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
            &long,
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
                first_failure(&names, join_all(files).await, "files")
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
                first_failure(&folders, join_all(used).await, "folders")
            })
            .await
    })
    .await
}

/// Words that fit after "those", and whether a name is one of them.
type KindOfName = (&'static str, fn(&str) -> bool);

/// What may be too much for a service.
const KINDS: [KindOfName; 4] = [
    ("with letters outside of ASCII", |name| !name.is_ascii()),
    ("with a space", |name| name.contains(' ')),
    ("with a plus", |name| name.contains('+')),
    ("of more than 100 letters", |name| name.len() > 100),
];

/// Of several failures, that of the first name, and how many `things` of other names went well.
fn first_failure(
    names: &[&str],
    outcomes: Vec<Result<(), Failure>>,
    things: &str,
) -> Result<(), Failure> {
    let failed = |index: usize| outcomes[index].is_err();
    let of_kind = KINDS.iter().find(|(_, is_of_kind)| {
        let mut names = names.iter().enumerate();
        names.all(|(index, name)| is_of_kind(name) == failed(index))
    });
    let well = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let remark = match of_kind {
        Some((kind, _)) => {
            format!("; those {kind} fail, and the {things} of {well} other names went well")
        }
        None if well > 0 => format!("; the {things} of {well} other names went well"),
        None => String::new(),
    };
    let failed = outcomes.into_iter().find_map(Result::err);
    failed.map_or(Ok(()), |failure| Err(failure.and(remark)))
}

/// Creates a folder of that name in `parent`, uploads a file into it, and deletes it.
async fn use_folder(fixture: &Fixture<'_>, parent: &str, name: &str) -> Result<(), Failure> {
    let api = fixture.api;
    let content = page::sample_blob(20.0);
    let folder = format!("{parent}{name}/");
    let request = api.request(Endpoint::CreateDirectory, &[&folder]);
    fixture.expect(request, &[SUCCESS]).await?;
    api.check_created(&folder).await?;
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
        let why = api.explain_escapes(Endpoint::DownloadUrl, &path).await;
        return Err(Failure::stack(failure.message + why.unwrap_or_default()));
    }
    api.rename(&path, &renamed).await?;
    api.check_renamed(&path, &renamed).await?;
    fixture.check_content(&renamed, &content).await?;
    api.delete(&renamed).await?;
    api.check_deleted(&renamed).await
}
