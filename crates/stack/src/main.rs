//! `opencloud-stack`: serves the embedded OpenCloud in the foreground.

use std::process::ExitCode;

use clap::Parser as _;
use opencloud_stack::cli;

fn main() -> ExitCode {
    cli::run(&cli::Args::parse())
}
