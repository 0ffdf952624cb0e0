//! Answers of the UserAPI that no recording shows: forged tokens, proxies, odd requests.

use crate::support::{
    self, MODES, NEVER, Running, config,
    http::Request,
    session::{PARAMETERS, Session, job},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use opencloud_stack::{Stack, config::FileMode};
use serde_json::{Value, json};

async fn start(mode: FileMode) -> (Running, Session) {
    let stack = support::start(config(mode, NEVER)).await;
    let user = Session::first(&stack).await;
    (stack, user)
}

/// The claims of a token that is good for everything.
fn good_claims(stack: &Stack) -> Value {
    json!({
        "iss": stack.ids().issuer(),
        "aud": stack.ids().client,
        "token_use": "id",
        "exp": jiff::Timestamp::now().as_second() + 60,
        "cognito:username": "somebody",
        "cognito:groups": ["users"],
    })
}

async fn good_header(stack: &Stack) -> Header {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(stack.cognito().kid().await);
    header
}

async fn answer_to(stack: &Stack, token: String) -> (u16, String) {
    let user = Session {
        url: stack.urls().user_api.clone(),
        token,
    };
    let answer = user.get("/user").await;
    (answer.status, answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_decide_whether_a_token_is_accepted() {
    let (stack, _) = start(FileMode::Local).await;
    let now = jiff::Timestamp::now().as_second();
    let not_verified = (401, r#"{"detail":"Not verified"}"#);
    let invalid = (401, r#"{"detail":"Validation Error for Claims"}"#);
    let nobody = (200, r#"{"email":null,"groups":["users"]}"#);
    for (claim, value, (status, body)) in [
        ("email", json!(null), nobody),
        ("email", json!(7), invalid),
        ("exp", json!(now - 2), not_verified),
        ("exp", json!("tomorrow"), not_verified),
        ("iat", json!(now - 2), nobody),
        ("iat", json!(now + 30), not_verified),
        ("aud", json!(["a", "b"]), not_verified),
        ("iss", json!(null), not_verified),
        ("token_use", json!("access"), not_verified),
        ("cognito:username", json!(7), invalid),
        ("cognito:username", json!(""), invalid),
        // The username names a directory.
        ("cognito:username", json!(".."), invalid),
        ("cognito:username", json!("../somebody"), invalid),
        ("cognito:username", json!("some/body"), invalid),
        ("cognito:groups", json!("users"), invalid),
        (
            "cognito:groups",
            json!([]),
            (403, r#"{"detail":"Not a member of the 'users' group"}"#),
        ),
        (
            "cognito:groups",
            json!(["users", "cloud"]),
            (200, r#"{"email":null,"groups":["users","cloud"]}"#),
        ),
        (
            "cognito:groups",
            json!(["users", "strangers"]),
            (500, "Internal Server Error"),
        ),
    ] {
        let mut claims = good_claims(&stack);
        claims[claim] = value.clone();
        let header = good_header(&stack).await;
        let token = stack.cognito().sign(&header, &claims).await;
        let answer = answer_to(&stack, token).await;
        assert_eq!(answer, (status, body.to_owned()), "{claim}: {value}");
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_tokens_are_refused() {
    let (stack, _) = start(FileMode::Local).await;
    let claims = good_claims(&stack);
    let kid = stack.cognito().kid().await;
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let body = encode(&claims);
    let mut shared_secret = Header::new(Algorithm::HS256);
    shared_secret.kid = Some(kid.clone());
    let secret = EncodingKey::from_secret(b"secret");
    let mut no_kid = good_header(&stack).await;
    no_kid.kid = None;
    for (token, detail) in [
        (
            format!("{}.{body}.", encode(&json!({"alg": "none", "kid": kid}))),
            "Not verified",
        ),
        (
            jsonwebtoken::encode(&shared_secret, &claims, &secret).unwrap(),
            "Not verified",
        ),
        (
            stack.cognito().sign(&no_kid, &claims).await,
            "Not authenticated",
        ),
        (
            format!("{}.{body}", encode(&json!({"kid": kid}))),
            "Not authenticated",
        ),
    ] {
        let expected = (401, format!(r#"{{"detail":"{detail}"}}"#));
        assert_eq!(answer_to(&stack, token.clone()).await, expected, "{token}");
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_on_this_machine_may_report_tls() {
    let (stack, user) = start(FileMode::Local).await;
    for (said, scheme) in [("https", "https"), ("http", "http"), ("gopher", "http")] {
        let answer = user
            .request("POST", "/files/config/exp/url")
            .header("X-Forwarded-Proto", said)
            .header("X-Forwarded-Host", "evil.example")
            .send()
            .await;
        let host = user.url.strip_prefix("http://").unwrap();
        let expected = format!("{scheme}://{host}/files/config/exp/upload");
        assert_eq!(answer.json()["url"], expected);
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_keep_the_query() {
    let (stack, user) = start(FileMode::Local).await;
    for (asked, location) in [
        ("/files?recursive=true", "/files/?recursive=true"),
        ("/jobs/?limit=1", "/jobs?limit=1"),
        ("/jobs/1/", "/jobs/1"),
        ("/user/", "/user"),
    ] {
        let answer = user.get(asked).await;
        assert_eq!(answer.status, 307, "{asked}");
        let location = format!("{}{location}", user.url);
        assert_eq!(answer.header("location"), Some(location.as_str()));
    }
    for unknown in ["/nope/", "/jobs/a/b", "/files2"] {
        assert_eq!(user.get(unknown).await.status, 404, "{unknown}");
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_names_every_refused_part() {
    let (stack, user) = start(FileMode::S3).await;
    let answer = Request::new("OPTIONS", &format!("{}/jobs", user.url))
        .header("Origin", "http://localhost:8080.evil.example")
        .header("Access-Control-Request-Method", "TRACE")
        .send()
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.text(), "Disallowed CORS origin, method");
    assert_eq!(answer.header("access-control-allow-origin"), None);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_in_a_job_are_listed_one_by_one() {
    let (stack, user) = start(FileMode::Local).await;
    let attributes = json!({
        "files_down": {"config_id": 1, "data_ids": "exp", "artifact_ids": [1, "a"]},
        "env_vars": {"A": 1},
    });
    let mut wanted = job("faulty");
    wanted["job_name"] = json!(7);
    wanted["priority"] = json!([]);
    wanted["attributes"] = attributes;
    wanted["hardware"] = json!({"memory": "much", "gpu_model": 1});
    let answer = user.json("POST", "/jobs", &wanted).await;
    assert_eq!(answer.status, 422);
    let detail = answer.json()["detail"].clone();
    let found: Vec<String> = detail
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            let loc = fault["loc"].as_array().unwrap()[1..].iter();
            let loc: Vec<_> = loc.map(|part| part.to_string().replace('"', "")).collect();
            format!("{} {}", loc.join("."), fault["type"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [
            "job_name string_type",
            "priority int_type",
            "attributes.files_down.config_id string_type",
            "attributes.files_down.data_ids list_type",
            "attributes.files_down.artifact_ids.0 string_type",
            "attributes.env_vars.A string_type",
            "hardware.memory int_parsing",
            "hardware.gpu_model string_type",
        ]
    );
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_up_and_down_through_the_user_api_in_both_modes() {
    for mode in MODES {
        let (stack, user) = start(mode).await;
        let uploaded = user.upload_here("config/exp", "p.yaml", PARAMETERS).await;
        assert_eq!(uploaded.status, 201, "{mode:?}: {}", uploaded.text());
        assert_eq!(uploaded.json()["path"], "config/exp/p.yaml");
        let file = user.get("/files/config/exp/p.yaml/download").await;
        assert_eq!(file.body, PARAMETERS, "{mode:?}");
        let archive = user.get("/files/config/exp//download").await;
        assert_eq!(
            archive.header("content-disposition"),
            Some("attachment; filename=config/exp.zip")
        );
        let archive = zip::ZipArchive::new(std::io::Cursor::new(archive.body)).unwrap();
        assert_eq!(archive.file_names().collect::<Vec<_>>(), ["p.yaml"]);
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_job_takes_only_its_own_outputs() {
    for mode in MODES {
        let (stack, user) = start(mode).await;
        user.upload_inputs().await;
        let id = user.submit(&job("run")).await;
        for directory in ["artifact/run/model", "artifact/run2/model"] {
            user.upload(directory, "model_0.pt", b"PK").await;
        }
        assert_eq!(user.delete(&format!("/jobs/{id}")).await.status, 204);
        assert_eq!(
            user.paths("artifact").await,
            ["artifact/run2/model/model_0.pt"],
            "{mode:?}"
        );
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_equal_names_is_refused_even_at_the_same_time() {
    let (stack, user) = start(FileMode::Local).await;
    user.upload_inputs().await;
    let wanted = job("twin");
    let (one, other) = tokio::join!(
        user.json("POST", "/jobs", &wanted),
        user.json("POST", "/jobs", &wanted)
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    stack.stop().await;
}
