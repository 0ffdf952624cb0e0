//! A small `WebDriver` client: one session, and what a run does with it.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use ureq::{
    Body,
    http::{Response, StatusCode},
};

use super::bidi::{Bidi, BidiError};
use crate::{endpoint::Endpoint, proxies::Proxies};

/// How long the driver may take to answer anything else.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Why a command of `WebDriver` failed.
#[derive(Debug, thiserror::Error)]
pub enum WebDriverError {
    /// The driver did not answer, or not in time.
    #[error("the driver does not answer: {0}")]
    Silent(#[from] ureq::Error),
    /// The driver answered with an error.
    #[error("{message}")]
    Refused {
        /// The protocol's name for it; empty if what answered was no driver.
        code: String,
        /// Its message in one line.
        message: String,
    },
    /// The answer is not what the protocol says.
    #[error("the driver's answer cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A command over the web socket failed.
    #[error(transparent)]
    Bidi(#[from] BidiError),
    /// The session has no web socket.
    #[error("the driver offers no WebDriver BiDi")]
    NoBidi,
}

/// An open session: a browser with one window. It ends with its driver.
#[derive(Clone, Debug)]
pub struct Session {
    endpoint: Endpoint,
    answer_limit: Duration,
    /// Of browsers that were asked for it.
    bidi: Option<Arc<Bidi>>,
    /// What the driver says of itself and of the browser.
    pub capabilities: Value,
}

#[derive(Deserialize)]
struct Answer<T> {
    value: T,
}

#[derive(Deserialize)]
struct NewSession {
    #[serde(rename = "sessionId")]
    session_id: String,
    #[serde(default)]
    capabilities: Value,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
    message: String,
}

impl Session {
    /// Starts a browser through `driver`, which may take as long as `limit`.
    pub fn open(
        driver: &Endpoint,
        capabilities: &Value,
        limit: Duration,
    ) -> Result<Self, WebDriverError> {
        let base = driver.join("session");
        let session: NewSession = post(&base, capabilities, limit)?;
        Ok(Self {
            endpoint: base.join(&session.session_id),
            answer_limit: ANSWER_LIMIT,
            bidi: None,
            capabilities: session.capabilities,
        })
    }

    /// Connects to the web socket for `WebDriver BiDi`, where the driver names one.
    pub fn connect_bidi(&mut self) -> Result<(), WebDriverError> {
        if let Some(url) = self.capabilities["webSocketUrl"].as_str() {
            let proxies = Proxies::of_environment();
            let bidi = Bidi::connect(url, &self.endpoint, &proxies, ANSWER_LIMIT)?;
            self.bidi = Some(Arc::new(bidi));
        }
        Ok(())
    }

    /// The same session, with another limit for an answer.
    #[must_use]
    pub fn within(&self, answer_limit: Duration) -> Self {
        Self {
            answer_limit,
            ..self.clone()
        }
    }

    /// Opens `url` and waits until it is loaded.
    pub fn navigate(&self, url: &str) -> Result<(), WebDriverError> {
        self.post("url", &json!({ "url": url }))
    }

    /// Runs `script` in the page and returns what it returns.
    pub fn execute<T: DeserializeOwned>(
        &self,
        script: &str,
        args: &Value,
    ) -> Result<T, WebDriverError> {
        self.post("execute/sync", &json!({ "script": script, "args": args }))
    }

    /// Ends the browser. Its driver may open another session then.
    pub fn delete(&self) -> Result<(), WebDriverError> {
        let _: Value = answer(self.endpoint.delete(self.answer_limit)?)?;
        Ok(())
    }

    /// Its address.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The browser's name and version.
    #[must_use]
    pub fn browser_version(&self) -> String {
        let text = |key: &str| self.capabilities[key].as_str().unwrap_or_default();
        format!("{} {}", text("browserName"), text("browserVersion"))
    }

    /// Sends a command of `WebDriver BiDi`.
    pub fn bidi(&self, method: &str, params: &Value) -> Result<Value, WebDriverError> {
        let bidi = self.bidi.as_ref().ok_or(WebDriverError::NoBidi)?;
        Ok(bidi.command(method, params, self.answer_limit)?)
    }

    /// The events of `WebDriver BiDi` that `wanted` chooses by their methods and texts, since the last
    /// time. The others wait.
    pub fn events(
        &self,
        wanted: impl Fn(&str, &str) -> bool,
    ) -> Result<Vec<String>, WebDriverError> {
        let bidi = self.bidi.as_ref().ok_or(WebDriverError::NoBidi)?;
        Ok(bidi.take(wanted, self.answer_limit)?)
    }

    /// Sends a command of the session, standard or the engine's own.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, WebDriverError> {
        post(&self.endpoint.join(path), body, self.answer_limit)
    }
}

fn post<T: DeserializeOwned>(
    endpoint: &Endpoint,
    body: &Value,
    limit: Duration,
) -> Result<T, WebDriverError> {
    answer(endpoint.post(body, limit)?)
}

fn answer<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T, WebDriverError> {
    let text = response
        .body_mut()
        .with_config()
        .limit(256 << 20)
        .read_to_string()?;
    read(response.status(), &text)
}

/// What begins the lines behind a message: a stack trace without names, or versions of a Grid.
const APPENDICES: [&str; 3] = ["\n#", "\nHost info:", "\nBuild info:"];

fn read<T: DeserializeOwned>(status: StatusCode, text: &str) -> Result<T, WebDriverError> {
    if status.is_success() {
        return Ok(serde_json::from_str::<Answer<T>>(text)?.value);
    }
    let Ok(Answer { value }) = serde_json::from_str::<Answer<Refusal>>(text) else {
        // A server before the driver.
        return Err(WebDriverError::Refused {
            code: String::new(),
            message: format!("the answer is {status}"),
        });
    };
    let ends = APPENDICES
        .iter()
        .filter_map(|part| value.message.find(part));
    let end = ends.min().unwrap_or(value.message.len());
    let message: Vec<_> = value.message[..end].lines().map(str::trim).collect();
    Err(WebDriverError::Refused {
        code: value.error,
        message: message.join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_line_without_the_stack_trace() {
        let text = json!({ "value": {
            "error": "session not created",
            "message": "session not created: This version only supports Chrome version 150\n\
                        Current browser version is 149\n#0 0x55\n#1 0x56",
            "stacktrace": "#0 0x55",
        }});
        let error = read::<Value>(StatusCode::BAD_REQUEST, &text.to_string()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "session not created: This version only supports Chrome version 150 Current browser \
             version is 149"
        );
        assert!(matches!(
            read::<Value>(StatusCode::OK, "<html>"),
            Err(WebDriverError::Unreadable(_))
        ));
        let error = read::<Value>(StatusCode::UNAUTHORIZED, "").unwrap_err();
        assert_eq!(error.to_string(), "the answer is 401 Unauthorized");
        let text = json!({ "value": { "message": "Unable to find session with ID: 1\nBuild info: \
            version: '4.48.0'\nSystem info: os.name: 'Linux'" } });
        let error = read::<Value>(StatusCode::NOT_FOUND, &text.to_string()).unwrap_err();
        assert_eq!(error.to_string(), "Unable to find session with ID: 1");
    }
}
