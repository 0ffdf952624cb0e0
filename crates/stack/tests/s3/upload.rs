//! Uploads by a form whose policy is signed.

use jiff::{SignedDuration, Timestamp};

use super::service::{BUCKET, PREFIX, Service, TEN_MINUTES, open, refusal, set};

#[tokio::test]
async fn a_signed_form_uploads_its_file() {
    let s3 = Service::start().await;
    let response = s3.post(&s3.form(), "p.yaml", b"Camera: 1\n").await;
    assert_eq!(response.status(), 204);
    let meta = s3.store.head(&format!("{PREFIX}p.yaml")).unwrap().unwrap();
    assert_eq!(meta.size, 10);
    let headers = response.headers();
    assert_eq!(headers["etag"], format!("\"{}\"", meta.etag));
    assert_eq!(
        headers["location"],
        format!("{}/{BUCKET}/{PREFIX}p.yaml", s3.url)
    );
    assert_eq!(headers["server"], "AmazonS3");
    assert!(headers.contains_key("x-amz-request-id"));
    assert_eq!(response.text().await.unwrap(), "");
}

#[tokio::test]
async fn the_file_name_loses_its_path_and_the_key_is_only_a_key() {
    let s3 = Service::start().await;
    for (name, key) in [
        ("a/b/c.txt", format!("{PREFIX}c.txt")),
        (r"C:\dir\d.txt", format!("{PREFIX}d.txt")),
        ("ü µ.txt", format!("{PREFIX}ü µ.txt")),
    ] {
        let response = s3.post(&s3.form(), name, b"content").await;
        assert_eq!(response.status(), 204, "{name}");
        assert!(s3.store.head(&key).unwrap().is_some(), "{name}");
    }
    let outside = format!("{PREFIX}../../../../escaped");
    let mut form = s3.form();
    set(&mut form, "key", &outside);
    assert_eq!(s3.post(&form, "x", b"content").await.status(), 204);
    assert!(s3.store.head(&outside).unwrap().is_some());
    assert_eq!(s3.blobs(), 4);
    let beside: Vec<_> = std::fs::read_dir(s3.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("stack.sqlite"))
        .collect();
    assert_eq!(beside, ["blobs"]);
}

#[tokio::test]
async fn empty_and_large_files_arrive_whole() {
    let s3 = Service::start().await;
    let large: Vec<u8> = (0..5 * 1024 * 1024_u32).map(|n| (n % 251) as u8).collect();
    for (name, content) in [("empty", &[][..]), ("large", &large)] {
        assert_eq!(s3.post(&s3.form(), name, content).await.status(), 204);
        let url = s3.presigned_get(&format!("{PREFIX}{name}"));
        let read = s3.client.get(url).send().await.unwrap();
        assert_eq!(read.bytes().await.unwrap(), content, "{name}");
    }
    let empty = s3.store.head(&format!("{PREFIX}empty")).unwrap().unwrap();
    assert_eq!(empty.etag, "d41d8cd98f00b204e9800998ecf8427e");
}

#[tokio::test]
async fn each_field_that_the_policy_binds_is_checked() {
    let s3 = Service::start().await;
    let day = Timestamp::now().strftime("%Y%m%d").to_string();
    let key = s3.signer.access_key();
    let credential = |scope: &str| format!("{key}/{scope}");
    let failed = "Invalid according to Policy: Policy Condition failed: ";
    for (field, value, expected) in [
        ("key", "user_data/you/f", (403, "AccessDenied", failed)),
        (
            "key",
            "",
            (400, "InvalidArgument", "Bucket POST must contain"),
        ),
        (
            "acl",
            "public-read",
            (
                403,
                "AccessDenied",
                "Invalid according to Policy: Extra input fields: acl",
            ),
        ),
        (
            "x-amz-signature",
            &"0".repeat(64),
            (403, "SignatureDoesNotMatch", ""),
        ),
        (
            "x-amz-signature",
            "",
            (400, "InvalidArgument", "Bucket POST must contain"),
        ),
        ("policy", "", (403, "AccessDenied", "Access Denied")),
        ("policy", "e30=", (403, "SignatureDoesNotMatch", "")),
        (
            "x-amz-algorithm",
            "AWS4-HMAC-SHA1",
            (400, "InvalidArgument", ""),
        ),
        (
            "x-amz-date",
            &format!("{day}T000000Z"),
            (403, "AccessDenied", failed),
        ),
        (
            "x-amz-date",
            "19990101T000000Z",
            (400, "InvalidArgument", ""),
        ),
        (
            "x-amz-credential",
            &format!("AKIAOTHER/{day}/eu-central-1/s3/aws4_request"),
            (403, "InvalidAccessKeyId", ""),
        ),
        (
            "x-amz-credential",
            &credential(&format!("{day}/us-east-1/s3/aws4_request")),
            (400, "InvalidArgument", ""),
        ),
        (
            "x-amz-credential",
            &credential("19990101/eu-central-1/s3/aws4_request"),
            (400, "InvalidArgument", ""),
        ),
    ] {
        let mut form = s3.form();
        set(&mut form, field, value);
        let (status, code, message) = refusal(s3.post(&form, "f", b"x").await).await;
        assert_eq!(
            (status, code.as_str()),
            (expected.0, expected.1),
            "{field} {value}"
        );
        assert!(
            message.starts_with(expected.2),
            "{field} {value}: {message}"
        );
    }
    assert_eq!((s3.blobs(), s3.store.list("").unwrap().len()), (0, 0));
}

#[tokio::test]
async fn the_failed_condition_is_named() {
    let s3 = Service::start().await;
    let mut form = s3.form();
    set(&mut form, "key", "elsewhere/f");
    let (_, _, message) = refusal(s3.post(&form, "f", b"x").await).await;
    assert_eq!(
        message,
        format!(
            "Invalid according to Policy: Policy Condition failed: \
             [\"starts-with\", \"$key\", \"{PREFIX}\"]"
        )
    );
}

#[tokio::test]
async fn an_expired_policy_is_refused() {
    let s3 = Service::start().await;
    let earlier = Timestamp::now() - SignedDuration::from_secs(601);
    let form = s3
        .signer
        .presign_post(earlier, &s3.url, BUCKET, PREFIX, TEN_MINUTES);
    assert_eq!(
        refusal(s3.post(&form, "f", b"x").await).await,
        (
            403,
            "AccessDenied".into(),
            "Invalid according to Policy: Policy expired.".into()
        )
    );
    let later = s3.form_with(&[], 60);
    assert_eq!(s3.post(&later, "f", b"x").await.status(), 204);
}

#[tokio::test]
async fn a_policy_is_for_one_bucket() {
    let s3 = Service::start().await;
    let mut form = s3.form();
    form.url = format!("{}/other", s3.url);
    let (status, code, _) = refusal(s3.post(&form, "f", b"x").await).await;
    assert_eq!((status, code.as_str()), (404, "NoSuchBucket"));
    let form = s3
        .signer
        .presign_post(Timestamp::now(), &s3.url, "other", PREFIX, TEN_MINUTES);
    let form = opencloud_stack::s3::PostForm {
        url: s3.form().url,
        ..form
    };
    let (status, _, message) = refusal(s3.post(&form, "f", b"x").await).await;
    assert_eq!(status, 403);
    assert!(
        message.contains(r#"["eq", "$bucket", "other"]"#),
        "{message}"
    );
}

#[tokio::test]
async fn the_length_is_limited_by_the_policy_alone() {
    let s3 = Service::start().await;
    let form = s3.form_with(&[r#"["content-length-range", 2, 4]"#], 60);
    for (content, expected) in [
        (&b"1"[..], Err((400, "EntityTooSmall"))),
        (b"12", Ok(())),
        (b"1234", Ok(())),
        (b"12345", Err((400, "EntityTooLarge"))),
    ] {
        let response = s3.post(&form, "f", content).await;
        match expected {
            Ok(()) => assert_eq!(response.status(), 204),
            Err(expected) => {
                let (status, code, _) = refusal(response).await;
                assert_eq!((status, code.as_str()), expected);
            }
        }
    }
    assert_eq!(s3.blobs(), 1);
}

#[tokio::test]
async fn a_form_may_choose_the_status_and_the_type_if_its_policy_covers_them() {
    let s3 = Service::start().await;
    let conditions = [
        r#"["starts-with", "$success_action_status", ""]"#,
        r#"["eq", "$Content-Type", "image/tiff"]"#,
    ];
    for (asked, answered) in [("200", 200), ("201", 201), ("204", 204), ("999", 204)] {
        let mut form = s3.form_with(&conditions, 60);
        set(&mut form, "success_action_status", asked);
        set(&mut form, "Content-Type", "image/tiff");
        let response = s3.post(&form, "f&.tif", b"x").await;
        assert_eq!(response.status(), answered, "{asked}");
        let xml = response.text().await.unwrap();
        assert_eq!(xml.contains("f&amp;.tif</Key>"), answered == 201, "{xml}");
    }
    let meta = s3.store.head(&format!("{PREFIX}f&.tif")).unwrap().unwrap();
    assert_eq!(meta.content_type.as_deref(), Some("image/tiff"));
}

#[tokio::test]
async fn anything_but_a_form_is_refused() {
    let s3 = Service::start().await;
    let url = s3.form().url;
    let post = |kind: &'static str, body: &'static str| {
        let request = s3.client.post(&url).header("content-type", kind).body(body);
        async { refusal(request.send().await.unwrap()).await }
    };
    let multipart = "multipart/form-data; boundary=b";
    assert_eq!(post("text/plain", "x").await.1, "PreconditionFailed");
    assert_eq!(post(multipart, "nonsense").await.1, "MalformedPOSTRequest");
    let no_file = "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--b--\r\n";
    assert_eq!(
        post(multipart, no_file).await,
        (
            400,
            "InvalidArgument".into(),
            "POST requires exactly one file upload per request.".into()
        )
    );
    let mut form = s3.form();
    set(&mut form, "x-ignore-padding", &"x".repeat(20_480));
    let (_, code, _) = refusal(s3.post(&form, "f", b"x").await).await;
    assert_eq!(code, "MaxPostPreDataLengthExceeded");
    let authorized = s3.client.post(&url).bearer_auth("token").send().await;
    let (status, code, message) = refusal(authorized.unwrap()).await;
    assert_eq!((status, code.as_str()), (400, "InvalidArgument"));
    assert!(message.starts_with("Only one auth mechanism allowed"));
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("--b--")]);
    let chunked = s3.client.post(&url).header("content-type", multipart);
    let chunked = chunked
        .body(reqwest::Body::wrap_stream(pieces))
        .send()
        .await;
    let (status, code, _) = refusal(chunked.unwrap()).await;
    assert_eq!((status, code.as_str()), (411, "MissingContentLength"));
}

#[tokio::test]
async fn uploads_at_once_to_one_key_leave_one_whole_object() {
    let s3 = Service::start().await;
    let contents: Vec<Vec<u8>> = (0..8).map(|n| vec![n; 100_000]).collect();
    let form = s3.form();
    let posts = contents.iter().map(|content| s3.post(&form, "f", content));
    for response in futures_util::future::join_all(posts).await {
        assert_eq!(response.status(), 204);
    }
    let url = s3.presigned_get(&format!("{PREFIX}f"));
    let read = s3
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(contents.iter().any(|content| read == content));
    assert_eq!(s3.blobs(), 1);
}

#[tokio::test]
async fn objects_and_credentials_outlive_a_restart() {
    let s3 = Service::start().await;
    let form = s3.form();
    assert_eq!(s3.post(&form, "f", b"kept").await.status(), 204);
    let (store, signer) = open(s3.directory.path());
    assert_eq!(store.list("").unwrap(), s3.store.list("").unwrap());
    assert_eq!(signer.access_key(), s3.signer.access_key());
    let at = Timestamp::now();
    let sign = |signer: &opencloud_stack::s3::Signer| {
        signer.presign_post(at, &s3.url, BUCKET, PREFIX, TEN_MINUTES)
    };
    assert!(sign(&signer) == sign(&s3.signer));
}
