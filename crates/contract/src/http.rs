//! An HTTP client that adds and changes as little as it can: no path is normalised, no redirect
//! followed, no header added but those that HTTP demands.

use std::time::Duration;

use anyhow::Context as _;
use ureq::{Agent, AsSendBody, Body, Proxy, http};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The largest answer that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// A request as it is sent.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON, or null if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Says through which proxy a URL is asked, if through any.
pub type ProxyOf = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Sends requests.
pub struct Client {
    agent: Agent,
    proxy_of: ProxyOf,
}

/// Sends all requests directly, whatever the environment says.
impl Default for Client {
    fn default() -> Self {
        Self::through(Box::new(|_| None))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Sends requests through proxies.
    #[must_use]
    pub fn through(proxy_of: ProxyOf) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .user_agent("")
            .accept("")
            .accept_encoding("")
            // A connection that a service has closed in the meantime would look like a service that
            // does not answer.
            .max_idle_connections(0)
            .timeout_global(Some(LIMIT))
            .proxy(None)
            .build();
        Self {
            agent: config.into(),
            proxy_of,
        }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn send(&self, request: &Request) -> anyhow::Result<Answer> {
        let shown = request.url.split('?').next().unwrap_or_default();
        self.exchange(request)
            .with_context(|| format!("{} {shown}", request.method))
    }

    fn exchange(&self, request: &Request) -> anyhow::Result<Answer> {
        let mut built = http::Request::builder()
            .method(request.method.as_str())
            .uri(&request.url);
        for (name, value) in &request.headers {
            built = built.header(name, value);
        }
        let mut answer = match &request.body {
            Some(body) => self.run(&request.url, built.body(body.as_slice())?)?,
            None => self.run(&request.url, built.body(())?)?,
        };
        let headers = answer.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: headers.collect(),
            body: answer
                .body_mut()
                .with_config()
                .limit(LARGEST)
                .read_to_vec()?,
        })
    }

    fn run(
        &self,
        url: &str,
        request: http::Request<impl AsSendBody>,
    ) -> anyhow::Result<http::Response<Body>> {
        let proxy = (self.proxy_of)(url);
        let proxy = proxy.map(|proxy| Proxy::new(&proxy)).transpose()?;
        let request = self.agent.configure_request(request).proxy(proxy).build();
        Ok(self.agent.run(request)?)
    }
}
