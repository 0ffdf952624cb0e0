//! Directories that are renamed or emptied, those that every user has among them.

use opencloud_model::{event::Failure, settings::Part};
use opencloud_suite::{
    http::SUCCESS,
    page,
    suite::Failed,
    user_api::{
        Endpoint, UserApi, check_entries,
        error::{Detail, Refusal},
        files::FileInfo,
    },
};
use wasm_bindgen_test::wasm_bindgen_test;

use super::list;
use crate::fixture::{Fixture, ROOT, not_checked, with_fixture};

#[wasm_bindgen_test]
pub(super) async fn rename_directories() -> Result<(), Failed> {
    with_fixture("files::rename_directories", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let directory = fixture.directory("data");
        fixture.created.add_directory(&directory);
        let [empty, renamed, outer, moved] =
            ["empty", "renamed", "outer", "moved"].map(|name| format!("{directory}{name}/"));
        steps
            .run("rename an empty folder", async {
                create(fixture, &empty).await?;
                api.rename(&empty, &renamed).await?;
                api.check_renamed(&empty, &renamed).await?;
                let entries = list(fixture, &directory, Endpoint::List).await?;
                check_entries(&directory, &entries, &[&renamed])
            })
            .await?;
        steps
            .run(
                "rename it to the name of another empty folder: it takes its place",
                async {
                    create(fixture, &empty).await?;
                    api.rename(&renamed, &empty).await?;
                    let entries = list(fixture, &directory, Endpoint::List).await?;
                    check_entries(&directory, &entries, &[&empty])
                },
            )
            .await?;
        steps
            .run("rename a folder that holds only folders: 405", async {
                create(fixture, &format!("{outer}inner/")).await?;
                let request = api.rename_request(&outer, &moved);
                fixture.refused(request, 405, NOT_EMPTY).await
            })
            .await?;
        for kind in ["config", "data", "artifact"] {
            let directory = format!("{}folders/", fixture.directory(kind));
            fixture.created.add_directory(&directory);
            let step = format!("create, rename and delete a folder and a file in {kind}");
            steps.run(&step, change(fixture, kind, &directory)).await?;
        }
        Ok(())
    })
    .await
}

/// What a user does in each directory that is not for results alone.
async fn change(fixture: &Fixture<'_>, kind: &str, directory: &str) -> Result<(), Failure> {
    let api = fixture.api;
    let [folder, renamed] = ["one/", "two/"].map(|name| format!("{directory}{name}"));
    create(fixture, &folder).await?;
    api.check_created(&folder).await?;
    api.check_listed(&fixture.directory(kind)).await?;
    api.rename(&folder, &renamed).await?;
    api.check_renamed(&folder, &renamed).await?;
    let content = page::sample_blob(10.0);
    api.upload(&renamed, &content, "a").await?;
    api.check_uploaded(&renamed, &content, "a").await?;
    let [file, other] = ["a", "b"].map(|name| format!("{renamed}{name}"));
    api.rename(&file, &other).await?;
    api.check_renamed(&file, &other).await?;
    fixture.check_content(&other, &content).await?;
    api.delete(&other).await?;
    api.check_deleted(&other).await?;
    api.delete(&renamed).await?;
    api.check_deleted(&renamed).await
}

async fn create(fixture: &Fixture<'_>, directory: &str) -> Result<(), Failure> {
    let request = fixture.api.request(Endpoint::CreateDirectory, &[directory]);
    fixture.expect(request, &[SUCCESS]).await?;
    Ok(())
}

#[wasm_bindgen_test]
pub(super) async fn predefined_directories() -> Result<(), Failed> {
    with_fixture("files::predefined_directories", async |fixture| {
        let steps = fixture.steps;
        let tree = steps
            .run("list everything", list(fixture, "", Endpoint::ListTree))
            .await?;
        // If a faulty service renames these, nothing is lost.
        let empty = ROOT
            .into_iter()
            .filter(|root| !tree.iter().any(|entry| is_within(entry, root)));
        let target = fixture.directory("data");
        fixture.created.add_directory(&target);
        // The frontend puts a slash before a new name in the root.
        let mut renames = Vec::new();
        for root in empty {
            let in_root = format!("{}_{root}", fixture.name);
            fixture.created.add_directory(&in_root);
            renames.extend([
                (root, format!("{target}{root}")),
                (root, format!("/{in_root}")),
            ]);
        }
        if renames.is_empty() {
            let what = "a predefined directory cannot be renamed";
            not_checked(what, "each of the account's holds something");
        } else {
            steps
                .run("rename a predefined directory: 405", async {
                    for (root, new_path) in &renames {
                        is_not_renamed(fixture, root, new_path).await?;
                    }
                    Ok::<_, Failure>(())
                })
                .await?;
        }
        Ok(())
    })
    .await
}

#[wasm_bindgen_test]
pub(super) async fn emptied_account() -> Result<(), Failed> {
    with_fixture("files::emptied_account", async |fixture| {
        let what = "the predefined directories exist again after their deletion";
        let suite = fixture.suite;
        if !fixture.has_account(Part::Scratch, what) {
            return Ok(());
        }
        fixture
            .steps
            .run(what, async {
                let session = suite.sign_in(Part::Scratch).await?;
                let base = suite.settings.user_api.clone();
                delete_roots(&UserApi::new(suite.http.clone(), base, session)).await
            })
            .await
    })
    .await
}

/// The reason for which a predefined directory is not renamed.
const PREDEFINED: &str = "Cannot rename a predefined directory";
/// The reason for which one is not renamed that holds something.
const NOT_EMPTY: &str = "Cannot rename a non-empty directory";

/// How often a rename is tried.
const TRIES: u32 = 3;

/// The rename of a predefined directory is refused for that, or because another run has put something
/// into it since it was listed.
async fn is_not_renamed(fixture: &Fixture<'_>, root: &str, new_path: &str) -> Result<(), Failure> {
    let request = || fixture.api.rename_request(root, new_path);
    for _ in 1..TRIES {
        let answer = fixture.expect(request().idempotent(true), &[405]).await?;
        match answer.json::<Refusal>().await?.detail {
            Detail::Text(reason) if reason == PREDEFINED => return Ok(()),
            Detail::Text(reason) if reason == NOT_EMPTY => {
                if !list(fixture, root, Endpoint::List).await?.is_empty() {
                    return Ok(());
                }
            }
            _ => break,
        }
    }
    fixture.refused(request(), 405, PREDEFINED).await
}

fn is_within(entry: &FileInfo, root: &str) -> bool {
    entry.path != root && entry.path.starts_with(root)
}

/// Deletes everything of a user who keeps nothing.
async fn delete_roots(api: &UserApi) -> Result<(), Failure> {
    let entries = async |directory: &str| {
        let entries = api.list(directory, Endpoint::List).await?;
        entries.ok_or_else(|| Failure::stack(format!("listing {directory} answers 404")))
    };
    for deleted in ["data/", "log/", ""] {
        api.delete(deleted).await?;
        for (directory, expected) in [("", &ROOT[..]), ("data/", &[])] {
            let left = entries(directory).await?;
            check_entries(directory, &left, expected).map_err(|failure| {
                failure.and(format!(
                    "; it was asked for after the deletion of /{deleted}"
                ))
            })?;
        }
    }
    Ok(())
}
