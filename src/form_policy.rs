//! What the policy of a form for S3 says (AWS, "Creating a POST policy").

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value;

/// When the form with this policy expires.
#[must_use]
pub fn expiration(policy: &str) -> Option<Timestamp> {
    decoded(policy)?.get("expiration")?.as_str()?.parse().ok()
}

/// How many bytes a file may have at most, if the policy limits it.
#[must_use]
pub fn size_limit(policy: &str) -> Option<u64> {
    let policy = decoded(policy)?;
    let conditions = policy.get("conditions")?.as_array()?;
    let limits = conditions.iter().filter_map(|condition| {
        let [name, _, most] = condition.as_array()?.as_slice() else {
            return None;
        };
        let is_limit = name.as_str()? == "content-length-range";
        // S3 takes a text of digits as well.
        let most = most.as_u64().or_else(|| most.as_str()?.parse().ok());
        most.filter(|_| is_limit)
    });
    limits.min()
}

fn decoded(policy: &str) -> Option<Value> {
    serde_json::from_slice(&STANDARD.decode(policy).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_how_long_and_how_large() {
        let policy = |conditions: &str| {
            STANDARD.encode(format!(
                r#"{{"expiration": "2026-11-23T07:00:00Z", "conditions": {conditions}}}"#
            ))
        };
        let unlimited = policy(r#"[["starts-with", "$key", "a"], {"bucket": "b"}]"#);
        let expires = "2026-11-23T07:00:00Z".parse().unwrap();
        assert_eq!(expiration(&unlimited), Some(expires));
        assert_eq!(size_limit(&unlimited), None);
        for most in ["10", r#""10""#] {
            let limited = policy(&format!(r#"[["content-length-range", 1, {most}]]"#));
            assert_eq!(size_limit(&limited), Some(10), "{most}");
        }
        assert_eq!(expiration("nonsense"), None);
        assert_eq!(size_limit("nonsense"), None);
    }
}
