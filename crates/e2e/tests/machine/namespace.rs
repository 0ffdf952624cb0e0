//! Namespaces of the kernel, in which a run meets another machine than this one.

use std::process::{Command, Stdio};

use crate::common::{E2e, skipped};

/// Lets `e2e` run in namespaces of its own, after the commands of `setup` in a shell. `None`, and a line
/// on the test's output, if this machine does not allow that.
pub(crate) fn inside(e2e: E2e, setup: &str) -> Option<E2e> {
    let setup = format!("ip link set lo up; {setup}");
    unshared(e2e, &["--net", "--mount"], &setup)
}

/// Like [`inside`], on this machine's network.
pub(crate) fn inside_with_network(e2e: E2e, setup: &str) -> Option<E2e> {
    unshared(e2e, &["--mount"], setup)
}

fn unshared(e2e: E2e, namespaces: &[&str], setup: &str) -> Option<E2e> {
    let script = format!("set -e; {setup}; exec \"$@\"");
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(namespaces).args(["sh", "-c", &script, "sh"]);
        command
    };
    let tried = unshare()
        .arg("true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !tried.is_ok_and(|status| status.success()) {
        skipped(&format!("no namespaces here with `{setup}`"));
        return None;
    }
    Some(e2e.through(unshare()))
}
