//! The request with which a client of a proxy asks for a tunnel (RFC 9110, section 9.3.6).

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How such a request begins, and no TLS handshake does.
const METHOD: &[u8] = b"CONNECT ";

/// The longest head of a request that is read.
const LONGEST: usize = 16 << 10;

/// The host to which `client` asks for a tunnel, without brackets; `None` if it asks for something else,
/// which stays unread.
pub(super) async fn asked(client: &mut TcpStream) -> io::Result<Option<String>> {
    let mut first = [0; 1];
    if client.peek(&mut first).await? == 0 || first[0] != METHOD[0] {
        return Ok(None);
    }
    // No other method of a page begins like this one.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(client.read_u8().await?);
    }
    target(&head)
        .map(Some)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Grants the tunnel, or refuses it.
pub(super) async fn answer(client: &mut TcpStream, granted: bool) -> io::Result<()> {
    let answer = if granted {
        "HTTP/1.1 200 OK\r\n\r\n"
    } else {
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    };
    client.write_all(answer.as_bytes()).await
}

fn target(head: &[u8]) -> Option<String> {
    let line = head.strip_prefix(METHOD)?;
    let target = line.split(|byte| *byte == b' ').next()?;
    let (host, _port) = std::str::from_utf8(target).ok()?.rsplit_once(':')?;
    Some(host.trim_matches(['[', ']']).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_tunnel_is_read() {
        for (line, host) in [
            ("CONNECT Localhost:8443 HTTP/1.1\r\n\r\n", Some("localhost")),
            ("CONNECT [::1]:443 HTTP/1.1\r\nhost: a\r\n\r\n", Some("::1")),
            ("CONNECT localhost HTTP/1.1\r\n\r\n", None),
            ("GET http://localhost:8080/ HTTP/1.1\r\n\r\n", None),
        ] {
            assert_eq!(target(line.as_bytes()).as_deref(), host, "{line}");
        }
    }
}
