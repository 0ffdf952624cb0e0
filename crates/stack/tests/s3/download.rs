//! Reads by a pre-signed URL.

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response};

use super::service::{BUCKET, PREFIX, Service, TEN_MINUTES, refusal};

const CONTENT: &str = "Camera:\n  baseline: 398.6\nx: 1\n";

/// A service that holds one object, and its key.
async fn with_object() -> (Service, String) {
    let s3 = Service::start().await;
    let key = format!("{PREFIX}ü p+1.yaml");
    let put = s3.store.put_bytes(&key, None, CONTENT.into());
    put.await.unwrap();
    (s3, key)
}

async fn get(s3: &Service, url: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = s3.client.get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_pre_signed_url_reads_the_object() {
    let (s3, key) = with_object().await;
    let response = get(&s3, &s3.presigned_get(&key), &[]).await;
    assert_eq!(response.status(), 200);
    for (name, value) in [
        ("content-type", "binary/octet-stream"),
        ("content-length", "31"),
        ("accept-ranges", "bytes"),
        ("etag", "\"88bcbc6816c91caaf590450394b1ee78\""),
        ("server", "AmazonS3"),
    ] {
        assert_eq!(response.headers()[name], value, "{name}");
    }
    let modified = response.headers()["last-modified"].to_str().unwrap();
    assert!(modified.ends_with(" GMT"), "{modified}");
    assert_eq!(response.text().await.unwrap(), CONTENT);
}

#[tokio::test]
async fn head_answers_like_get_without_the_content() {
    let (s3, key) = with_object().await;
    let sign = |method, key: &str| {
        let now = Timestamp::now();
        s3.signer
            .presign(now, method, &s3.url, BUCKET, key, TEN_MINUTES)
    };
    let head = async |url: String| s3.client.head(url).send().await.unwrap();
    let found = head(sign(&Method::HEAD, &key)).await;
    assert_eq!(found.status(), 200);
    assert_eq!(found.headers()["content-length"], "31");
    assert_eq!(found.text().await.unwrap(), "");
    assert_eq!(head(sign(&Method::HEAD, "none")).await.status(), 404);
    assert_eq!(head(sign(&Method::GET, &key)).await.status(), 403);
}

#[tokio::test]
async fn ranges_are_served() {
    let (s3, key) = with_object().await;
    let url = s3.presigned_get(&key);
    for (range, content_range, content) in [
        ("bytes=0-5", "bytes 0-5/31", "Camera"),
        ("bytes=26-", "bytes 26-30/31", "x: 1\n"),
        ("bytes=-5", "bytes 26-30/31", "x: 1\n"),
        ("bytes=26-1000", "bytes 26-30/31", "x: 1\n"),
    ] {
        let response = get(&s3, &url, &[("range", range)]).await;
        assert_eq!(response.status(), 206, "{range}");
        assert_eq!(response.headers()["content-range"], content_range);
        assert_eq!(
            response.headers()["content-length"],
            content.len().to_string()
        );
        assert_eq!(response.text().await.unwrap(), content);
    }
    let response = get(&s3, &url, &[("range", "bytes=31-")]).await;
    assert_eq!(response.headers()["content-range"], "bytes */31");
    let (status, code, _) = refusal(response).await;
    assert_eq!((status, code.as_str()), (416, "InvalidRange"));
    let response = get(&s3, &url, &[("range", "bytes=0-1,3-4")]).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn an_unchanged_object_is_not_sent_again() {
    let (s3, key) = with_object().await;
    let url = s3.presigned_get(&key);
    let etag = "\"88bcbc6816c91caaf590450394b1ee78\"";
    let response = get(&s3, &url, &[("if-none-match", etag)]).await;
    assert_eq!(response.status(), 304);
    assert_eq!(response.text().await.unwrap(), "");
    let response = get(&s3, &url, &[("if-none-match", "\"other\"")]).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn only_the_signed_object_is_read() {
    let (s3, key) = with_object().await;
    let other = format!("{PREFIX}other");
    s3.store
        .put_bytes(&other, None, "secret".into())
        .await
        .unwrap();
    let url = s3.presigned_get(&key);
    let (path, query) = url.split_once('?').unwrap();
    let last = if url.ends_with('0') { "1" } else { "0" };
    let other_url = s3.presigned_get(&other);
    let (other_path, _) = other_url.split_once('?').unwrap();
    for (url, code) in [
        (path.to_owned(), "AccessDenied"),
        (format!("{other_path}?{query}"), "SignatureDoesNotMatch"),
        (
            format!("{}{last}", &url[..url.len() - 1]),
            "SignatureDoesNotMatch",
        ),
        (
            url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000"),
            "SignatureDoesNotMatch",
        ),
        (format!("{}/{BUCKET}", s3.url), "AccessDenied"),
    ] {
        let (status, found, _) = refusal(get(&s3, &url, &[]).await).await;
        assert_eq!((status, found.as_str()), (403, code), "{url}");
    }
    let elsewhere = s3.signer.presign(
        Timestamp::now(),
        &Method::GET,
        &s3.url,
        "other",
        &key,
        TEN_MINUTES,
    );
    let (status, code, _) = refusal(get(&s3, &elsewhere, &[]).await).await;
    assert_eq!((status, code.as_str()), (404, "NoSuchBucket"));
}

#[tokio::test]
async fn an_expired_url_says_since_when() {
    let (s3, key) = with_object().await;
    let signed = Timestamp::now() - SignedDuration::from_secs(601);
    let url = s3
        .signer
        .presign(signed, &Method::GET, &s3.url, BUCKET, &key, TEN_MINUTES);
    let response = get(&s3, &url, &[]).await;
    assert_eq!(response.status(), 403);
    let xml = response.text().await.unwrap();
    for part in [
        "<Code>AccessDenied</Code>",
        "<Message>Request has expired</Message>",
        "<Expires>",
        "<ServerTime>",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
}

#[tokio::test]
async fn a_missing_key_is_named() {
    let s3 = Service::start().await;
    let url = s3.presigned_get("none/<&>");
    let response = get(&s3, &url, &[]).await;
    assert_eq!(response.status(), 404);
    let xml = response.text().await.unwrap();
    assert!(xml.contains("<Code>NoSuchKey</Code>"), "{xml}");
    assert!(xml.contains("<Key>none/&lt;&amp;&gt;</Key>"), "{xml}");
}

#[tokio::test]
async fn a_token_beside_the_signature_is_refused() {
    let (s3, key) = with_object().await;
    let url = s3.presigned_get(&key);
    let response = get(&s3, &url, &[("authorization", "Bearer token")]).await;
    let (status, code, message) = refusal(response).await;
    assert_eq!((status, code.as_str()), (400, "InvalidArgument"));
    assert!(message.starts_with("Only one auth mechanism allowed"));
}

#[tokio::test]
async fn a_url_is_signed_for_one_method() {
    let (s3, key) = with_object().await;
    let url = s3.presigned_get(&key);
    for (method, refused, expected) in [
        (Method::PUT, 403, "SignatureDoesNotMatch"),
        (Method::DELETE, 403, "SignatureDoesNotMatch"),
        (Method::POST, 405, "MethodNotAllowed"),
        (Method::PATCH, 405, "MethodNotAllowed"),
    ] {
        let response = s3.client.request(method.clone(), &url).send().await;
        let (status, code, _) = refusal(response.unwrap()).await;
        assert_eq!((status, code.as_str()), (refused, expected), "{method}");
    }
    assert!(s3.store.head(&key).unwrap().is_some());
}

#[tokio::test]
async fn an_object_that_is_not_the_expected_one_is_not_sent() {
    let (s3, key) = with_object().await;
    let url = s3.presigned_get(&key);
    for (name, value, condition) in [
        ("if-match", "\"another\"", "If-Match"),
        (
            "if-unmodified-since",
            "Mon, 23 Nov 2020 06:56:26 GMT",
            "If-Unmodified-Since",
        ),
    ] {
        let response = get(&s3, &url, &[(name, value)]).await;
        assert_eq!(response.status(), 412, "{name}");
        let xml = response.text().await.unwrap();
        for part in [
            "<Code>PreconditionFailed</Code>".to_owned(),
            format!("<Condition>{condition}</Condition>"),
        ] {
            assert!(xml.contains(&part), "{part}: {xml}");
        }
    }
    let etag = "\"88bcbc6816c91caaf590450394b1ee78\"";
    assert_eq!(get(&s3, &url, &[("if-match", etag)]).await.status(), 200);
}

#[tokio::test]
async fn an_unknown_access_key_is_told_so_for_any_request() {
    let (s3, key) = with_object().await;
    let scope = "20261123/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    let header = format!("AWS4-HMAC-SHA256 Credential=AKIAUNKNOWN/{scope}");
    for path in ["/".to_owned(), format!("/{BUCKET}/{key}")] {
        let url = format!("{}{path}", s3.url);
        let response = get(&s3, &url, &[("authorization", &header)]).await;
        let (status, code, _) = refusal(response).await;
        assert_eq!(
            (status, code.as_str()),
            (403, "InvalidAccessKeyId"),
            "{path}"
        );
    }
    let (status, code, _) = refusal(get(&s3, &format!("{}/", s3.url), &[]).await).await;
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
}

#[tokio::test]
async fn every_answer_names_its_host() {
    let (s3, key) = with_object().await;
    let origin = "http://localhost:8080";
    for url in [s3.presigned_get(&key), format!("{}/{BUCKET}/{key}", s3.url)] {
        let mut ids = Vec::new();
        for _ in 0..2 {
            let response = get(&s3, &url, &[("origin", origin)]).await;
            let headers = response.headers();
            let exposed = &headers["access-control-expose-headers"];
            assert_eq!(exposed, "ETag", "no page reads it");
            let id = headers["x-amz-id-2"].to_str().unwrap().to_owned();
            assert!(id.len() == 76 && id.ends_with('='), "{id}");
            if response.status() == 403 {
                let xml = response.text().await.unwrap();
                assert!(xml.contains(&format!("<HostId>{id}</HostId>")), "{xml}");
            }
            ids.push(id);
        }
        assert_ne!(ids[0], ids[1]);
    }
}
