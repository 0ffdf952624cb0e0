//! Pages of other origins, opened in frames.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::request::{Body, Request};
use crate::page;

/// A page of another origin, in a frame. Closed on drop.
#[derive(Debug)]
pub struct Frame {
    element: JsValue,
    origin: String,
}

/// What a page could see of the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer, with this status.
    Readable(u16),
    /// None: the browser blocked it, or there was no answer.
    Refused,
    /// None within the deadline.
    TimedOut,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Seen {
    Answer { status: u16 },
    Error { error: String },
}

impl Frame {
    /// Opens a page at `origin`; the error says why there is none.
    pub async fn open(origin: &str) -> Result<Self, String> {
        match page::open_frame(origin).await {
            Ok(element) => Ok(Self {
                element,
                origin: origin.to_owned(),
            }),
            Err(error) => Err(String::from(error.message())),
        }
    }

    /// Lets the page send `request`; the answer may take as long as `deadline`.
    ///
    /// # Panics
    /// If the message from the frame is not one of `tests/page/frame.html`.
    pub async fn send(&self, request: &Request, deadline: Duration) -> Outcome {
        let headers: serde_json::Map<_, _> = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.expose_secret().into()))
            .collect();
        let mut message = json!({
            "url": request.url.expose_secret(),
            "method": request.method.to_string(),
            "headers": headers,
            "deadline": deadline.as_millis(),
        });
        let mut file = None;
        match &request.body {
            Body::None => {}
            Body::Text(text) => message["body"] = text.expose_secret().into(),
            Body::Form(form) => {
                let fields = form.fields.iter();
                let fields = fields.map(|(name, value)| json!([name, value.expose_secret()]));
                message["form"] = fields.collect();
                message["fileName"] = form.file_name.as_str().into();
                file = Some(&form.file);
            }
        }
        self.ask(message, file).await
    }

    /// Whether the page can send anything to `url`, whatever it may read of the answer: the browser may
    /// block that as mixed content. The answer may take as long as `deadline`.
    ///
    /// # Panics
    /// If the message from the frame is not one of `tests/page/frame.html`.
    pub async fn reaches(&self, url: &str, deadline: Duration) -> bool {
        let message = json!({
            "url": url,
            "method": "GET",
            "headers": {},
            // The answer is one without a status, whatever its headers.
            "mode": "no-cors",
            "deadline": deadline.as_millis(),
        });
        self.ask(message, None).await != Outcome::Refused
    }

    async fn ask(&self, message: serde_json::Value, file: Option<&Blob>) -> Outcome {
        let message = message.to_string();
        let seen = page::fetch_in_frame(&self.element, &self.origin, &message, file).await;
        let seen = seen.as_string().unwrap_or_default();
        match serde_json::from_str(&seen).expect("the frame reports the outcome") {
            Seen::Answer { status } => Outcome::Readable(status),
            Seen::Error { error } if error == "TimeoutError" => Outcome::TimedOut,
            Seen::Error { .. } => Outcome::Refused,
        }
    }

    /// Whether no answer came to a refused request that was sent at `started_at` (milliseconds since
    /// 1970). `None` if that is unknown, as for a page in another process of the browser.
    pub async fn was_lost(&self, request: &Request, started_at: f64) -> Option<bool> {
        if self.origin != page::origin() {
            return None;
        }
        let method = request.method.as_str();
        let seen = page::ask_browser(method, request.bare_url(), started_at).await?;
        Some(seen.is_lost() || seen.transient_status().is_some())
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        page::close_frame(&self.element);
    }
}
