//! Settings as keys and values, before they are understood.

use std::{net::IpAddr, ops::RangeInclusive, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::leftovers::{NoChoice, Removal, Which};

use super::{
    account::Account,
    choice::{Choice, list},
    error::SettingsError,
    table,
};
use crate::bad_port::is_bad_port;

/// No wait of the lifecycle is longer; a browser's timers end at 24 days.
const LONGEST_LIMIT: Duration = Duration::from_secs(7 * 24 * 3600);
/// In megabytes. The transfer of a smaller file does not show whether it passes through wasm memory.
const SIZES: RangeInclusive<u32> = 2..=5000;

/// The settings as keys and values: those of `.env` with what overrides them. The last of several
/// values of one key counts, and an empty one is none.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a>(pub &'a [(String, String)]);

impl<'a> Values<'a> {
    /// The value as it stands; empty where there is none.
    #[must_use]
    pub fn raw(&self, key: &str) -> &'a str {
        debug_assert!(table::find(key).is_some(), "{key} is not a setting");
        let pair = self.0.iter().rev().find(|(k, _)| k == key);
        pair.map_or("", |(_, value)| value)
    }

    /// The value without white space around it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        Some(self.raw(key).trim()).filter(|value| !value.is_empty())
    }

    /// The value, or the setting's default.
    #[must_use]
    pub fn get_or_default(&self, key: &str) -> &'a str {
        let default = || table::find(key).map_or("", |setting| setting.default);
        self.get(key).unwrap_or_else(default)
    }

    /// Passwords count as they stand, white space and all.
    pub(super) fn get_secret(&self, key: &str) -> Option<SecretString> {
        let value = self.raw(key);
        (!value.is_empty()).then(|| value.into())
    }

    /// The account of these two keys, if they are set.
    pub(super) fn account(
        &self,
        [email_key, password_key]: [&'static str; 2],
    ) -> Result<Option<Account>, SettingsError> {
        let half = |key, other| Err(SettingsError::HalfAccount { key, other });
        match (self.get(email_key), self.get_secret(password_key)) {
            (None, None) => Ok(None),
            (None, Some(_)) => half(email_key, password_key),
            (Some(_), None) => half(password_key, email_key),
            (Some(email), Some(_)) if !is_email(email) => Err(SettingsError::NoEmail {
                key: email_key,
                password: password_key,
            }),
            (Some(email), Some(password)) => Ok(Some(Account {
                email: email.into(),
                password,
            })),
        }
    }

    /// A JSON Web Token. Whatever else a header cannot carry, and a browser would not send.
    pub(super) fn token(&self, key: &'static str) -> Result<Option<SecretString>, SettingsError> {
        let Some(token) = self.get(key) else {
            return Ok(None);
        };
        let is_part = |part: &str| {
            let is_url_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            !part.is_empty() && part.chars().all(is_url_safe)
        };
        let parts: Vec<_> = token.split('.').collect();
        if parts.len() != 3 || !parts.iter().all(|part| is_part(part)) {
            return Err(SettingsError::NoToken { key });
        }
        Ok(Some(token.into()))
    }

    pub(super) fn choice<T: Choice>(&self, key: &'static str) -> Result<Option<T>, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match T::ALL
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(value))
        {
            Some((_, choice)) => Ok(Some(*choice)),
            None => Err(SettingsError::Unknown {
                key,
                value: value.into(),
                expected: list(T::ALL.iter().map(|(name, _)| *name)),
            }),
        }
    }

    /// An address that a browser asks.
    pub(super) fn url(&self, key: &'static str) -> Result<Option<Url>, SettingsError> {
        let Some(url) = self.url_with_user(key)? else {
            return Ok(None);
        };
        let bad = |problem: String| self.bad_url(key, problem);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("it must hold no user name or password".into()));
        }
        if let Some(port) = url.port().filter(|port| is_bad_port(*port)) {
            return Err(bad(format!("browsers send no request to port {port}")));
        }
        Ok(Some(url))
    }

    /// An address that programs of this machine ask. It may hold a user name and a password.
    pub fn url_with_user(&self, key: &'static str) -> Result<Option<Url>, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let bad = |problem: String| self.bad_url(key, problem);
        let scheme = value.split_once("://").map(|(scheme, _)| scheme);
        let is_web = |scheme: &str| {
            ["http", "https"]
                .iter()
                .any(|web| scheme.eq_ignore_ascii_case(web))
        };
        if !scheme.is_some_and(is_web) {
            return Err(bad("it must start with http:// or https://".into()));
        }
        let url = Url::parse(value).map_err(|error| bad(error.to_string()))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it must end before any ? or #".into()));
        }
        Ok(Some(url))
    }

    fn bad_url(&self, key: &'static str, problem: String) -> SettingsError {
        let value = self.get(key).unwrap_or_default();
        SettingsError::BadUrl {
            key,
            // What stands before an @ or behind a ? may be a secret.
            value: match value.split_once('?') {
                _ if value.contains('@') => "…".into(),
                Some((address, _)) => format!("{address}?…"),
                None => value.into(),
            },
            problem,
        }
    }

    /// An IP address.
    pub fn address(&self, key: &'static str) -> Result<Option<IpAddr>, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let address = value.parse().map_err(|_| SettingsError::BadAddress {
            key,
            value: value.into(),
        })?;
        Ok(Some(address))
    }

    pub(super) fn base_url(&self, key: &'static str) -> Result<Option<String>, SettingsError> {
        Ok(self
            .url(key)?
            .map(|url| url.as_str().trim_end_matches('/').to_owned()))
    }

    pub(super) fn origin(&self, key: &'static str) -> Result<Option<String>, SettingsError> {
        let Some(url) = self.url(key)? else {
            return Ok(None);
        };
        if url.path() != "/" {
            return Err(SettingsError::BadUrl {
                key,
                value: self.get(key).unwrap_or_default().into(),
                problem: "an origin is scheme, host and port, without a path".into(),
            });
        }
        Ok(Some(url.origin().ascii_serialization()))
    }

    pub(super) fn duration(
        &self,
        key: &'static str,
        shortest: Duration,
    ) -> Result<Duration, SettingsError> {
        let value = self.get_or_default(key);
        value
            .parse()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .or_else(|| humantime::parse_duration(value).ok())
            .filter(|limit| (shortest..=LONGEST_LIMIT).contains(limit))
            .ok_or_else(|| SettingsError::BadDuration {
                key,
                value: value.into(),
                shortest,
            })
    }

    pub(super) fn megabytes(&self, key: &'static str) -> Result<u32, SettingsError> {
        let value = self.get_or_default(key);
        value
            .parse()
            .ok()
            .filter(|size| SIZES.contains(size))
            .ok_or_else(|| SettingsError::BadSize {
                key,
                value: value.into(),
            })
    }

    pub(super) fn removal(&self, key: &'static str) -> Result<Removal, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(Removal::default());
        };
        value
            .parse()
            .or_else(|_| value.to_ascii_lowercase().parse())
            .map_err(|_| SettingsError::Unknown {
                key,
                value: value.into(),
                expected: "yes or no".into(),
            })
    }

    pub(super) fn leftovers(&self, key: &'static str) -> Result<Which, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(Which::default());
        };
        value.parse().map_err(|NoChoice| SettingsError::Unknown {
            key,
            value: value.into(),
            expected: "day, all, or the start of a name, as integration_test_2026".into(),
        })
    }
}

/// Whether mail could be sent there. What an address may be is the pool's to say.
fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
        && !text.contains(char::is_whitespace)
}
