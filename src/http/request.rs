//! A request, as it is put together before it is sent.

use gloo_net::http::{Method, RequestBuilder};
use opencloud_model::cause::Service;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use web_sys::{AbortSignal, Blob, FormData, RequestCredentials};

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
    pub(crate) patience: u32,
    /// Whether sending it twice does no more than sending it once.
    pub(crate) repeatable: bool,
    pub(super) credentials: bool,
}

/// What a request carries.
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
    /// A request without headers or body. `name` says what it is for, in a few words. GET and DELETE
    /// may be sent again where the network fails; see [`Request::repeatable`].
    pub fn new(
        service: Service,
        method: Method,
        name: impl Into<String>,
        url: impl Into<String>,
    ) -> Self {
        Self {
            service,
            name: name.into(),
            repeatable: [Method::GET, Method::DELETE].contains(&method),
            method,
            url: url.into().into(),
            headers: Vec::new(),
            body: Body::None,
            patience: 1,
            credentials: false,
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
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a header whose value nobody may see.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: SecretString) -> Self {
        self.headers.push((name.into(), value));
        self
    }

    /// Leaves a header out.
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
        self.secret_header("authorization", value.into())
    }

    /// Sends `value` as JSON, with the content type `application/json`.
    #[must_use]
    pub fn json<T: Serialize>(self, value: &T) -> Self {
        self.header("content-type", "application/json")
            .json_text(value)
    }

    /// Sends `value` as JSON, without saying so in a header.
    ///
    /// # Panics
    /// If `value` cannot be written as JSON, as a map whose keys are no text.
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

    /// Sending this request twice does no more than sending it once, though its method does not say
    /// so.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Sending this request twice may do something else than sending it once, though its method does
    /// not say so.
    #[must_use]
    pub fn sent_once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// Lets the browser send cookies and the like along, and demand of the answer that it allows so
    /// (Fetch standard, credentials mode `include`).
    #[must_use]
    pub fn with_credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// Lets the answer, its body included, take `factor` times as long as others may.
    #[must_use]
    pub fn patience(mut self, factor: u32) -> Self {
        self.patience = factor;
        self
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
        for (name, value) in &self.headers {
            builder = builder.header(name, value.expose_secret());
        }
        match self.body {
            Body::None => builder.build(),
            Body::Text(text) => builder.body(text.expose_secret()),
            Body::Form(form) => builder.body(form.fill()),
        }
    }

    /// The URL without its query, which may hold a signature.
    #[must_use]
    pub fn bare_url(&self) -> &str {
        let url = self.url.expose_secret();
        url.split(['?', '#']).next().unwrap_or_default()
    }
}

impl Form {
    fn fill(&self) -> FormData {
        let form = FormData::new().expect("a page has forms");
        for (name, value) in &self.fields {
            form.append_with_str(name, value.expose_secret())
                .expect("a form takes text");
        }
        form.append_with_blob_and_filename("file", &self.file, &self.file_name)
            .expect("a form takes a blob");
        form
    }
}
