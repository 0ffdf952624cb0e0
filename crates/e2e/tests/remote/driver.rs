//! A driver that is not the run's own.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use opencloud_browser::{
    engine::{ENGINES, Engine},
    install,
};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::free_ports;

/// How long the driver may take to listen, or to end a session.
const LIMIT: Duration = Duration::from_secs(20);

/// The usual engine's driver. It ends with its browsers when it is dropped.
pub(super) struct ForeignDriver {
    process: Child,
    port: u16,
    _temporary: TempDir,
}

impl ForeignDriver {
    pub(super) fn start() -> Self {
        let engine: &dyn Engine = ENGINES[0];
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let programs = install::ensure(engine.package(), &root, true).unwrap();
        let [port] = free_ports();
        let temporary = tempfile::tempdir().unwrap();
        let process = Command::new(programs.driver)
            .args(engine.driver_args(port))
            .env("TMPDIR", temporary.path())
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + LIMIT;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "the driver does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Self {
            process,
            port,
            _temporary: temporary,
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many browsers it has.
    pub(super) fn sessions(&self) -> usize {
        let answer = ureq::get(format!("{}/sessions", self.url())).call();
        let sessions: Value = answer.unwrap().body_mut().read_json().unwrap();
        sessions["value"].as_array().unwrap().len()
    }

    /// Waits until it has none.
    #[track_caller]
    pub(super) fn wait_until_empty(&self) {
        let deadline = Instant::now() + LIMIT;
        while self.sessions() > 0 {
            assert!(Instant::now() < deadline, "a session is left");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for ForeignDriver {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.process), Signal::KILL);
        let _ = self.process.wait();
    }
}

/// A server before a driver that lets one user pass.
pub(super) struct Guarded(u16);

impl Guarded {
    /// It listens until the test ends.
    pub(super) fn start(driver: u16, user: &str, password: &str) -> Self {
        let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
        let header = format!("authorization: basic {credentials}").to_lowercase();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, header) = (client.unwrap(), header.clone());
                thread::spawn(move || pass(client, driver, &header));
            }
        });
        Self(port)
    }

    pub(super) fn port(&self) -> u16 {
        self.0
    }
}

/// Passes a connection on, if its first request holds `header`.
fn pass(mut client: TcpStream, driver: u16, header: &str) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    if !String::from_utf8_lossy(&head)
        .to_lowercase()
        .contains(header)
    {
        let refused =
            b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return client.write_all(refused);
    }
    let mut server = TcpStream::connect(("127.0.0.1", driver))?;
    server.write_all(&head)?;
    let (mut answers, mut to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let copied = io::copy(&mut answers, &mut to);
        let _ = to.shutdown(Shutdown::Both);
        copied
    });
    io::copy(&mut client, &mut server)?;
    server.shutdown(Shutdown::Write)
}
