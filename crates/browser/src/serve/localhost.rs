//! The sockets that `localhost` means.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, ToSocketAddrs as _},
};

use axum::Router;
use tokio::{net, runtime::Handle};

use crate::process::Failure;

/// How often a free port is looked for.
const ATTEMPTS: usize = 10;

/// Listens on a port of `localhost`, or on a free one if it is 0; says which port it is. That is the port
/// with both versions of the Internet Protocol, or with version 4 where there is no other: a browser may
/// try either first, and another server would get its requests.
pub fn listen_on_localhost(port: u16) -> io::Result<(u16, Vec<TcpListener>)> {
    let mut attempts = ATTEMPTS;
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let taken = listener.local_addr()?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, taken)) {
            Ok(twin) => return Ok((taken, vec![listener, twin])),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                attempts -= 1;
                if port != 0 || attempts == 0 {
                    return Err(error);
                }
            }
            Err(_) => return Ok((taken, vec![listener])),
        }
    }
}

/// Serves `router` at these sockets until the runtime ends.
pub fn serve_at(runtime: &Handle, listeners: Vec<TcpListener>, router: &Router) -> io::Result<()> {
    let _context = runtime.enter();
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let listener = net::TcpListener::from_std(listener)?;
        let router = router.clone();
        runtime.spawn(async move { axum::serve(listener, router).await });
    }
    Ok(())
}

/// Makes sure that the name leads to this machine alone. Browsers know that without asking, their
/// drivers ask the system.
pub(crate) fn check_name() -> Result<(), Failure> {
    let found = ("localhost", 0).to_socket_addrs();
    let addresses: Vec<_> = found
        .into_iter()
        .flatten()
        .map(|found| found.ip())
        .collect();
    if !addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback) {
        return Ok(());
    }
    let addresses: Vec<_> = addresses.iter().map(IpAddr::to_string).collect();
    let leads = match addresses.join(", ") {
        none if none.is_empty() => "no address".into(),
        all => all,
    };
    Err(Failure::Input(format!(
        "the name localhost leads to {leads}: add the line `127.0.0.1 localhost` to /etc/hosts"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_somebody_has_with_one_version_is_not_taken() {
        let Ok(other) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
            println!("skipped: this machine has no IPv6");
            return;
        };
        let port = other.local_addr().unwrap().port();
        let error = listen_on_localhost(port).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        let (free, listeners) = listen_on_localhost(0).unwrap();
        assert_ne!(free, port);
        assert_eq!(listeners.len(), 2);
    }
}
