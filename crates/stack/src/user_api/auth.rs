//! Authentication: the ID token that every request carries, and what it must hold.

mod faulty;

use axum::http::{HeaderMap, StatusCode, header};
use base64::{
    Engine as _, alphabet,
    engine::general_purpose::{GeneralPurpose, NO_PAD},
};
use serde_json::{Map, Value};

use super::errors::ApiError;
use crate::{
    cognito::{Cognito, Ids, signed_claims},
    faults::{CLOCK_OFF, Fault, Faults},
    http,
};

/// A user whose token was verified.
#[derive(Debug)]
pub(crate) struct Caller {
    /// `cognito:username`, which also names the user's directory.
    pub(crate) id: String,
    pub(crate) email: Option<String>,
    /// In the order of the token.
    pub(crate) groups: Vec<String>,
}

type Claims = Map<String, Value>;

/// Identifies the caller, and checks that they may call.
pub(crate) async fn authenticate(
    headers: &HeaderMap,
    cognito: &Cognito,
    faults: &Faults,
) -> Result<Caller, ApiError> {
    if let Some(account) = faulty::account_without_token(headers, cognito.accounts(), faults) {
        return Ok(Caller {
            id: account.sub.clone(),
            email: Some(account.email.clone()),
            groups: account.groups.clone(),
        });
    }
    let token = bearer(headers, faults).ok_or_else(not_authenticated)?;
    let claims = match faulty::unchecked_claims(token, faults) {
        Some(claims) => claims,
        None => checked_claims(token, cognito).await?,
    };
    let claims = faulty::corrected_claims(claims, cognito.ids(), faults);
    let mut now = faults.now();
    if faults.has(Fault::UserApiClockSlow) {
        now -= CLOCK_OFF;
    }
    let now = now.as_second();
    if !(is_current(&claims, now) && is_for_us(&claims, cognito.ids()) && is_id_token(&claims)) {
        return Err(not_verified());
    }
    let caller =
        caller(&claims).ok_or_else(|| ApiError::unauthorized("Validation Error for Claims"))?;
    if !is_user(&caller) && !faults.has(Fault::AcceptsNonMembers) {
        return Err(ApiError::detail(
            StatusCode::FORBIDDEN,
            "Not a member of the 'users' group",
        ));
    }
    Ok(caller)
}

/// The claims of a token that one of the pool's keys has signed.
async fn checked_claims(token: &str, cognito: &Cognito) -> Result<Claims, ApiError> {
    let kid = key_id(token).ok_or_else(not_authenticated)?;
    let key = cognito.decoding_key(&kid).await.ok_or_else(|| {
        ApiError::unauthorized("JWK public Attribute for authorization token not found")
    })?;
    signed_claims(token, &key).ok_or_else(not_verified)
}

fn not_authenticated() -> ApiError {
    ApiError::unauthorized("Not authenticated")
}

fn not_verified() -> ApiError {
    ApiError::unauthorized("Not verified")
}

/// The token of an `Authorization: Bearer …` header; the scheme's case does not count. All that follows
/// the one space is the token: another space makes it one that nobody has signed.
fn bearer<'h>(headers: &'h HeaderMap, faults: &Faults) -> Option<&'h str> {
    let value = http::text(headers, header::AUTHORIZATION)?;
    if faults.has(Fault::AuthorizationIsDropped) {
        return None;
    }
    if faults.has(Fault::AcceptsAnyScheme) && !value.to_lowercase().starts_with("bearer ") {
        return value.rsplit(' ').next();
    }
    let (scheme, mut token) = value.split_once(' ')?;
    if faults.has(Fault::AcceptsSpacesBeforeToken) {
        token = token.trim();
    }
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Base64 as Python reads it: bits that are left over at the end need not be zero. So a token whose
/// signature was cut short is one that is not verified, and not, now and then, no token at all.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    NO_PAD.with_decode_allow_trailing_bits(true),
);

/// The id of the key that signed the token; `None` for anything but a token.
fn key_id(token: &str) -> Option<String> {
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return None;
    };
    let header = BASE64.decode(header).ok()?;
    let header: Claims = serde_json::from_slice(&header).ok()?;
    BASE64.decode(claims).ok()?;
    BASE64.decode(signature).ok()?;
    Some(header.get("kid")?.as_str()?.to_owned())
}

/// Neither expired nor from the future, without any leeway. Both claims may be absent.
fn is_current(claims: &Claims, now: i64) -> bool {
    let time = |name: &str, otherwise: i64| match claims.get(name) {
        None => Some(otherwise),
        Some(value) => value.as_i64(),
    };
    let (Some(expires), Some(issued)) = (time("exp", i64::MAX), time("iat", i64::MIN)) else {
        return false;
    };
    now <= expires && issued <= now
}

/// Issued by our user pool, for our client.
fn is_for_us(claims: &Claims, ids: &Ids) -> bool {
    claims.get("iss") == Some(&Value::String(ids.issuer()))
        && claims.get("aud").and_then(Value::as_str) == Some(ids.client.as_str())
}

/// An access token is not enough.
fn is_id_token(claims: &Claims) -> bool {
    claims
        .get("token_use")
        .is_none_or(|token_use| token_use == "id")
}

/// The caller that the claims describe. A user in no group at all has no `cognito:groups`, and is
/// refused like one whose token is broken.
fn caller(claims: &Claims) -> Option<Caller> {
    let id = claims.get("cognito:username")?.as_str()?;
    let groups = claims.get("cognito:groups")?.as_array()?;
    let groups = groups.iter().map(|group| Some(group.as_str()?.to_owned()));
    let email = match claims.get("email") {
        None | Some(Value::Null) => None,
        Some(email) => Some(email.as_str()?.to_owned()),
    };
    is_directory_name(id).then_some(Caller {
        id: id.to_owned(),
        email,
        groups: groups.collect::<Option<_>>()?,
    })
}

/// The id names the user's directory, so it must be a name and no path.
fn is_directory_name(id: &str) -> bool {
    !matches!(id, "" | "." | "..") && !id.contains(['/', '\0'])
}

fn is_user(caller: &Caller) -> bool {
    caller.groups.iter().any(|group| group == "users")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_named_only_by_three_parts_with_a_header_of_json(
            token in r"(\.|[A-Za-z0-9_=+/-]|eyJ|fQ|\PC){0,40}",
        ) {
            let named = key_id(&token).is_some();
            prop_assert!(!named || token.split('.').count() == 3);
        }

        #[test]
        fn the_key_is_the_one_that_the_header_names(
            kid in "\\PC{0,20}",
            more in "\\PC{0,20}",
            rest in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let header = BASE64.encode(json!({"alg": "RS256", "kid": kid, "x": more}).to_string());
            let rest = BASE64.encode(rest);
            prop_assert_eq!(key_id(&format!("{header}.{rest}.{rest}")), Some(kid));
            prop_assert_eq!(key_id(&format!("{header}.{rest}")), None);
        }
    }
}
