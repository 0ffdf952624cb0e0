//! The check of what the local stack needs, before anything is started.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener},
};

use opencloud_browser::process::{Failure, Interrupt};

use super::{
    docker::Docker,
    lock::Lock,
    service::{Local, SERVICES},
};

/// A local stack that has what it needs, and is not started yet.
#[derive(Debug)]
pub(crate) struct CheckedStack {
    pub(super) docker: Docker,
    pub(super) local: Local,
    /// Whether containers of an earlier start are there.
    pub(super) is_there: bool,
    pub(super) lock: Lock,
}

impl CheckedStack {
    /// Fails unless there is Docker, no other run uses the services, their repositories are there
    /// and their ports are free.
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
        // The image would hold the file, whose settings win: the job fetcher might take jobs of
        // another deployment.
        let own_settings = local.path_of("job-fetcher").join(".env");
        if own_settings.exists() {
            return Err(Failure::Input(format!(
                "{}: the job fetcher would take its settings from there; move the file away",
                own_settings.display()
            )));
        }
        let docker = Docker::find(Some(&local))?;
        let (lock, containers) = interrupt.block({
            let docker = docker.clone();
            move || {
                let lock = Lock::take(&docker.check()?)?;
                docker.check_services()?;
                Ok::<_, Failure>((lock, docker.containers()?))
            }
        })??;
        for (service, port) in &local.ports {
            let is_ours = containers
                .iter()
                .any(|container| container.service == *service && container.state == "running");
            if !is_ours {
                check_port(service, *port)?;
            }
        }
        Ok(Self {
            docker,
            local,
            is_there: !containers.is_empty(),
            lock,
        })
    }
}

/// A browser asks `localhost` on both addresses, so that the port must be free on both.
fn check_port(service: &str, port: u16) -> Result<(), Failure> {
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
