//! Files of the user.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use opencloud_stack::{Family, Fault, config::FileMode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    faults::{
        bench::{Bench, Checks},
        directories, edges,
    },
    support::{
        http::Request,
        session::{self, Session, file},
    },
};

/// The user with the files `data/d/a`, `data/d/ab`, `data/d/below/c` and `data/e/x`, each of
/// eight bytes.
pub(crate) async fn filled(b: &Bench) -> Session {
    let user = b.user().await;
    for (directory, name) in [("d", "a"), ("d", "ab"), ("d/below", "c"), ("e", "x")] {
        user.upload(&format!("data/{directory}"), name, b"contents")
            .await;
    }
    user
}

/// The paths and sizes of a listing, or its status.
pub(crate) async fn listed(user: &Session, path: &str) -> String {
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

/// A listing of files alone, however deep.
pub(crate) const ALL: &str = "?recursive=true&show_dirs=false";

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
        let form = user.request("POST", "/files/data/d/url").send().await;
        let mut form = form.json();
        let key = form["data"]["key"].as_str().unwrap();
        form["data"]["key"] = key.replace("/data/d/", "/config/").into();
        post(&form).await
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
        post(&form).await
    };
    checks
        .check(Fault::PolicyExpiryNotChecked, late, "403", "204")
        .await;
    downloads(&mut checks).await;
    public_buckets(&mut checks).await;
    headers(&mut checks).await;
    new_folders(&mut checks).await;
    refusals_of_s3(&mut checks).await;
    addresses(&mut checks).await;
    changes_of_another(&mut checks).await;
    versions_and_names(&mut checks).await;
    contents_and_names(&mut checks).await;
    links_and_answers(&mut checks).await;
    directories::lists(&mut checks).await;
    directories::sizes(&mut checks).await;
    directories::changes(&mut checks).await;
    directories::whole_directories(&mut checks).await;
    directories::renames(&mut checks).await;
    directories::escapes(&mut checks).await;
    directories::predefined(&mut checks).await;
    directories::shown_folders(&mut checks).await;
    directories::places(&mut checks).await;
    edges::files(&mut checks).await;
    edges::links(&mut checks).await;
    checks.complete();
}

/// Posts a form, and says how that was answered.
async fn post(form: &Value) -> String {
    let answer = session::filled(form, file("f", b"contents")).send().await;
    answer.status.to_string()
}

/// Uploads into folders that are not there yet.
async fn new_folders(checks: &mut Checks) {
    let first = async |b: &Bench| {
        let answer = b.user().await.upload("data/new", "f", b"x").await;
        answer.status.to_string()
    };
    checks
        .check(Fault::UploadNeedsItsFolder, first, "201", "500")
        .await;
}

/// What a bucket lets anybody do.
async fn public_buckets(checks: &mut Checks) {
    let read = async |b: &Bench| {
        let user = filled(b).await;
        let spec = user.get("/files/data/d/a/url").await.json();
        let url = spec["url"].as_str().unwrap().split('?').next().unwrap();
        Request::new("GET", url).send().await.status.to_string()
    };
    checks
        .check(Fault::BucketPublicRead, read, "403", "200")
        .await;
    let form = async |b: &Bench| {
        let user = filled(b).await;
        let form = user.request("POST", "/files/data/d/url").send().await;
        form.json()
    };
    let list = async |b: &Bench| {
        let url = form(b).await["url"].as_str().unwrap().to_owned();
        let answer = Request::new("GET", &url).send().await;
        format!(
            "{} {}",
            answer.status,
            answer.text().contains("/data/d/a</Key>")
        )
    };
    checks
        .check(Fault::BucketPublicList, list, "403 false", "200 true")
        .await;
    let write = async |b: &Bench| {
        let mut form = form(b).await;
        form["data"] = json!({ "key": form["data"]["key"] });
        post(&form).await
    };
    checks
        .check(Fault::BucketPublicWrite, write, "403", "204")
        .await;
    let limit = async |b: &Bench| {
        let form = form(b).await;
        let policy = BASE64_STANDARD.decode(form["data"]["policy"].as_str().unwrap());
        let policy: Value = serde_json::from_slice(&policy.unwrap()).unwrap();
        let limit = &policy["conditions"][0];
        format!("{} {}", limit[0], post(&form).await)
    };
    checks
        .check(
            Fault::UploadFormLimitsSize,
            limit,
            r#""starts-with" 204"#,
            r#""content-length-range" 204"#,
        )
        .await;
    let moment = async |b: &Bench| {
        let user = filled(b).await;
        let spec = user.get("/files/data/d/a/url").await.json();
        let url = spec["url"].as_str().unwrap().to_owned();
        url.contains("X-Amz-Expires=3&").to_string()
    };
    checks
        .check(Fault::LinksForAMoment, moment, "false", "true")
        .await;
}

/// What a transfer in S3 says is to be sent with it.
async fn headers(checks: &mut Checks) {
    let of_form = async |b: &Bench| {
        let user = filled(b).await;
        let form = user.request("POST", "/files/data/d/url").send().await;
        let headers = &form.json()["headers"];
        (headers["authorization"] == format!("Bearer {}", user.token)).to_string()
    };
    checks
        .check(Fault::UploadFormWithToken, of_form, "false", "true")
        .await;
    let of_link = async |b: &Bench| {
        let user = filled(b).await;
        let spec = user.get("/files/data/d/a/url").await.json();
        let authorization = format!("Bearer {}", user.token);
        let request = Request::new("GET", spec["url"].as_str().unwrap());
        let answer = match spec["headers"]["authorization"].as_str() {
            Some(returned) if returned == authorization => {
                request.header("authorization", returned).send().await
            }
            _ => request.send().await,
        };
        answer.status.to_string()
    };
    checks
        .check(Fault::DownloadUrlWithToken, of_link, "200", "400")
        .await;
}

/// Whether a download ends.
async fn stands_still(checks: &mut Checks) {
    let ends = async |b: &Bench| {
        let user = filled(b).await;
        let download = timeout(Duration::from_secs(1), user.download("data/d/a"));
        download.await.is_ok().to_string()
    };
    checks
        .check(Fault::DownloadStandsStill, ends, "true", "false")
        .await;
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
    stands_still(checks).await;
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

async fn refusals_of_s3(checks: &mut Checks) {
    let codes = async |b: &Bench| {
        let user = filled(b).await;
        let code = |text: String| {
            let (_, rest) = text.split_once("<Code>").unwrap_or_default();
            rest.split('<').next().unwrap_or_default().to_owned()
        };
        let up = user.upload("data/d", "f", b"contents").await;
        let down = user.download("data/d/a").await;
        format!("{} {}", code(up.text()), code(down.text()))
    };
    for (fault, faulty) in [
        (Fault::SignedWithADeletedKey, "InvalidAccessKeyId "),
        (Fault::KmsKeyDenied, "AccessDenied "),
        (Fault::BucketIsBeingChanged, "OperationAborted "),
        (
            Fault::SignedForAnotherRegion,
            " AuthorizationHeaderMalformed",
        ),
        (Fault::SignedWithAnUntoldHeader, " SignatureDoesNotMatch"),
    ] {
        checks.check(fault, codes, " ", faulty).await;
    }
}

/// The host that links name.
async fn addresses(checks: &mut Checks) {
    let named = async |b: &Bench| {
        let form = b.user().await.request("POST", "/files/data/d/url");
        let url = form.send().await.json()["url"].as_str().unwrap().to_owned();
        let host = url.split(['/', ':']).nth(3).unwrap_or_default().to_owned();
        let ours = b.stack.urls().user_api.split(['/', ':']).nth(3);
        (ours == Some(&*host)).to_string()
    };
    checks
        .check(Fault::LocalUrlsOfAnotherName, named, "true", "false")
        .await;
}

/// What a second user does at the path of a file of the first, and what is left of that.
async fn changes_of_another(checks: &mut Checks) {
    let after = async |b: &Bench, change: &str| {
        let user = filled(b).await;
        let second = b.second().await;
        let body = json!({ "path": "data/d/moved" });
        let status = match change {
            "rename" => second.json("PUT", "/files/data/d/a", &body).await.status,
            "delete" => second.delete("/files/data/d/a").await.status,
            _ => second.upload("data/d", "a", b"theirs").await.status,
        };
        let left = user.download("data/d/a").await;
        format!("{status} {} {}", left.status, left.body.len())
    };
    let upload = async |b: &Bench| after(b, "upload").await;
    let fault = Fault::UploadUrlOfAnother;
    checks.check(fault, upload, "204 200 8", "204 200 6").await;
    let rename = async |b: &Bench| after(b, "rename").await[..7].to_owned();
    let fault = Fault::RenameOfAnother;
    checks.check(fault, rename, "404 200", "200 404").await;
    let delete = async |b: &Bench| after(b, "delete").await[..7].to_owned();
    let fault = Fault::DeleteOfAnother;
    checks.check(fault, delete, "204 200", "204 404").await;
}

/// Links that are no links, or for too long, and an upload that fails with a status of success.
async fn links_and_answers(checks: &mut Checks) {
    let begins = async |b: &Bench, start: &str| {
        let user = b.user().await;
        let form = user
            .request("POST", "/files/data/d/url")
            .send()
            .await
            .json();
        form["url"].as_str().unwrap().starts_with(start).to_string()
    };
    let link = async |b: &Bench| begins(b, "http://").await;
    checks
        .check(Fault::LinksWithoutServer, link, "true", "false")
        .await;
    let link = async |b: &Bench| begins(b, "http://storage:not-for-pages@").await;
    checks
        .check(Fault::LinksWithCredentials, link, "false", "true")
        .await;
    let link = async |b: &Bench| begins(b, "http://localhost:10080/").await;
    checks
        .check(Fault::LinksToABadPort, link, "false", "true")
        .await;
    let lasts_a_week = async |b: &Bench| {
        let spec = filled(b).await.get("/files/data/d/a/url").await.json();
        let url = spec["url"].as_str().unwrap();
        url.contains("X-Amz-Expires=604800").to_string()
    };
    checks
        .check(Fault::LinksForAWeek, lasts_a_week, "false", "true")
        .await;
    let answer = async |b: &Bench| {
        let answer = b.user().await.upload("data/d", "f", b"x").await;
        format!(
            "{} {}",
            answer.status / 100,
            answer.text().contains("<Error>")
        )
    };
    checks
        .check(Fault::UploadAnswersAnError, answer, "2 false", "2 true")
        .await;
}

/// Contents and names that are not as they were sent.
pub(crate) async fn contents_and_names(checks: &mut Checks) {
    let small = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "f", b"ab").await;
        format!("{:?}", user.download("data/d/f").await.body)
    };
    checks
        .check(Fault::UploadBlanksSmallFiles, small, "[97, 98]", "[0, 0]")
        .await;
    let rewritten = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "f", b"a\xff").await;
        let body = user.download("data/d/f").await.body;
        let text = String::from_utf8_lossy(&body).into_owned();
        format!("{} {}", body.len(), &text[..1])
    };
    for (fault, faulty) in [
        (Fault::UploadTakenForText, "4 a"),
        (Fault::UploadStoredInBase64, "4 Y"),
        (Fault::UploadKeepsItsForm, "105 -"),
    ] {
        checks.check(fault, rewritten, "2 a", faulty).await;
    }
    let beginning = async |b: &Bench| {
        let down = filled(b).await.download("data/d/a").await;
        let start = String::from_utf8_lossy(&down.body[..2]).into_owned();
        format!("{} {start:?}", down.status)
    };
    for (fault, faulty) in [
        (Fault::DownloadPackedUnsaid, "200 \"\\u{1f}\u{fffd}\""),
        (Fault::DownloadIsAnError, "200 \"<?\""),
    ] {
        checks.check(fault, beginning, "200 \"co\"", faulty).await;
    }
    let up = async |b: &Bench| {
        let user = b.user().await;
        let status = user.upload("data/d", "f", b"contents").await.status;
        (status / 100).to_string()
    };
    checks
        .check(Fault::LinksWithExpiredToken, up, "2", "4")
        .await;
    let names = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "ö\u{a0}.txt", b"x").await;
        let list = user.get("/files/data/d/").await.json();
        let name = list[0]["path"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap();
        name.escape_unicode().to_string()
    };
    let dot = "\\u{2e}\\u{74}\\u{78}\\u{74}";
    let sound = format!("\\u{{f6}}\\u{{a0}}{dot}");
    for (fault, faulty) in [
        (
            Fault::ListDecomposesNames,
            format!("\\u{{6f}}\\u{{308}}\\u{{a0}}{dot}"),
        ),
        (
            Fault::ListShowsPlainSpaces,
            format!("\\u{{f6}}\\u{{20}}{dot}"),
        ),
    ] {
        checks.check(fault, names, &sound, &faulty).await;
    }
}

async fn versions_and_names(checks: &mut Checks) {
    let replaced = async |b: &Bench| {
        let user = b.user().await;
        for content in [b"first", b"later"] {
            user.upload("data/d", "f", content).await;
        }
        let listed = listed(&user, &format!("data{ALL}")).await;
        format!("{listed} {}", user.download("data/d/f").await.text())
    };
    checks
        .check(
            Fault::DownloadGivesEarlierVersion,
            replaced,
            "data/d/f5B later",
            "data/d/f5B first",
        )
        .await;
    let shorter = async |b: &Bench| {
        let user = b.user().await;
        for content in [&b"longer"[..], b"abc"] {
            user.upload("data/d", "f", content).await;
        }
        user.download("data/d/f").await.text()
    };
    for (fault, faulty) in [
        (Fault::UploadAppends, "longerabc"),
        (Fault::UploadKeepsTheRest, "abcger"),
    ] {
        checks.check(fault, shorter, "abc", faulty).await;
    }
    let hash = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "a#b", b"contents").await;
        let spec = user.get("/files/data/d/a%23b/url").await.json();
        let url = spec["url"].as_str().unwrap();
        // A client sends no more than what comes before it.
        let sent = url.split('#').next().unwrap();
        Request::new("GET", sent).send().await.status.to_string()
    };
    checks
        .check(Fault::DownloadUrlCutAtHash, hash, "200", "403")
        .await;
    let bent = async |b: &Bench| {
        let user = filled(b).await;
        let spec = user.get("/files/data/d/a/url").await.json();
        let url = spec["url"].as_str().unwrap();
        let bent = url.replace("/data/d/a", "/data/e/x");
        let answer = Request::new("GET", &bent).send().await;
        let xml = answer.text();
        let (_, code) = xml.split_once("<Code>").unwrap();
        let (code, _) = code.split_once("</Code>").unwrap();
        format!("{} {code}", answer.status)
    };
    checks
        .check(
            Fault::S3RefusalOfAnotherKind,
            bent,
            "403 SignatureDoesNotMatch",
            "403 InternalError",
        )
        .await;
    let deleted = async |b: &Bench| {
        let user = filled(b).await;
        let spec = user.get("/files/data/d/a/url").await.json();
        user.delete("/files/data/d/a").await;
        let url = spec["url"].as_str().unwrap();
        Request::new("GET", url).send().await.status.to_string()
    };
    checks
        .check(Fault::DownloadOfDeletedForbidden, deleted, "404", "403")
        .await;
    let nothing = async |b: &Bench| {
        let user = b.user().await;
        let sent = user.request("POST", "/files/data/d/upload");
        sent.send().await.status.to_string()
    };
    checks
        .check(Fault::UploadWithoutFileAccepted, nothing, "422", "204")
        .await;
}
