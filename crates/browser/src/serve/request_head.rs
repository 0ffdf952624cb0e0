//! The head of the first request of a connection, as far as it says where the request is to go.

use std::io;

use tokio::{io::AsyncReadExt, net::TcpStream};

/// The longest head that is read.
const LONGEST: usize = 64 << 10;

/// The end of a head.
const END: &[u8] = b"\r\n\r\n";

/// What a client sent first, and whom it is for.
#[derive(Debug)]
pub(super) struct RequestHead {
    /// All bytes that were read, which may be more than the head.
    pub(super) bytes: Vec<u8>,
    /// Whom it is for.
    pub(super) target: Target,
}

/// Whom a request is for (RFC 9112, section 3.2).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// This server.
    Here,
    /// The server at this host and port, through a proxy.
    Server(String, u16),
    /// A tunnel to this host and port.
    Tunnel(String, u16),
}

impl RequestHead {
    /// Reads it.
    pub(super) async fn read(client: &mut TcpStream) -> io::Result<Self> {
        let mut bytes = Vec::new();
        while !bytes.windows(END.len()).any(|part| part == END) {
            if bytes.len() > LONGEST || client.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        let target = target(&bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self { bytes, target })
    }
}

fn target(head: &[u8]) -> Option<Target> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if method == "CONNECT" {
        let (host, port) = target.rsplit_once(':')?;
        return Some(Target::Tunnel(
            host.to_ascii_lowercase(),
            port.parse().ok()?,
        ));
    }
    let Some(rest) = target.strip_prefix("http://") else {
        return Some(Target::Here);
    };
    let authority = rest.split(['/', '?']).next()?.to_ascii_lowercase();
    let port = authority
        .rsplit_once(':')
        .map(|(host, port)| (host, port.parse()));
    Some(match port {
        Some((host, Ok(port))) => Target::Server(host.to_owned(), port),
        // The colon is one of an address.
        _ => Target::Server(authority, 80),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_whom_a_request_is_for() {
        let server = |host: &str, port| Some(Target::Server(host.into(), port));
        let tunnel = |host: &str, port| Some(Target::Tunnel(host.into(), port));
        for (line, expected) in [
            ("GET / HTTP/1.1", Some(Target::Here)),
            (
                "GET http://Localhost:8080/a?b=http://c HTTP/1.1",
                server("localhost", 8080),
            ),
            ("PUT http://a.test?b HTTP/1.1", server("a.test", 80)),
            ("GET http://[::1]:8080/ HTTP/1.1", server("[::1]", 8080)),
            ("GET http://[::1]/ HTTP/1.1", server("[::1]", 80)),
            ("CONNECT a.test:443 HTTP/1.1", tunnel("a.test", 443)),
            ("CONNECT [::1]:8443 HTTP/1.1", tunnel("[::1]", 8443)),
            ("CONNECT a.test HTTP/1.1", None),
            ("GET", None),
        ] {
            let head = format!("{line}\r\nhost: x\r\n\r\n");
            assert_eq!(target(head.as_bytes()), expected, "{line}");
        }
    }
}
