//! `opencloud-stack`: serves the embedded OpenCloud in the foreground.

use std::process::ExitCode;

use opencloud_stack::cli;

fn main() -> ExitCode {
    match cli::parse() {
        Ok(args) => cli::run(&args),
        Err(code) => code,
    }
}
