use super::*;

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let headers = headers.iter();
    Request {
        method: method.into(),
        url: url.into(),
        headers: headers
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        body: Some(body.into()),
    }
}

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("server".into(), "uvicorn".into()),
        ],
        body: body.into(),
    }
}

#[test]
fn one_exchange_of_each_kind_is_kept() {
    let mut recorder = Recorder::default();
    let job = |number: u8| request("GET", &format!("http://api/jobs/{number}"), &[], "");
    let with = |name: &str| answer(200, &format!(r#"{{"id":1,"job_name":"{name}"}}"#));
    assert!(recorder.note(Service::UserApi, &job(1), &with("a")));
    assert!(!recorder.note(Service::UserApi, &job(2), &with("b")));
    assert!(recorder.note(Service::UserApi, &job(3), &answer(404, r#"{"detail":"x"}"#)));
    let null = answer(200, r#"{"id":1,"job_name":null}"#);
    assert!(recorder.note(Service::UserApi, &job(3), &null));
    assert_eq!(recorder.kinds(), 3);
}

#[test]
fn nothing_secret_is_written_down() {
    let mut recorder = Recorder::default();
    recorder.add_origin(Service::UserApi, "https://api.example.org");
    recorder.add_origin(Service::S3, "https://bucket.s3.example.org");
    let secrets = [
        "Sekret-1",
        "eyJhbGci.eyJzdWIi.c2lnbmF0dXJl",
        "opaque-refresh-token",
        "me@lab.org",
        "4812",
        "b61ef5",
        "AKIAEXAMPLE",
        "eu-central-1_AbC123",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "security-token-of-aws",
        "value-of-a-cookie",
    ];
    let said = format!(
        r#"{{"AuthParameters":{{"USERNAME":"{}","PASSWORD":"{}"}},"ConfirmationCode":"{}"}}"#,
        secrets[3], secrets[0], secrets[4]
    );
    let got = format!(
        r#"{{"AuthenticationResult":{{"IdToken":"{}","RefreshToken":"{}"}},"pool":"{}"}}"#,
        secrets[1], secrets[2], secrets[7]
    );
    let sign_in = request("POST", "https://cognito/", &[], &said);
    recorder.note(Service::Cognito, &sign_in, &answer(200, &got));
    let bearer = format!("Bearer {}", secrets[1]);
    let ask = request(
        "GET",
        "https://api.example.org/files/config/a/url",
        &[
            ("Authorization", &bearer),
            ("Cookie", secrets[10]),
            ("User-Agent", "Mozilla"),
        ],
        "",
    );
    let signed = format!(
        "https://bucket.s3.example.org/user_data/{}/a?X-Amz-Credential={}%2F20261128%2Feu&\
         X-Amz-Signature={}",
        secrets[8], secrets[6], secrets[5]
    );
    let found = answer(
        200,
        &json!({"url": signed, "email": secrets[3], "x-amz-security-token": secrets[9]})
            .to_string(),
    );
    recorder.note(Service::UserApi, &ask, &found);
    let text = recorder.text().unwrap();
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(!text.contains("Mozilla") && !text.contains("uvicorn"));
    assert!(
        text.contains("http://localhost:5100/user_data/{{uuid}}/a"),
        "{text}"
    );
    assert!(text.contains("test@example.com"));
}

#[test]
fn a_form_keeps_its_fields_and_their_order() {
    let mut recorder = Recorder::default();
    let body = "------WebKitX\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\n\
                eyJhIjoxfQ==\r\n------WebKitX\r\nContent-Disposition: form-data; \
                name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\na\r\n\
                ------WebKitX--\r\n";
    let headers = [("Content-Type", "multipart/form-data; boundary=----WebKitX")];
    let upload = request("POST", "http://s3/bucket", &headers, body);
    recorder.note(Service::S3, &upload, &answer(204, ""));
    let text = recorder.text().unwrap();
    assert!(
        text.contains("{{policy}}") && text.contains("{{boundary}}"),
        "{text}"
    );
    assert!(text.contains(r#"filename=\"a.txt\""#), "{text}");
    assert!(!text.contains("WebKit"), "{text}");
}
