//! The second step of an upload or download: the request that the UserAPI made ready.
//!
//! It is a form for S3 (its fields first, `file` last, no header of ours, so the browser asks for
//! no preflight), or the UserAPI's own `/upload` and `/download` with the caller's authorization
//! echoed.

use std::collections::BTreeMap;

use opencloud_model::{cause::Service, redact};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use web_sys::Blob;

use crate::http::{Form, Method, Request};

/// A transfer may take so much longer than other requests: with the default limit as long as a
/// pre-signed request is valid, ten minutes.
const PATIENCE: u32 = 20;

/// A request that the UserAPI made ready; everything in it but the host may be secret.
#[derive(Clone, Debug, Deserialize)]
pub struct TransferSpec {
    #[serde(deserialize_with = "secret_url")]
    url: SecretString,
    #[serde(deserialize_with = "secret_values")]
    headers: BTreeMap<String, SecretString>,
    #[serde(deserialize_with = "secret_values")]
    data: BTreeMap<String, SecretString>,
}

/// Form fields that are no secret: they say what is uploaded where, or when.
const OPEN_FIELDS: [&str; 3] = ["key", "x-amz-algorithm", "x-amz-date"];

fn secret_values<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, SecretString>, D::Error> {
    let values = BTreeMap::<String, SecretString>::deserialize(deserializer)?;
    for (name, value) in &values {
        if !OPEN_FIELDS.contains(&name.to_ascii_lowercase().as_str()) {
            redact::learn(value.expose_secret());
        }
    }
    Ok(values)
}

fn secret_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let url = SecretString::deserialize(deserializer)?;
    if let Ok(parsed) = url::Url::parse(url.expose_secret()) {
        for (name, value) in parsed.query_pairs() {
            if [
                "x-amz-signature",
                "x-amz-credential",
                "x-amz-security-token",
            ]
            .contains(&name.to_ascii_lowercase().as_str())
            {
                redact::learn(&value);
            }
        }
    }
    Ok(url)
}

impl TransferSpec {
    /// Whether it is a form for S3 rather than a request to the UserAPI itself.
    #[must_use]
    pub fn is_form(&self) -> bool {
        !self.data.is_empty()
    }

    /// Where in the bucket a form puts the file.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        Some(self.data.get("key")?.expose_secret())
    }

    /// The same form for another key: what somebody would try who has the form.
    #[must_use]
    pub fn with_key(&self, change: impl FnOnce(&str) -> String) -> Self {
        let mut bent = self.clone();
        if let Some(key) = bent.data.get_mut("key") {
            *key = change(key.expose_secret()).into();
        }
        bent
    }

    /// The same request at another URL: what somebody would try who has the URL.
    #[must_use]
    pub fn with_url(&self, change: impl FnOnce(&str) -> String) -> Self {
        Self {
            url: change(self.url.expose_secret()).into(),
            ..self.clone()
        }
    }

    /// Where the request goes, signature and all.
    #[must_use]
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// The UserAPI wants to know who asks; S3 goes by the signature.
    fn service(&self) -> Service {
        if self.headers.is_empty() {
            Service::S3
        } else {
            Service::UserApi
        }
    }

    fn request(self, method: Method, name: String) -> Request {
        let service = self.service();
        let request =
            Request::new(service, method, name, self.url.expose_secret()).patience(PATIENCE);
        self.headers
            .into_iter()
            .fold(request, |request, (name, value)| {
                request.secret_header(&name, value)
            })
    }
}

/// The request that uploads `content` under `file_name`.
#[must_use]
pub fn upload_request(mut spec: TransferSpec, content: &Blob, file_name: &str) -> Request {
    let form = Form {
        fields: std::mem::take(&mut spec.data).into_iter().collect(),
        file: content.clone(),
        file_name: file_name.into(),
    };
    spec.request(Method::POST, format!("upload {file_name}"))
        .form(form)
        // The same bytes to the same place.
        .repeatable()
}

/// The request that downloads what `spec` leads to; `file_name` only says what that is.
#[must_use]
pub fn download_request(spec: TransferSpec, file_name: &str) -> Request {
    spec.request(Method::GET, format!("download {file_name}"))
}
