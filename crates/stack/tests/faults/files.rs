//! Files of the user.

use opencloud_stack::{Family, Fault, config::FileMode};
use serde_json::{Value, json};

use crate::{
    bench::{Bench, Checks, FRONTEND},
    support::{
        http::{Answer, Request},
        session::{Session, part},
    },
};

/// The user with the files `data/d/a`, `data/d/ab`, `data/d/below/c` and `data/e/x`, each of
/// eight bytes.
async fn filled(b: &Bench) -> Session {
    let user = b.user().await;
    for (directory, name) in [("d", "a"), ("d", "ab"), ("d/below", "c"), ("e", "x")] {
        user.upload(&format!("data/{directory}"), name, b"contents")
            .await;
    }
    user
}

/// The paths and sizes of a listing, or its status.
async fn listed(user: &Session, path: &str) -> String {
    let answer = user.get(&format!("/files/{path}")).await;
    let Value::Array(entries) = answer.json() else {
        return answer.status.to_string();
    };
    let entries = entries.iter().map(|entry| {
        let (path, size) = (
            entry["path"].as_str().unwrap(),
            entry["size"].as_str().unwrap(),
        );
        format!("{path}{}", size.replace(" Bytes", "B").replace("8B", ""))
    });
    entries.collect::<Vec<_>>().join(" ")
}

const ALL: &str = "?recursive=true&show_dirs=false";

#[tokio::test(flavor = "multi_thread")]
async fn uploads() {
    let mut checks = Checks::of(Family::Files);
    let upload = async |b: &Bench| {
        let user = b.user().await;
        let status = user.upload("data/d", "f", b"contents").await.status;
        format!(
            "{} {}",
            status / 100,
            listed(&user, &format!("data{ALL}")).await
        )
    };
    let sound = "2 data/d/f";
    for (fault, faulty) in [
        (Fault::UploadStoresHalf, "2 data/d/f4B"),
        (Fault::UploadStoresEmpty, "2 data/d/f0B"),
        (Fault::UploadTakesAnotherName, "2 data/d/f.part"),
        (Fault::UploadKeepsFilenameLiteral, "2 data/d/${filename}"),
        (Fault::UploadFormExpired, "4 "),
    ] {
        checks.check(fault, upload, sound, faulty).await;
    }
    let large = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "f", &vec![7; 1_234_567]).await;
        listed(&user, &format!("data{ALL}")).await
    };
    let (whole, cut) = ("data/d/f1.2 MB", "data/d/f1.0 MB");
    checks
        .check(Fault::UploadCutAtAMegabyte, large, whole, cut)
        .await;
    for (fault, name, other) in [
        (Fault::UploadPlusBecomesSpace, "1+1", "1 1"),
        (Fault::UploadLosesUmlauts, "Größe", "Gr??e"),
        (Fault::UploadDecodesNames, "%41", "A"),
    ] {
        let upload = async |b: &Bench| {
            let user = b.user().await;
            user.upload("data/d", name, b"contents").await;
            listed(&user, &format!("data{ALL}")).await
        };
        let (sound, faulty) = (format!("data/d/{name}"), format!("data/d/{other}"));
        checks.check(fault, upload, &sound, &faulty).await;
    }
    let lost = async |b: &Bench| {
        let seen = upload(b).await;
        // Where directories are real, the file's is left.
        seen.trim_end().to_owned()
    };
    checks
        .check(Fault::UploadStoresNothing, lost, sound, "2")
        .await;

    let bent = async |b: &Bench| {
        let user = b.user().await;
        let form = user
            .request("POST", "/files/data/d/url")
            .send()
            .await
            .json();
        post(&form, |key| key.replace("/data/d/", "/config/"), &user).await
    };
    checks
        .check(Fault::PolicyWithoutPrefix, bent, "403", "204")
        .await;
    let late = async |b: &Bench| {
        let settings = b.stack.env_file().await;
        let form = settings
            .iter()
            .find(|(key, _)| key == "EXPIRED_UPLOAD")
            .unwrap();
        let form: Value = serde_json::from_str(&form.1).unwrap();
        post(&form, str::to_owned, &b.user().await).await
    };
    checks
        .check(Fault::PolicyExpiryNotChecked, late, "403", "204")
        .await;
    downloads(&mut checks).await;
    lists(&mut checks).await;
    changes(&mut checks).await;
    whole_directories(&mut checks).await;
    checks.complete();
}

/// Posts a form with another key, and says how that was answered.
async fn post(form: &Value, key: impl Fn(&str) -> String, _user: &Session) -> String {
    let mut body = Vec::new();
    for (name, value) in form["data"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        let value = if name == "key" {
            key(value)
        } else {
            value.to_owned()
        };
        body.extend(part(&format!("name=\"{name}\""), value.as_bytes()));
    }
    body.extend(part("name=\"file\"; filename=\"f\"", b"contents"));
    body.extend(b"--xx--\r\n");
    let request = Request::new("POST", form["url"].as_str().unwrap());
    let request = request
        .header("Content-Type", "multipart/form-data; boundary=xx")
        .body(body);
    request.send().await.status.to_string()
}

async fn downloads(checks: &mut Checks) {
    let down = async |b: &Bench| {
        let user = filled(b).await;
        let answer = user.download("data/d/a").await;
        let told = answer.header("content-length").unwrap_or("-").to_owned();
        let body = if answer.status == 200 {
            answer.text()
        } else {
            String::new()
        };
        format!("{} {told} {body}", answer.status)
    };
    let sound = "200 8 contents";
    for (fault, faulty) in [
        (Fault::DownloadAltered, "200 8 bontents"),
        (Fault::DownloadTruncated, "200 4 cont"),
        (Fault::DownloadWrongLength, "200 9 contents"),
        (Fault::DownloadCut, "200 8 cont"),
    ] {
        checks.check(fault, down, sound, faulty).await;
    }
    let status = async |b: &Bench| {
        filled(b)
            .await
            .download("data/d/a")
            .await
            .status
            .to_string()
    };
    checks
        .check(Fault::DownloadUrlExpired, status, "200", "403")
        .await;
    let other_key = async |b: &Bench| {
        let user = filled(b).await;
        let spec = user.get("/files/data/d/a/url").await.json();
        let url = spec["url"]
            .as_str()
            .unwrap()
            .replace("/data/d/a", "/data/e/x");
        Request::new("GET", &url).send().await.status.to_string()
    };
    checks
        .check(Fault::GetSignatureNotChecked, other_key, "403", "200")
        .await;
    let hosts = async |b: &Bench| {
        let user = b.user().await;
        let up = user
            .request("POST", "/files/data/d/url")
            .send()
            .await
            .json();
        let down = user.get("/files/data/url").await.json();
        let ours = match b.mode {
            FileMode::S3 => &b.stack.urls().s3,
            FileMode::Local => &b.stack.urls().user_api,
        };
        let own = |spec: &Value| {
            let url = spec["url"].as_str().unwrap();
            let start = url.split('/').take(3).collect::<Vec<_>>().join("/");
            if start == *ours {
                "ours".into()
            } else {
                start.replace(&ours[5..], "//us")
            }
        };
        format!("{} {}", own(&up), own(&down))
    };
    let faulty = "http://s3.invalid http://s3.invalid";
    checks
        .check(Fault::S3UrlsUnreachable, hosts, "ours ours", faulty)
        .await;
    checks
        .check(
            Fault::LocalUrlsOverHttps,
            hosts,
            "ours ours",
            "https://us https://us",
        )
        .await;
    let missing = async |b: &Bench| {
        let user = filled(b).await;
        user.get("/files/data/nope/url").await.status.to_string()
    };
    checks
        .check(Fault::DownloadUrlForWhatIsMissing, missing, "404", "200")
        .await;
    let theirs = async |b: &Bench| {
        filled(b).await;
        b.second()
            .await
            .get("/files/data/d/a/url")
            .await
            .status
            .to_string()
    };
    checks
        .check(Fault::DownloadUrlOfAnother, theirs, "404", "200")
        .await;
}

async fn lists(checks: &mut Checks) {
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
    let all = async |b: &Bench| listed(&filled(b).await, &format!("data/d/{ALL}")).await;
    let sound = "data/d/a data/d/ab data/d/below/c";
    checks
        .check(Fault::ListNotRecursive, all, sound, "data/d/a data/d/ab")
        .await;
    let faulty = "data/d/a data/d/ab data/d/below/ data/d/below/c";
    checks
        .check(Fault::ListShowsDirectories, all, sound, faulty)
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

async fn changes(checks: &mut Checks) {
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
    let folder = async |b: &Bench| {
        let user = b.user().await;
        let make = async |path| -> Answer {
            let request = user.request("POST", path).header("Origin", FRONTEND);
            request.send().await
        };
        let (first, again) = (make("/files/data/d/").await, make("/files/data/d/").await);
        let result = make("/files/output/d/").await;
        let found = listed(&user, "data/d/").await;
        format!(
            "{} {} {} {found}",
            first.status, again.status, result.status
        )
    };
    for (fault, faulty) in [
        (Fault::NewFolderNotMade, "201 201 422 404"),
        (Fault::NewFolderTwiceRefused, "201 409 422 "),
        (Fault::NewFolderAmongResults, "201 201 201 "),
    ] {
        checks.check(fault, folder, "201 201 422 ", faulty).await;
    }
}

async fn whole_directories(checks: &mut Checks) {
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
