use proptest::prelude::*;
use serde_json::json;

use super::*;

fn policy(conditions: &str) -> Policy {
    let json = format!(r#"{{"expiration": "2026-01-01T00:10:00Z", "conditions": {conditions}}}"#);
    Policy::decode(&BASE64_STANDARD.encode(json)).unwrap()
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn check(conditions: &str, pairs: &[(&str, &str)]) -> Result<RangeInclusive<u64>, String> {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    policy(conditions)
        .check(now, "bucket", &fields(pairs))
        .map_err(|error| error.message)
}

#[test]
fn a_form_that_fits_is_accepted() {
    let conditions = r#"[["starts-with", "$key", "u/"], {"bucket": "bucket"}, ["eq", "$A", "1"]]"#;
    let allowed = check(conditions, &[("key", "u/f"), ("a", "1")]);
    assert_eq!(allowed, Ok(0..=LARGEST));
}

#[test]
fn each_condition_is_checked() {
    for (conditions, form, failed) in [
        (
            r#"[["starts-with", "$key", "u/"]]"#,
            [("key", "v/f")],
            r#"["starts-with", "$key", "u/"]"#,
        ),
        (
            r#"[["eq", "$key", "u"]]"#,
            [("key", "u/")],
            r#"["eq", "$key", "u"]"#,
        ),
        (
            r#"[{"key": "u"}]"#,
            [("key", "U")],
            r#"["eq", "$key", "u"]"#,
        ),
        (
            r#"[{"bucket": "other"}, {"key": "u"}]"#,
            [("key", "u")],
            r#"["eq", "$bucket", "other"]"#,
        ),
        (
            r#"[{"key": "u"}, ["starts-with", "$name", ""]]"#,
            [("key", "u")],
            r#"["starts-with", "$name", ""]"#,
        ),
    ] {
        assert_eq!(
            check(conditions, &form).unwrap_err(),
            format!("Invalid according to Policy: Policy Condition failed: {failed}")
        );
    }
}

#[test]
fn a_form_cannot_name_a_bucket_of_its_own() {
    let conditions = r#"[{"bucket": "other"}]"#;
    assert!(check(conditions, &[("bucket", "other")]).is_err());
}

#[test]
fn a_field_without_a_condition_is_refused() {
    let form = [
        ("key", "u"),
        ("policy", ""),
        ("x-amz-signature", ""),
        ("x-ignore-me", ""),
        ("acl", "public-read"),
        ("tagging", ""),
    ];
    assert_eq!(
        check(r#"[{"key": "u"}]"#, &form).unwrap_err(),
        "Invalid according to Policy: Extra input fields: acl, tagging"
    );
    assert!(check(r#"[{"key": "u"}]"#, &form[..4]).is_ok());
}

#[test]
fn a_policy_expires_at_its_second() {
    let policy = policy("[]");
    let at = |time: &str| policy.check(time.parse().unwrap(), "bucket", &Fields::new());
    assert!(at("2026-01-01T00:09:59Z").is_ok());
    assert_eq!(
        at("2026-01-01T00:10:00Z").unwrap_err().message,
        "Invalid according to Policy: Policy expired."
    );
}

#[test]
fn lengths_are_the_overlap_of_all_ranges() {
    let conditions = r#"[["content-length-range", 1, 10], ["content-length-range", "5", "20"]]"#;
    assert_eq!(check(conditions, &[]), Ok(5..=10));
}

#[test]
fn anything_but_a_policy_is_refused() {
    for (text, reason) in [
        ("", "Invalid JSON."),
        ("[]", "Invalid JSON."),
        ("{}", "Policy missing expiration."),
        (r#"{"expiration": "soon"}"#, "Invalid 'expiration' value"),
        (
            r#"{"expiration": "2026-01-01T00:00:00Z"}"#,
            "Policy missing conditions.",
        ),
    ] {
        let error = Policy::decode(&BASE64_STANDARD.encode(text)).unwrap_err();
        assert_eq!(error.message, format!("Invalid Policy: {reason}"), "{text}");
    }
    for condition in [
        "1",
        "{}",
        r#"{"a": 1}"#,
        r#"{"a": "1", "b": "2"}"#,
        r#"["eq", "key", "u"]"#,
        r#"["ends-with", "$key", "u"]"#,
        r#"["content-length-range", -1, 5]"#,
        r#"["eq", "$key"]"#,
    ] {
        let text =
            format!(r#"{{"expiration": "2026-01-01T00:00:00Z", "conditions": [{condition}]}}"#);
        assert!(
            Policy::decode(&BASE64_STANDARD.encode(text)).is_err(),
            "{condition}"
        );
    }
    assert!(Policy::decode("not base64!").is_err());
}

/// JSON such as a policy is made of, or nearly.
fn document() -> impl Strategy<Value = Value> {
    let text = r"\$?(key|bucket|policy)|starts-with|eq|content-length-range|\PC{0,6}";
    let leaf = prop_oneof![
        text.prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
    ];
    let condition = prop_oneof![
        prop::collection::vec(leaf.clone(), 0..5).prop_map(Value::from),
        ("[a-z]{1,4}", leaf.clone()).prop_map(|(name, value)| json!({ name: value })),
        leaf,
    ];
    let expiration = "(2[0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z|\\PC{0,9})";
    (expiration, prop::collection::vec(condition, 0..6)).prop_map(
        |(expiration, conditions)| json!({ "expiration": expiration, "conditions": conditions }),
    )
}

proptest! {
    #[test]
    fn any_document_is_a_policy_or_refused(
        document in document(),
        raw in r"[A-Za-z0-9+/=]{0,40}|\PC{0,20}",
        value in r"\PC{0,10}",
    ) {
        prop_assert!(Policy::decode(&raw).is_err());
        let fields = Fields::from([("key".to_owned(), value)]);
        if let Ok(policy) = Policy::decode(&BASE64_STANDARD.encode(document.to_string())) {
            let _ = policy.check(Timestamp::UNIX_EPOCH, "bucket", &fields);
        }
    }

    #[test]
    fn a_prefix_allows_exactly_the_keys_that_begin_with_it(
        prefix in r"[a-b/.]{0,4}",
        key in r"[a-b/.]{0,6}",
    ) {
        let document = json!({
            "expiration": "2030-01-01T00:00:00Z",
            "conditions": [["starts-with", "$key", prefix]],
        });
        let policy = Policy::decode(&BASE64_STANDARD.encode(document.to_string())).unwrap();
        let fields = Fields::from([("key".to_owned(), key.clone())]);
        let checked = policy.check(Timestamp::UNIX_EPOCH, "bucket", &fields);
        prop_assert_eq!(checked.is_ok(), key.starts_with(&prefix));
    }
}
