//! How the services are: what they answer, not what their containers claim. A container can be up
//! although its service has died, as one does that a reloader waits to start anew.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use opencloud_suite::redact;
use ureq::Agent;

use super::{
    docker::{Container, Docker},
    service::{Local, SERVICES},
};
use crate::failure::Failure;

/// How long a service may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// How long a service may take from its container's start to its first answer.
const START_LIMIT: Duration = Duration::from_secs(180);
/// How long a service may stay away with a Python traceback in its log before it counts as dead.
const GRACE: Duration = Duration::from_secs(5);
/// How long nobody may be listening where a service has answered before. An API that is busy does
/// not answer, but it listens.
const DEAF: Duration = Duration::from_secs(5);

/// What Python writes when it gives up.
const TRACEBACK: &str = "Traceback (most recent call last):";

/// What was seen of a service.
#[derive(Debug, Default)]
struct Sighting {
    /// When its container was first seen to run.
    running: Option<Instant>,
    /// Whether it has answered.
    has_answered: bool,
    /// Since when nobody has been listening, or its log has held a traceback.
    silent: Option<Instant>,
    /// When its log was read last.
    read: Option<Instant>,
}

/// Looks at the services again and again.
#[derive(Debug)]
pub(super) struct Health {
    docker: Docker,
    agent: Agent,
    addresses: Vec<(&'static str, String)>,
    secrets: Vec<String>,
    sightings: HashMap<&'static str, Sighting>,
}

/// What an attempt to reach a service came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Answers,
    /// It listens, but what it answers is an error or comes late.
    Listens,
    Deaf,
}

impl Health {
    pub(super) fn new(docker: Docker, local: &Local) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // They are on this machine, whatever the environment says about proxies.
            .proxy(None)
            .max_idle_connections(0)
            .max_redirects(0)
            .timeout_global(Some(ANSWER_LIMIT))
            .build()
            .into();
        Self {
            docker,
            agent,
            addresses: local.addresses.clone(),
            secrets: local.secrets.clone(),
            sightings: HashMap::new(),
        }
    }

    /// Looks once. `Ok(None)` if all is well, `Ok(Some(…))` names what is still awaited, and the
    /// failure tells of the service that has ended, with the last lines of its log.
    pub(super) fn look(&mut self) -> Result<Option<String>, Failure> {
        let containers = self.docker.containers()?;
        let mut awaited = Vec::new();
        for service in &SERVICES {
            let name = service.name;
            let found = containers
                .iter()
                .find(|container| container.service == name);
            match found {
                Some(container) if has_ended(container) => {
                    let how = format!("has ended (exit code {})", container.exit_code);
                    return Err(self.failed(name, &how));
                }
                Some(container) if container.state == "running" => {
                    self.sightings
                        .entry(name)
                        .or_default()
                        .running
                        .get_or_insert_with(Instant::now);
                    if !self.is_well(name)? {
                        awaited.push(name);
                    }
                }
                _ => awaited.push(name),
            }
        }
        Ok(Some(awaited.join(", ")).filter(|awaited| !awaited.is_empty()))
    }

    /// Whether a service whose container runs answers.
    fn is_well(&mut self, name: &'static str) -> Result<bool, Failure> {
        let Some((_, url)) = self.addresses.iter().find(|(service, _)| *service == name) else {
            // The job fetcher answers nobody.
            return Ok(true);
        };
        let url = url.clone();
        let reach = reach(&self.agent, &url);
        let sighting = self.sightings.entry(name).or_default();
        if reach == Reach::Answers {
            sighting.has_answered = true;
        }
        if reach != Reach::Deaf {
            sighting.silent = None;
            let is_late = reach != Reach::Answers && overdue(sighting);
            if is_late {
                return Err(self.failed(name, &format!("answers nothing of use at {url}")));
            }
            return Ok(reach == Reach::Answers || sighting.has_answered);
        }
        if sighting.has_answered {
            if sighting.silent.get_or_insert_with(Instant::now).elapsed() >= DEAF {
                return Err(self.failed(name, &format!("has stopped answering at {url}")));
            }
            return Ok(false);
        }
        if overdue(sighting) {
            let seconds = START_LIMIT.as_secs();
            return Err(self.failed(name, &format!("does not answer at {url} after {seconds} s")));
        }
        if sighting
            .read
            .is_some_and(|last| last.elapsed() < Duration::from_secs(1))
        {
            return Ok(false);
        }
        sighting.read = Some(Instant::now());
        let has_died = self.docker.log(name).contains(TRACEBACK);
        let sighting = self.sightings.entry(name).or_default();
        if !has_died {
            sighting.silent = None;
        } else if sighting.silent.get_or_insert_with(Instant::now).elapsed() >= GRACE {
            return Err(self.failed(name, "has died, though its container is up"));
        }
        Ok(false)
    }

    fn failed(&self, service: &str, how: &str) -> Failure {
        // Each thread knows secrets of its own.
        for secret in &self.secrets {
            redact::learn(secret);
        }
        Failure::Stack {
            message: format!("{service} {how}; the last lines of its log:"),
            details: redact::clean(&self.docker.log(service)),
        }
    }
}

fn overdue(sighting: &Sighting) -> bool {
    !sighting.has_answered
        && sighting
            .running
            .is_some_and(|since| since.elapsed() >= START_LIMIT)
}

fn has_ended(container: &Container) -> bool {
    ["exited", "dead"].contains(&&*container.state)
}

fn reach(agent: &Agent, url: &str) -> Reach {
    match agent.get(format!("{url}/")).call() {
        Ok(answer) if answer.status().as_u16() < 400 => Reach::Answers,
        Ok(_) | Err(ureq::Error::Timeout(_)) => Reach::Listens,
        Err(_) => Reach::Deaf,
    }
}
