//! Where a `WebDriver` is asked: a driver of this machine, a Selenium Grid or a vendor's cloud.

use std::{fmt, net::Ipv4Addr, time::Duration};

use serde_json::Value;
use ureq::{
    Agent, Body, Proxy, RequestBuilder,
    http::{Response, header::AUTHORIZATION},
};
use url::Url;

use crate::{credentials, proxies::Proxies};

/// The address of a `WebDriver`, or of a session of one. Clones share their connections.
#[derive(Clone)]
pub struct Endpoint {
    agent: Agent,
    /// With user name and password.
    url: Url,
}

impl Endpoint {
    /// The driver that listens on `port` of this machine.
    pub fn of_port(port: u16) -> anyhow::Result<Self> {
        let url = Url::parse(&format!("http://{}:{port}", Ipv4Addr::LOCALHOST))?;
        Ok(Self {
            agent: agent(None),
            url,
        })
    }

    /// The `WebDriver` at `url`, which is asked through the proxy that the environment names for it. Its
    /// password becomes a known secret.
    pub fn of_url(url: Url) -> anyhow::Result<Self> {
        credentials::learn_password(&url);
        let proxy = Proxies::of_environment().of_url(url.as_str());
        let proxy = proxy.map(|proxy| Proxy::new(&proxy)).transpose()?;
        Ok(Self {
            agent: agent(proxy),
            url,
        })
    }

    /// The address without user name and password.
    #[must_use]
    pub fn name(&self) -> String {
        let mut url = self.url.clone();
        // Neither fails for http and https.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.as_str().trim_end_matches('/').to_owned()
    }

    /// The address as it was given, which may hold a password.
    pub(crate) fn secret_url(&self) -> &Url {
        &self.url
    }

    /// The endpoint of `path` below this one.
    pub(crate) fn join(&self, path: &str) -> Self {
        let mut endpoint = self.clone();
        let base = self.url.path().trim_end_matches('/');
        endpoint.url.set_path(&format!("{base}/{path}"));
        endpoint
    }

    /// The header `authorization` of its user (RFC 7617), if it has one.
    pub(crate) fn authorization(&self) -> Option<String> {
        credentials::basic(&self.url)
    }

    pub(crate) fn get(&self, limit: Duration) -> Result<Response<Body>, ureq::Error> {
        self.prepare(self.agent.get(self.name()), limit).call()
    }

    pub(crate) fn post(
        &self,
        body: &Value,
        limit: Duration,
    ) -> Result<Response<Body>, ureq::Error> {
        self.prepare(self.agent.post(self.name()), limit)
            .send_json(body)
    }

    pub(crate) fn delete(&self, limit: Duration) -> Result<Response<Body>, ureq::Error> {
        self.prepare(self.agent.delete(self.name()), limit).call()
    }

    fn prepare<T>(&self, request: RequestBuilder<T>, limit: Duration) -> RequestBuilder<T> {
        let request = request.config().timeout_global(Some(limit)).build();
        match self.authorization() {
            Some(authorization) => request.header(AUTHORIZATION, authorization),
            None => request,
        }
    }
}

/// Passwords are not for messages.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.name()).finish()
    }
}

fn agent(proxy: Option<Proxy>) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .proxy(proxy)
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use opencloud_model::redact;

    use super::*;

    fn endpoint(url: &str) -> Endpoint {
        Endpoint::of_url(Url::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn a_user_is_for_the_server_alone() {
        let endpoint = endpoint("https://ann%40x:pass%2Fword@grid.test/wd/hub/");
        assert_eq!(endpoint.name(), "https://grid.test/wd/hub");
        assert!(!format!("{endpoint:?}").contains("word"));
        let credentials = BASE64_STANDARD.encode("ann@x:pass/word");
        assert_eq!(
            endpoint.authorization(),
            Some(format!("Basic {credentials}"))
        );
        for password in ["pass%2Fword", "pass/word"] {
            assert!(!redact::clean(&format!("<{password}>")).contains(password));
        }
        let session = endpoint.join("session").join("1");
        assert_eq!(session.name(), "https://grid.test/wd/hub/session/1");
        assert_eq!(session.authorization(), endpoint.authorization());
    }

    #[test]
    fn an_address_without_a_user_sends_none() {
        let endpoint = endpoint("http://grid.test:4444");
        assert_eq!(endpoint.name(), "http://grid.test:4444");
        assert_eq!(
            endpoint.join("status").name(),
            "http://grid.test:4444/status"
        );
        assert_eq!(endpoint.authorization(), None);
    }
}
