//! The client that asks deployments.

use opencloud_browser::proxies::Proxies;
use opencloud_contract::Client;

/// A client that asks through the proxies of the environment, as the browser does.
pub(crate) fn client() -> Client {
    let proxies = Proxies::of_environment();
    Client::through(Box::new(move |url| proxies.of_url(url)))
}
