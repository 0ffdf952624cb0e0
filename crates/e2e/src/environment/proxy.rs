//! Whether the browser gets through the proxy of the environment.

use std::time::Duration;

use opencloud_browser::{
    process::{Failure, Interrupt},
    proxies::Proxies,
};
use opencloud_model::settings::Settings;
use ureq::{Agent, Error, Proxy, http::StatusCode};
use url::Url;

/// How long the proxy may take. What takes longer is told by the page.
const LIMIT: Duration = Duration::from_secs(5);

/// Where a deployment's users sign in that names no other place, in a region; which one is all the same to a
/// proxy.
const SIGN_IN: &str = "https://cognito-idp.eu-central-1.amazonaws.com";

/// Refuses a proxy on the way to a deployment that demands a password: a browser gives it none, and would
/// leave the page without an answer until its deadline.
pub(crate) fn judge(settings: &Settings, interrupt: &Interrupt) -> Result<(), Failure> {
    let proxies = Proxies::of_environment();
    let sign_in = settings.cognito_endpoint.as_deref().unwrap_or(SIGN_IN);
    let ways = [&*settings.user_api, sign_in].map(|service| (service, proxies.of_url(service)));
    for (service, proxy) in ways {
        if let Some(proxy) = proxy.and_then(|proxy| Url::parse(&proxy).ok()) {
            judge_way(service, proxy, interrupt)?;
        }
    }
    Ok(())
}

fn judge_way(service: &str, mut proxy: Url, interrupt: &Interrupt) -> Result<(), Failure> {
    // As the browser asks it. Both calls fail for an address that can have no user.
    let _ = (proxy.set_username(""), proxy.set_password(None));
    let asked = (proxy.to_string(), service.to_owned());
    if !interrupt.block(move || demands_password(&asked.0, &asked.1))? {
        return Ok(());
    }
    let proxy = proxy.as_str().trim_end_matches('/');
    Err(Failure::Input(format!(
        "the proxy of the environment, {proxy}, demands a password for {service} (407), and a browser gives \
         it none: set http_proxy and https_proxy to a proxy that demands none, such as one on this machine \
         that passes the password on, or add the host to no_proxy"
    )))
}

fn demands_password(proxy: &str, service: &str) -> bool {
    let Ok(proxy) = Proxy::new(proxy) else {
        return false;
    };
    let config = Agent::config_builder()
        .proxy(Some(proxy))
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(LIMIT))
        .build();
    let demanded = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
    match Agent::new_with_config(config).get(service).call() {
        Ok(answer) => answer.status() == demanded,
        // It refuses the tunnel to a service of https.
        Err(Error::ConnectProxyFailed(reason)) => reason.contains(demanded.as_str()),
        Err(_) => false,
    }
}
