//! The sockets that the services listen on.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::TcpListener;

/// How often a free port is looked for.
const ATTEMPTS: usize = 8;

/// Listens on `port` of an address, or on a free port if it is 0; says which port it is.
///
/// On the IPv4 loopback address it listens on the IPv6 one as well, if the machine has it:
/// `localhost` means both, a browser tries IPv6 first, and whatever else listened there would get
/// the requests.
pub(crate) async fn listen(address: IpAddr, port: u16) -> io::Result<(u16, Vec<TcpListener>)> {
    let mut attempts = ATTEMPTS;
    loop {
        let listener = TcpListener::bind(SocketAddr::new(address, port)).await?;
        let taken = listener.local_addr()?.port();
        if address != Ipv4Addr::LOCALHOST {
            return Ok((taken, vec![listener]));
        }
        let twin = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), taken);
        match TcpListener::bind(twin).await {
            Ok(twin) => return Ok((taken, vec![listener, twin])),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                attempts -= 1;
                if port != 0 || attempts == 0 {
                    return Err(error);
                }
            }
            // No IPv6 here.
            Err(_) => return Ok((taken, vec![listener])),
        }
    }
}
