//! `localhost` with one version of the Internet Protocol or the other, and with another server on it.

use std::net::TcpListener;

use crate::{
    common::{E2e, free_ports, skipped},
    machine::namespace::inside,
};

/// The tests that use the page's origin, its look-alikes and every service.
const FILTER: [&str; 2] = ["--filter", "origins::"];

fn passes(setup: &str) {
    let Some(e2e) = inside(E2e::new(&FILTER, ""), setup) else {
        return;
    };
    let ended = e2e.run();
    ended.assert_code(0);
    ended.assert_nothing_left();
}

#[test]
fn a_machine_without_ipv6() {
    passes("sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
}

#[test]
fn a_machine_that_knows_localhost_by_ipv6_alone() {
    passes("f=$(mktemp); echo '::1 localhost' > $f; mount --bind $f /etc/hosts; rm $f");
}

#[test]
fn a_machine_whose_localhost_leads_elsewhere_is_told_so() {
    for (line, leads) in [("", "no address"), ("192.0.2.1 localhost", "192.0.2.1")] {
        let hosts = format!("f=$(mktemp); echo '{line}' > $f; mount --bind $f /etc/hosts; rm $f");
        let Some(e2e) = inside(E2e::new(&FILTER, ""), &hosts) else {
            return;
        };
        let ended = e2e.run();
        let told = format!("the name localhost leads to {leads}: ");
        ended.refused(&[&told]).assert_nothing_left();
    }
}

#[test]
fn other_servers_at_the_pages_port_are_not_asked() {
    let [port] = free_ports();
    for address in ["127.0.0.1", "::1"] {
        let Ok(other) = TcpListener::bind((address, port)) else {
            skipped(&format!("no {address} here"));
            continue;
        };
        other.set_nonblocking(true).unwrap();
        let settings = format!("FRONTEND_URL=http://localhost:{port}\n");
        let ended = E2e::new(&FILTER, &settings).run();
        ended.assert_code(0);
        assert!(other.accept().is_err(), "{address} was asked");
    }
}
