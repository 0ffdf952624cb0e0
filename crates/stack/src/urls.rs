//! Where the services are.

use std::net::{IpAddr, Ipv4Addr};

/// Where the services are: origins, without a slash at their end, and a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    /// The UserAPI.
    pub user_api: String,
    /// Cognito's public endpoint.
    pub cognito: String,
    /// S3.
    pub s3: String,
    /// The page with the messages that Cognito would send, on Cognito's origin.
    pub mailbox: String,
}

/// `localhost` wherever that leads here: the real stack's URLs have it, and an origin is compared
/// letter by letter.
pub(crate) fn origin(address: IpAddr, port: u16) -> String {
    match address {
        IpAddr::V4(v4) if !(v4 == Ipv4Addr::LOCALHOST || v4.is_unspecified()) => {
            format!("http://{v4}:{port}")
        }
        IpAddr::V6(v6) if !(v6.is_loopback() || v6.is_unspecified()) => {
            format!("http://[{v6}]:{port}")
        }
        _ => format!("http://localhost:{port}"),
    }
}
