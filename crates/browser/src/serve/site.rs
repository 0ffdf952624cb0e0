//! Serves a single-page application from a directory, on loopback.

use std::{
    io,
    net::{IpAddr, TcpListener},
    path::Path,
};

use axum::Router;
use tokio::runtime::Handle;
use tower_http::services::{ServeDir, ServeFile};
use url::{Host, Url};

use super::localhost::{listen_on_localhost, serve_at};
use crate::proxies::is_this_machine;

/// The sockets of an origin on this machine, before anything is served there.
#[derive(Debug)]
pub struct Site(Vec<TcpListener>);

impl Site {
    /// Listens at `origin`. `None` if that is not an origin of plain http on loopback.
    pub fn bind(origin: &Url) -> Option<io::Result<Self>> {
        let port = origin.port_or_known_default().filter(|port| *port != 0)?;
        let one = |address: IpAddr| Ok(vec![TcpListener::bind((address, port))?]);
        let listeners = match loopback(origin)? {
            Host::Domain(_) => listen_on_localhost(port).map(|(_, listeners)| listeners),
            Host::Ipv4(address) => one(address.into()),
            Host::Ipv6(address) => one(address.into()),
        };
        Some(listeners.map(Self))
    }

    /// Serves the files of `directory` until the runtime ends. Any other path gets `index.html`,
    /// because the application's own paths name no files.
    pub fn serve(self, runtime: &Handle, directory: &Path) -> io::Result<()> {
        let index = ServeFile::new(directory.join("index.html"));
        let files = ServeDir::new(directory).fallback(index);
        let router = Router::new().fallback_service(files);
        serve_at(runtime, self.0, &router)
    }
}

/// The host of `origin`, if that is an origin of plain http on loopback. A name stands for all that `localhost`
/// does.
fn loopback(origin: &Url) -> Option<Host<&str>> {
    let is_served = |host: &Host<&str>| origin.scheme() == "http" && is_this_machine(host);
    origin.host().filter(is_served)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_on_loopback_are_served() {
        let is_served = |origin: &str| loopback(&Url::parse(origin).unwrap()).is_some();
        for own in [
            "http://localhost:8080",
            "http://frontend.localhost:8080",
            "http://127.0.0.1",
            "http://[::1]:8080",
        ] {
            assert!(is_served(own), "{own}");
        }
        for other in [
            "https://localhost:8080",
            "http://0.0.0.0:8080",
            "http://[::]:8080",
            "http://192.168.0.1:8080",
            "http://localhost.example.org",
            "http://evillocalhost",
        ] {
            assert!(!is_served(other), "{other}");
        }
    }
}
