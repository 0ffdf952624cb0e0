//! `cargo e2e coverage`: whole runs, which other tests make, beside the recorded calls of the frontend, and
//! what it says of calls that the suite does not make.

mod recorded;

use std::{fs, path::Path};

use crate::common::{E2e, Ended};
use recorded::{CANARY, recorded};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The entries of an archive.
fn entries(archive: &mut Value) -> &mut Vec<Value> {
    archive["log"]["entries"].as_array_mut().unwrap()
}

/// `cargo e2e coverage --require all` for the run in `directory`.
fn coverage(directory: &Path, archives: &[Value]) -> Ended {
    let files = tempfile::tempdir().unwrap();
    let mut args = vec!["coverage".to_owned(), directory.display().to_string()];
    for (number, archive) in archives.iter().enumerate() {
        let path = files.path().join(format!("{number}.har"));
        fs::write(&path, archive.to_string()).unwrap();
        args.extend(["--har".to_owned(), path.display().to_string()]);
    }
    args.extend(["--require".to_owned(), "all".to_owned()]);
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    E2e::bare(&args).run()
}

/// A whole run with files in `mode` has made every recorded call: at least `least` different ones. So it has
/// every operation, but for `uncalled` that are not for pages. Returns the recorded archive.
fn assert_all_made(run: &Ended, mode: &str, least: usize, uncalled: usize) -> Value {
    let archive = recorded(mode);
    let ended = coverage(&run.report_directory(), std::slice::from_ref(&archive));
    ended.assert_code(0);
    let result: Value = serde_json::from_str(&run.report("coverage.json")).unwrap();
    let compared = result["compared"].as_array().unwrap();
    assert!(compared.len() >= least, "{} calls", compared.len());
    assert!(
        compared.iter().all(|one| one["verdict"] == "made"),
        "{}",
        ended.stdout
    );
    // Each recorded call that is not a preflight counts.
    let count: u64 = compared
        .iter()
        .map(|one| one["count"].as_u64().unwrap())
        .sum();
    let calls = archive["log"]["entries"].as_array().unwrap().iter();
    let calls = calls.filter(|entry| entry["request"]["method"] != "OPTIONS");
    assert_eq!(count, u64::try_from(calls.count()).unwrap());
    for text in [
        &ended.stdout,
        &run.report("coverage.json"),
        &run.report("coverage.html"),
    ] {
        assert!(!text.contains(CANARY), "{text}");
    }
    coverage(&run.report_directory(), &[]).assert_code(0);
    let page = run.report("report.html");
    assert!(page.contains(&format!("Not for pages: {uncalled}")));
    assert!(!page.contains("Never called"));
    archive
}

/// A whole run with files on the UserAPI's disk makes every call of the frontend.
pub(crate) fn assert_complete_on_disk(run: &Ended) {
    assert_all_made(run, "local", 38, 4);
}

/// The first entry of this method whose URL ends in `end`.
fn find<'a>(archive: &'a mut Value, method: &str, end: &str) -> &'a mut Value {
    let mut entries = entries(archive).iter_mut();
    let found = entries.find(|entry| {
        let request = &entry["request"];
        request["method"] == method && request["url"].as_str().unwrap().ends_with(end)
    });
    &mut found.unwrap()["request"]
}

fn replace(value: &mut Value, from: &str, to: &str) {
    let text = value.as_str().unwrap();
    assert!(text.contains(from), "{text}");
    *value = text.replacen(from, to, 1).into();
}

/// Changes a recorded archive.
type Change = fn(&mut Value);

/// Changes to calls, and what is said of each.
const CHANGES: [(Change, &[&str]); 11] = [
    (
        |archive| {
            replace(
                &mut find(archive, "GET", "/user")["url"],
                "/user",
                "/groups",
            );
        },
        &["never made", "UserAPI GET /groups"],
    ),
    (
        |archive| replace(&mut find(archive, "GET", "/user")["method"], "GET", "PATCH"),
        &["never made", "UserAPI PATCH /user"],
    ),
    (
        |archive| {
            let headers = find(archive, "POST", "/jobs")["headers"]
                .as_array_mut()
                .unwrap();
            headers.push(json!({ "name": "X-Request-Id", "value": "1" }));
        },
        &[
            "made otherwise",
            "POST /jobs",
            "headers: x-request-id; the suite: none more",
        ],
    ),
    (
        |archive| {
            let headers = find(archive, "POST", "/jobs")["headers"]
                .as_array_mut()
                .unwrap();
            headers.retain(|header| header["name"] != "authorization");
        },
        &["POST /jobs", "headers: none more; the suite: authorization"],
    ),
    (
        |archive| {
            let url = &mut find(archive, "GET", "/config/?show_dirs=True&recursive=False")["url"];
            replace(url, "recursive=False", "recursive=FALSE");
        },
        &["query: ?show_dirs=True&recursive=FALSE; the suite: ?show_dirs=True&recursive=False"],
    ),
    (
        |archive| {
            let url = &mut find(archive, "GET", "/jobs?offset=0&limit=20")["url"];
            replace(url, "limit=20", "page_size=20");
        },
        &["query: ?offset=<number>&page_size=<number>; the suite: ?offset=<number>&limit=<number>"],
    ),
    (
        |archive| {
            replace(
                &mut find(archive, "POST", "/config//url")["url"],
                "//url",
                "///url",
            );
        },
        &["path: /files/…///url; the suite: /files/…//url"],
    ),
    (
        |archive| {
            let text = &mut find(archive, "POST", "/jobs")["postData"]["text"];
            replace(text, "\"priority\":null", "\"urgency\":null");
        },
        &[
            "body, priority: no such member",
            "body, urgency: null; the suite: no such member",
        ],
    ),
    (
        |archive| {
            let text = &mut find(archive, "POST", "/jobs")["postData"]["text"];
            replace(text, "\"data_ids\":[]", "\"data_ids\":{}");
        },
        &["body, attributes.files_down.data_ids: empty object; the suite: empty list"],
    ),
    (
        |archive| {
            let text = &mut find(archive, "POST", "/opencloud-user-data")["postData"]["text"];
            replace(text, "x-amz-algorithm", "placeholder");
            replace(text, "\"x-amz-date", "\"x-amz-algorithm");
            replace(text, "placeholder", "x-amz-date");
        },
        &[
            "S3 POST an object by a form",
            "body: form key, x-amz-date, x-amz-credential, x-amz-algorithm",
        ],
    ),
    (
        |archive| {
            let all = entries(archive);
            let mut one = all.iter_mut().filter_map(|entry| {
                let mut headers = entry["request"]["headers"].as_array_mut()?.iter_mut();
                headers.find(|header| header["name"] == "x-amz-target")
            });
            one.next().unwrap()["value"] = "AWSCognitoIdentityProviderService.DeleteUser".into();
        },
        &["never made", "Cognito DeleteUser"],
    ),
];

/// A whole run with files in S3 makes every call of the frontend, and other calls are told.
pub(crate) fn assert_complete_in_s3(run: &Ended) {
    let archive = assert_all_made(run, "s3", 34, 5);
    let directory = run.report_directory();
    for (change, expected) in CHANGES {
        let mut changed = archive.clone();
        change(&mut changed);
        // The other archive changes nothing.
        let ended = coverage(&directory, &[archive.clone(), changed]);
        ended.assert_code(1);
        for part in expected {
            ended.says(part);
        }
        assert!(!ended.stdout.contains(CANARY), "{}", ended.stdout);
    }
    for same in [
        elsewhere,
        without_secrets,
        without_forms,
        with_preflights_of_a_browser,
    ] {
        let mut same_calls = archive.clone();
        same(&mut same_calls);
        coverage(&directory, &[same_calls]).assert_code(0);
    }
}

/// A UserAPI below a path.
fn elsewhere(archive: &mut Value) {
    for entry in entries(archive) {
        let url = entry["request"]["url"].as_str().unwrap();
        let url = url.replace("http://localhost:8000", "https://api.example.org/prod");
        entry["request"]["url"] = url.into();
    }
}

/// A browser that leaves tokens out.
fn without_secrets(archive: &mut Value) {
    for entry in entries(archive) {
        let headers = entry["request"]["headers"].as_array_mut().unwrap();
        headers.retain(|header| header["name"] != "authorization");
    }
}

/// A browser that leaves the bodies of forms out.
fn without_forms(archive: &mut Value) {
    for entry in entries(archive) {
        let posted = &mut entry["request"]["postData"];
        let is_form = posted["mimeType"]
            .as_str()
            .unwrap_or_default()
            .starts_with("multipart/");
        if is_form {
            *posted = Value::Null;
        }
    }
}

/// What browsers add by themselves, and other requests of the page.
fn with_preflights_of_a_browser(archive: &mut Value) {
    for entry in entries(archive) {
        let headers = entry["request"]["headers"].as_array_mut().unwrap();
        for (name, value) in [
            (":authority", "a"),
            ("Sec-Fetch-Mode", "cors"),
            ("User-Agent", "a browser"),
            ("Cache-Control", "no-cache"),
            ("Pragma", "no-cache"),
            ("Referer", "http://localhost:8080/"),
            ("DNT", "1"),
        ] {
            headers.push(json!({ "name": name, "value": value }));
        }
    }
    let script = json!({
        "request": { "method": "GET", "url": "http://localhost:8080/js/app.js", "headers": [] },
        "response": { "status": 200 },
    });
    entries(archive).push(script);
}

/// The directory of a run that has only made the calls of `archive`.
fn reports_of(archive: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("report.html"), "").unwrap();
    fs::write(directory.path().join("trace.har"), archive).unwrap();
    directory
}

#[test]
fn an_operation_that_no_test_has_called_fails_what_must_be_complete() {
    let mut archive = recorded("local");
    entries(&mut archive).retain(|entry| entry["request"]["method"] != "DELETE");
    let run = reports_of(&archive.to_string());
    let ended = coverage(run.path(), &[]);
    ended.assert_code(1);
    ended.says("NEVER CALLED DELETE /jobs/{job_id}");
    assert!(
        ended.verdict().ends_with("13 of 15 called"),
        "{}",
        ended.verdict()
    );
    // Nothing is required.
    let args = ["coverage", &run.path().display().to_string()];
    E2e::bare(&args).run().assert_code(0);
}

#[test]
fn calls_of_diagnoses_and_of_other_origins_do_not_count() {
    let mut archive = recorded("local");
    for entry in entries(&mut archive) {
        let of_test = entry["request"]["method"] != "DELETE";
        entry["_sender"] = if of_test { "step" } else { "trial" }.into();
    }
    let run = reports_of(&archive.to_string());
    let ended = coverage(run.path(), &[]);
    ended.assert_code(1);
    assert!(
        ended.verdict().ends_with("13 of 15 called"),
        "{}",
        ended.verdict()
    );
}

#[test]
fn bad_input_is_refused_in_a_line() {
    let run = reports_of(&recorded("local").to_string());
    let run = run.path().display().to_string();
    let other = json!({ "log": { "entries": [] } }).to_string();
    let no_archive = reports_of("{}");
    let no_call = reports_of(&other);
    let file = |directory: &TempDir| directory.path().join("trace.har").display().to_string();
    for (args, part) in [
        (vec!["/nowhere"], "/nowhere"),
        (
            vec![&*run, "--har", "/nowhere.har"],
            "/nowhere.har: No such file",
        ),
        (
            vec![&*run, "--har", &file(&no_archive)],
            "no HTTP Archive (HAR)",
        ),
        (
            vec![&*run, "--har", &file(&no_call)],
            "it has no call to OpenCloud",
        ),
        (
            vec![&no_archive.path().display().to_string()],
            "no HTTP Archive (HAR)",
        ),
        (
            vec![&*run, "--openapi", &file(&no_call)],
            "no OpenAPI document",
        ),
        (vec![&*run, "--require", "some"], "--require"),
    ] {
        let args: Vec<_> = ["coverage"].into_iter().chain(args).collect();
        let ended = E2e::bare(&args).run();
        ended.refused(&[part]);
    }
}
