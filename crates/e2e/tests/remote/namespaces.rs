//! A network of several machines: namespaces of the kernel that a bridge connects.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    os::fd::AsFd as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::common::E2e;

/// Makes the machines that `$@` names. The first machine is the one that the bridge's own address belongs
/// to, 10.77.0.1; the others have those that follow.
const SETUP: &str = "
    mount -t tmpfs none /run
    ip link set lo up
    ip link add bridge type bridge
    ip addr add 10.77.0.1/24 dev bridge
    ip link set bridge up
    n=2
    for machine in \"$@\"; do
        ip netns add $machine
        ip link add port$n type veth peer name eth0 netns $machine
        ip link set port$n master bridge up
        ip -n $machine addr add 10.77.0.$n/24 dev eth0
        ip -n $machine link set eth0 up
        ip -n $machine link set lo up
        n=$((n+1))
    done";

/// The network. It ends with all of its processes when it is dropped.
pub(super) struct Network {
    unshare: Child,
    /// The first process in the namespaces, seen from outside.
    inner: u32,
}

impl Network {
    /// Makes `machines` and does `work` in a shell. `None` where this machine allows no namespaces.
    pub(super) fn start(machines: &[&str], work: &str) -> Option<Self> {
        // The shell ends with the test, whatever becomes of that: then its standard input closes.
        let script = format!("set -e; {SETUP}\n{work}\necho ready; cat > /dev/null");
        let mut unshare = Command::new("unshare")
            .args([
                "--net",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
            ])
            .args(["sh", "-c", &script, "sh"])
            .args(machines)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut line = String::new();
        let stdout = unshare.stdout.take().unwrap();
        let read = BufReader::new(stdout).read_line(&mut line);
        if read.is_err() || line.trim() != "ready" {
            let _ = unshare.wait();
            return None;
        }
        let id = unshare.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let inner = children.trim().parse().unwrap();
        Some(Self { unshare, inner })
    }

    /// Lets `e2e` run on the machine with the bridge.
    pub(super) fn inside(&self, e2e: E2e) -> E2e {
        e2e.through(self.enter(&["--net"]))
    }

    /// Does `work` in a thread on the machine with the bridge.
    pub(super) fn on_bridge<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let namespace = File::open(self.namespace()).unwrap();
        thread::scope(|scope| {
            let entered = scope.spawn(|| {
                let kind = Some(LinkNameSpaceType::Network);
                move_into_link_name_space(namespace.as_fd(), kind).unwrap();
                work()
            });
            entered.join().unwrap()
        })
    }

    /// Kills all that runs on `machine`.
    pub(super) fn kill(&self, machine: &str) {
        let kill = format!("kill -9 $(ip netns pids {machine})");
        let mut command = self.enter(&["--net", "--mount", "--pid"]);
        let status = command.args(["sh", "-c", &kill]).status().unwrap();
        assert!(status.success());
    }

    fn enter(&self, namespaces: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.inner.to_string()]);
        command.args(namespaces);
        command
    }

    fn namespace(&self) -> PathBuf {
        Path::new("/proc")
            .join(self.inner.to_string())
            .join("ns/net")
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.unshare.kill();
        let _ = self.unshare.wait();
    }
}
