//! `cargo e2e`: sets up what is missing, starts `OpenCloud`, runs the suite in a browser, and says
//! how it went.
//!
//! A run owns all that it starts: the embedded stack (in this process), the server of the test
//! page, chromedriver and its browser. [`resources`] sees to it that all of them end with it,
//! however it ends.

mod backstage;
mod capabilities;
mod clean_up;
mod cli;
mod compose;
mod delay;
mod devtools;
mod door;
mod driver;
mod embedded;
mod failure;
mod front;
mod guard;
mod inputs;
mod interrupt;
mod output;
mod page;
mod plan;
mod project;
mod record;
mod repeat;
mod reports;
mod resources;
mod run;
mod score;
mod setup;
mod stage;
mod step_summary;
mod suite_build;
mod terminal;
mod threads;
mod verdict;
mod watch;
mod webdriver;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
