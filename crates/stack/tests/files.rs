//! Files beyond what was recorded: uploads that break off, large ones, archives.

use std::{fs, path::Path, time::Duration};

use crate::support::{self, MODES, NEVER, config, session::Session};
use opencloud_stack::{Config, config::FileMode};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

/// The number of files below a directory, and of their bytes.
fn disk_use(directory: &Path) -> (usize, u64) {
    let mut total = (0, 0);
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let below = match entry.file_type() {
            Ok(kind) if kind.is_dir() => disk_use(&entry.path()),
            _ => (1, entry.metadata().map_or(0, |m| m.len())),
        };
        total = (total.0 + below.0, total.1 + below.1);
    }
    total
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let directory = TempDir::new().unwrap();
    let stack = support::start(Config {
        data_dir: Some(directory.path().to_owned()),
        ..config(FileMode::Local, NEVER)
    })
    .await;
    let user = Session::first(&stack).await;
    user.upload("config/exp", "kept.yaml", b"first").await;
    let files = directory.path().join("user_data");
    let incoming = directory.path().join("incoming");
    let before = disk_use(&files);

    let head =
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"kept.yaml\"\r\n\r\n";
    let mut request = user
        .request("POST", "/files/config/exp/upload")
        .header("Content-Type", "multipart/form-data; boundary=x");
    // More is announced than will come.
    request.body = Some(vec![0; 10_000_000]);
    let mut connection = request.connect().await;
    connection
        .write_all(request.head().as_bytes())
        .await
        .unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![b'2'; 1_000_000]).await.unwrap();
    while disk_use(&incoming).1 == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(
        disk_use(&files),
        before,
        "not in its place before it is whole"
    );
    drop(connection);
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while disk_use(&incoming).0 > 0 {
        assert!(
            std::time::Instant::now() < deadline,
            "{:?}",
            disk_use(&incoming)
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(disk_use(&files), before);
    assert_eq!(user.download("config/exp/kept.yaml").await.body, b"first");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_gets_its_answer() {
    let stack = support::start(config(FileMode::Local, NEVER)).await;
    let user = Session::first(&stack).await;
    let url = format!("{}/files/config/exp/upload", user.url);
    let answer = support::http::Request::new("POST", &url)
        .header("Content-Type", "multipart/form-data; boundary=x")
        .body(vec![b'1'; 20_000_000])
        .send()
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.text(), "{\"detail\":\"Not authenticated\"}");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_user_are_not_anothers() {
    for mode in MODES {
        let stack = support::start(config(mode, NEVER)).await;
        let (first, second) = (Session::first(&stack).await, Session::second(&stack).await);
        first.upload_inputs().await;
        assert_eq!(second.paths("config").await, [""; 0], "{mode:?}");
        assert_eq!(second.delete("/files/config/exp/").await.status, 204);
        assert_eq!(first.paths("config").await.len(), 1, "{mode:?}");
        stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_comes_as_a_zip_of_all_that_is_below() {
    let stack = support::start(config(FileMode::Local, NEVER)).await;
    let user = Session::first(&stack).await;
    user.upload("data/exp", "a.csv", b"1,2").await;
    user.upload("data/exp/deep/er", "b.csv", b"3,4").await;
    let archive = user.download("data/exp/").await;
    assert_eq!(
        archive.header("content-type"),
        Some("application/x-zip-compressed")
    );
    let archive = zip::ZipArchive::new(std::io::Cursor::new(archive.body)).unwrap();
    let mut names: Vec<_> = archive.file_names().map(str::to_owned).collect();
    names.sort();
    assert_eq!(names, ["a.csv", "deep/er/b.csv"]);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_directory_is_not_overwritten_by_a_rename() {
    let stack = support::start(config(FileMode::Local, NEVER)).await;
    let user = Session::first(&stack).await;
    user.upload("data/exp", "a.csv", b"1,2").await;
    user.upload("data/other", "b.csv", b"3,4").await;
    let body = serde_json::json!({"path": "data/other"});
    let renamed = user.json("PUT", "/files/data/exp/a.csv", &body).await;
    assert_eq!(renamed.status, 405);
    assert_eq!(
        renamed.json()["detail"],
        "[Errno 21] Is a directory: 'data/exp/a.csv' -> 'data/other'",
        "the user's paths, not the server's"
    );
    stack.stop().await;
}
