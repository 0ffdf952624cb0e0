//! Runs on machines that are unlike the one of whoever wrote this.

mod browser;
mod certificates;
mod forward_proxy;
mod localhost;
mod namespace;
mod policies;
mod proxies;
mod temporary;
