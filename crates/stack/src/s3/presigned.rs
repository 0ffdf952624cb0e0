//! Checks a request whose query is its signature. Source: Amazon S3 API reference,
//! "Authenticating Requests: Using Query Parameters".

use axum::http::{HeaderMap, Method, header::AUTHORIZATION};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use percent_encoding::percent_decode_str;

use super::{
    credential::{self, CredentialError},
    error::{
        ACCESS_DENIED, BAD_QUERY, INVALID_ACCESS_KEY, INVALID_URI, S3Error,
        SIGNATURE_DOES_NOT_MATCH,
    },
    sign::{ALGORITHM, CanonicalRequest, Signer, iso_date, same_signature, uri_encode},
};

/// Seven days: no URL can be signed for longer.
const LONGEST: i64 = 604_800;
/// How far ahead of ours the signer's clock may be.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// A request as far as its signature can cover it.
pub(super) struct Request<'a> {
    pub(super) method: &'a Method,
    /// Decoded, with the slash at its start.
    pub(super) path: &'a str,
    /// As it came, without the question mark.
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
}

/// Accepts a request that was signed with the signer's credentials and is still valid at `now`.
pub(super) fn check(signer: &Signer, now: Timestamp, request: &Request<'_>) -> Result<(), S3Error> {
    let mut query = parse(request.query)?;
    let authorization = request
        .headers
        .get(AUTHORIZATION)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    if !query.iter().any(|(name, _)| name.starts_with("X-Amz-")) {
        let Some(value) = authorization else {
            return Err(S3Error::new(ACCESS_DENIED));
        };
        return Err(match named_key(&value) {
            Some(key) if key != signer.access_key() => {
                S3Error::new(INVALID_ACCESS_KEY).with("AWSAccessKeyId", key)
            }
            _ => {
                S3Error::invalid_argument("Authorization", value, "Unsupported Authorization Type")
            }
        });
    }
    if let Some(value) = authorization {
        return Err(S3Error::two_mechanisms(&value));
    }
    let claimed = Signed::read(&query)?;
    claimed.check_scope(signer)?;
    claimed.check_time(now)?;

    query.retain(|(name, _)| name != "X-Amz-Signature");
    let headers = claimed.headers(request.headers)?;
    let canonical = CanonicalRequest {
        method: request.method.as_str(),
        path: &uri_encode(request.path, false),
        query: &query,
        headers: &headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect::<Vec<_>>(),
    };
    let expected = signer.sign_request(&claimed.date, &canonical);
    if same_signature(&expected, &claimed.signature) {
        Ok(())
    } else {
        Err(S3Error::new(SIGNATURE_DOES_NOT_MATCH)
            .with("AWSAccessKeyId", signer.access_key())
            .with("SignatureProvided", claimed.signature)
            .with("CanonicalRequest", canonical.to_string()))
    }
}

/// The access key that an `Authorization` header names.
fn named_key(authorization: &str) -> Option<&str> {
    let (_, credential) = authorization
        .strip_prefix(ALGORITHM)?
        .split_once("Credential=")?;
    credential.split('/').next()
}

/// The parameters that S3 requires.
struct Signed {
    algorithm: String,
    credential: String,
    date: String,
    expires: String,
    headers: String,
    signature: String,
}

impl Signed {
    fn read(query: &[(String, String)]) -> Result<Self, S3Error> {
        let get = |name: &str| {
            let mut values = query.iter().filter(|(n, _)| n == name).map(|(_, v)| v);
            match (values.next(), values.next()) {
                (Some(value), None) => Ok(value.clone()),
                _ => Err(parameters(
                    "Query-string authentication version 4 requires the X-Amz-Algorithm, \
                     X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and \
                     X-Amz-Expires parameters.",
                )),
            }
        };
        Ok(Self {
            algorithm: get("X-Amz-Algorithm")?,
            credential: get("X-Amz-Credential")?,
            date: get("X-Amz-Date")?,
            expires: get("X-Amz-Expires")?,
            headers: get("X-Amz-SignedHeaders")?,
            signature: get("X-Amz-Signature")?,
        })
    }

    fn check_scope(&self, signer: &Signer) -> Result<(), S3Error> {
        if self.algorithm != ALGORITHM {
            return Err(parameters(
                "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"",
            ));
        }
        credential::check(&self.credential, &self.date, signer).map_err(|error| match error {
            CredentialError::UnknownAccessKey(key) => {
                S3Error::new(INVALID_ACCESS_KEY).with("AWSAccessKeyId", key)
            }
            error => parameters(error.to_string()),
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), S3Error> {
        let signed = parse_date(&self.date).ok_or_else(|| {
            parameters("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        })?;
        let lifetime: i64 = self
            .expires
            .parse()
            .map_err(|_| parameters("X-Amz-Expires should be a number"))?;
        if lifetime < 0 {
            return Err(parameters("X-Amz-Expires must be non-negative"));
        }
        if lifetime > LONGEST {
            return Err(parameters(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given \
                 X-Amz-Expires must be less than 604800 seconds",
            ));
        }
        if signed > now.saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX) {
            return Err(S3Error::because(ACCESS_DENIED, "Request is not yet valid")
                .with("X-Amz-Date", &self.date)
                .with("ServerTime", iso_date(now)));
        }
        let end = signed + SignedDuration::from_secs(lifetime);
        if now >= end {
            return Err(S3Error::because(ACCESS_DENIED, "Request has expired")
                .with("X-Amz-Expires", &self.expires)
                .with("Expires", iso_date(end))
                .with("ServerTime", iso_date(now)));
        }
        Ok(())
    }

    /// The signed headers with their values; S3 wants `host` and every `x-amz-` header among them.
    fn headers(&self, request: &HeaderMap) -> Result<Vec<(String, String)>, S3Error> {
        let names: Vec<&str> = self.headers.split(';').collect();
        let unsigned: Vec<&str> = request
            .keys()
            .map(axum::http::HeaderName::as_str)
            .filter(|name| *name == "host" || name.starts_with("x-amz-"))
            .filter(|name| !names.contains(name))
            .collect();
        if !unsigned.is_empty() {
            return Err(S3Error::because(
                ACCESS_DENIED,
                "There were headers present in the request which were not signed",
            )
            .with("HeadersNotSigned", unsigned.join(", ")));
        }
        Ok(names
            .into_iter()
            .map(|name| (name.to_owned(), header_value(request, name)))
            .collect())
    }
}

/// All values of a header, as a signature has them: trimmed, one blank for several.
fn header_value(headers: &HeaderMap, name: &str) -> String {
    let values: Vec<String> = headers
        .get_all(name)
        .iter()
        .map(|value| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            value.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    values.join(",")
}

/// Splits and decodes a query.
fn parse(query: &str) -> Result<Vec<(String, String)>, S3Error> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// Percent-decodes a part of a URL.
pub(super) fn decode(text: &str) -> Result<String, S3Error> {
    percent_decode_str(text)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| S3Error::new(INVALID_URI))
}

fn parse_date(date: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn parameters(message: impl Into<String>) -> S3Error {
    S3Error::because(BAD_QUERY, message)
}

#[cfg(test)]
mod tests;
