//! AWS Signature Version 4, as far as pre-signed requests need it. The SDK's crates sign no POST
//! policies and verify nothing.
//!
//! Sources: Amazon S3 API reference, "Authenticating Requests: Using Query Parameters" and
//! "Authenticating Requests: Browser-Based Uploads Using POST".

use std::{fmt, time::Duration};

use axum::http::Method;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::OptionalExtension as _;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256, digest::Output};
use subtle::ConstantTimeEq as _;

use crate::{database::Database, random::alphanumeric};

/// The one algorithm there is.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Signs requests to S3 with one set of credentials, and checks what was signed with them.
#[derive(Clone)]
pub struct Signer {
    region: String,
    access_key: String,
    secret_key: String,
}

/// A form that uploads one file: post these fields in this order, then the part `file`.
#[derive(Clone, PartialEq, Eq)]
pub struct PostForm {
    /// Where to post the form: the bucket.
    pub url: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

impl PostForm {
    /// The form as the UserAPI hands it out.
    pub(crate) fn to_json(&self) -> Value {
        let pairs = self.fields.iter();
        let fields: Map<_, _> = pairs
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        json!({"method": "post", "url": self.url, "headers": {}, "data": fields})
    }
}

impl Signer {
    /// New random credentials for `region`.
    #[must_use]
    pub fn new(region: &str) -> Self {
        Self::with_credentials(
            region,
            &format!("AKIA{}", alphanumeric(16).to_ascii_uppercase()),
            &alphanumeric(40),
        )
    }

    /// These credentials for `region`.
    #[must_use]
    pub fn with_credentials(region: &str, access_key: &str, secret_key: &str) -> Self {
        Self {
            region: region.to_owned(),
            access_key: access_key.to_owned(),
            secret_key: secret_key.to_owned(),
        }
    }

    /// The credentials that the database holds, made at the first call: a URL that was signed
    /// before a restart stays valid after it.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub fn open(database: &Database, region: &str) -> rusqlite::Result<Self> {
        let connection = database.lock();
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS s3_credentials (
                 access_key TEXT NOT NULL,
                 secret_key TEXT NOT NULL
             );",
        )?;
        let kept: Option<(String, String)> = connection
            .query_row(
                "SELECT access_key, secret_key FROM s3_credentials",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        if let Some((access_key, secret_key)) = kept {
            return Ok(Self::with_credentials(region, &access_key, &secret_key));
        }
        let signer = Self::new(region);
        connection.execute(
            "INSERT INTO s3_credentials VALUES (?1, ?2)",
            [&signer.access_key, &signer.secret_key],
        )?;
        Ok(signer)
    }

    /// The public half of the credentials.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The region that signatures are made for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// A form that may upload any file whose key begins with `prefix`, from `now` until `lifetime`
    /// (whole seconds) has passed. `endpoint` is the service's origin, without a slash at its end.
    #[must_use]
    pub fn presign_post(
        &self,
        now: Timestamp,
        endpoint: &str,
        bucket: &str,
        prefix: &str,
        lifetime: Duration,
    ) -> PostForm {
        let credential = self.credential(now);
        let date = amz_date(now);
        // boto3, which OpenCloud signs with, writes the prefix twice: once for the caller's own
        // condition and once for the key that ends in `${filename}`.
        let starts_with = format!(r#"["starts-with", "$key", {}]"#, json_string(prefix));
        let policy = format!(
            r#"{{"expiration": "{expiration}", "conditions": [{starts_with}, {{"bucket": {bucket}}}, {starts_with}, {{"x-amz-algorithm": "{ALGORITHM}"}}, {{"x-amz-credential": "{credential}"}}, {{"x-amz-date": "{date}"}}]}}"#,
            expiration = iso_date(now.saturating_add(lifetime).unwrap_or(Timestamp::MAX)),
            bucket = json_string(bucket),
        );
        let mut form = self.sign_policy(now, &policy);
        form.insert(0, ("key".to_owned(), format!("{prefix}${{filename}}")));
        PostForm {
            url: format!("{endpoint}/{bucket}"),
            fields: form,
        }
    }

    /// The form fields that carry `policy` (its JSON text) and its signature, made at `now`.
    #[must_use]
    pub fn sign_policy(&self, now: Timestamp, policy: &str) -> Vec<(String, String)> {
        let policy = BASE64_STANDARD.encode(policy);
        let signature = self.signature(&scope_date(now), &policy);
        [
            ("x-amz-algorithm", ALGORITHM.to_owned()),
            ("x-amz-credential", self.credential(now)),
            ("x-amz-date", amz_date(now)),
            ("policy", policy),
            ("x-amz-signature", signature),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The URL of a request for an object, valid from `now` until `lifetime` (whole seconds, at
    /// most seven days) has passed. `endpoint` is the service's origin, without a slash at its end.
    #[must_use]
    pub fn presign(
        &self,
        now: Timestamp,
        method: &Method,
        endpoint: &str,
        bucket: &str,
        key: &str,
        lifetime: Duration,
    ) -> String {
        let host = endpoint
            .split_once("://")
            .map_or(endpoint, |(_, host)| host);
        let path = format!("/{}/{}", uri_encode(bucket, true), uri_encode(key, false));
        let (query, signature) = self.signed_query(now, method.as_str(), host, &path, lifetime);
        format!("{endpoint}{path}?{query}&X-Amz-Signature={signature}")
    }

    fn signed_query(
        &self,
        now: Timestamp,
        method: &str,
        host: &str,
        path: &str,
        lifetime: Duration,
    ) -> (String, String) {
        let query = [
            ("X-Amz-Algorithm", ALGORITHM.to_owned()),
            ("X-Amz-Credential", self.credential(now)),
            ("X-Amz-Date", amz_date(now)),
            ("X-Amz-Expires", lifetime.as_secs().to_string()),
            ("X-Amz-SignedHeaders", "host".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let request = CanonicalRequest {
            method,
            path,
            query: &query,
            headers: &[("host", host)],
        };
        let signature = self.sign_request(&amz_date(now), &request);
        (canonical_query(&query), signature)
    }

    /// The signature of a request whose `X-Amz-Date` is `date`.
    pub(super) fn sign_request(&self, date: &str, request: &CanonicalRequest<'_>) -> String {
        let day = date.get(..8).unwrap_or(date);
        let hash = format!("{:x}", Sha256::digest(request.to_string()));
        let scope = self.scope(day);
        self.signature(day, &format!("{ALGORITHM}\n{date}\n{scope}\n{hash}"))
    }

    /// The signature of `text` with the key of `day` (eight digits).
    pub(super) fn signature(&self, day: &str, text: &str) -> String {
        let key = hmac(format!("AWS4{}", self.secret_key).as_bytes(), day);
        let key = hmac(&key, &self.region);
        let key = hmac(&key, "s3");
        let key = hmac(&key, "aws4_request");
        format!("{:x}", hmac(&key, text))
    }

    fn credential(&self, now: Timestamp) -> String {
        format!("{}/{}", self.access_key, self.scope(&scope_date(now)))
    }

    fn scope(&self, day: &str) -> String {
        format!("{day}/{}/s3/aws4_request", self.region)
    }
}

/// The part of a request that a signature covers; its text is AWS's *canonical request*.
pub(super) struct CanonicalRequest<'a> {
    pub(super) method: &'a str,
    /// Already percent-encoded as AWS has it.
    pub(super) path: &'a str,
    /// Decoded names and values, without the signature.
    pub(super) query: &'a [(String, String)],
    /// The signed headers: lower-case names in order, trimmed values.
    pub(super) headers: &'a [(&'a str, &'a str)],
}

impl fmt::Display for CanonicalRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.method)?;
        writeln!(f, "{}", self.path)?;
        writeln!(f, "{}", canonical_query(self.query))?;
        for (name, value) in self.headers {
            writeln!(f, "{name}:{value}")?;
        }
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        // A pre-signed request never signs its body.
        write!(f, "\n{}\nUNSIGNED-PAYLOAD", names.join(";"))
    }
}

fn canonical_query(query: &[(String, String)]) -> String {
    let mut pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{}={}", uri_encode(name, true), uri_encode(value, true)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

/// AWS's `UriEncode`: everything but letters, digits and `-._~`, with or without the slash.
pub(super) fn uri_encode(text: &str, slash: bool) -> String {
    const WITH_SLASH: AsciiSet = NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    const WITHOUT_SLASH: AsciiSet = WITH_SLASH.remove(b'/');
    let set = if slash { &WITH_SLASH } else { &WITHOUT_SLASH };
    utf8_percent_encode(text, set).to_string()
}

fn hmac(key: &[u8], text: &str) -> Output<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes()
}

/// Compares two signatures in a time that does not depend on where they differ.
pub(super) fn same_signature(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn amz_date(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn scope_date(time: Timestamp) -> String {
    time.strftime("%Y%m%d").to_string()
}

pub(super) fn iso_date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn json_string(text: &str) -> String {
    Value::from(text).to_string()
}

// By hand: secrets and signatures stay out of logs.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("region", &self.region)
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PostForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostForm")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
