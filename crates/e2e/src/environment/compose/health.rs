//! How the services are: what they answer, not what their containers claim. A container can be up
//! although its service has died, as one does that a reloader waits to start anew.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use opencloud_browser::process::Failure;
use ureq::Agent;

use super::{
    docker::{Container, Docker},
    service::{Local, SERVICES},
};

/// How long a service may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// How long a service may take from its container's start to its first answer.
const START_LIMIT: Duration = Duration::from_secs(180);
/// How long a service may stay away with a Python traceback in its log before it counts as dead, or
/// its container be anything but running.
const GRACE: Duration = Duration::from_secs(5);
/// How long nobody may be listening where a service has answered before. An API that is busy does
/// not answer, but it listens.
const DEAF: Duration = Duration::from_secs(5);
/// How many times in a row Docker may fail to tell of the containers.
const FAILURES: usize = 3;

/// What Python writes when it gives up.
const TRACEBACK: &str = "Traceback (most recent call last):";
/// How many lines of a log are shown. A traceback's first line may stand farther above its error.
const SHOWN: usize = 30;

/// What was seen of a service.
#[derive(Debug, Default)]
struct Sighting {
    /// When its container was first seen to run.
    running: Option<Instant>,
    /// Since when that has been in another state.
    away: Option<Instant>,
    /// Whether it has answered.
    has_answered: bool,
    /// Since when it has not.
    unanswered: Option<Instant>,
    /// Since when nobody has been listening.
    deaf: Option<Instant>,
    /// Since when its log has held a traceback.
    traceback: Option<Instant>,
    /// When its log was read last.
    read: Option<Instant>,
}

/// Looks at the services again and again.
#[derive(Debug)]
pub(super) struct Health {
    docker: Docker,
    agent: Agent,
    ports: Vec<(&'static str, u16)>,
    /// How long a service that has answered may listen only. A reloader goes on listening when the
    /// service behind it has died.
    patience: Duration,
    sightings: HashMap<&'static str, Sighting>,
    failures: usize,
}

/// What an attempt to reach a service came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Answers,
    /// Its answer is an error.
    Errs,
    /// It listens, but does not answer in time.
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
            ports: local.ports.clone(),
            patience: local.patience,
            sightings: HashMap::new(),
            failures: 0,
        }
    }

    /// Looks once. `Ok(None)` if all is well, `Ok(Some(…))` names what is still awaited, and the
    /// failure tells of the service that has ended, with the last lines of its log.
    pub(super) fn look(&mut self) -> Result<Option<String>, Failure> {
        let containers = match self.docker.containers() {
            Ok(containers) => containers,
            Err(failure) => {
                self.failures += 1;
                return match self.failures {
                    FAILURES.. => Err(failure),
                    _ => Ok(Some("docker compose ps".into())),
                };
            }
        };
        self.failures = 0;
        let mut awaited = Vec::new();
        for service in &SERVICES {
            let name = service.name;
            let mut found = containers.iter();
            let found = found.find(|container| container.service == name);
            if let Some(container) = found.filter(|container| has_ended(container)) {
                let how = format!("has ended (exit code {})", container.exit_code);
                return Err(self.failed(name, &how));
            }
            let is_running = found.is_some_and(|container| container.state == "running");
            let is_well = if is_running {
                self.is_well(name)?
            } else {
                let state = found.map_or("gone", |container| &container.state);
                self.is_away(name, state)?
            };
            if !is_well {
                awaited.push(name);
            }
        }
        Ok(Some(awaited.join(", ")).filter(|awaited| !awaited.is_empty()))
    }

    /// A container that is made and started is not away: it has never run.
    fn is_away(&mut self, name: &'static str, state: &str) -> Result<bool, Failure> {
        let sighting = self.sightings.entry(name).or_default();
        let has_run = sighting.running.is_some();
        if has_run && lasts(&mut sighting.away, GRACE) {
            return Err(self.failed(name, &format!("runs no more: its container is {state}")));
        }
        Ok(false)
    }

    /// Whether a service whose container runs answers.
    fn is_well(&mut self, name: &'static str) -> Result<bool, Failure> {
        let sighting = self.sightings.entry(name).or_default();
        sighting.running.get_or_insert_with(Instant::now);
        sighting.away = None;
        let Some((_, port)) = self.ports.iter().find(|(service, _)| *service == name) else {
            // The job fetcher answers nobody.
            return Ok(true);
        };
        let reach = reach(&self.agent, *port);
        let url = format!("http://localhost:{port}");
        if reach == Reach::Answers || reach == Reach::Errs && sighting.has_answered {
            sighting.has_answered = true;
            (sighting.unanswered, sighting.deaf) = (None, None);
            return Ok(true);
        }
        if !sighting.has_answered {
            return self.is_starting(name, reach, &url);
        }
        if reach != Reach::Deaf {
            sighting.deaf = None;
        }
        let is_deaf = reach == Reach::Deaf && lasts(&mut sighting.deaf, DEAF);
        if lasts(&mut sighting.unanswered, self.patience) || is_deaf {
            return Err(self.failed(name, &format!("has stopped answering at {url}")));
        }
        // It may be busy.
        Ok(reach != Reach::Deaf)
    }

    /// Fails if a service that has never answered never will. `Ok(false)`, for it is awaited.
    fn is_starting(
        &mut self,
        name: &'static str,
        reach: Reach,
        url: &str,
    ) -> Result<bool, Failure> {
        let sighting = self.sightings.entry(name).or_default();
        if sighting
            .running
            .is_some_and(|since| since.elapsed() >= START_LIMIT)
        {
            let seconds = START_LIMIT.as_secs();
            let how = match reach {
                Reach::Errs => format!("answers nothing of use at {url} after {seconds} s"),
                _ => format!("does not answer at {url} after {seconds} s"),
            };
            return Err(self.failed(name, &how));
        }
        let was_read = |last: Instant| last.elapsed() < Duration::from_secs(1);
        if sighting.read.is_some_and(was_read) {
            return Ok(false);
        }
        sighting.read = Some(Instant::now());
        let has_traceback = self.docker.log(name).contains(TRACEBACK);
        let sighting = self.sightings.entry(name).or_default();
        if !has_traceback {
            sighting.traceback = None;
        } else if lasts(&mut sighting.traceback, GRACE) {
            return Err(self.failed(name, "has died, though its container is up"));
        }
        Ok(false)
    }

    fn failed(&self, service: &str, how: &str) -> Failure {
        let log = self.docker.log(service);
        let lines: Vec<_> = log.lines().collect();
        Failure::Stack {
            message: format!("{service} {how}; the last lines of its log:"),
            details: lines[lines.len().saturating_sub(SHOWN)..].join("\n"),
        }
    }
}

/// Notes that something is so, and says whether it has been for `limit`.
fn lasts(since: &mut Option<Instant>, limit: Duration) -> bool {
    since.get_or_insert_with(Instant::now).elapsed() >= limit
}

fn has_ended(container: &Container) -> bool {
    ["exited", "dead"].contains(&&*container.state)
}

/// The services listen on the IPv4 address; `localhost` is the other one, too.
fn reach(agent: &Agent, port: u16) -> Reach {
    match agent.get(format!("http://127.0.0.1:{port}/")).call() {
        Ok(answer) if answer.status().as_u16() < 400 => Reach::Answers,
        Ok(_) => Reach::Errs,
        Err(ureq::Error::Timeout(_)) => Reach::Listens,
        Err(_) => Reach::Deaf,
    }
}
