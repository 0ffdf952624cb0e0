//! The second step of an upload or download: the request that the UserAPI has prepared.
//!
//! It goes to S3, as a form whose last field is `file` or as a GET; both have no headers of ours, so the
//! browser sends no preflight. Or it goes to the UserAPI's own `/upload` or `/download`, with the
//! caller's authorization, which the UserAPI has returned. A signature tells which of them it is.

use indexmap::IndexMap;
use jiff::Timestamp;
use opencloud_model::{redact, service::Service};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use web_sys::Blob;

use crate::{
    address, expiry, file_name, form_policy,
    http::{Form, Method, Request},
    token::Claims,
};

/// A transfer may take this many times as long as other requests. With the default limit that is ten
/// minutes, as long as a pre-signed request is valid.
const DEADLINE_FACTOR: u32 = 20;

/// A request that the UserAPI has prepared. Everything in it but the host may be secret.
#[derive(Clone, Debug, Deserialize)]
pub struct TransferSpec {
    #[serde(deserialize_with = "secret_url")]
    url: SecretString,
    #[serde(deserialize_with = "secret_values")]
    headers: IndexMap<String, SecretString>,
    #[serde(deserialize_with = "secret_values")]
    data: IndexMap<String, SecretString>,
}

/// The query parameters of a pre-signed URL that are secret.
const SECRET_PARAMETERS: [&str; 3] = [
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
];

fn secret_values<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<IndexMap<String, SecretString>, D::Error> {
    let values = IndexMap::<String, SecretString>::deserialize(deserializer)?;
    for (name, value) in &values {
        if !redact::is_plain(name, value.expose_secret()) {
            redact::learn(value.expose_secret());
        }
    }
    Ok(values)
}

fn secret_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let url = SecretString::deserialize(deserializer)?;
    if let Some(user_info) = address::user_info(url.expose_secret()) {
        let password = user_info
            .split_once(':')
            .map_or(user_info, |(_, password)| password);
        redact::learn(password);
        redact::learn(&percent_encoding::percent_decode_str(password).decode_utf8_lossy());
    }
    if let Ok(parsed) = url::Url::parse(url.expose_secret()) {
        for (name, value) in parsed.query_pairs() {
            if SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) {
                redact::learn(&value);
            }
        }
    }
    Ok(url)
}

impl TransferSpec {
    /// Whether it is a form for S3, and not a request to the UserAPI itself.
    #[must_use]
    pub fn is_form(&self) -> bool {
        !self.data.is_empty()
    }

    /// The key of the object that a form uploads.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        Some(self.data.get("key")?.expose_secret())
    }

    /// The directory in which a form stores its file, as part of the object's key.
    #[must_use]
    pub fn key_directory(&self) -> Option<&str> {
        Some(self.key()?.rsplit_once('/')?.0)
    }

    /// The path of the URL, with its escapes resolved.
    #[must_use]
    pub fn path(&self) -> Option<String> {
        let url = url::Url::parse(self.url.expose_secret()).ok()?;
        let path = percent_encoding::percent_decode_str(url.path());
        Some(path.decode_utf8_lossy().into_owned())
    }

    /// The same form with another key, which its signature does not cover.
    #[must_use]
    pub fn with_key(&self, change: impl FnOnce(&str) -> String) -> Self {
        let mut changed = self.clone();
        if let Some(key) = changed.data.get_mut("key") {
            *key = change(key.expose_secret()).into();
        }
        changed
    }

    /// The same request with another URL, which its signature does not cover.
    #[must_use]
    pub fn with_url(&self, change: impl FnOnce(&str) -> String) -> Self {
        Self {
            url: change(self.url.expose_secret()).into(),
            ..self.clone()
        }
    }

    /// The same form with its key alone: without a policy and a signature.
    #[must_use]
    pub fn without_fields(&self) -> Self {
        let mut bare = self.clone();
        bare.data.retain(|name, _| name == "key");
        bare
    }

    /// How many bytes a file may have at most by the form's policy, if that limits it.
    #[must_use]
    pub fn size_limit(&self) -> Option<u64> {
        form_policy::size_limit(self.data.get("policy")?.expose_secret())
    }

    /// The URL, which may hold a signature.
    #[must_use]
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// The headers that the URL is signed with and that come neither with it nor from the browser.
    #[must_use]
    pub fn missing_headers(&self) -> Vec<String> {
        let url = url::Url::parse(self.url.expose_secret());
        let query = url.as_ref().map(url::Url::query_pairs);
        let signed = query.into_iter().flatten();
        let signed = signed.filter(|(name, _)| name.eq_ignore_ascii_case("x-amz-signedheaders"));
        let names = signed.flat_map(|(_, names)| {
            let names = names.split(';').map(str::to_ascii_lowercase);
            names.collect::<Vec<_>>()
        });
        let is_given = |name: &String| {
            let mut given = self.headers.keys();
            name == "host" || given.any(|given| given.eq_ignore_ascii_case(name))
        };
        names.filter(|name| !is_given(name)).collect()
    }

    /// When the form, the URL or the token in the headers expires.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        if let Some(policy) = self.data.get("policy") {
            return form_policy::expiration(policy.expose_secret());
        }
        if let Some(authorization) = self.authorization()
            && !self.is_signed()
        {
            let claims = Claims::of(authorization.expose_secret())?;
            return Timestamp::from_second(claims.expiry()?).ok();
        }
        expiry::of_url(self.url.expose_secret())
    }

    /// The address that it leads to, without what is secret in it, and why no page can send a request there, if
    /// none can.
    #[must_use]
    pub fn obstacle(&self) -> Option<(String, String)> {
        let url = self.url.expose_secret();
        Some((address::shown(url), address::obstacle(url)?))
    }

    /// The address that it leads to, if it is one of the UserAPI's own transfers and not at `base`, at which
    /// the UserAPI is asked. A query may hold a signature, and is left out.
    #[must_use]
    pub fn elsewhere(&self, base: &str) -> Option<String> {
        if self.service() == Service::S3 {
            return None;
        }
        let mut there = url::Url::parse(self.url.expose_secret()).ok()?;
        let here = url::Url::parse(base).ok()?;
        let prefix = here.path().trim_end_matches('/');
        let rest = there.path().strip_prefix(prefix);
        let is_below = rest.is_some_and(|rest| rest.starts_with('/'));
        if there.origin() == here.origin() && is_below {
            return None;
        }
        there.set_query(None);
        there.set_fragment(None);
        Some(there.into())
    }

    /// A request to the UserAPI has the user's token, and one to S3 a signature.
    fn service(&self) -> Service {
        if self.authorization().is_some() && !self.is_signed() {
            Service::UserApi
        } else {
            Service::S3
        }
    }

    fn is_signed(&self) -> bool {
        let url = url::Url::parse(self.url.expose_secret());
        let is_signature = |name: &str| name.eq_ignore_ascii_case("x-amz-signature");
        self.data.contains_key("policy")
            || url.is_ok_and(|url| url.query_pairs().any(|(name, _)| is_signature(&name)))
    }

    /// Whether the user's token is to be sent with a signature, of which S3 takes only one.
    #[must_use]
    pub fn has_token_for_s3(&self) -> bool {
        self.authorization().is_some() && self.is_signed()
    }

    /// The header with the user's token.
    #[must_use]
    pub fn authorization(&self) -> Option<&SecretString> {
        let mut headers = self.headers.iter();
        headers
            .find_map(|(name, value)| name.eq_ignore_ascii_case("authorization").then_some(value))
    }

    fn request(self, method: Method, name: String) -> Request {
        let service = self.service();
        let request = Request::new(service, method, name, self.url.expose_secret())
            .deadline_factor(DEADLINE_FACTOR);
        self.headers
            .into_iter()
            .fold(request, |request, (name, value)| {
                request.header(&name, value)
            })
    }
}

/// The request that uploads `content` under `file_name`, which may begin with directories. The form has
/// the fields in the order in which the frontend appends them: the key, then the others as the UserAPI
/// returns them.
#[must_use]
pub fn upload_request(mut spec: TransferSpec, content: &Blob, file_name: &str) -> Request {
    let mut fields: Vec<_> = std::mem::take(&mut spec.data).into_iter().collect();
    fields.sort_by_key(|(name, _)| name != "key");
    let form = Form {
        fields,
        file: typed(content, file_name::media_type(file_name)),
        file_name: file_name.into(),
    };
    spec.request(Method::POST, format!("upload {file_name}"))
        // axios drops it from a form: the browser alone knows the boundary.
        .without_header("content-type")
        .form(form)
        // It stores the same bytes under the same name.
        .idempotent(true)
}

/// The same bytes as a file of this media type, which the browser names in the form's last part.
fn typed(content: &Blob, media_type: &str) -> Blob {
    content
        .slice_with_f64_and_f64_and_content_type(0.0, content.size(), media_type)
        .expect("a blob has slices")
}

/// The same bytes as a file of no known media type.
#[must_use]
pub(crate) fn untyped(content: &Blob) -> Blob {
    typed(content, "")
}

/// The request that downloads the file of `spec`; `file_name` only names the request.
#[must_use]
pub fn download_request(spec: TransferSpec, file_name: &str) -> Request {
    spec.request(Method::GET, format!("download {file_name}"))
}
