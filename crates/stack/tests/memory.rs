//! Large files pass through the stack without being held in its memory.
//!
//! Takes its time and 400 MB of disk, so it only runs when it is asked for:
//! `cargo test -p opencloud-stack --test memory -- --ignored --nocapture`

mod support;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use support::{
    http::Request,
    session::{Session, part},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// How large the file is, in bytes.
const SIZE: usize = 200_000_000;

/// By how much the stack's memory may grow, in kilobytes.
const MAY_GROW: u64 = 64 * 1024;

const CHUNK: usize = 1_000_000;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // A signal that lets it clear away its temporary directory.
        let pid = self.0.id().to_string();
        let _ = Command::new("kill").arg(pid).status();
        let _ = self.0.wait();
    }
}

impl Running {
    /// The most memory that the process ever had, in kilobytes.
    fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// Posts `SIZE` bytes as the last part of the form.
async fn upload(form: &Value, name: &str) -> u16 {
    let mut beginning = Vec::new();
    for (field, value) in form["data"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        beginning.extend(part(&format!("name=\"{field}\""), value.as_bytes()));
    }
    let mut file = part(&format!("name=\"file\"; filename=\"{name}\""), b"");
    file.truncate(file.len() - 2);
    beginning.extend(file);
    let end = b"\r\n--xx--\r\n";
    let mut request = Request::new("POST", form["url"].as_str().unwrap())
        .header("Content-Type", "multipart/form-data; boundary=xx")
        .header(
            "Content-Length",
            &(beginning.len() + SIZE + end.len()).to_string(),
        );
    for (name, value) in form["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let mut connection = request.connect().await;
    connection
        .write_all(request.head().as_bytes())
        .await
        .unwrap();
    connection.write_all(&beginning).await.unwrap();
    for _ in 0..SIZE / CHUNK {
        connection.write_all(&vec![b'x'; CHUNK]).await.unwrap();
    }
    connection.write_all(end).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer)[9..12].parse().unwrap()
}

/// Reads an answer to its end and says how long it is, head included.
async fn download(wanted: &Value) -> usize {
    let mut request = Request::new("GET", wanted["url"].as_str().unwrap());
    for (name, value) in wanted["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let mut connection: TcpStream = request.connect().await;
    connection
        .write_all(request.head().as_bytes())
        .await
        .unwrap();
    let mut buffer = vec![0; CHUNK];
    let mut length = 0;
    loop {
        match connection.read(&mut buffer).await.unwrap() {
            0 => return length,
            read => length += read,
        }
    }
}

#[tokio::test]
#[ignore = "200 MB in both file modes"]
async fn large_files_are_not_held_in_memory() {
    for mode in ["s3", "local"] {
        let directory = TempDir::new().unwrap();
        let env = directory.path().join(".env");
        let mut running = Running(
            Command::new(env!("CARGO_BIN_EXE_opencloud-stack"))
                .args(["--user-api-port=0", "--cognito-port=0", "--s3-port=0"])
                .args(["--files", mode, "--write-env", env.to_str().unwrap()])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap(),
        );
        let output = BufReader::new(running.0.stdout.take().unwrap());
        let mut lines = output.lines();
        assert!(lines.any(|line| line.unwrap().starts_with("Ctrl-C")));
        let env = fs::read_to_string(env).unwrap();
        let get = |name: &str| {
            let mut found = env.lines().filter_map(|line| line.split_once('='));
            found.find(|(key, _)| *key == name).unwrap().1
        };
        let user = Session::sign_in(
            get("USERFACING_API_URL"),
            get("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"),
            get("COGNITO_CLIENT_ID"),
            get("EMAIL"),
            get("PASSWORD"),
        )
        .await;
        let before = running.peak();
        let form = user.request("POST", "/files/data/exp/url").send().await;
        let begin = std::time::Instant::now();
        let status = upload(&form.json(), "frames.tif").await;
        assert!(matches!(status, 201 | 204), "{status}");
        let uploaded = begin.elapsed();
        let wanted = user.get("/files/data/exp/frames.tif/url").await;
        let length = download(&wanted.json()).await;
        assert!(length > SIZE, "{length}");
        let grown = running.peak() - before;
        println!(
            "{mode}: peak memory grew by {grown} kB; upload {uploaded:?}, both {:?}",
            begin.elapsed()
        );
        assert!(grown < MAY_GROW, "{mode}: {grown} kB");
    }
}
