//! The subcommands, one module each.

pub(crate) mod clean_up;
pub(crate) mod contract;
pub(crate) mod coverage;
pub(crate) mod each_browser;
pub(crate) mod faults;
pub(crate) mod inputs;
pub(crate) mod repeat;
pub(crate) mod run;
pub(crate) mod stack;
