//! The requests of the rows.

use std::fmt;

use opencloud_stack::Stack;
use serde_json::json;

use crate::support::{
    http::Answer,
    session::{Session, part},
};

/// A request.
#[derive(Clone, Copy)]
pub(crate) enum Ask {
    /// Renames `config/c/{from}` to a new path.
    Rename(&'static str, &'static str),
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rename(from, to) => write!(f, "{from} to {to}"),
        }
    }
}

/// The files and directories of each row, below `config/c`. Each file has another size.
const FILES: [(&str, &str, &[u8]); 3] =
    [("c", "f", b"1"), ("c", "g", b"22"), ("c/full", "h", b"333")];
const DIRECTORIES: [&str; 2] = ["c/d", "c/e"];

impl Ask {
    /// Makes the files that the request is about.
    pub(crate) async fn prepare(self, user: &Session) {
        user.delete("/files/config/c/").await;
        for (directory, name, content) in FILES {
            let mut form = part(&format!("name=\"file\"; filename=\"{name}\""), content);
            form.extend(b"--xx--\r\n");
            let uploaded = user
                .request("POST", &format!("/files/config/{directory}/upload"))
                .header("Content-Type", "multipart/form-data; boundary=xx")
                .body(form)
                .send()
                .await;
            assert_eq!(uploaded.status, 201, "{}", uploaded.text());
        }
        for directory in DIRECTORIES {
            let path = format!("/files/config/{directory}/");
            assert_eq!(user.request("POST", &path).send().await.status, 201);
        }
    }

    pub(crate) async fn send(self, user: &Session, _stack: &Stack) -> Answer {
        match self {
            Self::Rename(from, to) => {
                let path = format!("/files/config/c/{from}");
                user.json("PUT", &path, &json!({ "path": to })).await
            }
        }
    }
}

/// The paths below `config/c`, each file with the number of its bytes: `d/ f1`.
pub(crate) async fn left(user: &Session) -> String {
    let listing = user.get("/files/config/c/?recursive=true").await.json();
    let entries = listing.as_array().into_iter().flatten().map(|entry| {
        let text = |member: &str| entry[member].as_str().unwrap_or_default();
        let size = text("size").split(' ').next().unwrap_or_default();
        let path = text("path").trim_start_matches("config/c/");
        format!("{path}{size}")
    });
    entries.collect::<Vec<_>>().join(" ")
}
