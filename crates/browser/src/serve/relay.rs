//! Passes on what a browser with one proxy alone asks of other servers than the page's.

use std::io;

use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};
use url::Url;

use super::request_head::{RequestHead, Target};
use crate::proxies::Proxies;

/// The answer that grants a tunnel.
pub(super) const GRANTED: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

/// Passes `head`, and all that follows it, to its target, through the proxy that `proxies` name for it. A
/// connection to a proxy holds the requests for one server. Whatever goes wrong, the connection breaks off, as
/// it would without this.
pub(super) async fn relay(
    mut client: TcpStream,
    head: RequestHead,
    proxies: &Proxies,
) -> io::Result<()> {
    let (scheme, host, port) = match &head.target {
        Target::Here => return Err(io::ErrorKind::InvalidData.into()),
        Target::Server(host, port) => ("http", host, *port),
        Target::Tunnel(host, port) => ("https", host, *port),
    };
    let proxy = proxies.of_url(&format!("{scheme}://{host}:{port}/"));
    let proxy = proxy.map(|proxy| Url::parse(&proxy)).transpose();
    let proxy = proxy.map_err(io::Error::other)?;
    let (host, port) = match &proxy {
        Some(proxy) => (
            proxy.host_str().unwrap_or_default(),
            proxy.port_or_known_default().unwrap_or_default(),
        ),
        None => (&**host, port),
    };
    let mut server = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    match head.target {
        Target::Tunnel(..) if proxy.is_none() => client.write_all(GRANTED).await?,
        _ => server.write_all(&head.bytes).await?,
    }
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
