//! Directories that are renamed or emptied, those that every user has among them.

use opencloud_model::event::Failure;
use opencloud_suite::{
    http::SUCCESS,
    session::Session,
    suite::Failed,
    user_api::{
        Endpoint, UserApi,
        error::{Detail, Refusal},
        files::FileInfo,
    },
};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{ROOT, list, paths};
use crate::fixture::{Fixture, not_checked, same, with_fixture};

#[wasm_bindgen_test]
async fn rename_directories() -> Result<(), Failed> {
    with_fixture("files::rename_directories", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let directory = fixture.directory("data");
        fixture.created.add_directory(&directory);
        let [empty, renamed, outer, moved] =
            ["empty", "renamed", "outer", "moved"].map(|name| format!("{directory}{name}/"));
        steps
            .run("rename an empty folder", async {
                create(fixture, &empty).await?;
                let request = api.rename_request(&empty, &renamed);
                fixture.expect(request, &[SUCCESS]).await?;
                let entries = list(fixture, &directory, Endpoint::List).await?;
                same("the folders", &paths(&entries)[..], &[&renamed])
            })
            .await?;
        steps
            .run("rename a folder that holds only folders: 405", async {
                create(fixture, &format!("{outer}inner/")).await?;
                let request = api.rename_request(&outer, &moved);
                let reason = "Cannot rename a non-empty directory";
                fixture.refused(request, 405, reason).await
            })
            .await
    })
    .await
}

async fn create(fixture: &Fixture<'_>, directory: &str) -> Result<(), Failure> {
    let request = fixture.api.request(Endpoint::CreateDirectory, &[directory]);
    fixture.expect(request, &[SUCCESS]).await?;
    Ok(())
}

#[wasm_bindgen_test]
async fn predefined_directories() -> Result<(), Failed> {
    with_fixture("files::predefined_directories", async |fixture| {
        let steps = fixture.steps;
        let tree = steps
            .run("list everything", list(fixture, "", Endpoint::ListTree))
            .await?;
        // If a faulty service renames or deletes these, nothing is lost.
        let empty: Vec<_> = ROOT
            .into_iter()
            .filter(|root| !tree.iter().any(|entry| is_within(entry, root)))
            .collect();
        let target = fixture.directory("data");
        fixture.created.add_directory(&target);
        if empty.is_empty() {
            let what = "a predefined directory cannot be renamed";
            not_checked(what, "each of the account's holds something");
        } else {
            steps
                .run("rename a predefined directory: 405", async {
                    for root in &empty {
                        let new_path = format!("{target}{root}");
                        let request = fixture.api.rename_request(root, &new_path);
                        let reason = "Cannot rename a predefined directory";
                        fixture.refused(request, 405, reason).await?;
                    }
                    Ok::<_, Failure>(())
                })
                .await?;
        }
        let what = "the predefined directories exist again after their deletion";
        let suite = fixture.suite;
        let Some(account) = suite.settings.extras.scratch.clone() else {
            not_checked(what, "SCRATCH_EMAIL and SCRATCH_PASSWORD are not set");
            return Ok(());
        };
        steps
            .run(what, async {
                let cognito = suite.session.cognito().clone();
                let session = Session::start(cognito, account).await?;
                let base = suite.settings.user_api.clone();
                delete_roots(&UserApi::new(suite.http.clone(), base, session)).await
            })
            .await
    })
    .await
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
    for deleted in ["data/", ""] {
        api.delete(deleted).await?;
        let what = format!("the root's directories after the deletion of /{deleted}");
        same(&what, &paths(&entries("").await?)[..], &ROOT)?;
        let left = entries("data/").await?;
        same("the entries of data/", &paths(&left)[..], &[])?;
    }
    // As the frontend deletes and renames an entry of the root, which nothing stands before.
    for root in ROOT {
        let request = api.rename_request(root, &format!("/renamed_{root}"));
        let answer = api.call(request.idempotent(true), &[405]).await?;
        let reason = answer.json::<Refusal>().await?.detail;
        let expected = "Cannot rename a predefined directory";
        if !matches!(&reason, Detail::Text(text) if text == expected) {
            return Err(Failure::stack(format!(
                "renaming {root} to /renamed_{root} is refused, but the reason is {reason:?} instead of \
                 {expected:?}"
            )));
        }
        api.delete(root).await?;
    }
    same(
        "the root's directories",
        &paths(&entries("").await?)[..],
        &ROOT,
    )
}
