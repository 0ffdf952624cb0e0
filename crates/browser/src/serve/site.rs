//! Serves a single-page application from a directory, on loopback.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use axum::Router;
use tokio::{net::TcpListener, runtime::Handle};
use tower_http::services::{ServeDir, ServeFile};
use url::{Host, Url};

/// The sockets of an origin on this machine, before anything is served there.
#[derive(Debug)]
pub struct Site(Vec<TcpListener>);

impl Site {
    /// Listens at `origin`. `None` if that is no origin of plain http on loopback.
    pub fn bind(runtime: &Handle, origin: &Url) -> Option<io::Result<Self>> {
        let port = origin.port_or_known_default().filter(|port| *port != 0)?;
        let addresses = loopback(origin)?;
        Some(runtime.block_on(listen(&addresses, port)).map(Self))
    }

    /// Serves the files of `directory` until the runtime ends. Any other path gets `index.html`,
    /// because the application's own paths name no files.
    pub fn serve(self, runtime: &Handle, directory: &Path) {
        let index = ServeFile::new(directory.join("index.html"));
        let files = ServeDir::new(directory).fallback(index);
        let router = Router::new().fallback_service(files);
        for listener in self.0 {
            let router = router.clone();
            runtime.spawn(async move { axum::serve(listener, router).await });
        }
    }
}

/// The addresses to which a browser resolves the host of `origin`, all of them on loopback.
fn loopback(origin: &Url) -> Option<Vec<IpAddr>> {
    let addresses: Vec<IpAddr> = match origin.host().filter(|_| origin.scheme() == "http")? {
        Host::Domain(name) if name == "localhost" || name.ends_with(".localhost") => {
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        }
        Host::Domain(_) => return None,
        Host::Ipv4(address) => vec![address.into()],
        Host::Ipv6(address) => vec![address.into()],
    };
    addresses
        .iter()
        .all(IpAddr::is_loopback)
        .then_some(addresses)
}

/// Listens on the first address, and on the others if the machine has them: a browser may try any of
/// them first.
async fn listen(addresses: &[IpAddr], port: u16) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        match TcpListener::bind(SocketAddr::new(*address, port)).await {
            Ok(listener) => listeners.push(listener),
            Err(error) if listeners.is_empty() || error.kind() == io::ErrorKind::AddrInUse => {
                return Err(error);
            }
            Err(_) => {}
        }
    }
    Ok(listeners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_on_loopback_are_served() {
        let addresses = |origin: &str| {
            let found = loopback(&Url::parse(origin).unwrap())?;
            Some(found.iter().map(IpAddr::to_string).collect::<Vec<_>>())
        };
        let both = || Some(vec!["127.0.0.1".to_owned(), "::1".to_owned()]);
        assert_eq!(addresses("http://localhost:8080"), both());
        assert_eq!(addresses("http://frontend.localhost:8080"), both());
        assert_eq!(addresses("http://127.0.0.1").unwrap(), ["127.0.0.1"]);
        assert_eq!(addresses("http://[::1]:8080").unwrap(), ["::1"]);
        for other in [
            "https://localhost:8080",
            "http://0.0.0.0:8080",
            "http://[::]:8080",
            "http://192.168.0.1:8080",
            "http://localhost.example.org",
            "http://evillocalhost",
        ] {
            assert_eq!(addresses(other), None, "{other}");
        }
    }
}
