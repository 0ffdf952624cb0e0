//! The faults of authentication: tokens that a careless check accepts.

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::{
    cognito::{Account, Ids},
    faults::{Fault, Faults},
};

type Claims = Map<String, Value>;

/// The claims of a token whose signature is not checked.
pub(super) fn unchecked_claims(token: &str, faults: &Faults) -> Option<Claims> {
    let mut parts = token.split('.').map(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Claims>(&json).ok()
    });
    let (header, claims) = (parts.next()??, parts.next()??);
    let unsigned = header.get("alg") == Some(&json!("none"));
    if header.get("alg") == Some(&json!("HS256")) {
        return faults.has(Fault::AcceptsAnotherAlgorithm).then_some(claims);
    }
    let changed = claims.get("token_use") == Some(&json!("access"));
    if changed && faults.has(Fault::AcceptsChangedToken) {
        return Some(claims);
    }
    let accepted = if unsigned {
        faults.has(Fault::AcceptsUnsignedToken)
    } else {
        faults.has(Fault::AcceptsForeignSignature)
    };
    accepted.then_some(claims)
}

/// The claims with everything corrected that is not checked.
pub(super) fn corrected_claims(mut claims: Claims, ids: &Ids, faults: &Faults) -> Claims {
    if faults.has(Fault::AcceptsExpiredToken) {
        claims.remove("exp");
    }
    if faults.has(Fault::AcceptsOtherAudience) && claims.contains_key("aud") {
        claims.insert("aud".into(), json!(ids.client));
    }
    let accepting = [Fault::AcceptsAccessToken, Fault::AcceptsChangedToken];
    if accepting.iter().any(|fault| faults.has(*fault))
        && let Some(name) = claims.get("username").cloned()
    {
        claims.insert("aud".into(), json!(ids.client));
        claims.insert("token_use".into(), json!("id"));
        claims.insert("cognito:username".into(), name);
    }
    claims
}

/// The account that a request without a token, or with a malformed one, is accepted for.
pub(super) fn account_without_token<'a>(
    headers: &HeaderMap,
    accounts: &'a [Account],
    faults: &Faults,
) -> Option<&'a Account> {
    let accepted = match headers.get(header::AUTHORIZATION) {
        None => faults.has(Fault::AcceptsNoToken),
        Some(token) => {
            let parts = token.as_bytes().split(|byte| *byte == b'.').count();
            parts != 3 && faults.has(Fault::AcceptsMalformedToken)
        }
    };
    accounts.first().filter(|_| accepted)
}
