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
    #[serde(rename = "cognito:username")]
    username: Option<String>,
    email: Option<String>,
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

    /// When the token expires, in seconds since 1970.
    #[must_use]
    pub fn expiry(&self) -> Option<i64> {
        self.exp
    }

    /// The user's id, which an ID token holds.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// The user's address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// The groups of the user; `None` if the claim is missing or malformed.
    #[must_use]
    pub fn groups(&self) -> Option<Vec<&str>> {
        let groups = self.groups.as_ref()?.as_array()?;
        groups.iter().map(Value::as_str).collect()
    }

    /// How long the token is valid, counted from its issue, so that no clock matters.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        let seconds = self.exp?.saturating_sub(self.iat?);
        u64::try_from(seconds).ok().map(Duration::from_secs)
    }

    /// How the pool and the client of these claims differ from the expected ones.
    #[must_use]
    pub fn pool_mismatches(&self, expected: &ExpectedClaims) -> Vec<String> {
        let issuer = self.iss.as_deref().map(Value::from);
        let pairs = [
            mismatch("iss", issuer, &expected.issuer),
            mismatch("aud", self.aud.clone(), &expected.client),
        ];
        pairs.into_iter().flatten().collect()
    }

    /// What these claims lack of what the UserAPI reads of a user, without which it answers "Validation Error
    /// for Claims".
    #[must_use]
    pub fn user_mismatches(&self) -> Vec<String> {
        let texts = [("cognito:username", &self.username), ("email", &self.email)];
        let missing = texts.into_iter().filter(|(_, value)| value.is_none());
        let mut mismatches: Vec<_> = missing
            .map(|(name, _)| format!("{name} is missing"))
            .collect();
        match &self.groups {
            None => mismatches.push("cognito:groups is missing".into()),
            Some(groups) if self.groups().is_none() => {
                mismatches.push(format!(
                    "cognito:groups is {groups} instead of a list of names"
                ));
            }
            Some(_) => {}
        }
        mismatches
    }

    /// How the pool and the client of these claims differ from those of an earlier token.
    #[must_use]
    pub fn changes_since(&self, earlier: &Self) -> Vec<String> {
        let pool = self.pool_change(earlier);
        pool.into_iter()
            .chain(change("aud", self.aud.as_ref(), earlier.aud.as_ref()))
            .collect()
    }

    fn pool_change(&self, earlier: &Self) -> Option<String> {
        let [now, before] = [self, earlier].map(|claims| claims.iss.clone().map(Value::from));
        change("iss", now.as_ref(), before.as_ref())
    }

    /// What keeps a token of the settings from being an ID token of the same pool as the user's `own`: for the same
    /// client, or for any other.
    #[must_use]
    pub fn kind_mismatches(&self, own: &Self, is_for_client: bool) -> Vec<String> {
        let of_client = if is_for_client {
            change("aud", self.aud.as_ref(), own.aud.as_ref())
        } else {
            let is_same = self.aud.is_some() && self.aud == own.aud;
            is_same.then(|| "aud is the client that the UserAPI names".to_owned())
        };
        let token_use = self.token_use.as_deref().map(Value::from);
        let mismatches = [
            self.pool_change(own),
            of_client,
            mismatch("token_use", token_use, "id"),
        ];
        mismatches.into_iter().flatten().collect()
    }

    /// How many seconds ago the token has expired; `None` if it has not.
    #[must_use]
    pub fn expired_for(&self, now: Timestamp) -> Option<i64> {
        self.exp
            .map(|exp| now.as_second() - exp)
            .filter(|age| *age >= 0)
    }

    /// Why the UserAPI may refuse an ID token with these claims; `now` is by this machine's clock.
    #[must_use]
    pub fn mismatches(&self, expected: &ExpectedClaims, now: Timestamp) -> Vec<String> {
        let mut mismatches = self.pool_mismatches(expected);
        let token_use = self.token_use.as_deref().map(Value::from);
        mismatches.extend(mismatch("token_use", token_use, "id"));
        mismatches.extend(self.user_mismatches());
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

/// How a claim differs from that of an earlier token.
fn change(name: &str, now: Option<&Value>, before: Option<&Value>) -> Option<String> {
    let text = |value: Option<&Value>| value.cloned().unwrap_or_default();
    (now != before).then(|| format!("{name} is {} instead of {}", text(now), text(before)))
}

fn mismatch(name: &str, found: Option<Value>, expected: &str) -> Option<String> {
    match found {
        Some(found) if found == *expected => None,
        Some(found) => Some(format!("{name} is {found} instead of {expected:?}")),
        None => Some(format!("{name} is missing")),
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
mod tests;
