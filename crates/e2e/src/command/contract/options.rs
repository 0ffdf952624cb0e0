//! The options of `cargo e2e contract`.

use std::path::PathBuf;

use clap::Args;
use opencloud_contract::Group;
use opencloud_stack::{Fault, config::FileMode};

use crate::options::SettingArgs;

/// The options of the comparison.
#[derive(Debug, Args)]
pub(crate) struct ContractArgs {
    #[command(flatten)]
    pub(crate) environment: SettingArgs<true>,

    /// Compare the deployment whose UserAPI is at URL, with the accounts of .env
    #[arg(long, value_name = "URL", value_parser = url)]
    pub(crate) url: Option<String>,

    /// Where that deployment signs in, unless it is AWS's own Cognito
    #[arg(long, value_name = "URL", value_parser = url, requires = "url")]
    pub(crate) cognito: Option<String>,

    /// Where that deployment's WorkerAPI is, if it can be reached
    #[arg(long, value_name = "URL", value_parser = url)]
    pub(crate) worker_api: Option<String>,

    /// Where the embedded OpenCloud keeps user files [default: both]
    #[arg(long, value_name = "MODE")]
    pub(crate) files: Option<FileMode>,

    /// Let the embedded OpenCloud be wrong in the way of this name; may be given several times
    #[arg(long = "fault", value_name = "NAME", hide = true)]
    pub(crate) faults: Vec<Fault>,

    /// Only the recordings of this group; may be given several times
    #[arg(long = "group", value_name = "NAME")]
    pub(crate) groups: Vec<Group>,

    /// Write the recordings anew where answers have drifted
    #[arg(long)]
    pub(crate) renew: bool,

    /// Read (and renew) the recordings in DIR instead of crates/contract/recordings
    #[arg(long, value_name = "DIR")]
    pub(crate) recordings: Option<PathBuf>,

    /// Delete all files and jobs of the account, and of the second one, if there are any
    #[arg(long)]
    pub(crate) empty_the_account: bool,

    /// Compare nothing: listen before the deployment of --url, and write what passes into FILE
    #[arg(long, value_name = "FILE", requires = "url", conflicts_with_all = ["renew", "groups"])]
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
