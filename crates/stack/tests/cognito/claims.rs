//! The claims of tokens, compared with those of the emulator that were recorded.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::service::Service;

/// Name and kind of each claim.
fn shape(claims: &Value) -> BTreeMap<String, &'static str> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    let claims = claims.as_object().unwrap().iter();
    claims
        .map(|(name, value)| (name.clone(), kind(value)))
        .collect()
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn tokens_hold_what_was_recorded_and_what_aws_adds() {
    let s = Service::start().await;
    let tokens = s.sign_in("user").await;
    for mode in ["local", "s3"] {
        let path = format!(
            "{}/../contract/recordings/golden/{mode}_token_claims.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let recorded: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for (token, part, added) in [
            (
                "IdToken",
                "id_claims",
                &["email_verified", "event_id", "iat", "jti", "origin_jti"][..],
            ),
            (
                "AccessToken",
                "access_claims",
                &["event_id", "iat", "jti", "origin_jti", "scope"],
            ),
        ] {
            let (theirs, mut ours) = (shape(&recorded[part]), shape(&claims(&tokens[token])));
            for name in added {
                assert!(ours.remove(*name).is_some(), "{token} lacks {name}");
            }
            assert_eq!(ours, theirs, "{token} in {mode}");
        }
    }
}
