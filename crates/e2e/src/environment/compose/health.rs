//! Watches the services while a run uses them: the state and health of their containers, and for the
//! job fetcher, which has no health check, its log and its requests.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use opencloud_browser::process::Failure;

use super::{
    docker::{Container, Docker},
    log,
    service::Local,
};

/// How long a service may have a traceback in its log and not answer until it counts as dead, or its
/// container be anything but running.
const GRACE: Duration = Duration::from_secs(5);
/// How long a worker may write nothing after a traceback. It asks for a job every ten seconds.
const WORKER_GRACE: Duration = Duration::from_secs(15);
/// How often logs are read.
const LOG_PERIOD: Duration = Duration::from_secs(2);
/// How many times in a row Docker may fail to list the containers.
const FAILURES: usize = 3;

/// The observations of a service.
#[derive(Clone, Debug, Default)]
struct Observed {
    /// Since when its container has been in another state than running.
    away: Option<Instant>,
    /// Since when its log has held a traceback.
    traceback: Option<Instant>,
    /// When its log was read last.
    read: Option<Instant>,
}

/// The worker's requests at the `WorkerAPI`.
#[derive(Clone, Debug, Default)]
struct Requests {
    /// The last one of any kind, as its line in the log, and since when it has been the last.
    any: Option<String>,
    silent: Option<Instant>,
    /// The last one for a job.
    for_job: Option<String>,
}

/// Looks at the services again and again.
#[derive(Clone, Debug)]
pub(super) struct Health {
    docker: Docker,
    services: Vec<&'static str>,
    ports: Vec<(&'static str, u16)>,
    /// How long the worker may send no request.
    silence_limit: Duration,
    /// Whether all containers have been started.
    is_up: Arc<AtomicBool>,
    observed: HashMap<&'static str, Observed>,
    requests: Requests,
    failures: usize,
}

impl Health {
    pub(super) fn new(docker: Docker, local: &Local) -> Self {
        Self {
            docker,
            services: local.started(),
            ports: local.ports.clone(),
            silence_limit: local.silence_limit,
            is_up: Arc::default(),
            observed: HashMap::new(),
            requests: Requests::default(),
            failures: 0,
        }
    }

    /// Notes, for all clones, that all containers have been started: from now on, each must run.
    pub(super) fn all_are_up(&self) {
        self.is_up.store(true, Ordering::Relaxed);
    }

    /// Looks at all services. The failure names the one that has failed, with the last lines of its
    /// log.
    pub(super) fn look(&mut self) -> Result<(), Failure> {
        let containers = match self.docker.containers() {
            Ok(containers) => containers,
            Err(failure) => {
                self.failures += 1;
                return if self.failures < FAILURES {
                    Ok(())
                } else {
                    Err(failure)
                };
            }
        };
        self.failures = 0;
        for service in self.services.clone() {
            let mut found = containers.iter();
            let found = found.find(|container| container.service == service);
            self.look_at(service, found)?;
        }
        Ok(())
    }

    fn look_at(
        &mut self,
        name: &'static str,
        container: Option<&Container>,
    ) -> Result<(), Failure> {
        let is_up = self.is_up.load(Ordering::Relaxed);
        let observed = self.observed.entry(name).or_default();
        let state = container.map_or("gone", |container| &container.state);
        if let Some(container) = container.filter(|_| ["exited", "dead"].contains(&state)) {
            let how = format!("has ended (exit code {})", container.exit_code);
            return Err(self.failed(name, &how));
        }
        if state != "running" {
            // Until then, a container is not made or not started yet.
            if is_up && lasts(&mut observed.away, GRACE) {
                return Err(self.failed(name, &format!("runs no more: its container is {state}")));
            }
            return Ok(());
        }
        observed.away = None;
        match container.map_or("", |container| &container.health) {
            "healthy" => {}
            "unhealthy" => {
                let how = if is_up {
                    "has stopped answering"
                } else {
                    "does not answer"
                };
                let mut ports = self.ports.iter();
                let port = ports.find(|(service, _)| *service == name);
                let place = port.map(|(_, port)| format!(" at http://localhost:{port}"));
                return Err(self.failed(name, &format!("{how}{}", place.unwrap_or_default())));
            }
            health => {
                let was_read = |last: Instant| last.elapsed() < LOG_PERIOD;
                if observed.read.is_some_and(was_read) {
                    return Ok(());
                }
                observed.read = Some(Instant::now());
                return if health.is_empty() {
                    self.look_at_worker(name)
                } else {
                    self.look_at_start(name)
                };
            }
        }
        Ok(())
    }

    /// A reloader goes on listening when the service behind it has died.
    fn look_at_start(&mut self, name: &'static str) -> Result<(), Failure> {
        let log = self.docker.log(name, false);
        self.died(name, log::exception(&log), GRACE)
    }

    /// A worker can be dead although its container is up: a thread that reports on a job goes on when
    /// the one that runs it has ended.
    fn look_at_worker(&mut self, name: &'static str) -> Result<(), Failure> {
        let requests = self.docker.log("workerfacing-api", true);
        let last = |is_one: fn(&str) -> bool| {
            let mut lines = requests.lines().rev();
            lines.find(|line| is_one(line)).map(ToOwned::to_owned)
        };
        let for_job = last(|line| line.contains("\"GET /jobs"));
        let any = last(|line| line.contains("\"GET /jobs") || line.contains("/status?"));
        let asks = for_job != self.requests.for_job;
        self.requests.for_job = for_job;
        let is_silent = any.is_some() && any == self.requests.any;
        self.requests.any = any;
        if !is_silent {
            self.requests.silent = None;
        } else if lasts(&mut self.requests.silent, self.silence_limit) {
            let seconds = self.silence_limit.as_secs();
            let how = format!("has asked the WorkerAPI for nothing for {seconds} s");
            return Err(self.failed(name, &how));
        }
        let log = self.docker.log(name, false);
        let exception = log::exception(&log).filter(|_| !asks && log::has_died(&log));
        self.died(name, exception, WORKER_GRACE)
    }

    /// Fails if the service's log has held this exception for `limit`.
    fn died(
        &mut self,
        name: &'static str,
        exception: Option<&str>,
        limit: Duration,
    ) -> Result<(), Failure> {
        let traceback = &mut self.observed.entry(name).or_default().traceback;
        match exception {
            None => *traceback = None,
            Some(exception) if lasts(traceback, limit) => {
                let how = format!("has died, though its container is up: {exception}");
                return Err(self.failed(name, &how));
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn failed(&self, service: &str, how: &str) -> Failure {
        let details = log::relevant(&self.docker.log(service, false));
        let end = if details.is_empty() {
            "; its log says no more"
        } else {
            "; the last lines of its log:"
        };
        Failure::Stack {
            message: format!("{service} {how}{end}"),
            details,
        }
    }
}

/// Notes that something is so, and says whether it has been for `limit`.
fn lasts(since: &mut Option<Instant>, limit: Duration) -> bool {
    since.get_or_insert_with(Instant::now).elapsed() >= limit
}
