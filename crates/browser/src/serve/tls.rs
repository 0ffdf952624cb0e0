//! One port that answers http and https, for any host.
//!
//! The servers behind it answer plain http, on loopback. An origin may be https, and so may a look-alike
//! of it; both schemes of a host and port lead to one address, so the first byte decides.

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

/// The first byte of a TLS handshake (RFC 8446, section 5.1: the content type `handshake`). No
/// http request begins with it.
const TLS_HANDSHAKE: u8 = 22;

/// A listener before a server. It closes with the runtime that it runs on.
#[derive(Debug)]
pub struct TlsListener {
    address: SocketAddr,
    key_hash: String,
}

impl TlsListener {
    /// Listens on a free port and leads to `server`, with a certificate for `hosts`.
    pub fn bind(runtime: &Handle, server: SocketAddr, hosts: Vec<String>) -> anyhow::Result<Self> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(hosts).context("cannot make a certificate")?;
        let key_hash = Sha256::digest(signing_key.subject_public_key_info());
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .context("cannot use the certificate")?;
        let acceptor = TlsAcceptor::from(Arc::new(tls));

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
                tokio::spawn(pass(client, server, acceptor.clone()));
            }
        });
        Ok(Self {
            address,
            key_hash: BASE64_STANDARD.encode(key_hash),
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
}

async fn pass(mut client: TcpStream, server: SocketAddr, acceptor: TlsAcceptor) -> io::Result<()> {
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
