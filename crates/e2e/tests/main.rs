//! The tests of `cargo e2e`, which run the real command. They are one program, since each would link the
//! same hundreds of crates.

mod checkout;
mod clean_up;
mod common;
mod contract;
mod coverage;
mod deployments;
mod diagnosis;
mod ending;
mod engines;
mod input;
mod inputs;
mod local;
mod machine;
mod open_frontend;
mod remote;
mod repeat;
mod reports;
mod run;
mod score;
mod setup;
mod stock_runner;
mod strict;
mod structure;
mod teardown;
mod tokens;
mod workflows;
