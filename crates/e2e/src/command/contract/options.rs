//! The options of `cargo e2e contract`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use opencloud_contract::Group;
use opencloud_stack::{Fault, config::FileMode};

/// The options that name something else than the embedded OpenCloud.
const REAL: &str = "real";

/// The options that only a comparison has.
const OF_COMPARISONS: [&str; 6] = [
    "local",
    "worker_api",
    "groups",
    "renew",
    "recordings",
    "empty_the_account",
];

/// The options of the comparison.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new(REAL).args(["local", "url"]))]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of a command")]
pub(crate) struct ContractArgs {
    /// Compare the embedded OpenCloud (the default)
    #[arg(long, conflicts_with_all = [REAL, "worker_api", "empty_the_account"])]
    embedded: bool,

    /// Compare the services of docker-compose.yaml: starts them, without the job fetcher, and takes them down
    #[arg(long)]
    pub(crate) local: bool,

    /// Compare the deployment whose UserAPI is at URL, with the accounts of .env, in which files and jobs are
    /// made and deleted
    #[arg(long, value_name = "URL", value_parser = url)]
    pub(crate) url: Option<String>,

    /// Where that deployment signs in, unless it is AWS's own Cognito
    #[arg(long, value_name = "URL", value_parser = url, requires = "url", conflicts_with = "local")]
    pub(crate) cognito: Option<String>,

    /// Where the WorkerAPI of --local or of that deployment is, if it can be reached
    #[arg(long, value_name = "URL", value_parser = url, requires = REAL)]
    pub(crate) worker_api: Option<String>,

    /// Where the embedded OpenCloud keeps user files [default: both]
    #[arg(long, value_name = "MODE", conflicts_with = REAL)]
    pub(crate) files: Option<FileMode>,

    /// Let the embedded OpenCloud be wrong in the way of this name; may be given several times
    #[arg(long = "fault", value_name = "NAME", hide = true, conflicts_with = REAL)]
    pub(crate) faults: Vec<Fault>,

    /// Only the recordings of this group; may be given several times
    #[arg(long = "group", value_name = "NAME")]
    pub(crate) groups: Vec<Group>,

    /// Write the recordings anew where answers have drifted; from the embedded OpenCloud only those of
    /// --recordings
    #[arg(long)]
    pub(crate) renew: bool,

    /// Read (and renew) the recordings in DIR instead of crates/contract/recordings
    #[arg(long, value_name = "DIR")]
    pub(crate) recordings: Option<PathBuf>,

    /// Delete all files and jobs of the account, and of the second one, if there are any
    #[arg(long, requires = REAL)]
    pub(crate) empty_the_account: bool,

    /// Compare nothing: listen before the deployment of --url, and write what passes into a new FILE
    #[arg(long, value_name = "FILE", requires = "url", conflicts_with_all = OF_COMPARISONS)]
    pub(crate) record: Option<PathBuf>,

    /// The port of the recording proxy; the next one is for Cognito [default: 8100]
    #[arg(long, value_name = "PORT", requires = "record")]
    pub(crate) proxy_port: Option<u16>,

    /// Write the reports into DIR instead of a new directory in target/e2e
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,

    /// Read the settings from PATH instead of .env
    #[arg(long, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,
}

fn url(text: &str) -> Result<String, &'static str> {
    match url::Url::parse(text) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("expected an address such as http://localhost:8000"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        _args: ContractArgs,
    }

    fn is_taken(line: &str) -> bool {
        Line::try_parse_from(["contract"].into_iter().chain(line.split_whitespace())).is_ok()
    }

    #[test]
    fn no_option_is_without_effect() {
        for line in [
            "--embedded --local",
            "--embedded --worker-api http://a",
            "--embedded --empty-the-account",
            "--local --url http://a",
            "--cognito http://a",
            "--local --cognito http://a",
            "--worker-api http://a",
            "--empty-the-account",
            "--local --files s3",
            "--url http://a --files s3",
            "--url http://a --fault s3-cors-no-rules",
            "--local --record a",
            "--url http://a --record a --empty-the-account",
            "--url http://a --record a --recordings a",
            "--url http://a --proxy-port 1",
            "--dev",
        ] {
            assert!(!is_taken(line), "{line}");
        }
        for line in [
            "--embedded --files s3 --group auth",
            "--local --worker-api http://a --empty-the-account --renew",
            "--url http://a --cognito http://b --worker-api http://c --group auth --empty-the-account",
            "--url http://a --cognito http://b --record a --proxy-port 1",
        ] {
            assert!(is_taken(line), "{line}");
        }
    }
}
