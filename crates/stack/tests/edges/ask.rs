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
    /// Downloads a file of this name with ten bytes, with these headers. A header's value `{etag}` or
    /// `{date}` is that of the file.
    Download(&'static str, Headers),
}

/// Headers of a request.
pub(crate) type Headers = &'static [(&'static str, &'static str)];

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rename(from, to) => write!(f, "{from} to {to}"),
            Self::Download(name, headers) => write!(f, "download {name} {headers:?}"),
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
        if let Self::Download(name, _) = self {
            upload(user, "c", name, b"0123456789").await;
            return;
        }
        for (directory, name, content) in FILES {
            upload(user, directory, name, content).await;
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
            Self::Download(name, headers) => {
                let path = format!("/files/config/c/{name}/download");
                let whole = user.get(&path).await;
                let of_file = |header| whole.header(header).unwrap_or_default();
                let request = user.request("GET", &path);
                let request = headers.iter().fold(request, |request, (header, value)| {
                    let value = value.replace("{etag}", of_file("etag"));
                    request.header(header, &value.replace("{date}", of_file("last-modified")))
                });
                request.send().await
            }
        }
    }
}

/// Uploads a file through the UserAPI, which takes it in both modes.
async fn upload(user: &Session, directory: &str, name: &str, content: &[u8]) {
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
