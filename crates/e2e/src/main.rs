//! `cargo e2e`: sets up what is missing, starts `OpenCloud`, runs the suite in a browser, and says
//! how it went.
//!
//! A run owns all that it starts: the embedded stack (in this process), the server of the test page,
//! the browser and its driver. [`opencloud_browser::process::Resources`] ends all of them with the
//! run, however that ends.

mod cli;
mod command;
mod env_file;
mod environment;
mod options;
mod plan;
mod project;
mod run;
mod score;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
