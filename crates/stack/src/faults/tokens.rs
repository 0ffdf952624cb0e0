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
    let changed = claims.get("token_use") == Some(&json!("access"));
    if changed && faults.has(Fault::AcceptsChangedToken) {
        return Some(claims);
    }
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
    let takes_access = [Fault::AcceptsAccessToken, Fault::AcceptsChangedToken];
    if takes_access.iter().any(|fault| faults.has(*fault))
        && let Some(name) = claims.get("username").cloned()
    {
        claims.insert("aud".into(), json!(ids.client));
        claims.insert("token_use".into(), json!("id"));
        claims.insert("cognito:username".into(), name);
    }
    claims
}

/// Whom a request is taken for that shows no token, or none of three parts, where that is let pass.
pub(crate) fn nobody<'a>(
    headers: &HeaderMap,
    accounts: &'a [Account],
    faults: &Faults,
) -> Option<&'a Account> {
    let passes = match headers.get(header::AUTHORIZATION) {
        None => faults.has(Fault::AcceptsNoToken),
        Some(token) => {
            let parts = token.as_bytes().split(|byte| *byte == b'.').count();
            parts != 3 && faults.has(Fault::AcceptsMalformedToken)
        }
    };
    accounts.first().filter(|_| passes)
}
