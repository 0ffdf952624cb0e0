//! The claims of a token, and how long it is valid. Pure: no signature is checked here.
//!
//! Source: Amazon Cognito developer guide, "Understanding the identity (ID) token".

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The claims of a token that are used here.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Claims {
    iss: Option<String>,
    aud: Option<Value>,
    token_use: Option<String>,
    /// Seconds since 1970.
    exp: Option<i64>,
    /// Seconds since 1970; emulators of Cognito may leave it out.
    iat: Option<i64>,
    #[serde(rename = "cognito:groups")]
    groups: Option<Value>,
}

/// The claims that the UserAPI expects of an ID token.
#[derive(Clone, Debug)]
pub struct ExpectedClaims {
    /// The user pool (`iss`).
    pub issuer: String,
    /// The client (`aud`).
    pub client: String,
}

impl Claims {
    /// The claims of a JSON Web Token; `None` if the text is not one.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?;
        let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// How long the token is valid, counted from its issue, so that no clock matters.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        let seconds = self.exp?.saturating_sub(self.iat?);
        u64::try_from(seconds).ok().map(Duration::from_secs)
    }

    /// Why the UserAPI may refuse an ID token with these claims; `now` is by this machine's clock.
    #[must_use]
    pub fn mismatches(&self, expected: &ExpectedClaims, now: Timestamp) -> Vec<String> {
        let text = |value: &str| Some(Value::from(value));
        let claims = [
            ("iss", self.iss.as_deref().and_then(text), &expected.issuer),
            ("aud", self.aud.clone(), &expected.client),
            (
                "token_use",
                self.token_use.as_deref().and_then(text),
                &"id".to_owned(),
            ),
        ];
        let mut mismatches: Vec<_> = claims
            .into_iter()
            .filter_map(|(name, found, expected)| match found {
                Some(found) if found == **expected => None,
                Some(found) => Some(format!("{name} is {found} instead of {expected:?}")),
                None => Some(format!("{name} is missing")),
            })
            .collect();
        if self.groups.is_none() {
            mismatches.push("cognito:groups is missing".into());
        }
        let until = |time: Option<i64>| time.map_or(0, |time| time - now.as_second());
        let (issue, expiry) = (until(self.iat), until(self.exp));
        if issue > 0 {
            mismatches.push(format!(
                "iat is {issue} s ahead of this machine's clock: one of the two clocks is wrong"
            ));
        }
        if expiry < 0 {
            mismatches.push(format!("exp was {} s ago", -expiry));
        }
        mismatches
    }
}

/// Whether a token that was issued `age` ago is due for renewal: in the last fifth of its lifetime, or
/// in the last two seconds of a short one. It must stay valid until a request with it has arrived.
#[must_use]
pub fn is_due_for_renewal(age: Duration, lifetime: Duration) -> bool {
    let margin = (lifetime / 5).max(Duration::from_secs(2).min(lifetime / 2));
    age >= lifetime.saturating_sub(margin)
}

#[cfg(test)]
mod tests {
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
            "iat": NOW - 10, "exp": NOW + 3590,
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
}
