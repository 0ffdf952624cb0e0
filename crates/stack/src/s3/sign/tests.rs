use super::*;

const DAY: Duration = Duration::from_secs(86_400);

/// Published in "Authenticating Requests: Using Query Parameters".
#[test]
fn a_pre_signed_get_as_amazon_publishes_it() {
    let signer = Signer::with_credentials(
        "us-east-1",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    );
    let now = "2013-05-24T00:00:00Z".parse().unwrap();
    let (query, signature) = signer.signed_query(
        now,
        "GET",
        "examplebucket.s3.amazonaws.com",
        "/test.txt",
        DAY,
    );
    assert_eq!(
        query,
        "X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    );
    assert_eq!(
        signature,
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
}

/// A request that boto3 signed for the UserAPI, with the access key `emu` and the secret `emu`.
fn recorded(name: &str) -> Value {
    let recordings: Vec<Value> = serde_json::from_str(include_str!(
        "../../../../contract/recordings/golden/s3_files.json"
    ))
    .unwrap();
    let found = recordings.into_iter().find(|r| r["name"] == name);
    found.unwrap()["response"]["body_json"].clone()
}

fn boto3() -> Signer {
    Signer::with_credentials("eu-central-1", "emu", "emu")
}

const USER: &str = "user_data/0353ce5e-3434-402f-9ae8-8dbe85e87a2b";
const TEN_MINUTES: Duration = Duration::from_secs(600);

#[test]
fn a_form_is_the_one_boto3_makes() {
    let recorded = recorded("config_exp_url");
    let form = boto3().presign_post(
        "2026-11-23T06:56:26Z".parse().unwrap(),
        "http://localhost:5000",
        "decode-user-data",
        &format!("{USER}/config/exp/"),
        TEN_MINUTES,
    );
    assert_eq!(form.url, recorded["url"]);
    let fields: Vec<(String, String)> = recorded["data"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(form.fields, fields);
}

#[test]
fn a_url_is_the_one_boto3_makes() {
    let url = boto3().presign(
        "2026-11-23T06:56:27Z".parse().unwrap(),
        &Method::GET,
        "http://localhost:5000",
        "decode-user-data",
        &format!("{USER}/config/exp/param_run_in.yaml"),
        TEN_MINUTES,
    );
    assert_eq!(url, recorded("download_file_url")["url"]);
}

#[test]
fn a_key_is_encoded_as_aws_has_it() {
    assert_eq!(uri_encode("a b/ü+~*.txt", false), "a%20b/%C3%BC%2B~%2A.txt");
    assert_eq!(uri_encode("a/b", true), "a%2Fb");
}

#[test]
fn signatures_are_compared_whole() {
    assert!(same_signature("abc", "abc"));
    for other in ["abd", "bbc", "ab", "abcd", "ABC", ""] {
        assert!(!same_signature("abc", other), "{other}");
    }
}

#[test]
fn credentials_are_kept_in_the_database() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&directory.path().join("stack.sqlite")).unwrap();
    let first = Signer::open(&database, "eu-central-1").unwrap();
    let again = Signer::open(&database, "eu-central-1").unwrap();
    assert_eq!(first.access_key, again.access_key);
    assert_eq!(first.secret_key, again.secret_key);
    assert_ne!(first.access_key, Signer::new("eu-central-1").access_key);
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let signer = Signer::new("eu-central-1");
    let form = signer.presign_post(Timestamp::now(), "http://localhost", "b", "p/", TEN_MINUTES);
    let signature = &form.fields.last().unwrap().1;
    assert!(!format!("{signer:?}").contains(&signer.secret_key));
    assert!(!format!("{form:?}").contains(signature));
}
