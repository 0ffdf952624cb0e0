//! The page's door: the same port answers http and https, for whatever host.
//!
//! The page is served over plain http, on loopback. An origin may be https, and so may the twin of
//! one that must not get in; both schemes of a host and port lead to one address, so the door
//! tells them apart by the first byte.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD};
use rcgen::{CertifiedKey, PublicKeyData, generate_simple_self_signed};
use sha2::{Digest, Sha256};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Handle,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, rustls::pki_types::PrivatePkcs8KeyDer};

/// The first byte of a TLS handshake (RFC 8446, section 5.1: the content type `handshake`). No
/// http request begins with it.
const TLS_HANDSHAKE: u8 = 22;

/// The door of a page. It closes with the runtime that it runs on.
#[derive(Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    key_hash: String,
}

impl Door {
    /// Opens a door on a free port that leads to `page`, with a certificate for `hosts`.
    pub(crate) fn open(
        runtime: &Handle,
        page: SocketAddr,
        hosts: Vec<String>,
    ) -> anyhow::Result<Self> {
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
                // Too many open files, for instance: the browser will try again.
                let Ok((client, _)) = listener.accept().await else {
                    continue;
                };
                // A connection that breaks off is the browser's affair.
                tokio::spawn(pass(client, page, acceptor.clone()));
            }
        });
        Ok(Self {
            address,
            key_hash: BASE64_STANDARD.encode(key_hash),
        })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The SHA-256 of its public key (`SubjectPublicKeyInfo`) in Base64, by which a browser can be
    /// told to take this certificate and no other unknown one.
    pub(crate) fn key_hash(&self) -> &str {
        &self.key_hash
    }
}

async fn pass(mut client: TcpStream, page: SocketAddr, acceptor: TlsAcceptor) -> io::Result<()> {
    let mut first = [0];
    client.peek(&mut first).await?;
    let mut page = TcpStream::connect(page).await?;
    if first == [TLS_HANDSHAKE] {
        let mut client = acceptor.accept(client).await?;
        copy_bidirectional(&mut client, &mut page).await?;
    } else {
        copy_bidirectional(&mut client, &mut page).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net,
        process::Command,
        thread,
    };

    use tokio::runtime::Runtime;

    use super::*;
    use crate::setup;

    /// What the door's page shows.
    const SHOWN: &str = "behind the door";

    /// What a browser that was told of the key of `trusted` shows of what is behind `asked`.
    fn seen(trusted: &Door, asked: &Door) -> String {
        let browser = setup::ensure(true).unwrap();
        let profile = tempfile::tempdir().unwrap();
        let key = trusted.key_hash();
        let output = Command::new(browser.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("--ignore-certificate-errors-spki-list={key}"))
            .arg(format!("https://localhost:{}/", asked.address().port()))
            .output()
            .unwrap();
        // Newer ones tell why there is no page on stderr alone.
        let output = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&output).into_owned()
    }

    /// Answers one request. One that is not read to its end would end the connection before the
    /// answer has arrived.
    fn answer(client: net::TcpStream) {
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/html\r\n\r\n";
        let mut client = BufReader::new(client);
        let mut line = String::new();
        // A connection that a browser opens in advance and closes unused asks for nothing.
        while client.read_line(&mut line).is_ok_and(|read| read > 0) {
            if line == "\r\n" {
                let _ = write!(client.get_mut(), "{head}{SHOWN}");
                return;
            }
            line.clear();
        }
    }

    #[test]
    fn a_browser_takes_the_certificate_of_its_door_and_no_other() {
        let page = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = page.local_addr().unwrap();
        thread::spawn(move || {
            for client in page.incoming() {
                let client = client.unwrap();
                thread::spawn(|| answer(client));
            }
        });
        let runtime = Runtime::new().unwrap();
        let open = || Door::open(runtime.handle(), address, vec!["localhost".into()]).unwrap();
        let (own, other) = (open(), open());
        let dom = seen(&own, &own);
        assert!(dom.contains(SHOWN), "{dom}");
        let dom = seen(&own, &other);
        assert!(dom.contains("ERR_CERT_AUTHORITY_INVALID"), "{dom}");
        assert!(!dom.contains(SHOWN), "{dom}");
    }
}
