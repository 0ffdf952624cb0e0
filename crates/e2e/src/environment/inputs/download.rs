//! Fetches the zip, and shows its progress.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use opencloud_browser::{
    process::{Failure, Interrupt, print},
    proxies::Proxies,
};
use opencloud_model::redact;
use ureq::{
    Agent, Body, Proxy,
    http::{Response, header::LOCATION},
};
use url::Url;

use crate::project;

/// The largest zip that is accepted, in bytes.
const LARGEST: u64 = 1 << 30;
/// How often the source may redirect.
const REDIRECTS: usize = 10;
/// How long it may take to connect, and until the answer begins.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Fetches the zip that `source` names: an address of http or https, or a file on this machine. The
/// result is a file without a name on the disk of `directory`, so that it never stays behind.
pub(super) fn fetch(
    (key, source): (&str, &str),
    directory: &Path,
    interrupt: &Interrupt,
) -> Result<File, Failure> {
    let mut zip = tempfile::tempfile_in(directory).map_err(|error| unusable(directory, &error))?;
    let key = key.to_owned();
    let (source, shown) = (source.to_owned(), redact::shown_url(source));
    interrupt.block(move || {
        print::err(format_args!("inputs: fetching {shown}"));
        let fetched = if source.starts_with("http://") || source.starts_with("https://") {
            from_the_network(&source, &mut zip)
        } else {
            from_a_file(&source, &mut zip)
        };
        match fetched {
            Ok(()) => Ok(zip),
            Err(problem) => Err(Failure::Input(format!(
                "the inputs of real jobs cannot be fetched: {shown}: {}; {key} may name another \
                 address or a file",
                problem.replace(&source, &shown)
            ))),
        }
    })?
}

/// Where the inputs shall be kept, they cannot be.
pub(super) fn unusable(directory: &Path, error: &io::Error) -> Failure {
    Failure::Input(format!(
        "INPUTS_DIRECTORY: nothing can be kept in {}: {error}",
        directory.display()
    ))
}

fn from_a_file(source: &str, zip: &mut File) -> Result<(), String> {
    let mut copy = || io::copy(&mut File::open(project::root().join(source))?, zip);
    copy().map(|_| ()).map_err(|error| error.to_string())
}

fn from_the_network(source: &str, zip: &mut File) -> Result<(), String> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(ANSWER_LIMIT))
        .timeout_recv_response(Some(ANSWER_LIMIT))
        .timeout_global(Some(LIMIT))
        .proxy(None)
        .build()
        .into();
    let mut answer = get(&agent, source)?;
    if answer.status() != 200 {
        return Err(format!("the answer is {}", answer.status()));
    }
    let length = answer.body().content_length();
    let bar = bar(length);
    let mut body = bar.wrap_read(answer.body_mut().with_config().limit(u64::MAX).reader());
    let mut buffer = vec![0; 1 << 16];
    let mut size: u64 = 0;
    loop {
        let read = body
            .read(&mut buffer)
            .map_err(|error| broken(size, &error))?;
        if read == 0 {
            break;
        }
        size += read as u64;
        if size > LARGEST {
            return Err(format!("it is larger than {} MiB", LARGEST >> 20));
        }
        zip.write_all(&buffer[..read])
            .map_err(|error| error.to_string())?;
    }
    bar.finish_and_clear();
    match length {
        Some(length) if length != size => Err(format!("{size} of {length} bytes came")),
        _ => Ok(()),
    }
}

/// Asks for `source` and what it redirects to, each through the proxy for it.
fn get(agent: &Agent, source: &str) -> Result<Response<Body>, String> {
    let proxies = Proxies::of_environment();
    let mut url = Url::parse(source).map_err(|error| error.to_string())?;
    for _ in 0..REDIRECTS {
        let proxy = proxies.of_url(url.as_str());
        let proxy = proxy.map(|proxy| Proxy::new(&proxy)).transpose();
        let answer = agent
            .get(url.as_str())
            .config()
            .proxy(proxy.map_err(|error| error.to_string())?)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .call()
            .map_err(|error| error.to_string())?;
        let location = answer
            .headers()
            .get(LOCATION)
            .filter(|_| answer.status().is_redirection());
        let Some(location) = location else {
            return Ok(answer);
        };
        let location = location.to_str().map_err(|error| error.to_string())?;
        url = url.join(location).map_err(|error| error.to_string())?;
    }
    Err(format!("it redirects more than {REDIRECTS} times"))
}

fn broken(size: u64, error: &io::Error) -> String {
    format!("the connection broke after {size} bytes: {error}")
}

/// It is shown on a terminal only.
fn bar(length: Option<u64>) -> ProgressBar {
    let template = match length {
        Some(_) => "inputs: [{bar:40}] {bytes} of {total_bytes}, {eta} left",
        None => "inputs: {spinner} {bytes}, {elapsed}",
    };
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}
