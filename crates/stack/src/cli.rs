//! The command line of `opencloud-stack`.

use std::{io::Write as _, net::IpAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cognito::SigningKeys,
    config::{Config, WorkerConfig, WorkerEnvironment},
    env_file,
    faults::{self, Disturbance, Fault},
    file_mode::FileMode,
    stack::Stack,
    start_error::StartError,
};

/// OpenCloud in one program, to test against: the UserAPI, Cognito, S3 and a worker.
///
/// Listens on loopback, with made-up accounts, which it prints at its start. Ctrl-C or SIGTERM
/// stops it. Without --data-dir, everything is deleted then.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "opencloud-stack",
    version,
    after_help = "Exit codes: 0 stopped as asked, 2 bad input or a port in use, 3 the stack's own failure."
)]
pub struct Args {
    /// Where user files live, as the UserAPI's FILESYSTEM setting has it: in S3, reached by
    /// pre-signed requests, or on the UserAPI's own disk
    #[arg(long, value_name = "MODE", default_value = "s3")]
    pub files: FileMode,

    /// How long a job stays in each state that takes time (all but pulled and the final ones), in
    /// seconds
    #[arg(long, value_name = "S", default_value = "0.2", value_parser = seconds,
          allow_negative_numbers = true)]
    pub seconds_per_state: Duration,

    /// Offer the applications of a deployment's configuration instead of the built-in ones; a member
    /// container of an entry point says what its program reads and writes
    #[arg(long, value_name = "FILE")]
    pub applications: Option<PathBuf>,

    /// The environments that have a worker; a job for another one waits in the queue
    #[arg(
        long,
        value_name = "ENVIRONMENTS",
        default_value = "local",
        value_delimiter = ','
    )]
    pub workers: Vec<WorkerEnvironment>,

    /// Let the container of every job fail
    #[arg(long)]
    pub fail_jobs: bool,

    /// The one origin that the UserAPI and the bucket allow (CORS)
    #[arg(long, value_name = "ORIGIN", default_value = "http://localhost:8080", value_parser = web_origin)]
    pub frontend_url: String,

    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub bind: IpAddr,

    /// The UserAPI's port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub user_api_port: u16,

    /// Cognito's port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8010)]
    pub cognito_port: u16,

    /// S3's port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8011)]
    pub s3_port: u16,

    /// Keep accounts, jobs and objects in this directory, and go on from what is there
    #[arg(long, value_name = "PATH")]
    pub data_dir: Option<PathBuf>,

    /// How long an ID or access token is valid, in seconds
    #[arg(long, value_name = "S", default_value = "3600", value_parser = whole_seconds)]
    pub token_lifetime: Duration,

    /// How the user pool is set up.
    #[command(flatten)]
    pub pool: PoolArgs,

    /// Write the settings of this stack to a file such as .env, readable by its owner only; a file
    /// that was not written by opencloud-stack is left alone
    #[arg(long, value_name = "PATH")]
    pub write_env: Option<PathBuf>,

    /// Enable this fault; may be given several times
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<Fault>,

    /// Enable this disturbance; may be given several times
    #[arg(long = "disturbance", value_name = "NAME")]
    pub disturbances: Vec<Disturbance>,

    /// Drop the same answers as another stack with this number, where a disturbance drops some; a
    /// random one by default, which is printed
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u16>,

    /// List all faults and disturbances, and start nothing
    #[arg(long)]
    pub list_faults: bool,

    /// The keys by which Cognito signs tokens; those that the data directory keeps without any
    #[arg(skip)]
    pub keys: Option<SigningKeys>,
}

/// How the user pool is set up.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct PoolArgs {
    /// Let only an administrator make accounts: registration is refused
    #[arg(long)]
    pub no_self_registration: bool,

    /// Let Cognito's answers hide which accounts exist ("Prevent user existence errors")
    #[arg(long)]
    pub prevent_user_existence_errors: bool,
}

/// The longest time that a state may last, in seconds: a day.
const LONGEST_STATE: f64 = 86_400.0;

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=LONGEST_STATE).contains(&seconds) => {
            Ok(Duration::from_secs_f64(seconds))
        }
        _ => Err(format!(
            "expected seconds from 0 to {LONGEST_STATE}, such as 0.5"
        )),
    }
}

fn whole_seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err("expected a whole number of seconds above 0, such as 3600".into()),
    }
}

/// An origin as a browser sends it; a slash at its end is removed.
fn web_origin(text: &str) -> Result<String, String> {
    let origin = text.strip_suffix('/').unwrap_or(text);
    let host = ["http://", "https://"]
        .iter()
        .find_map(|scheme| origin.strip_prefix(scheme));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', ' ', '@']) => {
            Ok(origin.to_owned())
        }
        _ => Err("expected a scheme and a host, such as http://localhost:8080".into()),
    }
}

impl From<&Args> for Config {
    fn from(args: &Args) -> Self {
        Self {
            files: args.files,
            frontend_origin: args.frontend_url.clone(),
            bind: args.bind,
            user_api_port: args.user_api_port,
            cognito_port: args.cognito_port,
            s3_port: args.s3_port,
            data_dir: args.data_dir.clone(),
            token_lifetime: args.token_lifetime,
            self_registration: !args.pool.no_self_registration,
            prevent_user_existence_errors: args.pool.prevent_user_existence_errors,
            applications: args.applications.clone(),
            workers: args.workers.clone(),
            worker: WorkerConfig {
                seconds_per_state: args.seconds_per_state,
                fail: args.fail_jobs,
            },
            faults: args.faults.clone(),
            disturbances: args.disturbances.clone(),
            seed: args.seed.unwrap_or_else(rand::random),
            keys: args.keys.clone(),
            ..Self::default()
        }
    }
}

/// Bad input.
const INPUT: u8 = 2;
/// A failure of the stack itself.
const OURS: u8 = 3;

/// Why the program fails.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The stack did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its settings cannot be written.
    #[error(transparent)]
    EnvFile(#[from] env_file::WriteError),
    /// The system refused this to the program.
    #[error("failed to {0}: {1}")]
    System(&'static str, std::io::Error),
}

impl Failure {
    /// Whether other arguments can avoid it.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Start(error) => error.is_bad_input(),
            Self::EnvFile(_) => true,
            Self::System(..) => false,
        }
    }
}

/// Reads the program's own arguments. Errors in them are reported in one line.
///
/// # Errors
/// The code to exit with: of success, if only help or the version was asked for.
pub fn parse() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|error| {
        if !error.use_stderr() {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        let error = error.render().to_string();
        // The message; how the program is used comes after an empty line.
        let message = error
            .lines()
            .map(str::trim)
            .take_while(|line| !line.is_empty());
        eprintln!("{}", message.collect::<Vec<_>>().join(" "));
        ExitCode::from(INPUT)
    })
}

/// Serves a stack in the foreground until Ctrl-C or SIGTERM. Must not be called from within an
/// asynchronous runtime: it starts its own.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    if args.list_faults {
        // An error means that the reader is gone.
        let _ = std::io::stdout().write_all(faults::list().as_bytes());
        return ExitCode::SUCCESS;
    }
    let served = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::System("start a runtime", error))
        .and_then(|runtime| runtime.block_on(serve(args)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(if failure.is_bad_input() { INPUT } else { OURS })
        }
    }
}

async fn serve(args: &Args) -> Result<(), Failure> {
    let interrupted = ending(SignalKind::interrupt())?;
    let terminated = ending(SignalKind::terminate())?;
    let stack = start(args).await?;
    announce(args, &stack, &[]).await?;
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
    stack.stop().await;
    Ok(())
}

/// Starts a stack as `args` say.
///
/// # Errors
/// If the stack does not start, or its settings cannot be written.
pub async fn start(args: &Args) -> Result<Stack, Failure> {
    if let Some(path) = &args.write_env {
        // Checked before anything is started.
        env_file::check(path)?;
    }
    Ok(Stack::start(Config::from(args)).await?)
}

/// Prints what there is to know of a stack that [`start`] has started, and the lines of `more`.
/// Writes its settings, if `args` ask for them.
///
/// # Errors
/// If the settings cannot be written.
pub async fn announce(args: &Args, stack: &Stack, more: &[String]) -> Result<(), Failure> {
    if let Some(path) = &args.write_env {
        env_file::write(path, &stack.env_file().await)?;
    }
    let mut lines = greeting(args, stack);
    lines.extend_from_slice(more);
    lines.push("Ctrl-C stops it\n".to_owned());
    // An error means that the reader is gone; the stack serves all the same.
    let _ = std::io::stdout().write_all(lines.join("\n").as_bytes());
    Ok(())
}

fn ending(kind: SignalKind) -> Result<impl Future<Output = ()>, Failure> {
    let mut signals = signal(kind).map_err(|error| Failure::System("watch for signals", error))?;
    Ok(async move {
        signals.recv().await;
    })
}

fn greeting(args: &Args, stack: &Stack) -> Vec<String> {
    let (urls, ids) = (stack.urls(), stack.ids());
    let files = match args.files {
        FileMode::S3 => "in S3",
        FileMode::Local => "on its own disk",
    };
    let workers: Vec<_> = args.workers.iter().map(|worker| worker.name()).collect();
    let mut lines = vec![
        "OpenCloud is running".to_owned(),
        format!("  UserAPI   {}  user files {files}", urls.user_api),
        format!(
            "  Cognito   {}  pool {}  client {}",
            urls.cognito, ids.user_pool, ids.client
        ),
        format!("  S3        {}", urls.s3),
        format!("  workers   {}", workers.join(", ")),
        format!(
            "  mailbox   {}  its codes for accounts and passwords",
            urls.mailbox
        ),
        format!("  frontend  {}", args.frontend_url),
        "made-up accounts, for this stack only:".to_owned(),
    ];
    lines.extend(stack.accounts().iter().map(|account| {
        let groups = match account.groups.join(", ") {
            none if none.is_empty() => "no group".to_owned(),
            groups => groups,
        };
        format!("  {}  {}  ({groups})", account.email, account.password)
    }));
    if let Some(path) = &args.write_env {
        lines.push(format!("settings written to {}", path.display()));
    }
    for fault in &args.faults {
        lines.push(format!("fault: {fault}: {}", fault.about()));
    }
    for disturbance in &args.disturbances {
        let about = disturbance.about();
        let again = if disturbance.is_random() {
            format!(" (again the same with --seed {})", stack.seed())
        } else {
            String::new()
        };
        lines.push(format!("disturbance: {disturbance}: {about}{again}"));
    }
    lines
}
