//! The judgement of what the local stack needs, before anything is started.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener},
};

use opencloud_browser::process::{Failure, Interrupt};

use super::{
    docker::Docker,
    service::{Local, SERVICES},
};

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
        // Its image would hold the file, and the job fetcher would obey it rather than us: it might
        // pull the jobs of another deployment.
        let own_settings = local.path_of("job-fetcher").join(".env");
        if own_settings.exists() {
            return Err(Failure::Input(format!(
                "{}: the job fetcher would take its settings from there; move the file away",
                own_settings.display()
            )));
        }
        let docker = Docker::find(Some(&local))?;
        let containers = interrupt.block({
            let docker = docker.clone();
            move || {
                docker.judge()?;
                docker.judge_services()?;
                docker.containers()
            }
        })??;
        for (service, port) in &local.ports {
            let is_ours = containers
                .iter()
                .any(|container| container.service == *service && container.state == "running");
            if !is_ours {
                judge_port(service, *port)?;
            }
        }
        Ok(Self {
            docker,
            local,
            is_there: !containers.is_empty(),
        })
    }
}

/// A browser asks `localhost` on both addresses, and whoever listens on either would answer it.
fn judge_port(service: &str, port: u16) -> Result<(), Failure> {
    let addresses: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::LOCALHOST.into()];
    let is_taken = addresses.into_iter().any(|address| {
        let bound = TcpListener::bind((address, port));
        bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    });
    if is_taken {
        return Err(Failure::Input(format!(
            "port {port} is in use, but {service} needs it: end what listens there"
        )));
    }
    Ok(())
}
