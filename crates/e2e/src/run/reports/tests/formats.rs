//! Each format, read by somebody else's reader.

use std::collections::HashMap;

use junit_parser::{TestStatus, TestSuites};
use opencloud_model::{
    redact::Secrets,
    request_body::{FormFile, FormPart, RequestBody},
};
use opencloud_reports::{
    files, files_without,
    model::{Exchange, Run, Sender, TestResult},
};
use serde_json::{Value, json};

use super::{super::samples, file};

pub(super) fn samples() -> [Run; 5] {
    [
        samples::panicked(),
        samples::passing(),
        samples::failing(),
        samples::empty(),
        samples::interrupted(),
    ]
}

#[test]
fn the_results_keep_to_their_schema() {
    let schema = include_str!("../../../../../../docs/results.schema.json");
    let schema = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for run in samples() {
        let text = file(&run, "results.json");
        let mut results: Value = serde_json::from_str(&text).unwrap();
        validator.validate(&results).unwrap();
        results["tests"] = "none".into();
        assert!(!validator.is_valid(&results));
    }
}

#[test]
fn the_page_of_several_browsers_says_where_they_differ() {
    let section = |other: Run| {
        let runs = [samples::passing(), other];
        let files = opencloud_reports::comparison(&runs).unwrap();
        let (_, page) = files
            .into_iter()
            .find(|(name, _)| name.ends_with("html"))
            .unwrap();
        let section = page.split("id=\"differences\"").nth(1)?;
        section.split("</section>").next().map(ToOwned::to_owned)
    };
    let other = || {
        let mut run = samples::passing();
        run.versions.engine = Some("firefox".into());
        run
    };
    assert_eq!(section(other()), None);

    let mut unlike = other();
    unlike.tests[0].result = TestResult::Failed;
    let gap = unlike.tests[1].not_checked.remove(0);
    unlike.origins[0].rows[0].cells[0].readable = Some(false);
    let preflight = Exchange {
        sender: Sender::Preflight,
        ..Exchange::default()
    };
    unlike.exchanges.extend([preflight.clone(), preflight]);
    let name = &unlike.tests[0].name;
    let (call, origin) = (
        &unlike.origins[0].rows[0].call,
        &unlike.origins[0].origins[0].origin,
    );
    let expected = [
        format!("<dt>{name}</dt><dd>passed in chromium, failed in firefox</dd>"),
        format!(
            "<dt>{call}, from {origin}</dt><dd>readable in chromium, kept from the page in firefox</dd>"
        ),
        "<dt>Preflights</dt><dd>not reported in chromium, 2 in firefox</dd>".into(),
        format!(
            "<dt>Not checked in chromium: {}</dt><dd>{}</dd>",
            gap.what, gap.why
        ),
    ];
    let section = section(unlike).unwrap();
    for part in &expected {
        assert!(section.contains(part), "{part} is not in {section}");
    }
}

fn parsed(run: &Run) -> TestSuites {
    let xml = file(run, "junit.xml");
    junit_parser::from_reader(xml.as_bytes()).unwrap()
}

fn skipped(suites: &TestSuites) -> u64 {
    suites.suites.iter().map(|suite| suite.skipped).sum()
}

#[test]
fn the_page_lists_the_operations_that_were_called_and_those_that_were_not() {
    let page = file(&samples::passing(), "report.html");
    let section = page.split("id=\"operations\"").nth(1).unwrap();
    let section = section.split("</section>").next().unwrap();
    for part in [
        "Never called: 1</h3><dl class=\"facts\"><dt><code>DELETE /jobs/{job_id}</code>",
        "Called: 1</h3><dl class=\"facts\"><dt><code>POST /jobs</code></dt><dd>1 call</dd>",
        "<code>POST /login</code></dt><dd>users sign in with Cognito</dd>",
    ] {
        assert!(section.contains(part), "{part} is not in {section}");
    }
    assert!(!file(&samples::empty(), "report.html").contains("id=\"operations\""));
}

#[test]
fn junit_has_a_case_a_step() {
    let failing = parsed(&samples::failing());
    let suite = failing
        .suites
        .iter()
        .find(|suite| suite.name == "files::rename_and_move");
    let cases = &suite.unwrap().cases;
    let names: Vec<_> = cases.iter().map(|case| &*case.original_name).collect();
    assert_eq!(
        names,
        [
            "upload a file",
            "rename",
            "remove what the test has created"
        ]
    );
    let TestStatus::Failure(failure) = &cases[1].status else {
        panic!("{:?}", cases[1].status);
    };
    assert!(
        failure
            .message
            .starts_with("rename data/run/first.tif (PUT ")
    );
    assert_eq!(failure.failure_type, "stack");
    assert!(failure.text.contains("Chrome: MethodDisallowed"));
    assert!(
        cases[1]
            .system_out
            .as_deref()
            .unwrap()
            .contains("PUT http://localhost:8000/")
    );
    assert_eq!(
        (
            failing.tests,
            failing.failures,
            failing.errors,
            skipped(&failing)
        ),
        (8, 1, 0, 1)
    );
}

#[test]
fn junit_tells_errors_skips_and_repeats_from_failures() {
    let passing = parsed(&samples::passing());
    assert_eq!(
        (passing.failures, passing.errors, skipped(&passing)),
        (0, 0, 1)
    );
    let xml = file(&samples::passing(), "junit.xml");
    assert!(xml.contains("<flakyFailure"), "{xml}");
    for run in [samples::empty(), samples::interrupted()] {
        let suites = parsed(&run);
        assert_eq!((suites.tests, suites.failures, suites.errors), (1, 0, 1));
    }
}

#[test]
fn the_archive_is_http_archive_1_2() {
    let schema = serde_json::from_str(include_str!("har.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for run in samples() {
        let text = file(&run, "trace.har");
        validator
            .validate(&serde_json::from_str(&text).unwrap())
            .unwrap();
        let har::Har {
            log: har::Spec::V1_2(log),
        } = har::from_slice(text.as_bytes()).unwrap()
        else {
            panic!("another version");
        };
        assert_eq!(log.entries.len(), run.exchanges.len());
        for entry in &log.entries {
            let timings = &entry.timings;
            let parts = [
                timings.blocked,
                timings.dns,
                timings.connect,
                Some(timings.send),
                Some(timings.wait),
                Some(timings.receive),
            ];
            let sum: f64 = parts.into_iter().flatten().filter(|part| *part > 0.0).sum();
            assert!((entry.time - sum).abs() < 1e-6, "{entry:?}");
            assert!(entry.started_date_time.ends_with('Z'));
        }
    }
}

#[test]
fn the_archive_shows_bodies_as_json_or_by_the_parts_of_a_form() {
    let mut run = samples::passing();
    let text = FormPart {
        name: "key".into(),
        file: None,
    };
    let file = FormPart {
        name: "file".into(),
        file: Some(FormFile {
            name: "exp/a.txt".into(),
            media_type: "text/plain".into(),
        }),
    };
    run.exchanges[0].body = Some(RequestBody::Json(json!({ "job_name": null })));
    run.exchanges[1].body = Some(RequestBody::Form(vec![text, file]));
    let archive: Value = serde_json::from_str(&super::file(&run, "trace.har")).unwrap();
    let posted = |number: usize| &archive["log"]["entries"][number]["request"]["postData"];
    assert_eq!(
        *posted(0),
        json!({ "mimeType": "application/json", "text": r#"{"job_name":null}"# })
    );
    let parts = json!([
        { "name": "key" },
        { "name": "file", "fileName": "exp/a.txt", "contentType": "text/plain" },
    ]);
    assert_eq!(
        *posted(1),
        json!({ "mimeType": "multipart/form-data", "params": parts })
    );
    assert_eq!(*posted(2), Value::Null);
    let schema = serde_json::from_str(include_str!("har.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.validate(&archive).unwrap();
    har::from_slice(archive.to_string().as_bytes()).unwrap();
}

#[test]
fn a_password_that_is_a_word_of_our_own_breaks_no_report() {
    let secrets = Secrets::default();
    for password in ["test", "name", "jobs", "passed", "step", "2026", "1795"] {
        secrets.learn(password);
    }
    let run = samples::failing();
    let files: HashMap<_, _> = files_without(&secrets, &run).unwrap().into_iter().collect();
    let read: Run = serde_json::from_str(&files["results.json"]).unwrap();
    assert_eq!(read.tests.len(), run.tests.len());
    assert_eq!(read.tests[2].result, run.tests[2].result);
    har::from_slice(files["trace.har"].as_bytes()).unwrap();
}

#[test]
fn no_report_holds_a_secret() {
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    opencloud_model::redact::learn("canary-password");
    let mut run = samples::failing();
    run.exchanges[0].url =
        "http://localhost:9000/b?X-Amz-Credential=AKIA%2F1&X-Amz-Signature=1c89".into();
    run.verdict = format!("worker@opencloud.test, canary-password, {token}");
    run.tests[0].about = r#"{"RefreshToken":"abc"}"#.into();
    run.exchanges[0].body = Some(RequestBody::Json(json!({
        "AuthParameters": { "USERNAME": "worker@opencloud.test", "PASSWORD": "1c89" },
        "UserAttributes": [{ "Name": "note", "Value": "canary-password" }],
    })));
    for (name, text) in files(&run).unwrap() {
        for secret in ["worker@", "canary-password", token, "1c89", "AKIA", "abc"] {
            assert!(!text.contains(secret), "{secret} in {name}");
        }
    }
}

#[test]
fn of_tests_that_ran_at_once_each_has_its_own_requests_and_its_own_row() {
    let run = samples::at_once();
    assert_eq!(run.tests[1].name, "files::delete");
    let archive: Value = serde_json::from_str(&file(&run, "trace.har")).unwrap();
    let entries = archive["log"]["entries"].as_array().unwrap();
    let tests: Vec<_> = entries.iter().map(|entry| &entry["pageref"]).collect();
    assert_eq!(tests, ["test_2", "test_1"]);
    let page = file(&run, "report.html");
    let lane = page
        .split("aria-label=\"Tests: 2 bars, listed below\"")
        .nth(1);
    let lane = lane.unwrap().split("lane-name").next().unwrap();
    let rows: Vec<_> = lane.split("<rect ").skip(1).collect();
    assert!(
        rows[0].contains("y=\"1\"") && rows[1].contains("y=\"23\""),
        "{rows:?}"
    );
}
