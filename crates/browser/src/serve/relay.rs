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
    if let Some(proxy) = proxy {
        let proxy = Url::parse(&proxy).map_err(io::Error::other)?;
        let addresses = proxy.socket_addrs(|| None)?;
        let mut server = TcpStream::connect(&addresses[..]).await?;
        server.write_all(&head.bytes).await?;
        copy_bidirectional(&mut client, &mut server).await?;
        return Ok(());
    }
    let mut server = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    match head.target {
        Target::Tunnel(..) => client.write_all(GRANTED).await?,
        _ => server.write_all(&head.bytes).await?,
    }
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
