//! The judgement of what the local stack needs, before anything is started.

use std::{io, net::TcpListener};

use url::{Host, Url};

use super::{
    docker::Docker,
    service::{Local, SERVICES},
};
use crate::{failure::Failure, interrupt::Interrupt};

/// The local stack, judged but not started by this run.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(super) docker: Docker,
    pub(super) local: Local,
    /// Whether containers of an earlier start are there.
    pub(super) is_there: bool,
}

impl Judged {
    /// Makes sure, before anything is started, that there is Docker, that the repositories are
    /// there, and that nobody else has the services' ports.
    pub(crate) fn new(local: Local, interrupt: &Interrupt) -> Result<Self, Failure> {
        for (service, path) in SERVICES.iter().zip(&local.paths) {
            if !path.join("Dockerfile").is_file() {
                return Err(Failure::Input(format!(
                    "{}={}: there is no Dockerfile; clone the repository of {} to there, or name \
                     its place in .env",
                    service.path_key,
                    path.display(),
                    service.name,
                )));
            }
        }
        let docker = Docker::find(Some(&local))?;
        let containers = interrupt.block({
            let docker = docker.clone();
            move || {
                docker.judge()?;
                docker.containers()
            }
        })??;
        for (service, url) in &local.addresses {
            let is_ours = containers
                .iter()
                .any(|container| container.service == *service && container.state == "running");
            if !is_ours {
                judge_port(service, url)?;
            }
        }
        Ok(Self {
            docker,
            local,
            is_there: !containers.is_empty(),
        })
    }
}

fn judge_port(service: &str, url: &str) -> Result<(), Failure> {
    let parsed = Url::parse(url).ok();
    let is_here = parsed.as_ref().is_some_and(|url| match url.host() {
        Some(Host::Domain(host)) => host == "localhost",
        Some(Host::Ipv4(host)) => host.is_loopback(),
        Some(Host::Ipv6(host)) => host.is_loopback(),
        None => false,
    });
    let Some(port) = parsed
        .and_then(|url| url.port_or_known_default())
        .filter(|_| is_here)
    else {
        return Err(Failure::Input(format!(
            "{url} is not on this machine, where {service} of environment local is started"
        )));
    };
    match TcpListener::bind(("0.0.0.0", port)) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Failure::Input(format!(
            "port {port} is in use, but {service} needs it: end what listens there"
        ))),
        _ => Ok(()),
    }
}
