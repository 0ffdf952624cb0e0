//! The running local stack: its start, its watch and its end.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use opencloud_browser::process::{AtEnd, Failure, Interrupt, Output, Process, Resources, print};
use opencloud_model::redact;

use super::{
    docker::{Docker, JOBS},
    down::{DOWN_LIMIT, take_down},
    health::Health,
    judged::Judged,
};
use crate::project;

/// How long building and starting may take: a first build downloads much.
const UP_LIMIT: Duration = Duration::from_secs(60 * 60);
/// How often the services are looked at while they start.
const START_PERIOD: Duration = Duration::from_millis(300);
/// How often while the suite runs.
const PERIOD: Duration = Duration::from_secs(2);

/// The running local stack. Dropping it takes it down, unless it is to be kept.
#[derive(Debug)]
pub(crate) struct LocalStack<'a> {
    docker: Docker,
    resources: &'a Resources,
    /// The promise to take it down; none if it is to be kept.
    at_end: Option<AtEnd>,
    keep_up: bool,
    logs: PathBuf,
    /// `docker compose up`, until it has ended.
    up: Option<Process>,
    sentinel: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Judged {
    /// Builds and starts the services and waits until they answer.
    pub(crate) fn start<'a>(
        self,
        resources: &'a Resources,
        interrupt: &Interrupt,
    ) -> Result<LocalStack<'a>, Failure> {
        let Self {
            docker,
            local,
            is_there,
        } = self;
        for secret in &local.secrets {
            redact::learn(secret);
        }
        // Docker would make them, as its own user.
        for directory in ["user_data", JOBS] {
            fs::create_dir_all(project::root().join(directory)).map_err(Failure::ours)?;
        }
        if is_there {
            say("docker compose down, for there are containers of an earlier start");
            interrupt.block({
                let docker = docker.clone();
                move || take_down(&docker)
            })??;
        }
        let mut down = Command::new(env::current_exe().map_err(Failure::ours)?);
        down.arg("docker-down").current_dir(project::root());
        let at_end = (!local.keep_up)
            .then(|| resources.at_end(&down))
            .transpose()?;
        let mut stack = LocalStack {
            keep_up: local.keep_up,
            logs: local.logs.clone(),
            at_end,
            docker: docker.clone(),
            resources,
            up: None,
            sentinel: None,
        };
        remove_left_jobs(&docker, interrupt)?;
        say("docker compose up");
        let mut health = Some(Health::new(docker.clone(), &local));
        let mut command = docker.command(&Docker::compose_args(&["up", "--detach"]));
        let up = resources.spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        stack.up = Some(up);
        let output = Output::default();
        let (stdout, stderr) = resources.pipes(up);
        output.read(shown(stdout, &docker));
        output.read(shown(stderr, &docker));

        let mut is_up = false;
        let mut last = Instant::now();
        let ready = interrupt.poll(UP_LIMIT, || {
            if !is_up && let Some(status) = resources.exit_status(up).map_err(Failure::ours)? {
                // Whoever has ended, its log says more.
                is_up = status.success();
                if !is_up {
                    look(&mut health, interrupt)?;
                    return Err(Failure::Stack {
                        message: format!("docker compose up fails ({status}); its last lines:"),
                        details: output.text(),
                    });
                }
            }
            if last.elapsed() < START_PERIOD {
                return Ok(None);
            }
            let awaited = look(&mut health, interrupt)?;
            last = Instant::now();
            Ok((is_up && awaited.is_none()).then_some(()))
        })?;
        if ready.is_none() {
            let message = "the services are not up after an hour";
            return Err(Failure::ours_with(message, output.text()));
        }
        stack.up = None;
        resources.release(up)?;
        say("the services answer");
        if let Some(health) = health {
            stack.sentinel = Some(watch(health, interrupt.clone()));
        }
        Ok(stack)
    }
}

/// Looks at the services in a thread, so that a signal is noticed meanwhile.
fn look(health: &mut Option<Health>, interrupt: &Interrupt) -> Result<Option<String>, Failure> {
    let Some(mut looking) = health.take() else {
        return Ok(None);
    };
    let (looking, seen) = interrupt.block(move || {
        let seen = looking.look();
        (looking, seen)
    })?;
    *health = Some(looking);
    seen
}

/// Goes on looking while the suite runs, and ends the run when a service has ended: its jobs would
/// be waited for in vain.
fn watch(mut health: Health, interrupt: Interrupt) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = mpsc::channel();
    let sentinel = thread::spawn(move || {
        while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
            if let Err(failure) = health.look() {
                return interrupt.fail(failure);
            }
        }
    });
    (stop, sentinel)
}

impl LocalStack<'_> {
    /// Takes the services down, unless they are to be kept.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        self.take_down()
    }

    /// The services' logs go with their containers, so they are kept beside the reports.
    fn keep_logs(&self) {
        let args = ["logs", "--no-color", "--timestamps"];
        let kept = self.docker.compose(&args, DOWN_LIMIT).and_then(|logs| {
            fs::create_dir_all(self.logs.parent().unwrap_or(&self.logs))?;
            Ok(fs::write(&self.logs, self.docker.clean(&logs.stdout))?)
        });
        match kept {
            Ok(()) => say(&format!(
                "the services' logs are in {}",
                self.logs.display()
            )),
            Err(error) => say(&format!("the services' logs are lost: {error:#}")),
        }
    }

    fn stop_up(&mut self) {
        if let Some(up) = self.up.take() {
            self.resources.stop(up);
        }
    }

    fn take_down(&mut self) -> Result<(), Failure> {
        self.stop_up();
        if let Some((stop, sentinel)) = self.sentinel.take() {
            drop(stop);
            let _ = sentinel.join();
        }
        let Some(at_end) = self.at_end.take() else {
            return Ok(());
        };
        self.keep_logs();
        say("docker compose down");
        take_down(&self.docker)?;
        self.resources.is_done(at_end)?;
        Ok(())
    }
}

impl Drop for LocalStack<'_> {
    fn drop(&mut self) {
        if self.keep_up {
            self.stop_up();
            say("the services are left running; docker compose down ends them");
        } else if let Err(failure) = self.take_down() {
            failure.report();
        }
    }
}

/// `pipe`, whose lines are also shown; without any secret.
fn shown(
    pipe: Option<impl Read + Send + 'static>,
    docker: &Docker,
) -> Option<impl Read + Send + 'static> {
    let pipe = pipe?;
    let (reader, mut writer) = io::pipe().ok()?;
    let docker = docker.clone();
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = docker.clean(String::from_utf8_lossy(&line).trim_end());
            print::err(format_args!("  {line}"));
            let _ = writeln!(writer, "{line}");
        }
    });
    Some(reader)
}

/// Removes what jobs of an earlier start have left in the job fetcher's directory. It would upload
/// that as the outputs of new jobs, whose numbers begin at one again. The files may be root's, so it
/// takes a container.
fn remove_left_jobs(docker: &Docker, interrupt: &Interrupt) -> Result<(), Failure> {
    let directory = project::root().join(JOBS);
    let mut entries = fs::read_dir(directory).map_err(Failure::ours)?;
    if entries.next().is_none() {
        return Ok(());
    }
    say("removing what jobs of an earlier start have left in job_fetcher_data");
    let docker = docker.clone();
    interrupt.block(move || {
        let run = ["run", "--rm", "--no-deps", "--no-TTY", "--user", "0"];
        let find = [
            "--entrypoint",
            "find",
            "job-fetcher",
            "/data",
            "-mindepth",
            "1",
            "-delete",
        ];
        let args = Docker::compose_args(&[&run[..], &find].concat());
        docker.expect(&args, UP_LIMIT).map(|_| ())
    })?
}

fn say(what: &str) {
    print::err(format_args!("local stack: {what}"));
}
