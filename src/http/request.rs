//! A request that has not been sent yet.

pub use gloo_net::http::Method;
use gloo_net::http::RequestBuilder;
use opencloud_model::{
    request_body::{FormFile, FormPart, RequestBody},
    service::Service,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use web_sys::{AbortSignal, Blob, FormData, RequestCache, RequestCredentials};

use crate::page;

/// The frontend's HTTP library (axios) sends this value of `accept` to the UserAPI and to S3.
const ACCEPT: &str = "application/json, text/plain, */*";

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// The service that it goes to.
    pub service: Service,
    /// What it is for, in a few words.
    pub name: String,
    /// Its method.
    pub method: Method,
    /// Its URL, which may hold a signature.
    pub(crate) url: SecretString,
    pub(crate) headers: Vec<(String, SecretString)>,
    pub(crate) body: Body,
    /// Its answer may take this many times as long as others may.
    pub(super) deadline_factor: u32,
    /// Whether sending it twice has the same effect as sending it once.
    pub(super) idempotent: bool,
    /// Whether it is sent in the credentials mode `include`.
    pub(super) credentials: bool,
    /// Whether the browser must not answer it from its cache.
    pub(super) bypass_cache: bool,
    /// The pattern of its path, where a table of endpoints has it; else empty.
    pub(crate) pattern: &'static str,
}

/// What requests have in common that differ in their parameters: service, method and pattern of the path.
pub(crate) type Kind = (Service, Method, &'static str);

/// The body of a request.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    Text(SecretString),
    Form(Form),
}

/// A form to be sent as `multipart/form-data`: its fields, then one file.
#[derive(Clone, Debug)]
pub struct Form {
    /// The fields, in their order.
    pub fields: Vec<(String, SecretString)>,
    /// The file's content.
    pub file: Blob,
    /// The file's name.
    pub file_name: String,
}

impl Request {
    /// A request without body, and with the header `accept` that the frontend sends to that service.
    /// `name` says what it is for, in a few words. GET and DELETE count as idempotent, other methods do
    /// not; see [`Request::idempotent`].
    pub fn new(
        service: Service,
        method: Method,
        name: impl Into<String>,
        url: impl Into<String>,
    ) -> Self {
        let headers = match service {
            Service::UserApi | Service::S3 => vec![("accept".into(), ACCEPT.into())],
            _ => Vec::new(),
        };
        Self {
            service,
            name: name.into(),
            idempotent: [Method::GET, Method::DELETE].contains(&method),
            method,
            url: url.into().into(),
            headers,
            body: Body::None,
            deadline_factor: 1,
            credentials: false,
            bypass_cache: false,
            pattern: "",
        }
    }

    /// A GET request.
    pub fn get(service: Service, name: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(service, Method::GET, name, url)
    }

    /// A POST request.
    pub fn post(service: Service, name: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(service, Method::POST, name, url)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Removes a header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers
            .retain(|(header, _)| !header.eq_ignore_ascii_case(name));
        self
    }

    /// Adds `authorization` with a bearer token.
    #[must_use]
    pub fn bearer(self, token: &SecretString) -> Self {
        let value = format!("Bearer {}", token.expose_secret());
        self.header("authorization", value)
    }

    /// Sends `value` as JSON, with the content type `application/json`.
    #[must_use]
    pub fn json<T: Serialize>(self, value: &T) -> Self {
        self.header("content-type", "application/json")
            .json_text(value)
    }

    /// Sends `value` as JSON, without a content type.
    ///
    /// # Panics
    /// If `value` cannot be written as JSON, for instance a map whose keys are no strings.
    #[must_use]
    pub fn json_text<T: Serialize>(mut self, value: &T) -> Self {
        let text = serde_json::to_string(value).expect("requests are plain data");
        self.body = Body::Text(text.into());
        self
    }

    /// Sends a form; the browser adds the content type with its boundary.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.body = Body::Form(form);
        self
    }

    /// Changes the form, if it sends one.
    #[must_use]
    pub(crate) fn with_form(mut self, change: impl FnOnce(&mut Form)) -> Self {
        if let Body::Form(form) = &mut self.body {
            change(form);
        }
        self
    }

    /// The same request with the URL that `change` makes of its own, if it makes one.
    pub(crate) fn with_url(mut self, change: impl FnOnce(&str) -> Option<String>) -> Option<Self> {
        self.url = change(self.url.expose_secret())?.into();
        Some(self)
    }

    /// Says whether sending this request twice has the same effect as sending it once (RFC 9110,
    /// "Idempotent Methods"), whatever its method says. Only then is it sent again.
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    /// What it has in common with others that only differ in their parameters.
    pub(crate) fn kind(&self) -> Kind {
        (self.service, self.method.clone(), self.pattern)
    }

    /// Whether sending it twice has the same effect as sending it once.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// Sets the credentials mode `include` (Fetch standard): the browser sends cookies, and the page
    /// can read the answer only if that allows credentials.
    #[must_use]
    pub fn with_credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// Lets the answer, its body included, take `factor` times as long as others may.
    #[must_use]
    pub fn deadline_factor(mut self, factor: u32) -> Self {
        self.deadline_factor = factor;
        self
    }

    /// The name of a header that no browser sends, if there is one, for its name or its value (Fetch standard, "header
    /// name" and "header value").
    pub(super) fn illegal_header(&self) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find_map(|(name, value)| {
            let value = value.expose_secret();
            let value = value.trim_matches(['\t', '\n', '\r', ' ']);
            let is_legal = is_token(name) && value.chars().all(is_of_value);
            (!is_legal).then_some(name.as_str())
        })
    }

    pub(super) fn build(
        self,
        signal: &AbortSignal,
    ) -> Result<gloo_net::http::Request, gloo_net::Error> {
        let mut builder = RequestBuilder::new(self.url.expose_secret())
            .method(self.method)
            .abort_signal(Some(signal));
        if self.credentials {
            builder = builder.credentials(RequestCredentials::Include);
        }
        if self.bypass_cache {
            builder = builder.cache(RequestCache::NoStore);
        }
        for (name, value) in &self.headers {
            builder = builder.header(name, value.expose_secret());
        }
        match self.body {
            Body::None => builder.build(),
            Body::Text(text) => builder.body(text.expose_secret()),
            Body::Form(form) => builder.body(form.fill()),
        }
    }

    /// Lets the browser fetch the answer anew, whatever it has stored.
    #[must_use]
    pub fn anew(mut self) -> Self {
        self.bypass_cache = true;
        self
    }

    /// Sends it to an address that nobody has asked for before, by a parameter that the UserAPI ignores.
    #[must_use]
    pub fn unrepeated(mut self) -> Self {
        let url = self.url.expose_secret();
        let mark = if url.contains('?') { '&' } else { '?' };
        self.url = format!("{url}{mark}nonce={}", page::random_id()).into();
        self
    }

    /// The body for reports. It still holds the secrets of its JSON.
    pub(super) fn shown_body(&self) -> Option<RequestBody> {
        match &self.body {
            Body::None => None,
            Body::Text(text) => {
                let json = serde_json::from_str(text.expose_secret());
                Some(RequestBody::Json(json.expect("a text is JSON")))
            }
            Body::Form(form) => Some(RequestBody::Form(form.parts())),
        }
    }

    /// Whether it has a body.
    pub(super) fn has_body(&self) -> bool {
        !matches!(self.body, Body::None)
    }

    /// Whether something may find its body too large, or too slow.
    pub(super) fn has_large_body(&self) -> bool {
        // The smallest limits of proxies are larger.
        const LARGE: f64 = 65_536.0;
        self.body_size() >= LARGE
    }

    /// How many bytes its body has, that of a form without its fields.
    fn body_size(&self) -> f64 {
        match &self.body {
            Body::None => 0.0,
            #[expect(
                clippy::cast_precision_loss,
                reason = "a text in memory is short enough"
            )]
            Body::Text(text) => text.expose_secret().len() as f64,
            Body::Form(form) => form.file.size(),
        }
    }

    /// The URL without its query, which may hold a signature.
    #[must_use]
    pub fn bare_url(&self) -> &str {
        let url = self.url.expose_secret();
        url.split(['?', '#']).next().unwrap_or_default()
    }
}

/// Whether `name` may be that of a header (RFC 9110, "Tokens").
fn is_token(name: &str) -> bool {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(is_of_token)
}

/// Whether the value of a header may hold that character.
fn is_of_value(c: char) -> bool {
    u32::from(c) < 0x100 && !['\0', '\n', '\r'].contains(&c)
}

/// The name of the form's last part, which is the file.
const FILE: &str = "file";

impl Form {
    fn parts(&self) -> Vec<FormPart> {
        let fields = self.fields.iter().map(|(name, _)| FormPart {
            name: name.clone(),
            file: None,
        });
        let file = FormFile {
            name: self.file_name.clone(),
            media_type: self.file.type_(),
        };
        let file = FormPart {
            name: FILE.into(),
            file: Some(file),
        };
        fields.chain([file]).collect()
    }

    fn fill(&self) -> FormData {
        let form = FormData::new().expect("a page has forms");
        for (name, value) in &self.fields {
            form.append_with_str(name, value.expose_secret())
                .expect("a form takes text");
        }
        form.append_with_blob_and_filename(FILE, &self.file, &self.file_name)
            .expect("a form takes a blob");
        form
    }
}
