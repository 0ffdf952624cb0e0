//! The stand-in for Docker, and the services that it starts.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::common::{
    E2e, free_ports,
    stack::{Stack, inputs_zip},
};

/// The services that answer to a browser.
pub(crate) const ANSWERING: [&str; 3] = ["userfacing-api", "workerfacing-api", "frontend"];

/// A machine with this Docker, and the repositories of the services.
pub(crate) struct Engine {
    directory: TempDir,
    settings: String,
    /// The ports of [`ANSWERING`].
    pub(crate) ports: [u16; 3],
}

impl Engine {
    /// Whose services all start and answer, with `stack_args` for the stack behind the UserAPI.
    pub(crate) fn new(stack_args: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_owned();
        let path = |name: &str| root.join(name).display().to_string();
        let [user_api, cognito, s3, worker_api, frontend] = free_ports();

        // An account that is known before the services start: the data outlives the first stack.
        let account = Stack::start(&["--data-dir", &path("data")]).settings();
        let kept = [
            "EMAIL",
            "PASSWORD",
            "COGNITO_USER_POOL_ID",
            "COGNITO_REGION",
            "COGNITO_CLIENT_ID",
        ];
        let is_kept = |line: &&str| {
            line.split('=')
                .next()
                .is_some_and(|key| kept.contains(&key))
        };
        let settings: String = account
            .lines()
            .filter(is_kept)
            .flat_map(|l| [l, "\n"])
            .collect();
        let mut settings = vec![settings];
        settings.push(format!(
            "USERFACING_API_URL=http://localhost:{user_api}\n\
             FRONTEND_URL=http://localhost:{frontend}\n\
             AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=http://localhost:{cognito}\n\
             COGNITO_SECRET='with $signs and spaces'\n"
        ));
        inputs_zip(&directory.path().join("inputs.zip"));
        settings.push(format!(
            "INPUTS_SOURCE={}\nINPUTS_DIRECTORY={}\n",
            path("inputs.zip"),
            path("inputs")
        ));
        for key in [
            "USERFACING_API",
            "WORKERFACING_API",
            "FRONTEND",
            "JOB_FETCHER",
        ] {
            fs::create_dir(path(key)).unwrap();
            fs::write(
                directory.path().join(key).join("Dockerfile"),
                "FROM scratch\n",
            )
            .unwrap();
            settings.push(format!("{key}_PATH={}\n", path(key)));
        }

        let engine = Self {
            directory,
            settings: settings.concat(),
            ports: [user_api, worker_api, frontend],
        };
        engine.write("bin/docker", include_str!("docker.sh"));
        engine.write("version", "2.29.1\n");
        for (service, port) in ANSWERING.iter().zip(engine.ports) {
            engine.write(&format!("port-{service}"), &port.to_string());
        }
        let program = env!("CARGO_BIN_EXE_opencloud-e2e");
        let serve = |service: &str, args: &str| {
            format!(
                "{program} stack {args} > \"$STAND_IN/out-{service}\" 2>&1 &\n\
                 echo $! > \"$STAND_IN/pid-{service}\"\n"
            )
        };
        let elsewhere =
            |name: &str| format!("--cognito-port 0 --s3-port 0 --data-dir {}", path(name));
        engine.write(
            "start-userfacing-api",
            &serve(
                "userfacing-api",
                &format!(
                    "--files local --data-dir {} --user-api-port {user_api} --cognito-port {cognito} \
                     --s3-port {s3} --frontend-url http://localhost:{frontend} {stack_args}",
                    path("data")
                ),
            ),
        );
        let worker_api = format!("--user-api-port {worker_api} {}", elsewhere("data-2"));
        engine.write(
            "start-workerfacing-api",
            &serve("workerfacing-api", &worker_api),
        );
        let frontend = format!("--user-api-port {frontend} {}", elsewhere("data-3"));
        engine.write("start-frontend", &serve("frontend", &frontend));
        engine.up(&ANSWERING, "");
        engine.write("down", include_str!("down.sh"));
        engine
    }

    /// Lets `up` start the containers of all services, of which only these come alive, and then do
    /// something more.
    pub(crate) fn up(&self, alive: &[&str], more: &str) {
        let starts: Vec<_> = alive
            .iter()
            .map(|name| format!(". \"$STAND_IN/start-{name}\"\n"))
            .collect();
        let containers = Self::containers("running");
        self.write(
            "up",
            &format!(
                "{}cat > \"$STAND_IN/containers\" <<EOF\n{containers}EOF\n{more}\n",
                starts.concat()
            ),
        );
    }

    /// What `docker compose ps` tells while all run but the job fetcher, which is in `state`.
    pub(crate) fn containers(state: &str) -> String {
        Self::containers_but("job-fetcher", state, 4)
    }

    /// What it tells while all run but `other`, which is in `state`. The stand-in finds the health
    /// of those that answer; the job fetcher has no health check.
    pub(crate) fn containers_but(other: &str, state: &str, exit_code: u8) -> String {
        let services = ANSWERING.iter().copied().chain(["job-fetcher"]);
        let containers = services.map(|name| {
            let (state, exit_code) = if name == other {
                (state, exit_code)
            } else {
                ("running", 0)
            };
            let health = match (state, name) {
                ("running", "userfacing-api" | "workerfacing-api" | "frontend") => {
                    format!("@{name}")
                }
                _ => String::new(),
            };
            format!(
                "{{\"Name\":\"opencloud-integration-tests-{name}-1\",\"Service\":\"{name}\",\
                 \"State\":\"{state}\",\"Health\":\"{health}\",\"ExitCode\":{exit_code}}}\n"
            )
        });
        containers.collect()
    }

    /// Writes a file that the stand-in looks at.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // As a whole: the stand-in may be reading.
        let fresh = path.with_extension("fresh");
        fs::write(&fresh, text).unwrap();
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(fresh, path).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    pub(crate) fn settings(&self) -> &str {
        &self.settings
    }

    /// `cargo e2e --local` on this machine, with `more` settings.
    pub(crate) fn run(&self, args: &[&str], more: &str) -> E2e {
        let worker_api = format!("http://localhost:{}", self.ports[1]);
        let args = [&["--local", "--worker-api", &worker_api], args].concat();
        self.on_this_machine(E2e::new(&args, &format!("{}{more}", self.settings)))
    }

    pub(crate) fn on_this_machine(&self, e2e: E2e) -> E2e {
        let path = env::var_os("PATH").unwrap();
        let all = [self.path("bin")]
            .into_iter()
            .chain(env::split_paths(&path));
        let path = env::join_paths(all).unwrap();
        e2e.env("PATH", path.to_str().unwrap())
            .env("STAND_IN", self.directory.path().to_str().unwrap())
    }

    /// How Docker was called, one call a line.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        calls.lines().map(ToOwned::to_owned).collect()
    }

    /// Whether Docker was called so, once at least.
    pub(crate) fn was_called(&self, start: &str) -> bool {
        self.calls().iter().any(|call| call.starts_with(start))
    }

    /// Sends a signal to what is in the container of a service.
    pub(crate) fn signal(&self, service: &str, signal: Signal) {
        let number = fs::read_to_string(self.path(&format!("pid-{service}"))).unwrap();
        let pid = Pid::from_raw(number.trim().parse().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Where a run of this engine says that it uses it.
    pub(crate) fn lock(&self) -> PathBuf {
        let id = self.directory.path().file_name().unwrap().to_str().unwrap();
        Path::new("/tmp").join(format!("opencloud-integration-tests-{id}.lock"))
    }

    /// Waits until `docker compose up` has been called.
    pub(crate) fn wait_for_up(&self) {
        // The suite may have to be compiled before.
        let deadline = Instant::now() + Duration::from_secs(600);
        while !Path::new(&self.path("environment")).exists() {
            assert!(
                Instant::now() < deadline,
                "no call of up: {:?}",
                self.calls()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.lock());
    }
}
