//! Large files pass through the stack without being held in its memory.
//!
//! The long way, 200 MB in both file modes:
//! `cargo test --workspace --test stack memory:: -- --ignored --nocapture`

use crate::support::{
    MODES,
    program::Program,
    session::{END, FORM, fields, file, presigned},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const CHUNK: usize = 1_000_000;

/// Posts `size` bytes as the last part of the form.
async fn upload(form: &Value, name: &str, size: usize) -> u16 {
    let mut beginning = [fields(form), file(name, b"")].concat();
    // The end of the line after the file.
    let end = [&beginning.split_off(beginning.len() - 2), END].concat();
    let length = beginning.len() + size + end.len();
    let request = presigned("POST", form)
        .header("Content-Type", FORM)
        .header("Content-Length", &length.to_string());
    let mut connection = request.connect().await;
    connection
        .write_all(request.head().as_bytes())
        .await
        .unwrap();
    connection.write_all(&beginning).await.unwrap();
    for _ in 0..size / CHUNK {
        connection.write_all(&vec![b'x'; CHUNK]).await.unwrap();
    }
    connection.write_all(&end).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer)[9..12].parse().unwrap()
}

/// Reads an answer to its end and says how long it is, head included.
async fn download(wanted: &Value) -> usize {
    let request = presigned("GET", wanted);
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
async fn a_file_is_not_held_in_memory() {
    passes_through(24_000_000).await;
}

#[tokio::test]
#[ignore = "200 MB in both file modes"]
async fn a_large_file_is_not_held_in_memory() {
    passes_through(200_000_000).await;
}

/// A file of `size` bytes goes up and comes down, and memory grows by less than a third of it.
async fn passes_through(size: usize) {
    for mode in MODES {
        let program = Program::start(mode);
        let user = program.user("").await;
        let before = program.peak();
        let form = user.request("POST", "/files/data/exp/url").send().await;
        let begin = std::time::Instant::now();
        let status = upload(&form.json(), "frames.tif", size).await;
        assert!(matches!(status, 201 | 204), "{status}");
        let uploaded = begin.elapsed();
        let wanted = user.get("/files/data/exp/frames.tif/url").await;
        let length = download(&wanted.json()).await;
        assert!(length > size, "{length}");
        let grown = program.peak() - before;
        println!(
            "{mode:?}: peak memory grew by {grown} kB; upload {uploaded:?}, both {:?}",
            begin.elapsed()
        );
        let grown_bytes = usize::try_from(grown * 1024).unwrap();
        assert!(grown_bytes < size / 3, "{mode:?}: {grown} kB");
        assert_eq!(program.stop(), "");
    }
}
