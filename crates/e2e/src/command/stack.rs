//! `cargo e2e stack`: serves the embedded stack in the foreground, and the real frontend on it.

mod frontend_build;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
    time::Duration,
};

use anyhow::Context;
use opencloud_browser::{
    engine::ENGINES,
    install,
    process::{Failure, Interrupt, Process, Resources, print},
    serve::Site,
    window::{self, Visit, Window},
};
use opencloud_model::bad_port::is_bad_port;
use opencloud_stack::{
    Stack,
    cli::{self, Args},
};
use tokio::runtime::Runtime;
use url::Url;

use self::frontend_build::FrontendBuild;
use crate::environment::embedded::KEYS;

/// How often a signal and the browser's end are looked for.
const PERIOD: Duration = Duration::from_millis(100);

/// The options of `cargo e2e stack`.
#[derive(Debug, clap::Args)]
pub(crate) struct StackArgs {
    #[command(flatten)]
    stack: Args,

    /// Serve the frontend that was built into DIR at the origin of --frontend-url, and open it in a
    /// browser in which the embedded Cognito has AWS's host name
    #[arg(long, value_name = "DIR")]
    open_frontend: Option<PathBuf>,

    /// Print the line that starts this browser, and do not start it
    #[arg(long, requires = "open_frontend")]
    no_browser: bool,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn run(mut args: StackArgs) -> Result<ExitCode, Failure> {
    check_ports(&args.stack)?;
    args.stack.keys = Some(KEYS.clone());
    match &args.open_frontend {
        Some(directory) if !args.stack.list_faults => {
            serve_with_frontend(&args.stack, directory, args.no_browser)
        }
        _ => Ok(cli::run(&args.stack)),
    }
}

/// A browser would send nothing to such a port, and say no more than that it failed.
fn check_ports(args: &Args) -> Result<(), Failure> {
    let ports = [
        ("--user-api-port", args.user_api_port),
        ("--cognito-port", args.cognito_port),
        ("--s3-port", args.s3_port),
    ];
    // 0 stands for any free port.
    let mut bad = ports
        .into_iter()
        .filter(|(_, port)| *port != 0 && is_bad_port(*port));
    let Some((option, port)) = bad.next() else {
        return Ok(());
    };
    Err(Failure::Input(format!(
        "{option} {port}: browsers send no request to that port; name another, or 0 for any free one"
    )))
}

fn serve_with_frontend(
    args: &Args,
    directory: &Path,
    no_browser: bool,
) -> Result<ExitCode, Failure> {
    let build = FrontendBuild::read(directory)?;
    let engine = ENGINES[0];
    let program = install::browser(engine.package())?;
    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let runtime = Runtime::new().context("cannot start threads for the servers")?;
    let site = bind(&args.frontend_url)?;

    let resources = Resources::new()?;
    let mut stack_args = args.clone();
    // The data end with the run, even if it is killed.
    let data = || resources.directory().join("stack");
    stack_args.data_dir.get_or_insert_with(data);
    let stack = runtime
        .block_on(cli::start(&stack_args))
        .map_err(stack_failure)?;
    build.check(&stack.urls().user_api)?;
    site.serve(runtime.handle(), directory)
        .map_err(Failure::ours)?;

    let (cognito, server) = cognito(&stack, args.bind)?;
    let visit = Visit {
        url: &args.frontend_url,
        replaced: &cognito,
        server,
    };
    let profile = resources.directory().join("profile");
    let window = Window::new(runtime.handle(), engine, &program, &profile, visit)?;
    let opens = !no_browser && window::has_display();
    if opens {
        resources.check_room_for(engine.socket())?;
    }
    let more = [
        format!(
            "frontend of {}; this line starts {} for it:",
            directory.display(),
            engine.name()
        ),
        format!("  {}", window.line()?),
    ];
    let announced = cli::announce(&stack_args, &stack, &more);
    runtime.block_on(announced).map_err(stack_failure)?;
    let failed = |error: &anyhow::Error| print::err(format_args!("{error:#}; {START_BY_HAND}"));
    let browser = if opens {
        window.open(&resources).inspect_err(failed).ok()
    } else {
        None
    };
    wait(&interrupt, &resources, browser)?;
    window::close_all(&profile);
    runtime.block_on(stack.stop());
    Ok(ExitCode::SUCCESS)
}

/// The advice after a browser that did not start.
const START_BY_HAND: &str = "the line above starts it";

/// Listens where the frontend is to be.
fn bind(origin: &str) -> Result<Site, Failure> {
    let url = Url::parse(origin).ok();
    let Some(bound) = url.and_then(|url| Site::bind(&url)) else {
        return Err(Failure::Input(format!(
            "--open-frontend serves on this machine, so --frontend-url must be like \
             http://localhost:8080: {origin}"
        )));
    };
    bound.map_err(|error| {
        Failure::Input(format!(
            "the frontend cannot be served at {origin}: {error}; stop what listens there, or give \
             --frontend-url another port"
        ))
    })
}

/// The origin of AWS's Cognito in the region of the pool, and the socket of the embedded one.
fn cognito(stack: &Stack, bound: IpAddr) -> anyhow::Result<(Url, SocketAddr)> {
    let region = &stack.ids().region;
    let aws = Url::parse(&format!("https://cognito-idp.{region}.amazonaws.com"))?;
    let embedded = Url::parse(&stack.urls().cognito)?;
    let port = embedded.port().context("Cognito's URL has a port")?;
    let address = match bound {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    Ok((aws, SocketAddr::new(address, port)))
}

fn stack_failure(failure: cli::Failure) -> Failure {
    if failure.is_bad_input() {
        Failure::Input(failure.to_string())
    } else {
        Failure::ours(failure)
    }
}

/// Waits for a signal. A person may close the browser and start it again by hand.
fn wait(
    interrupt: &Interrupt,
    resources: &Resources,
    mut browser: Option<Process>,
) -> Result<(), Failure> {
    loop {
        match interrupt.check() {
            Err(Failure::Interrupted(_)) => return Ok(()),
            checked => checked?,
        }
        if let Some(process) = browser
            && let Ok(Some(status)) = resources.exit_status(process)
        {
            browser = None;
            if !status.success() {
                print::err(format_args!(
                    "the browser has ended ({status}); {START_BY_HAND}"
                ));
            }
        }
        thread::sleep(PERIOD);
    }
}
