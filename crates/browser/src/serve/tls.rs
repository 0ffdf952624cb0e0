//! One port that answers http and https, for any host, as a server and as a forward proxy.
//!
//! The servers behind it answer plain http, on loopback. An origin may be https, and so may a look-alike
//! of it; both schemes of a host and port lead to one address, so the first byte decides. A browser that
//! takes this for its proxy sends a request for http as it is, with the whole address in its first line
//! (RFC 9112, section 3.2.2), and asks for a tunnel before it begins with TLS.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{CertifiedKey, PublicKeyData, generate_simple_self_signed};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime::Handle,
    time::sleep,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, rustls::pki_types::PrivatePkcs8KeyDer};
use url::Url;

use super::{
    relay::{GRANTED, relay},
    request_head::{RequestHead, Target},
};
use crate::proxies::Proxies;

/// The answer to a request for another server.
const REFUSED: &[u8] = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The first byte of a TLS handshake (RFC 8446, section 5.1: the content type `handshake`). No
/// http request begins with it.
const TLS_HANDSHAKE: u8 = 22;

/// A listener before a server. It closes with the runtime that it runs on.
#[derive(Debug)]
pub struct TlsListener {
    address: SocketAddr,
    key_hash: String,
    certificate_hash: [u8; 32],
    route: Arc<Route>,
}

/// Where connections lead.
#[derive(Debug)]
struct Route {
    server: SocketAddr,
    /// The hosts and ports of the origins.
    origins: Vec<(String, u16)>,
    /// The proxies for all other servers, if they are to be reached through the listener.
    others: OnceLock<Proxies>,
}

impl TlsListener {
    /// Listens on a free port of `host` and leads to `server`, with a certificate for the hosts of `origins`.
    pub fn bind(
        runtime: &Handle,
        host: IpAddr,
        server: SocketAddr,
        origins: &[String],
    ) -> anyhow::Result<Self> {
        let urls = origins.iter().filter_map(|origin| Url::parse(origin).ok());
        let origins: Vec<_> = urls
            .filter_map(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)))
            .collect();
        let hosts: BTreeSet<_> = origins.iter().map(|(host, _)| host.clone()).collect();
        let hosts: Vec<_> = hosts.into_iter().collect();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(hosts).context("cannot make a certificate")?;
        let key_hash = Sha256::digest(signing_key.subject_public_key_info());
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .context("cannot use the certificate")?;
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let route = Arc::new(Route {
            server,
            origins,
            others: OnceLock::new(),
        });
        let own = Arc::clone(&route);

        let listener = runtime
            .block_on(TcpListener::bind((host, 0)))
            .with_context(|| format!("cannot listen on a free port of {host}"))?;
        let address = listener.local_addr()?;
        runtime.spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else {
                    // Most likely there are no file descriptors left; others will be closed.
                    sleep(Duration::from_millis(100)).await;
                    continue;
                };
                // The browser notices a connection that breaks off.
                tokio::spawn(pass(client, Arc::clone(&own), acceptor.clone()));
            }
        });
        Ok(Self {
            address,
            key_hash: BASE64_STANDARD.encode(key_hash),
            certificate_hash: Sha256::digest(cert.der()).into(),
            route,
        })
    }

    /// Passes on what is asked of other servers, too, through `proxies` where they name one: those of the first
    /// call. Without this, no other server is reached through the listener.
    pub fn relay_others(&self, proxies: Proxies) {
        let _ = self.route.others.set(proxies);
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The SHA-256 of its public key (`SubjectPublicKeyInfo`) in Base64, by which a browser can be
    /// told to take this certificate and no other unknown one.
    #[must_use]
    pub fn key_hash(&self) -> &str {
        &self.key_hash
    }

    /// The SHA-256 of its certificate.
    #[must_use]
    pub fn certificate_hash(&self) -> [u8; 32] {
        self.certificate_hash
    }
}

async fn pass(mut client: TcpStream, route: Arc<Route>, acceptor: TlsAcceptor) -> io::Result<()> {
    let mut first = [0];
    client.peek(&mut first).await?;
    if first != [TLS_HANDSHAKE] {
        let head = RequestHead::read(&mut client).await?;
        let is_ours = match &head.target {
            Target::Here => true,
            Target::Server(host, port) | Target::Tunnel(host, port) => {
                route.origins.contains(&(host.clone(), *port))
            }
        };
        match (is_ours, route.others.get()) {
            (false, Some(proxies)) => return relay(client, head, proxies).await,
            (false, None) => return client.write_all(REFUSED).await,
            (true, _) => {}
        }
        if !matches!(head.target, Target::Tunnel(..)) {
            let mut server = TcpStream::connect(route.server).await?;
            server.write_all(&head.bytes).await?;
            copy_bidirectional(&mut client, &mut server).await?;
            return Ok(());
        }
        client.write_all(GRANTED).await?;
    }
    let mut server = TcpStream::connect(route.server).await?;
    let mut client = acceptor.accept(client).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::{self, Ipv4Addr},
        thread,
    };

    use super::*;

    const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// What a server that shows the first line of each request answers through the listener.
    fn ask(listener: &TlsListener, request: &str) -> String {
        let mut client = net::TcpStream::connect(listener.address()).unwrap();
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends each client's first bytes back.
    fn echo() -> SocketAddr {
        let server = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        thread::spawn(move || {
            for client in server.incoming() {
                let mut client = client.unwrap();
                let mut request = [0; 1024];
                let length = client.read(&mut request).unwrap();
                client.write_all(&request[..length]).unwrap();
            }
        });
        address
    }

    fn get(url: &str) -> String {
        format!("GET {url} HTTP/1.1\r\n\r\n")
    }

    #[test]
    fn it_is_a_proxy_for_its_own_origins_alone() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let origins = [
            "http://frontend.test".into(),
            "https://localhost:8080".into(),
        ];
        let listener = TlsListener::bind(runtime.handle(), HOST, echo(), &origins).unwrap();
        for own in ["/a", "http://frontend.test/a", "http://localhost:8080/a"] {
            assert_eq!(ask(&listener, &get(own)), get(own));
        }
        for other in [
            get("http://frontend.test:81/a"),
            get("http://localhost:28080/a"),
            "CONNECT api.example.org:443 HTTP/1.1\r\n\r\n".into(),
        ] {
            let refused = ask(&listener, &other);
            assert!(refused.starts_with("HTTP/1.1 403 "), "{other}: {refused}");
        }
    }

    #[test]
    fn other_servers_are_reached_where_that_is_wanted() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let nobody = ([127, 0, 0, 1], 1).into();
        let listener = TlsListener::bind(runtime.handle(), HOST, nobody, &[]).unwrap();
        let proxy = echo();
        listener.relay_others(Proxies::read(|key| {
            (key == "all_proxy").then(|| format!("http://{proxy}"))
        }));
        let direct = format!("http://{}/a", echo());
        assert_eq!(ask(&listener, &get(&direct)), get(&direct));
        // Behind the proxy.
        let tunnel = "CONNECT api.test:443 HTTP/1.1\r\n\r\n";
        assert_eq!(ask(&listener, tunnel), tunnel);
        assert_eq!(
            ask(&listener, &get("http://api.test/")),
            get("http://api.test/")
        );
        let port = echo().port();
        let mut client = net::TcpStream::connect(listener.address()).unwrap();
        write!(client, "CONNECT localhost:{port} HTTP/1.1\r\n\r\n").unwrap();
        let mut granted = [0; GRANTED.len()];
        client.read_exact(&mut granted).unwrap();
        assert_eq!(granted, GRANTED);
        client.write_all(b"through").unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "through");
    }
}
