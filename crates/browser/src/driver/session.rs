//! A small `WebDriver` client: one session, and what a run does with it.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use ureq::{Agent, Body, http::Response};

use super::bidi::{Bidi, BidiError};

/// How long the driver may take to answer anything else.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Why a command of `WebDriver` failed.
#[derive(Debug, thiserror::Error)]
pub enum WebDriverError {
    /// The driver did not answer, or not in time.
    #[error("the driver does not answer: {0}")]
    Silent(#[from] ureq::Error),
    /// The driver answered with an error: its message in one line.
    #[error("{0}")]
    Refused(String),
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
    agent: Agent,
    url: String,
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
    message: String,
}

impl Session {
    /// Starts a browser through the driver on `port`, which may take as long as `limit`.
    pub fn open(port: u16, capabilities: &Value, limit: Duration) -> Result<Self, WebDriverError> {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // The driver is on this machine, so no proxy of the environment applies.
            .proxy(None)
            .build()
            .into();
        let base = format!("http://127.0.0.1:{port}/session");
        let session: NewSession = post(&agent, &base, capabilities, limit)?;
        let web_socket = session.capabilities["webSocketUrl"].as_str();
        let bidi = web_socket
            .map(|url| Bidi::connect(url, ANSWER_LIMIT))
            .transpose()?;
        Ok(Self {
            agent,
            url: format!("{base}/{}", session.session_id),
            answer_limit: ANSWER_LIMIT,
            bidi: bidi.map(Arc::new),
            capabilities: session.capabilities,
        })
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
        let request = self.agent.delete(&self.url).config();
        let request = request.timeout_global(Some(self.answer_limit)).build();
        let _: Value = answer(request.call()?)?;
        Ok(())
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
        post(
            &self.agent,
            &format!("{}/{path}", self.url),
            body,
            self.answer_limit,
        )
    }
}

fn post<T: DeserializeOwned>(
    agent: &Agent,
    url: &str,
    body: &Value,
    limit: Duration,
) -> Result<T, WebDriverError> {
    let request = agent.post(url).config().timeout_global(Some(limit));
    answer(request.build().send_json(body)?)
}

fn answer<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T, WebDriverError> {
    let text = response
        .body_mut()
        .with_config()
        .limit(256 << 20)
        .read_to_string()?;
    read(response.status().is_success(), &text)
}

fn read<T: DeserializeOwned>(is_success: bool, text: &str) -> Result<T, WebDriverError> {
    if is_success {
        return Ok(serde_json::from_str::<Answer<T>>(text)?.value);
    }
    let Refusal { message } = serde_json::from_str::<Answer<_>>(text)?.value;
    // The lines that follow are a stack trace without names.
    let message = message.split("\n#").next().unwrap_or_default();
    let message: Vec<_> = message.lines().map(str::trim).collect();
    Err(WebDriverError::Refused(message.join(" ")))
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
        let error = read::<Value>(false, &text.to_string()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "session not created: This version only supports Chrome version 150 Current browser \
             version is 149"
        );
        assert!(matches!(
            read::<Value>(true, "<html>"),
            Err(WebDriverError::Unreadable(_))
        ));
    }
}
