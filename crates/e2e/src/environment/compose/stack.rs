//! The running local stack: its start, its watch and its end.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use opencloud_browser::process::{AtEnd, Failure, Interrupt, Process, Resources, print};
use opencloud_model::redact;

use super::{
    build_failure::build_failure,
    checked::CheckedStack,
    docker::{Docker, JOBS},
    down::{DOWN_LIMIT, take_down},
    health::Health,
    lock::Lock,
    log,
};
use crate::project;

/// The command that removes the files of jobs.
const REMOVE_LEFT_JOBS: &str = "run --rm --no-deps --no-TTY --user 0 --entrypoint find job-fetcher \
                                /data -mindepth 1 -delete";

/// How long building and starting may take: a first build downloads much.
const UP_LIMIT: Duration = Duration::from_secs(60 * 60);
/// How often the services are looked at.
const PERIOD: Duration = Duration::from_secs(2);
/// How long it may take to read the rest of the output of a program that has ended.
const OUTPUT_LIMIT: Duration = Duration::from_secs(2);

/// The running local stack. Dropping it takes it down, unless it is to be kept.
#[derive(Debug)]
pub(crate) struct LocalStack<'a> {
    docker: Docker,
    resources: &'a Resources,
    /// The guard's command to take it down; none if it is to be kept.
    at_end: Option<AtEnd>,
    keep_up: bool,
    /// Where the logs are kept.
    directory: PathBuf,
    /// `docker compose up`, until it has ended.
    up: Option<Process>,
    watch: Option<(Sender<()>, JoinHandle<()>)>,
    _lock: Lock,
}

impl CheckedStack {
    /// Builds and starts the services and waits until they answer. Their logs go to `directory`.
    pub(crate) fn start<'a>(
        self,
        resources: &'a Resources,
        interrupt: &Interrupt,
        directory: &Path,
    ) -> Result<LocalStack<'a>, Failure> {
        let Self {
            docker,
            local,
            is_there,
            lock,
        } = self;
        // Docker would make them, as its own user.
        for directory in ["user_data", JOBS] {
            fs::create_dir_all(project::root().join(directory)).map_err(Failure::ours)?;
        }
        if is_there {
            note("docker compose down, for there are containers of an earlier start");
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
            directory: directory.to_owned(),
            at_end,
            docker: docker.clone(),
            resources,
            up: None,
            watch: None,
            _lock: lock,
        };
        stack.remove_left_jobs(interrupt)?;
        // Without names, Docker Compose starts all of them.
        let only = if local.runs_jobs {
            Vec::new()
        } else {
            local.started()
        };
        let health = Health::new(docker, &local);
        stack.watch = Some(watch(health.clone(), interrupt.clone()));
        stack.up(health, only, interrupt)?;
        note("the services answer");
        Ok(stack)
    }
}

/// Looks at the services again and again, and ends the run when one has failed: the suite would wait
/// in vain.
fn watch(mut health: Health, interrupt: Interrupt) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = mpsc::channel();
    let thread = thread::spawn(move || {
        while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
            match health.look() {
                Ok(()) => interrupt.passed_check(),
                Err(failure) => return interrupt.fail(failure),
            }
        }
    });
    (stop, thread)
}

impl LocalStack<'_> {
    /// Takes the services down, unless they are to be kept.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        self.take_down()
    }

    /// Removes the files that jobs of an earlier start have left in the job fetcher's directory. The
    /// job fetcher would upload them as the outputs of new jobs, whose numbers begin at one again.
    /// They may belong to root, so a container removes them.
    fn remove_left_jobs(&self, interrupt: &Interrupt) -> Result<(), Failure> {
        let mut entries = fs::read_dir(project::root().join(JOBS)).map_err(Failure::ours)?;
        if entries.next().is_none() {
            return Ok(());
        }
        note("removing the files that jobs of an earlier start have left in job_fetcher_data");
        let docker = self.docker.clone();
        let removed = interrupt.block(move || {
            let args: Vec<_> = REMOVE_LEFT_JOBS.split(' ').collect();
            docker.compose(&args, UP_LIMIT)
        })??;
        if removed.success {
            return Ok(());
        }
        // It may have to build the image first.
        let output = redact::clean(&removed.stderr);
        let log = self.directory.join("build.log");
        fs::write(&log, &output).map_err(Failure::ours)?;
        let message = "the files of earlier jobs cannot be removed from job_fetcher_data";
        let other = || Failure::ours_with(message, log::relevant(&output));
        Err(cannot_be_built(&output, &log).unwrap_or_else(other))
    }

    /// Lets Docker Compose build and start the services, or `only` those, and wait until they are
    /// healthy.
    fn up(
        &mut self,
        mut health: Health,
        only: Vec<&'static str>,
        interrupt: &Interrupt,
    ) -> Result<(), Failure> {
        note("docker compose up");
        let path = self.directory.join("build.log");
        let log = File::create(&path).map_err(Failure::ours)?;
        let mut words = vec!["up", "--detach", "--wait"];
        words.extend(only);
        let args = Docker::compose_args(&words);
        let mut command = self.docker.command(&args);
        let resources = self.resources;
        let up = resources.spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        self.up = Some(up);
        let (stdout, stderr) = resources.pipes(up);
        let shown = [show(stdout, &log), show(stderr, &log)];

        let ended = interrupt.poll(UP_LIMIT, || {
            resources.exit_status(up).map_err(Failure::ours)
        })?;
        let Some(status) = ended else {
            let message = "the services are not up after an hour";
            return Err(Failure::ours_with(message, last_lines(&path)));
        };
        self.up = None;
        resources.release(up)?;
        if status.success() {
            health.all_are_up();
            return Ok(());
        }
        // If a service has ended, its own log says more.
        interrupt.block(move || health.look())??;
        interrupt.poll(OUTPUT_LIMIT, || {
            let is_shown = shown.iter().flatten().all(JoinHandle::is_finished);
            Ok(is_shown.then_some(()))
        })?;
        Err(up_failure(status, &path))
    }

    /// The services' logs go with their containers, so they are kept beside the reports.
    fn keep_logs(&self) {
        let path = self.directory.join("services.log");
        let args = ["logs", "--no-color", "--timestamps"];
        let kept = self.docker.compose(&args, DOWN_LIMIT).and_then(|logs| {
            if !logs.stdout.is_empty() {
                fs::write(&path, redact::clean(&logs.stdout))?;
                note(&format!("the services' logs are in {}", path.display()));
            }
            Ok(())
        });
        if let Err(error) = kept {
            note(&format!("the services' logs are lost: {error:#}"));
        }
    }

    fn stop_up(&mut self) {
        if let Some(up) = self.up.take() {
            self.resources.stop(up);
        }
    }

    fn take_down(&mut self) -> Result<(), Failure> {
        self.stop_up();
        if let Some((stop, thread)) = self.watch.take() {
            drop(stop);
            let _ = thread.join();
        }
        let Some(at_end) = self.at_end.take() else {
            return Ok(());
        };
        self.keep_logs();
        note("docker compose down");
        take_down(&self.docker)?;
        self.resources.is_done(at_end)?;
        Ok(())
    }
}

impl Drop for LocalStack<'_> {
    fn drop(&mut self) {
        if self.keep_up {
            self.stop_up();
            note("the services are left running; docker compose down ends them");
        } else if let Err(failure) = self.take_down() {
            failure.report();
        }
    }
}

/// Shows the lines of `pipe` and keeps them in `log`, without any secret.
fn show(pipe: Option<impl Read + Send + 'static>, log: &File) -> Option<JoinHandle<()>> {
    let pipe = pipe?;
    let mut log = log.try_clone().ok()?;
    Some(thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            for line in log::plain(&String::from_utf8_lossy(&line)).lines() {
                let line = redact::clean(line);
                print::err(format_args!("  {line}"));
                let _ = writeln!(log, "{line}");
            }
        }
    }))
}

/// Why `docker compose up` has failed, by its output in `log`.
fn up_failure(status: ExitStatus, log: &Path) -> Failure {
    let output = fs::read_to_string(log).unwrap_or_default();
    cannot_be_built(&output, log).unwrap_or_else(|| Failure::Stack {
        message: format!("docker compose up fails ({status}); its last lines:"),
        details: format!(
            "{}\nthe whole log is in {}",
            log::relevant(&output),
            log.display()
        ),
    })
}

/// The failure of a service that cannot be built, if `output` names one. `log` holds the output.
fn cannot_be_built(output: &str, log: &Path) -> Option<Failure> {
    let failure = build_failure(output)?;
    Some(Failure::Stack {
        message: format!(
            "{} cannot be built, {} fails:",
            failure.service, failure.step
        ),
        details: format!(
            "{}\nthe whole log is in {}",
            failure.lines.join("\n"),
            log.display()
        ),
    })
}

fn last_lines(log: &Path) -> String {
    log::relevant(&fs::read_to_string(log).unwrap_or_default())
}

fn note(text: &str) {
    print::err(format_args!("local stack: {text}"));
}
