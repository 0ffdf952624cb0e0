//! Replays what was recorded of a page and an emulator of Cognito, and holds every difference
//! against one table.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::service::Service;

/// The headers that AWS lets a page read.
const EXPOSED: &str = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date";

/// The headers that AWS lets a page send.
const ALLOWED: &str = "authorization,cache-control,content-type,date,x-amz-date,\
    x-amz-security-token,x-amz-target,x-amz-content-sha256,x-amz-user-agent,x-amzn-platform-id,\
    x-amzn-trace-id,amz-sdk-invocation-id,amz-sdk-request";

/// Where the stack answers as AWS does and the emulator did not: exchange, part, what the stack
/// answers (`-`: nothing) if it is a header, reason. An exchange `*` stands for all.
const DIFFERENCES: &[(&str, &str, &str, &str)] = &[
    (
        "*",
        "access-control-allow-origin",
        "*",
        "AWS answers `*` and does not echo the origin",
    ),
    (
        "*",
        "access-control-expose-headers",
        EXPOSED,
        "AWS lets a page read the request's id and error",
    ),
    (
        "*",
        "vary",
        "-",
        "an answer of AWS does not depend on the origin",
    ),
    (
        "*",
        "content-type",
        "application/x-amz-json-1.1",
        "AWS's JSON protocol has a content type of its own",
    ),
    (
        "preflight",
        "content-type",
        "-",
        "AWS answers a preflight without a body",
    ),
    (
        "preflight_other_origin",
        "content-type",
        "-",
        "as for `preflight`",
    ),
    (
        "jwks_without_sigv4",
        "content-type",
        "application/json",
        "AWS asks for no signature",
    ),
    (
        "preflight",
        "access-control-allow-headers",
        ALLOWED,
        "AWS lists what it takes, whatever was asked",
    ),
    (
        "preflight",
        "access-control-allow-methods",
        "POST",
        "AWS takes POST only",
    ),
    (
        "preflight",
        "access-control-max-age",
        "172800",
        "AWS lets a browser remember for two days",
    ),
    (
        "preflight",
        "body",
        "",
        "the emulator took it for a request to S3 and listed its buckets",
    ),
    (
        "preflight_other_origin",
        "access-control-allow-headers",
        ALLOWED,
        "as for `preflight`",
    ),
    (
        "preflight_other_origin",
        "access-control-allow-methods",
        "POST",
        "as for `preflight`",
    ),
    (
        "preflight_other_origin",
        "access-control-max-age",
        "172800",
        "as for `preflight`",
    ),
    ("preflight_other_origin", "body", "", "as for `preflight`"),
    (
        "initiate_auth_ok",
        "body",
        "",
        "AWS adds `ChallengeParameters`",
    ),
    (
        "refresh_token_ok",
        "body",
        "",
        "AWS adds `ChallengeParameters`",
    ),
    (
        "initiate_auth_unknown_client",
        "body",
        "",
        "AWS's sentence, not only the client's id",
    ),
    (
        "initiate_auth_bad_flow",
        "body",
        "",
        "AWS lists the flows without quotes",
    ),
    (
        "refresh_token_bad",
        "body",
        "",
        "AWS tells an invalid token from a revoked one",
    ),
    (
        "get_user",
        "body",
        "",
        "AWS tells a user less than it tells an administrator",
    ),
    (
        "sign_up_existing",
        "body",
        "",
        "accounts are made by the administrator only",
    ),
    (
        "jwks_without_sigv4",
        "status",
        "",
        "AWS asks for no signature",
    ),
    (
        "jwks_without_sigv4",
        "body",
        "",
        "AWS asks for no signature",
    ),
    ("jwks", "body", "", "AWS has two keys"),
];

const HEADERS: [&str; 10] = [
    "content-type",
    "allow",
    "location",
    "vary",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// From the recorded ids and secrets to those of the pool at hand.
struct Translation(Vec<(String, String)>);

impl Translation {
    fn text(&self, text: &str) -> String {
        let replace = |text: String, (from, to): &(String, String)| text.replace(from, to);
        self.0.iter().fold(text.to_owned(), replace)
    }

    fn add(&mut self, from: &Value, to: &Value) {
        if let (Some(from), Some(to)) = (from.as_str(), to.as_str()) {
            self.0.push((from.to_owned(), to.to_owned()));
        }
    }
}

/// Exchange, part, and what the stack answers if the part is a header.
type Differing = BTreeSet<(String, String, String)>;

async fn replay(group: &str) -> Differing {
    let path = format!("{}/tests/golden/{group}.json", env!("CARGO_MANIFEST_DIR"));
    let recorded = std::fs::read_to_string(path).unwrap();
    let recorded: Vec<Value> = serde_json::from_str(&recorded).unwrap();
    let s = Service::start().await;
    let mut translation = translation(&s, &recorded);
    let mut differences = BTreeSet::new();
    for exchange in &recorded {
        let name = exchange["name"].as_str().unwrap();
        let (status, headers, body) = send(&s, &exchange["request"], &translation).await;
        let expected = &exchange["response"];
        if name == "initiate_auth_ok" {
            let (theirs, ours) = (&expected["body_json"], &body);
            for token in ["RefreshToken", "AccessToken"] {
                let token = format!("/AuthenticationResult/{token}");
                translation.add(
                    theirs.pointer(&token).unwrap(),
                    ours.pointer(&token).unwrap(),
                );
            }
        }
        let mut differ = |part: &str, ours: &str| {
            differences.insert((name.to_owned(), part.to_owned(), ours.to_owned()));
        };
        if expected["status"] != status {
            differ("status", "");
        }
        if body_differs(expected, &body) {
            differ("body", "");
        }
        for part in HEADERS {
            let ours = headers.get_all(part).iter();
            let ours: Vec<_> = ours.map(|value| value.to_str().unwrap()).collect();
            if recorded_values(&expected["headers"], part) != ours {
                differ(part, ours.first().unwrap_or(&"-"));
                assert!(ours.len() < 2, "{name}: {part} comes twice: {ours:?}");
            }
        }
        let others = headers.keys().map(reqwest::header::HeaderName::as_str);
        let others = others.filter(|name| name.starts_with("access-control-"));
        for other in others.filter(|name| !HEADERS.contains(name)) {
            differ(other, "is not compared");
        }
    }
    differences
}

fn translation(s: &Service, recorded: &[Value]) -> Translation {
    let account = s.account("user");
    let ids = s.cognito.ids();
    let first = recorded[0]["request"]["body_text"].as_str().unwrap();
    let first: Value = serde_json::from_str(first).unwrap();
    let jwks = recorded.iter().find(|exchange| exchange["name"] == "jwks");
    let jwks = jwks.unwrap()["request"]["url"].as_str().unwrap();
    let pool = jwks.split('/').nth(3).unwrap();
    let mut translation = Translation(Vec::new());
    for (from, to) in [
        (&first["ClientId"], &ids.client),
        (&first["AuthParameters"]["USERNAME"], &account.email),
        (&first["AuthParameters"]["PASSWORD"], &account.password),
        (&json!(pool), &ids.user_pool),
        (&json!("http://localhost:5000/"), &s.url),
    ] {
        translation.add(from, &json!(to));
    }
    translation
}

async fn send(
    s: &Service,
    request: &Value,
    translation: &Translation,
) -> (u16, reqwest::header::HeaderMap, Value) {
    let text = |value: &Value| translation.text(value.as_str().unwrap_or_default());
    let method: Method = text(&request["method"]).parse().unwrap();
    let mut sent = s.client.request(method, text(&request["url"]));
    for (name, value) in request["headers"].as_object().unwrap() {
        sent = sent.header(name, text(value));
    }
    let response = sent.body(text(&request["body_text"])).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.text().await.unwrap();
    (
        status,
        headers,
        serde_json::from_str(&body).unwrap_or(json!(body)),
    )
}

fn recorded_values<'a>(headers: &'a Value, name: &str) -> Vec<&'a str> {
    match headers {
        Value::Object(headers) => headers
            .get(name)
            .and_then(Value::as_str)
            .into_iter()
            .collect(),
        Value::Array(pairs) => {
            let same = pairs.iter().filter(|pair| pair[0] == name);
            same.filter_map(|pair| pair[1].as_str()).collect()
        }
        _ => Vec::new(),
    }
}

/// Refusals are compared to the letter; of other answers the shape, as ids and tokens differ.
fn body_differs(expected: &Value, ours: &Value) -> bool {
    let Some(theirs) = expected.get("body_json") else {
        return &expected["body_text"] != ours;
    };
    if theirs.get("__type").is_some() {
        return theirs != ours;
    }
    shape(theirs) != shape(ours)
}

/// The value with every text and number emptied.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), shape(value)))
            .collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => json!(""),
        Value::Number(_) => json!(0),
        other => other.clone(),
    }
}

#[tokio::test]
async fn nothing_differs_from_the_recordings_but_what_the_table_explains() {
    for group in ["local_cognito", "s3_cognito"] {
        let found = replay(group).await;
        let unexplained: Vec<_> = found
            .iter()
            .filter(|(name, part, ours)| {
                !DIFFERENCES
                    .iter()
                    .any(|(n, p, o, _)| (n == name || *n == "*") && p == part && o == ours)
            })
            .collect();
        assert!(unexplained.is_empty(), "{group}: {unexplained:?}");
        for (name, part, ours, _) in DIFFERENCES {
            let needed = found
                .iter()
                .any(|(n, p, o)| (*name == "*" || n == name) && p == part && o == ours);
            assert!(needed, "{group}: {name} no longer differs in its {part}");
        }
    }
}
