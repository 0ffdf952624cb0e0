//! Why a browser refuses a request: what the page finds out, and what Chrome says, on an embedded
//! OpenCloud that is wrong in one way.

use crate::common::{E2e, Ended, free_ports, stack::inputs_zip};

/// The failure of the first step that failed: its message, and Chrome's line below it.
#[track_caller]
fn failure(ended: &Ended) -> (&str, &str) {
    ended.assert_code(1);
    let mut lines = ended.stdout.lines().map(str::trim);
    lines.find(|line| line.starts_with("FAILED"));
    let message = lines.next().unwrap_or_default();
    let chrome = lines.find(|line| line.starts_with("Chrome"));
    let chrome = chrome.unwrap_or_else(|| panic!("{}", ended.stdout));
    (message, chrome)
}

/// Runs the tests that `filter` lets through on a stack with `fault`: the page must tell what is
/// wrong in a message with all `parts`, and Chrome must agree with the reason `chrome`.
#[track_caller]
fn diagnosed(fault: &str, filter: &str, parts: &[&str], chrome: &str) {
    let ended = E2e::new(&["--fault", fault, "--filter", filter], "").run();
    let (message, reason) = failure(&ended);
    for part in parts {
        assert!(message.contains(part), "{fault}, {part}:\n{message}");
    }
    assert_eq!(reason, format!("Chrome: {chrome}"), "{fault}\n{message}");
    ended.assert_nothing_left();
}

const PAGE: &str = "the browser keeps the answer from a page of origin http://localhost:8080: ";
const RENAME: &str = "files::rename_and_move";

#[test]
fn nothing_answers() {
    diagnosed(
        "s3-urls-unreachable",
        "transfer::sizes",
        &[
            "upload empty (POST http://s3.invalid/",
            "no host of that name is known (S3, the host's name in the endpoint for which",
        ],
        "net::ERR_NAME_NOT_RESOLVED",
    );

    let [port] = free_ports();
    let url = format!("http://127.0.0.1:{port}");
    let directory = tempfile::tempdir().unwrap();
    let inputs = directory.path().join("inputs.zip");
    inputs_zip(&inputs);
    let dotenv = format!(
        "TEST_EMAIL=a@b.c\nTEST_PASSWORD=Password-1\nUSERFACING_API_URL={url}\nINPUTS_SOURCE={}\n\
         INPUTS_DIRECTORY={}\nFRONTEND_URL=http://localhost:8080",
        inputs.display(),
        directory.path().join("inputs").display(),
    );
    let ended = E2e::new(&["--dev", "--filter", "access::user"], &dotenv).run();
    let (message, chrome) = failure(&ended);
    assert!(
        message.contains(&format!("no OpenCloud answered at {url}")),
        "{message}"
    );
    assert_eq!(chrome, "Chrome: net::ERR_CONNECTION_REFUSED");
}

#[test]
fn no_answer_names_the_pages_origin() {
    let request = "get the access info (GET http://localhost:";
    let setting = "(UserAPI, FRONTEND_URL, from which CORSMiddleware takes allow_origins, and \
                   whether Origin arrives there)";
    diagnosed(
        "cors-no-headers",
        "access::access_info",
        &[
            request,
            PAGE,
            "there are no CORS headers at all, or they name another origin",
            setting,
        ],
        &lacks(200),
    );
    diagnosed(
        "cors-allow-origin-trailing-slash",
        "access::access_info",
        &[
            request,
            PAGE,
            "a trailing slash makes another origin",
            setting,
        ],
        "AllowOriginMismatch: the answer (200) lets in http://localhost:8080/ instead",
    );
    diagnosed(
        "cors-allow-origin-numeric-host",
        "access::access_info",
        &[
            request,
            PAGE,
            "allow origin http://127.0.0.1:8080 instead of http://localhost:8080",
            setting,
        ],
        &lacks(200),
    );
    diagnosed(
        "cors-allow-origin-twice",
        "access::access_info",
        &[request, PAGE, "and two origins are invalid", setting],
        "MultipleAllowOriginValues: the answer (200) names several origins: \
         http://localhost:8080, http://localhost:8080",
    );
}

#[test]
fn the_preflight_allows_too_little() {
    diagnosed(
        "cors-preflight-lacks-put",
        RENAME,
        &[
            "rename data/",
            "(PUT http://localhost:",
            PAGE,
            "the preflight is refused: method PUT is not in access-control-allow-methods (UserAPI, \
             CORSMiddleware allow_methods)",
        ],
        "MethodDisallowedByPreflightResponse (PUT)",
    );
    diagnosed(
        "cors-preflight-lacks-content-type",
        RENAME,
        &[
            "rename data/",
            PAGE,
            "the preflight is refused: content-type is not in access-control-allow-headers \
             (UserAPI, CORSMiddleware allow_headers",
        ],
        "HeaderDisallowedByPreflightResponse (content-type)",
    );
    diagnosed(
        "cognito-preflight-lacks-x-amz-target",
        "access::user",
        &[
            "InitiateAuth (POST http://localhost:",
            PAGE,
            "the preflight is refused: x-amz-target is not in access-control-allow-headers \
             (Cognito, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
        ],
        "HeaderDisallowedByPreflightResponse (x-amz-target)",
    );
}

#[test]
fn no_preflight_passes() {
    for (fault, flaw, chrome) in [
        (
            "cors-preflight-unauthorized",
            "is answered 401, and must be answered with a status of 200 to 299 (UserAPI, CORSMiddleware",
            "PreflightInvalidStatus: the preflight is answered 401",
        ),
        (
            "cors-preflight-no-allow-origin",
            "is answered without access-control-allow-origin for http://localhost:8080, or with several \
             of them, and the answers to the requests themselves carry it (UserAPI, what answers OPTIONS",
            "PreflightMissingAllowOriginHeader: the preflight's answer (200) lacks \
             access-control-allow-origin",
        ),
    ] {
        let refused = format!("every preflight is refused: OPTIONS {flaw}");
        let parts = ["get the user (GET http://localhost:", PAGE, &refused];
        diagnosed(fault, "access::user", &parts, chrome);
    }
}

/// Chromium's reason if an answer of this status lacks its header.
fn lacks(status: u16) -> String {
    // A browser follows the redirect, and does not tell which of the two it has judged.
    let or_next = if (300..400).contains(&status) {
        ", or the one to which it leads,"
    } else {
        ""
    };
    format!(
        "MissingAllowOriginHeader: the answer ({status}){or_next} lacks access-control-allow-origin"
    )
}

#[test]
fn the_answer_itself_lacks_its_headers() {
    let setting = "(UserAPI, its log, and CORSMiddleware, which must be the outermost layer)";
    let of_success = "(UserAPI, what sets headers for this method, status or path";
    let passed = "the preflight passes, but the answer itself carries no";
    for (fault, test, status, setting) in [
        ("cors-no-headers-on-put", RENAME, 200, of_success),
        // The frontend's own column of the table. A call of it renames what is not there.
        ("cors-no-headers-on-put", "origins::cors", 404, setting),
    ] {
        diagnosed(
            fault,
            test,
            &["rename data/", "(PUT http://", PAGE, passed, setting],
            &lacks(status),
        );
    }
    let errors = "successful answers carry access-control-allow-origin, but those that report an \
                  error do not";
    diagnosed(
        "cors-no-headers-on-errors",
        "access::access_info",
        &["an unknown path (GET http://", PAGE, errors, setting],
        &lacks(404),
    );
    diagnosed(
        "cognito-cors-no-headers-on-errors",
        "access::sign_in_and_out",
        &["InitiateAuth (POST http://", PAGE, errors, "(Cognito, AWS_"],
        &lacks(400),
    );
}

#[test]
fn the_buckets_rules_let_the_page_do_too_little() {
    diagnosed(
        "s3-cors-no-rules",
        "transfer::sizes",
        &[
            "upload empty (POST http://localhost:",
            PAGE,
            "there are no CORS headers at all, or they name another origin",
            "(S3, AllowedOrigins in the bucket's CORS rules)",
        ],
        &lacks(204),
    );
    let setting = "(S3, AllowedMethods in the bucket's CORS rules, and AllowedOrigins beside it)";
    diagnosed(
        "s3-cors-lacks-post",
        "transfer::sizes",
        &[
            "upload empty (POST http://localhost:",
            PAGE,
            "the answers to another method are readable, but those to POST are not",
            setting,
        ],
        &lacks(204),
    );
    diagnosed(
        "s3-cors-get-for-another-origin",
        "transfer::sizes",
        &[
            "download data/",
            "(GET http://localhost:",
            PAGE,
            "the answers to another method are readable, but those to GET are not",
            setting,
        ],
        &lacks(200),
    );
}

/// Root 1: the engine knows the status, and the page uses it.
#[test]
fn an_answer_of_something_between_is_told_with_its_status_and_sender() {
    for (fault, test, parts, chrome) in [
        (
            "gateway-down",
            "access::user",
            [
                "502 from nginx, which stands before UserAPI: the service does not answer behind it",
                "(502 from nginx before UserAPI, whether the UserAPI runs behind it, and its log)",
            ],
            lacks(502),
        ),
        (
            "firewall-before-cognito",
            "access::user",
            [
                "403 from something that stands before Cognito: it refuses the request, as a firewall",
                "(403 from before Cognito, the rules of the firewall or proxy there)",
            ],
            lacks(403),
        ),
        (
            "s3-redirects-uploads",
            "transfer::sizes",
            [
                "S3 redirects the request (307) to https://bucket.s3.eu-west-1.amazonaws.com/",
                "(307 from S3, the bucket's region against AWS_DEFAULT_REGION",
            ],
            lacks(307),
        ),
        (
            "list-redirects-inside",
            "files::browse",
            [
                "UserAPI redirects the request (307) to http://inner-host.opencloud.test/files/",
                "(307 from UserAPI, uvicorn's --proxy-headers",
            ],
            lacks(307),
        ),
        (
            "cors-preflight-redirects",
            "access::user",
            [
                "UserAPI redirects the preflight, which must not be redirected, (307) to /access_info",
                "(307 from UserAPI, CORSMiddleware, which must answer before routing",
            ],
            "PreflightDisallowedRedirect: the preflight is redirected (307) to /access_info".into(),
        ),
    ] {
        diagnosed(fault, test, &[&[PAGE][..], &parts].concat(), &chrome);
    }
}

/// Root 2: each trial differs in one thing.
#[test]
fn a_method_and_a_header_that_are_only_wrong_together_are_told() {
    diagnosed(
        "cors-preflight-for-put-lacks-content-type",
        RENAME,
        &[
            PAGE,
            "content-type is not in access-control-allow-headers of the preflight for PUT (UserAPI, \
             CORSMiddleware allow_headers",
        ],
        "HeaderDisallowedByPreflightResponse (content-type)",
    );
}

/// Root 3: other requests tell what one failure does not.
#[test]
fn what_stands_behind_the_user_api_is_told_by_which_requests_fail() {
    for (fault, test, reason) in [
        (
            "storage-away",
            "files::browse",
            "requests for files fail, and others succeed, so it does not reach its storage",
        ),
        (
            "worker-api-away",
            "jobs::create_show_and_delete",
            "the creation of jobs fails, and jobs can be listed: for it, it asks the WorkerAPI, and writes \
             into its database",
        ),
        (
            "rename-answers-500",
            RENAME,
            "other requests for files succeed",
        ),
    ] {
        let told = format!("{PAGE}the UserAPI failed (500): {reason}; its answer carries no");
        diagnosed(fault, test, &[&told, "(500 from UserAPI, "], &lacks(500));
    }
    let told = "the same request passed ";
    let setting = "(UserAPI, the instances behind its address";
    diagnosed(
        "one-instance-without-cors",
        "files::browse",
        &[PAGE, told, " of 7 times: ", setting],
        &lacks(200),
    );
}

/// Root 4: any status of success is one.
#[test]
fn another_status_of_success_is_no_failure() {
    let disturbance = ["--disturbance", "creations-answer-200"];
    let args = [&disturbance[..], &["--filter", "jobs::create"]].concat();
    let ended = E2e::new(&args, "").run();
    ended.assert_code(0);
    ended.assert_nothing_left();
}

/// Root 5: a fact is compared wherever it is shown.
#[test]
fn two_answers_that_show_a_job_differently_are_told_with_both_places() {
    let args = [
        "--fault",
        "listed-job-elsewhere",
        "--filter",
        "jobs::create",
    ];
    let ended = E2e::new(&args, "").run();
    ended.assert_code(1);
    for part in [
        "environment is \"local\" in the answer to its creation, but \"cloud\" in the list",
        "(UserAPI)",
    ] {
        ended.says(part);
    }
    ended.assert_nothing_left();
}
