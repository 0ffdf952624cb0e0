//! The hosts that the page asks.

use opencloud_model::settings::{Kind, Settings, table};
use url::Url;

use crate::environment::embedded::EmbeddedStack;

/// The hosts below which AWS has its services: Cognito, and S3 in any region.
const AWS: [&str; 2] = ["amazonaws.com", "amazonaws.com.cn"];

/// The hosts of the services that a page with the settings `pairs` asks, each with its port where it has one
/// of its own; those of `stack` too.
pub(crate) fn hosts(
    settings: &Settings,
    pairs: &[(String, String)],
    stack: Option<&EmbeddedStack>,
) -> Vec<String> {
    let is_address = |key: &str| table::find(key).is_some_and(|setting| setting.kind == Kind::Url);
    let named = pairs
        .iter()
        .filter(|(key, _)| table::is_for_page(key) && is_address(key));
    let named = named.map(|(_, value)| &**value);
    // The UserAPI of a deployment need not be named.
    let urls = named.chain([&*settings.user_api]);
    let urls = urls.chain(stack.map(EmbeddedStack::s3));
    let mut hosts: Vec<_> = urls.filter_map(host).collect();
    if stack.is_none() {
        hosts.extend(AWS.map(Into::into));
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_of_all_addresses_for_the_page_are_named_once() {
        let pairs = [
            ("USERFACING_API_URL", "https://api.example.org/v1"),
            (
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
                "http://localhost:5000",
            ),
            ("MAILBOX_URL", "http://localhost:5000/mail"),
            ("FRONTEND_URL", "http://localhost:8080"),
            ("INPUTS_SOURCE", "http://inputs.example.org"),
            ("EMAIL", "ann@example.org"),
            ("PASSWORD", "not a secret"),
        ];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let settings = Settings::of(&pairs, true).unwrap();
        assert_eq!(
            hosts(&settings, &pairs, None),
            [
                "amazonaws.com",
                "amazonaws.com.cn",
                "api.example.org",
                "localhost:5000"
            ]
        );
    }
}
