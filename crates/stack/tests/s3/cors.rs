//! CORS of a bucket: which requests other origins may send, and which answers they may read.

use reqwest::{Method, Response, header::HeaderName};

use super::service::{BUCKET, FRONTEND, PREFIX, Service, refusal};

const OTHERS: [&str; 4] = [
    "null",
    "http://127.0.0.1:8080",
    "https://localhost:8080",
    "http://localhost:8080.example.com",
];

fn cors_headers(response: &Response) -> Vec<&str> {
    let headers = response.headers().keys().map(HeaderName::as_str);
    headers
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

async fn preflight(s3: &Service, path: &str, headers: &[(&str, &str)]) -> Response {
    let url = format!("{}{path}", s3.url);
    let mut request = s3.client.request(Method::OPTIONS, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn the_frontend_may_send_what_the_rule_allows() {
    let s3 = Service::start().await;
    for path in [format!("/{BUCKET}"), format!("/{BUCKET}/{PREFIX}f")] {
        let asked = [
            ("origin", FRONTEND),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "Content-Type,x-other"),
        ];
        let response = preflight(&s3, &path, &asked).await;
        assert_eq!(response.status(), 200);
        for (name, value) in [
            ("access-control-allow-origin", FRONTEND),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "GET, POST, PUT, HEAD"),
            ("access-control-allow-headers", "content-type, x-other"),
            ("access-control-expose-headers", "ETag"),
            ("access-control-max-age", "3000"),
            ("content-length", "0"),
            (
                "vary",
                "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
            ),
        ] {
            assert_eq!(response.headers()[name], value, "{name}");
        }
    }
}

#[tokio::test]
async fn no_other_origin_may_send_anything() {
    let s3 = Service::start().await;
    let mut cases: Vec<(&str, &str)> = OTHERS.iter().map(|&origin| (origin, "GET")).collect();
    cases.push((FRONTEND, "DELETE"));
    for (origin, method) in cases {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", method),
        ];
        let response = preflight(&s3, &format!("/{BUCKET}/f"), &asked).await;
        assert!(cors_headers(&response).is_empty(), "{origin} {method}");
        let (status, code, message) = refusal(response).await;
        assert_eq!(
            (status, code.as_str()),
            (403, "AccessForbidden"),
            "{origin} {method}"
        );
        assert!(message.contains("not allowed"), "{message}");
    }
}

#[tokio::test]
async fn options_without_an_origin_is_a_bad_request() {
    let s3 = Service::start().await;
    let (status, code, message) = refusal(preflight(&s3, &format!("/{BUCKET}"), &[]).await).await;
    assert_eq!((status, code.as_str()), (400, "BadRequest"));
    assert_eq!(
        message,
        "Insufficient information. Origin request header needed."
    );
}

#[tokio::test]
async fn without_rules_no_page_may_do_anything() {
    let s3 = Service::with_rules(Vec::new()).await;
    let asked = [
        ("origin", FRONTEND),
        ("access-control-request-method", "GET"),
    ];
    let response = preflight(&s3, &format!("/{BUCKET}"), &asked).await;
    let (status, _, message) = refusal(response).await;
    assert_eq!(status, 403);
    assert_eq!(
        message,
        "CORSResponse: CORS is not enabled for this bucket."
    );
    let get = s3.client.get(s3.presigned_get("none"));
    let response = get.header("origin", FRONTEND).send().await.unwrap();
    assert!(cors_headers(&response).is_empty());
}

/// One answer of each kind: read, missing, refused, unsatisfiable, not allowed, uploaded, refused.
async fn answers(s3: &Service, origin: &str) -> Vec<(u16, Response)> {
    let key = format!("{PREFIX}f");
    let put = s3.store.put_bytes(&key, None, "content".into());
    put.await.unwrap();
    let form = |fields| {
        let mut parts = reqwest::multipart::Form::new();
        for (name, value) in fields {
            parts = parts.text::<String, String>(name, value);
        }
        let file = reqwest::multipart::Part::bytes(b"x").file_name("f");
        s3.client
            .post(s3.form().url)
            .multipart(parts.part("file", file))
    };
    let unsigned = format!("{}/{BUCKET}/{key}", s3.url);
    let requests = [
        (200, s3.client.get(s3.presigned_get(&key))),
        (404, s3.client.get(s3.presigned_get("none"))),
        (403, s3.client.get(&unsigned)),
        (
            416,
            s3.client
                .get(s3.presigned_get(&key))
                .header("range", "bytes=99-"),
        ),
        (403, s3.client.put(&unsigned)),
        (204, form(s3.form().fields)),
        (400, form(Vec::new())),
    ];
    let mut answers = Vec::new();
    for (status, request) in requests {
        let response = request.header("origin", origin).send().await.unwrap();
        answers.push((status, response));
    }
    answers
}

#[tokio::test]
async fn the_frontend_may_read_every_answer_refusals_included() {
    let s3 = Service::start().await;
    for (status, response) in answers(&s3, FRONTEND).await {
        assert_eq!(response.status(), status);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], FRONTEND, "{status}");
        assert_eq!(headers["access-control-expose-headers"], "ETag");
        assert_eq!(
            headers["vary"],
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
        );
    }
}

#[tokio::test]
async fn no_other_origin_may_read_any_answer() {
    let s3 = Service::start().await;
    for origin in OTHERS {
        for (status, response) in answers(&s3, origin).await {
            assert_eq!(response.status(), status, "the request itself is served");
            assert!(cors_headers(&response).is_empty(), "{origin} {status}");
        }
    }
    let response = s3
        .client
        .get(s3.presigned_get("none"))
        .send()
        .await
        .unwrap();
    assert!(cors_headers(&response).is_empty());
}
