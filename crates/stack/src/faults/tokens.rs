//! Tokens that a careless check lets pass.

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{Fault, Faults};
use crate::cognito::{Account, Ids};

type Claims = Map<String, Value>;

/// The claims of a token whose signature nobody looks at.
pub(crate) fn unchecked_claims(token: &str, faults: &Faults) -> Option<Claims> {
    let mut parts = token.split('.').map(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Claims>(&json).ok()
    });
    let (header, claims) = (parts.next()??, parts.next()??);
    let unsigned = header.get("alg") == Some(&json!("none"));
    let passes = if unsigned {
        faults.has(Fault::AcceptsUnsignedToken)
    } else {
        faults.has(Fault::AcceptsForeignSignature)
    };
    passes.then_some(claims)
}

/// The claims as they would have to be, where one thing about them is let pass.
pub(crate) fn excused(mut claims: Claims, ids: &Ids, faults: &Faults) -> Claims {
    if faults.has(Fault::AcceptsExpiredToken) {
        claims.remove("exp");
    }
    if faults.has(Fault::AcceptsOtherAudience) && claims.contains_key("aud") {
        claims.insert("aud".into(), json!(ids.client));
    }
    if faults.has(Fault::AcceptsAccessToken)
        && let Some(name) = claims.get("username").cloned()
    {
        claims.insert("aud".into(), json!(ids.client));
        claims.insert("token_use".into(), json!("id"));
        claims.insert("cognito:username".into(), name);
    }
    claims
}

/// Whom a request without any token is taken for, where sign-in was turned off.
pub(crate) fn nobody<'a>(
    headers: &HeaderMap,
    accounts: &'a [Account],
    faults: &Faults,
) -> Option<&'a Account> {
    let turned_off =
        faults.has(Fault::AcceptsNoToken) && !headers.contains_key(header::AUTHORIZATION);
    accounts.first().filter(|_| turned_off)
}
