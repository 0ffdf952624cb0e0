use super::*;
use serde_json::json;

const NOW: i64 = 1_800_000_000;

fn token(claims: &Value) -> String {
    let part = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("e30.{part}.c2lnbmF0dXJl")
}

fn mismatches(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut claims = json!({
        "iss": "https://pool", "aud": "client", "token_use": "id", "cognito:groups": ["users"],
        "cognito:username": "a-b", "email": "a@b.c", "iat": NOW - 10, "exp": NOW + 3590,
    });
    change(&mut claims);
    let expected = ExpectedClaims {
        issuer: "https://pool".into(),
        client: "client".into(),
    };
    let now = Timestamp::from_second(NOW).unwrap();
    Claims::of(&token(&claims))
        .unwrap()
        .mismatches(&expected, now)
}

#[test]
fn the_wrong_claim_is_named() {
    assert!(mismatches(|_| {}).is_empty());
    let one = |change: fn(&mut Value)| mismatches(change).join("; ");
    assert_eq!(
        one(|claims| claims["aud"] = json!("other")),
        r#"aud is "other" instead of "client""#
    );
    assert_eq!(
        one(|claims| claims["iss"] = json!("https://another")),
        r#"iss is "https://another" instead of "https://pool""#
    );
    assert!(one(|claims| claims["iat"] = json!(NOW + 300)).starts_with("iat is 300 s ahead"));
    assert_eq!(
        one(|claims| claims["exp"] = json!(NOW - 5)),
        "exp was 5 s ago"
    );
    let no_groups = |claims: &mut Value| {
        claims.as_object_mut().unwrap().remove("cognito:groups");
    };
    assert_eq!(one(no_groups), "cognito:groups is missing");
    assert_eq!(
        one(|claims| claims["cognito:groups"] = json!("users")),
        r#"cognito:groups is "users" instead of a list of names"#
    );
    assert_eq!(
        one(|claims| claims["email"] = json!(null)),
        "email is missing"
    );
}

#[test]
fn a_lifetime_needs_issue_and_expiry() {
    let lifetime = |claims| Claims::of(&token(&claims)).unwrap().lifetime();
    let hour = Some(Duration::from_secs(3600));
    assert_eq!(lifetime(json!({ "iat": 5, "exp": 3605 })), hour);
    assert_eq!(lifetime(json!({ "iat": 5, "exp": 4 })), None);
    assert_eq!(lifetime(json!({ "exp": 3605 })), None);
    assert!(Claims::of("nonsense").is_none());
    assert!(Claims::of("a.b.c").is_none());
}

#[test]
fn every_token_is_renewed_before_it_expires() {
    let renewed_at = |lifetime: u64| {
        let lifetime = Duration::from_secs(lifetime);
        let ages = (0..36_000).map(|tenths| Duration::from_millis(100 * tenths));
        ages.into_iter()
            .find(|age| is_due_for_renewal(*age, lifetime))
            .unwrap()
            .as_secs_f64()
    };
    let found = [3600, 300, 5, 3, 1].map(renewed_at);
    let expected = [2880.0, 240.0, 3.0, 1.5, 0.5];
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found - expected).abs() < 0.01, "{found} {expected}");
    }
    assert!(is_due_for_renewal(Duration::ZERO, Duration::ZERO));
}

#[test]
fn tokens_of_the_settings_are_of_the_users_pool() {
    let claims = |iss: &str, aud: &str, token_use: &str| {
        let claims = json!({ "iss": iss, "aud": aud, "token_use": token_use, "exp": NOW - 5 });
        Claims::of(&token(&claims)).unwrap()
    };
    let own = claims("https://pool", "client", "id");
    let of = |other: &Claims, is_for_client| other.kind_mismatches(&own, is_for_client).join("; ");
    assert_eq!(of(&own, true), "");
    assert_eq!(of(&own, false), "aud is the client that the UserAPI names");
    let other = claims("https://pool", "other", "id");
    assert_eq!(of(&other, true), r#"aud is "other" instead of "client""#);
    assert_eq!(of(&other, false), "");
    let access = claims("https://another", "client", "access");
    assert!(
        of(&access, true).contains("iss is"),
        "{}",
        of(&access, true)
    );
    assert!(
        of(&access, true).contains("token_use is"),
        "{}",
        of(&access, true)
    );

    let at = |second| own.expired_for(Timestamp::from_second(second).unwrap());
    assert_eq!(at(NOW), Some(5));
    assert_eq!(at(NOW - 6), None);
}
