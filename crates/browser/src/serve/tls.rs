//! One port that answers http and https, for any host, as a server and as a forward proxy.
//!
//! The servers behind it answer plain http, on loopback. An origin may be https, and so may a look-alike
//! of it; both schemes of a host and port lead to one address, so the first byte decides. A browser that
//! takes this for a proxy sends a request for http as it is, with the whole address in its first line
//! (RFC 9112, section 3.2.2), and asks for a tunnel before it begins with TLS.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{CertifiedKey, PublicKeyData, generate_simple_self_signed};
use sha2::{Digest, Sha256};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Handle,
    time::sleep,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, rustls::pki_types::PrivatePkcs8KeyDer};

use super::tunnel;

/// The first byte of a TLS handshake (RFC 8446, section 5.1: the content type `handshake`). No
/// http request begins with it.
const TLS_HANDSHAKE: u8 = 22;

/// A listener before a server. It closes with the runtime that it runs on.
#[derive(Debug)]
pub struct TlsListener {
    address: SocketAddr,
    key_hash: String,
    certificate_hash: [u8; 32],
}

impl TlsListener {
    /// Listens on a free port and leads to `server`, with a certificate for `hosts`.
    pub fn bind(runtime: &Handle, server: SocketAddr, hosts: Vec<String>) -> anyhow::Result<Self> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(&hosts[..]).context("cannot make a certificate")?;
        let key_hash = Sha256::digest(signing_key.subject_public_key_info());
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .context("cannot use the certificate")?;
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let hosts: Arc<[String]> = hosts.into();

        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .context("cannot listen on a free port")?;
        let address = listener.local_addr()?;
        runtime.spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else {
                    // Most likely there are no file descriptors left; others will be closed.
                    sleep(Duration::from_millis(100)).await;
                    continue;
                };
                // The browser notices a connection that breaks off.
                tokio::spawn(pass(client, server, acceptor.clone(), Arc::clone(&hosts)));
            }
        });
        Ok(Self {
            address,
            key_hash: BASE64_STANDARD.encode(key_hash),
            certificate_hash: Sha256::digest(cert.der()).into(),
        })
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

async fn pass(
    mut client: TcpStream,
    server: SocketAddr,
    acceptor: TlsAcceptor,
    hosts: Arc<[String]>,
) -> io::Result<()> {
    if let Some(target) = tunnel::asked(&mut client).await? {
        // Nothing else is reached through this port.
        let is_ours = hosts.contains(&target);
        tunnel::answer(&mut client, is_ours).await?;
        if !is_ours {
            return Ok(());
        }
    }
    let mut first = [0];
    client.peek(&mut first).await?;
    let mut server = TcpStream::connect(server).await?;
    if first == [TLS_HANDSHAKE] {
        let mut client = acceptor.accept(client).await?;
        copy_bidirectional(&mut client, &mut server).await?;
    } else {
        copy_bidirectional(&mut client, &mut server).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net, thread,
    };

    use super::*;

    /// What a server that shows the first line of each request answers through the listener.
    fn ask(listener: &TlsListener, request: &str) -> String {
        let mut client = net::TcpStream::connect(listener.address()).unwrap();
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn it_is_a_proxy_for_its_own_hosts_alone() {
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
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let hosts = vec!["ries-lab.github.io".into()];
        let listener = TlsListener::bind(runtime.handle(), address, hosts).unwrap();

        let whole = "GET http://ries-lab.github.io/a HTTP/1.1\r\n\r\n";
        assert_eq!(ask(&listener, whole), whole);
        let tunnel = |host: &str| format!("CONNECT {host}:443 HTTP/1.1\r\nhost: {host}\r\n\r\n");
        let refused = ask(&listener, &tunnel("api.example.org"));
        assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
        let through = tunnel("ries-lab.github.io") + whole;
        assert_eq!(
            ask(&listener, &through),
            format!("HTTP/1.1 200 OK\r\n\r\n{whole}")
        );
    }
}
