//! Listings and changes of whole directories.

use opencloud_stack::Fault;
use serde_json::json;

use crate::{
    faults::{
        bench::{Bench, Checks, FRONTEND},
        files::{ALL, filled, listed},
    },
    support::http::Answer,
};

pub(crate) async fn lists(checks: &mut Checks) {
    let level = async |b: &Bench| listed(&filled(b).await, "data/d/?show_dirs=true").await;
    let sound = "data/d/a data/d/ab data/d/below/";
    for (fault, faulty) in [
        (Fault::ListMissesAFile, "data/d/ab data/d/below/"),
        (Fault::ListRelativePaths, "a ab below/"),
        (Fault::ListUnsorted, "data/d/below/ data/d/ab data/d/a"),
        (
            Fault::ListWrongSizes,
            "data/d/a123B data/d/ab123B data/d/below/123B",
        ),
    ] {
        checks.check(fault, level, sound, faulty).await;
    }
    let name = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "ö b", b"x").await;
        let list = user.get("/files/data/d/").await.json();
        list[0]["path"].as_str().unwrap().to_owned()
    };
    for (fault, faulty) in [
        (Fault::ListEscapesNames, "data/d/%C3%B6%20b"),
        (Fault::ListGarblesLetters, "data/d/Ã¶ b"),
    ] {
        checks.check(fault, name, "data/d/ö b", faulty).await;
    }
    let all = async |b: &Bench| listed(&filled(b).await, &format!("data/d/{ALL}")).await;
    let sound = "data/d/a data/d/ab data/d/below/c";
    checks
        .check(Fault::ListNotRecursive, all, sound, "data/d/a data/d/ab")
        .await;
    let faulty = "data/d/a data/d/ab data/d/below/ data/d/below/c";
    checks
        .check(Fault::ListShowsDirectories, all, sound, faulty)
        .await;
    checks
        .check(
            Fault::ListAllWrongSizes,
            all,
            sound,
            "data/d/a123B data/d/ab123B data/d/below/c123B",
        )
        .await;
    let theirs = async |b: &Bench| {
        filled(b).await;
        listed(&b.second().await, &format!("data/e/{ALL}")).await
    };
    checks
        .check(Fault::ListShowsAnother, theirs, "404", "data/e/x")
        .await;
    let level = async |b: &Bench| listed(&filled(b).await, "data/d/?show_dirs=true").await;
    let sound = "data/d/a data/d/ab data/d/below/";
    checks
        .check(
            Fault::ListHidesSubdirectories,
            level,
            sound,
            "data/d/a data/d/ab",
        )
        .await;
    let root = async |b: &Bench| {
        let user = b.user().await;
        let answers = [user.get("/files/").await, user.get("/files//").await];
        answers.map(|answer| answer.status.to_string()).join(" ")
    };
    checks
        .check(Fault::ListTwoSlashesMissing, root, "200 200", "200 404")
        .await;
    let maybe = async |b: &Bench| {
        let answer = b.user().await.get("/files/?recursive=maybe").await;
        answer.status.to_string()
    };
    checks
        .check(Fault::ListTakesAnyQuery, maybe, "422", "200")
        .await;
    let missing = async |b: &Bench| listed(&b.user().await, "data/nope/").await;
    checks
        .check(Fault::ListMissingAsEmpty, missing, "404", "")
        .await;
    let around = async |b: &Bench| {
        filled(b).await;
        let owner = &b.stack.accounts()[0].sub;
        listed(&b.second().await, &format!("..%2F{owner}%2Fdata%2Fe/")).await
    };
    checks
        .check(Fault::ListEscapesByDots, around, "404", "data/e/x")
        .await;
}

pub(crate) async fn sizes(checks: &mut Checks) {
    let listed = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "f", &[0; 2067]).await;
        listed(&user, "data/d/").await
    };
    let (rounded, cut) = ("data/d/f2.1 kB", "data/d/f2.0 kB");
    checks
        .check(Fault::ListCutsSizes, listed, rounded, cut)
        .await;
}

pub(crate) async fn changes(checks: &mut Checks) {
    let delete = async |b: &Bench| {
        let user = filled(b).await;
        let status = user.delete("/files/data/d/a").await.status;
        format!("{status} {}", listed(&user, &format!("data{ALL}")).await)
    };
    let sound = "204 data/d/ab data/d/below/c data/e/x";
    for (fault, faulty) in [
        (
            Fault::DeleteDeletesNothing,
            "204 data/d/a data/d/ab data/d/below/c data/e/x",
        ),
        (Fault::DeleteDeletesTheParent, "204 data/e/x"),
        (
            Fault::DeleteDeletesWhatBeginsAlike,
            "204 data/d/below/c data/e/x",
        ),
    ] {
        checks.check(fault, delete, sound, faulty).await;
    }
    let rename = async |b: &Bench| {
        let user = filled(b).await;
        let new = json!({"path": "data/e/y"});
        let answer = user.json("PUT", "/files/data/e/x", &new).await;
        let told = answer.json()["path"].as_str().unwrap().to_owned();
        format!(
            "{} {told}: {}",
            answer.status,
            listed(&user, &format!("data/e{ALL}")).await
        )
    };
    let sound = "200 data/e/y: data/e/y";
    for (fault, faulty) in [
        (Fault::RenameCopies, "200 data/e/y: data/e/x data/e/y"),
        (Fault::RenameLosesContent, "200 data/e/y: data/e/y0B"),
        (Fault::RenameDoesNothing, "200 data/e/y: data/e/x"),
        (Fault::RenameTellsOldPath, "200 data/first.tif: data/e/y"),
    ] {
        checks.check(fault, rename, sound, faulty).await;
    }
    folders(checks).await;
}

/// New folders.
async fn folders(checks: &mut Checks) {
    let folder = async |b: &Bench| {
        let user = b.user().await;
        let make = async |path| -> Answer {
            let request = user.request("POST", path).header("Origin", FRONTEND);
            request.send().await
        };
        let (first, again) = (make("/files/data/d/").await, make("/files/data/d/").await);
        let result = make("/files/output/d/").await;
        let upload = make("/files/output/d/url").await;
        let found = listed(&user, "data/d/").await;
        format!(
            "{} {} {} {} {found}",
            first.status, again.status, result.status, upload.status
        )
    };
    for (fault, faulty) in [
        (Fault::NewFolderNotMade, "201 201 422 422 404"),
        (Fault::NewFolderTwiceRefused, "201 409 422 422 "),
        (Fault::NewFolderNotEmpty, "201 201 422 422 data/d/.keep0B"),
        (Fault::NewFolderAmongResults, "201 201 201 422 "),
        (Fault::UploadAmongResults, "201 201 422 201 "),
    ] {
        checks
            .check(fault, folder, "201 201 422 422 ", faulty)
            .await;
    }
    let kind = async |b: &Bench| {
        let user = filled(b).await;
        let all = user.get("/files/data/?show_dirs=true").await.json();
        format!("{} {}", all[0]["path"], all[0]["type"])
    };
    checks
        .check(
            Fault::NewFolderListedAsFile,
            kind,
            r#""data/d/" "directory""#,
            r#""data/d/" "file""#,
        )
        .await;
    let twice = async |b: &Bench| {
        let user = filled(b).await;
        user.request("POST", "/files/data/e/").send().await;
        listed(&user, "data/e/").await
    };
    checks
        .check(Fault::NewFolderEmpties, twice, "data/e/x", "")
        .await;
    let awkward = async |b: &Bench| {
        let user = b.user().await;
        user.request("POST", "/files/data/a%20b/").send().await;
        user.get("/files/data/a%20b/").await.status.to_string()
    };
    checks
        .check(Fault::FolderWithEscapesNotFound, awkward, "200", "404")
        .await;
    let relative = async |b: &Bench| {
        let user = filled(b).await;
        let new = json!({"path": "data/e/y"});
        user.json("PUT", "/files/data/e/x", &new).await;
        listed(&user, &format!("data/e{ALL}")).await
    };
    checks
        .check(
            Fault::RenameTakesRelativePath,
            relative,
            "data/e/y",
            "data/e/data/e/y",
        )
        .await;
}

pub(crate) async fn whole_directories(checks: &mut Checks) {
    let delete = async |b: &Bench| {
        let user = filled(b).await;
        let statuses = [
            user.delete("/files/data/d/").await.status,
            user.delete("/files/data/nope").await.status,
        ];
        format!(
            "{statuses:?} {}",
            listed(&user, &format!("data{ALL}")).await
        )
    };
    let sound = "[204, 204] data/e/x";
    for (fault, faulty) in [
        (
            Fault::DeleteLeavesSubdirectories,
            "[204, 204] data/d/below/c data/e/x",
        ),
        (Fault::DeleteMissingAnswers404, "[204, 404] data/e/x"),
        (
            Fault::DeleteRedirectsWithoutSlash,
            "[307, 204] data/d/a data/d/ab data/d/below/c data/e/x",
        ),
    ] {
        checks.check(fault, delete, sound, faulty).await;
    }
    let r#move = async |b: &Bench| {
        let user = filled(b).await;
        let rename = async |from, to| {
            let path = format!("/files/data/{from}");
            let new = json!({"path": format!("data/{to}")});
            user.json("PUT", &path, &new).await.status
        };
        let statuses = [
            rename("d/a", "d/y").await,
            rename("e/x", "d/x").await,
            rename("e/nope", "e/z").await,
        ];
        format!(
            "{statuses:?} {}",
            listed(&user, &format!("data{ALL}")).await
        )
    };
    let sound = "[200, 200, 404] data/d/ab data/d/below/c data/d/x data/d/y";
    for (fault, faulty) in [
        (
            Fault::MoveDoesNothing,
            "[200, 200, 404] data/d/ab data/d/below/c data/d/y data/e/x",
        ),
        (
            Fault::RenameMissingAnswers200,
            "[200, 200, 200] data/d/ab data/d/below/c data/d/x data/d/y",
        ),
    ] {
        checks.check(fault, r#move, sound, faulty).await;
    }
}

/// Paths that lead into another user's directory.
/// Directories that every user has, and directories of directories.
pub(crate) async fn predefined(checks: &mut Checks) {
    let rename = async |b: &Bench| {
        let user = b.user().await;
        for directory in ["outer/inner", "empty"] {
            let path = format!("/files/data/{directory}/");
            user.request("POST", &path).send().await;
        }
        let mut statuses = Vec::new();
        for (from, to) in [
            ("log/", "data/log/"),
            ("data/outer/", "data/moved/"),
            ("data/empty/", "data/renamed/"),
        ] {
            let to = json!({ "path": to });
            let answer = user.json("PUT", &format!("/files/{from}"), &to).await;
            statuses.push(answer.status.to_string());
        }
        statuses.join(" ")
    };
    for (fault, faulty) in [
        (Fault::RenamePredefinedAccepted, "200 405 200"),
        (Fault::RenameFullOfDirectoriesAccepted, "405 200 200"),
        (Fault::RenameEmptyDirectoryRefused, "405 405 405"),
    ] {
        checks.check(fault, rename, "405 405 200", faulty).await;
    }
    let emptied = async |b: &Bench| {
        let user = filled(b).await;
        user.delete("/files/data/").await;
        listed(&user, "").await
    };
    checks
        .check(
            Fault::EmptiedDirectoriesStayAway,
            emptied,
            "artifact/ config/ data/ log/ output/",
            "artifact/ config/ log/ output/",
        )
        .await;
}

pub(crate) async fn escapes(checks: &mut Checks) {
    let deleted = async |b: &Bench| {
        let first = filled(b).await;
        let owner = &b.stack.accounts()[0].sub;
        let path = format!("/files/..%2F{owner}%2Fdata%2Fe%2Fx");
        b.second().await.delete(&path).await;
        let left = first.paths("data/e").await;
        left.join(" ")
    };
    checks
        .check(Fault::DeleteEscapesByDots, deleted, "data/e/x", "")
        .await;
}

/// Renames that must be refused, and one whose name is hard to keep.
pub(crate) async fn renames(checks: &mut Checks) {
    let refused = async |b: &Bench| {
        let user = filled(b).await;
        let full = json!({"path": "data/f/"});
        let statuses = [
            user.json("PUT", "/files/data/d/", &full).await.status,
            user.json("PUT", "/files/data/e/x", &json!({})).await.status,
        ];
        format!("{statuses:?}")
    };
    for (fault, faulty) in [
        (Fault::RenameFullDirectoryAnswers200, "[200, 422]"),
        (Fault::RenameWithoutPathAnswers500, "[405, 500]"),
    ] {
        checks.check(fault, refused, "[405, 422]", faulty).await;
    }
    let onto_another = async |b: &Bench| {
        let user = filled(b).await;
        user.upload("data/e", "taken", b"another").await;
        let new = json!({"path": "data/e/taken"});
        let status = user.json("PUT", "/files/data/e/x", &new).await.status;
        let left = listed(&user, &format!("data/e{ALL}")).await;
        let content = user.download("data/e/taken").await.text();
        format!("{status} {left} {content}")
    };
    for (fault, faulty) in [
        (
            Fault::RenameOntoFileAnswers500,
            "500 data/e/taken7B data/e/x another",
        ),
        (
            Fault::RenameOntoFileKeepsTheOther,
            "200 data/e/taken7B another",
        ),
    ] {
        let sound = "200 data/e/taken contents";
        checks.check(fault, onto_another, sound, faulty).await;
    }
    let plus = async |b: &Bench| {
        let user = filled(b).await;
        let new = json!({"path": "data/e/1+1"});
        user.json("PUT", "/files/data/e/x", &new).await;
        listed(&user, &format!("data/e{ALL}")).await
    };
    checks
        .check(
            Fault::RenamePlusBecomesSpace,
            plus,
            "data/e/1+1",
            "data/e/1 1",
        )
        .await;
}

/// What listings show of folders.
pub(crate) async fn shown_folders(checks: &mut Checks) {
    let kinds = async |b: &Bench| {
        let user = filled(b).await;
        let mut shown = Vec::new();
        for path in ["data/", "data/d/"] {
            let list = user.get(&format!("/files/{path}")).await.json();
            let types = list.as_array().unwrap().iter();
            shown.extend(types.map(|entry| format!("{} {}", entry["path"], entry["type"])));
        }
        shown.join(" ").replace('"', "")
    };
    let sound =
        "data/d/ directory data/e/ directory data/d/a file data/d/ab file data/d/below/ directory";
    for (fault, faulty) in [
        (
            Fault::PredefinedListsHideFolders,
            "data/d/a file data/d/ab file data/d/below/ directory",
        ),
        (
            Fault::ListShowsFoldersAsFiles,
            "data/d/ directory data/e/ directory data/d/a file data/d/ab file data/d/below/ file",
        ),
        (
            Fault::ListShowsItself,
            "data/d/ directory data/e/ directory data/d/ directory data/d/a file data/d/ab file data/d/below/ directory",
        ),
        (
            Fault::ListAlwaysRecursive,
            "data/d/ directory data/d/a file data/d/ab file data/d/below/ directory data/d/below/c file \
             data/e/ directory data/e/x file data/d/a file data/d/ab file data/d/below/ directory data/d/below/c file",
        ),
    ] {
        checks.check(fault, kinds, sound, faulty).await;
    }
    let empty = async |b: &Bench| {
        let user = b.user().await;
        user.request("POST", "/files/data/one/").send().await;
        user.get("/files/data/one/").await.status.to_string()
    };
    checks
        .check(Fault::EmptyFolderNotFound, empty, "200", "404")
        .await;
    let results = async |b: &Bench| {
        let user = filled(b).await;
        let new = json!({"path": "output/n/x"});
        user.json("PUT", "/files/data/e/x", &new).await;
        let shown = listed(&user, "output/").await;
        user.delete("/files/output/n/x").await;
        format!("{shown} {}", listed(&user, &format!("output{ALL}")).await)
    };
    for (fault, faulty) in [
        (Fault::ListHidesResults, " "),
        (Fault::DeleteKeepsResults, "output/n/ output/n/x"),
    ] {
        checks.check(fault, results, "output/n/ ", faulty).await;
    }
    let deleted = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/full", "a", b"contents").await;
        user.request("POST", "/files/data/one/").send().await;
        user.delete("/files/data/one/").await;
        user.delete("/files/data/full/").await;
        listed(&user, "data/").await
    };
    for (fault, faulty) in [
        (Fault::DeleteKeepsEmptyFolders, "data/one/"),
        (Fault::DeleteEmptiesFolders, "data/full/ data/one/"),
    ] {
        checks.check(fault, deleted, "", faulty).await;
    }
    let artifact = async |b: &Bench| {
        let user = b.user().await;
        let made = user.request("POST", "/files/artifact/one/").send().await;
        let new = json!({"path": "artifact/two/"});
        let renamed = user.json("PUT", "/files/artifact/one/", &new).await;
        format!("{} {}", made.status, renamed.status)
    };
    for (fault, faulty) in [
        (Fault::NewFolderInArtifactRefused, "422 200"),
        (Fault::RenameInArtifactRefused, "201 405"),
    ] {
        checks.check(fault, artifact, "201 200", faulty).await;
    }
}

/// Where uploads go, and names that are hard to keep.
pub(crate) async fn places(checks: &mut Checks) {
    let uploaded = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "a", b"contents").await;
        listed(&user, &format!("data{ALL}")).await
    };
    for (fault, faulty) in [
        (Fault::UploadUrlJoinsNames, "data/da"),
        (Fault::UploadUrlOfEmail, ""),
    ] {
        checks.check(fault, uploaded, "data/d/a", faulty).await;
    }
    let url = async |b: &Bench| {
        let user = b.user().await;
        let answer = user.request("POST", "/files/data/d//url").send().await;
        answer.status.to_string()
    };
    checks
        .check(Fault::UploadUrlNeedsDirectory, url, "201", "404")
        .await;
    let named = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "\u{f6}", b"contents").await;
        let downloaded = user.get("/files/data/d/%C3%B6/download").await;
        downloaded.status.to_string()
    };
    checks
        .check(Fault::DownloadOfUmlautsAnswers500, named, "200", "500")
        .await;
    let long = async |b: &Bench| {
        let path = format!("/files/data/{}/url", "a".repeat(120));
        b.user().await.get(&path).await.status.to_string()
    };
    checks
        .check(Fault::LongNamesAnswer500, long, "404", "500")
        .await;
}
