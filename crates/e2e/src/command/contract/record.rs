//! `cargo e2e contract --record`: writes down what passes a proxy.

use std::{fmt, fs, io, path::Path, process::ExitCode, sync::Arc, thread, time::Duration};

use anyhow::Context;
use opencloud_browser::process::{Failure, Interrupt, print};
use opencloud_contract::Service;
use opencloud_model::redact;
use tokio::runtime::Runtime;

use super::options::ContractArgs;
use crate::environment::recording_proxy::RecordingProxy;

/// A recording without exchanges.
const EMPTY: &str = "[]\n";

/// Records what passes until the user ends it.
pub(super) fn record(args: &ContractArgs, file: &Path, url: &str) -> Result<ExitCode, Failure> {
    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let refuse =
        |why: &dyn fmt::Display| Failure::Input(format!("--record {}: {why}", file.display()));
    // A recording without exchanges is nothing to lose.
    if fs::read(file).is_ok_and(|text| !text.is_empty() && text != EMPTY.as_bytes()) {
        return Err(refuse(&"the file exists: name another, or remove it first"));
    }
    let runtime = Runtime::new().context("cannot start threads for the proxy")?;
    let proxy = RecordingProxy::new(file.to_owned(), runtime.handle().clone());
    let port = args.proxy_port.unwrap_or(8100);
    let listen = |service, to: &str, port: u16| {
        proxy.listen(service, to, port).map_err(|error| {
            Failure::Input(format!("--proxy-port: port {port} cannot be used: {error}"))
        })
    };
    let user_api = listen(Service::UserApi, url, port)?;
    print::out(format_args!(
        "UserAPI   {user_api}  for {}",
        redact::shown_url(url)
    ));
    if let Some(cognito) = &args.cognito {
        let next = if port == 0 { 0 } else { port.saturating_add(1) };
        let own = listen(Service::Cognito, cognito, next)?;
        print::out(format_args!(
            "Cognito   {own}  for {}",
            redact::shown_url(cognito)
        ));
    }
    // Only now: a start that fails leaves no file. Each exchange writes it anew.
    if proxy.kinds() == 0 {
        fs::write(file, EMPTY).map_err(|error| refuse(&error))?;
    }
    print::out(
        "Let the frontend use these addresses. Type what you do before you do it: each line names the \
         exchanges that follow. Ctrl-C ends the recording.",
    );
    let named = Arc::clone(&proxy);
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            named.name_action(line.trim());
        }
    });
    // The user's way to end it.
    while interrupt.check().is_ok() {
        thread::sleep(Duration::from_millis(100));
    }
    print::out(format_args!(
        "{} kinds of exchanges are in {}",
        proxy.kinds(),
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}
