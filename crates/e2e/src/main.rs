//! `cargo e2e`: sets up what is missing, starts `OpenCloud`, runs the suite in a browser, and says
//! how it went.
//!
//! A run owns all that it starts: the embedded stack (in this process), the server of the test page,
//! the browser and its driver. [`opencloud_browser::process::Resources`] ends all of them with the
//! run, however that ends.

// Whatever this crate prints goes through `opencloud_browser::process::print`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod browser_location;
mod cli;
mod command;
mod engines;
mod environment;
mod given;
mod options;
mod plan;
mod project;
mod run;
mod score;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
