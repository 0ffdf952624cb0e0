//! Where a process listens.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    process::Child,
};

/// The state of a socket that listens, in `/proc/net/tcp` (proc(5)).
const LISTENS: &str = "0A";

/// How many sockets of the process itself, not of its children, listen at `address`.
pub(super) fn listeners_of(process: &Child, address: &str) -> usize {
    let table = fs::read_to_string(format!("/proc/{}/net/tcp", process.id())).unwrap();
    let sockets = sockets(process);
    let is_ours = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (local, state, inode) = (fields[1], fields[3], fields[9]);
        let host = local.split(':').next().unwrap();
        let host = u32::from_str_radix(host, 16).unwrap().to_le_bytes();
        state == LISTENS
            && address.parse() == Ok(IpAddr::V4(Ipv4Addr::from(host)))
            && sockets.contains(&format!("socket:[{inode}]"))
    };
    table.lines().skip(1).filter(is_ours).count()
}

fn sockets(process: &Child) -> Vec<String> {
    let files = fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap();
    let links = files.filter_map(|file| fs::read_link(file.unwrap().path()).ok());
    links.map(|link| link.display().to_string()).collect()
}
