//! The requests of the rows.

use std::fmt;

use opencloud_stack::Stack;
use serde_json::json;

use crate::support::{
    http::{Answer, Request},
    session::{FORM, Session, job},
};

/// A request.
#[derive(Clone, Copy)]
pub(crate) enum Ask {
    /// Renames `config/c/{from}` to a new path.
    Rename(&'static str, &'static str),
    /// Downloads a file of this name with ten bytes, with these headers. A header's value `{etag}` or
    /// `{date}` is that of the file.
    Download(&'static str, Headers),
    /// Uploads a body of this content type to `config/c`.
    Upload(&'static str, &'static [u8]),
    /// Uploads a form to `config/c` with one part of three bytes and this `Content-Disposition`.
    Part(&'static [u8]),
    /// Uploads the file `x` to this directory below `config`.
    UploadTo(&'static str),
    /// Sends a request of this method to a path, with headers and a body. The path may name the file `f`.
    Send(&'static str, &'static str, Headers, &'static [u8]),
    /// Sends a request with this value of `Authorization`, in which `{token}` is the user's token.
    Authorized(&'static str, &'static str, &'static str, &'static [u8]),
    /// Sends a request of this method, with headers, to the URL by which S3 gives the file `f`.
    Object(&'static str, Headers),
    /// Sends a request to S3 itself, with headers.
    S3(&'static str, &'static str, Headers),
    /// Creates a job with this JSON in the place of a member: of `hardware`, or the job's own.
    Job(&'static str, &'static str),
}

/// Headers of a request.
pub(crate) type Headers = &'static [(&'static str, &'static str)];

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rename(from, to) => write!(f, "{from} to {to}"),
            Self::Download(name, headers) => write!(f, "download {name} {headers:?}"),
            Self::Upload(content_type, body) => {
                write!(f, "upload {content_type}: {}", body.escape_ascii())
            }
            Self::Part(disposition) => write!(f, "upload {}", disposition.escape_ascii()),
            Self::UploadTo(directory) => write!(f, "upload to {directory}"),
            Self::Send(method, path, headers, body) => {
                write!(f, "{method} {path} {headers:?} {}", body.escape_ascii())
            }
            Self::Authorized(authorization, method, path, _) => {
                write!(f, "{method} {path} with {authorization:?}")
            }
            Self::Object(method, headers) => write!(f, "{method} the object {headers:?}"),
            Self::S3(method, path, headers) => write!(f, "{method} {path} of S3 {headers:?}"),
            Self::Job(member, value) => write!(f, "a job with {member}: {value}"),
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
        if let Self::Job(..) = self {
            user.upload_inputs().await;
        }
        for directory in DIRECTORIES {
            let path = format!("/files/config/{directory}/");
            assert_eq!(user.request("POST", &path).send().await.status, 201);
        }
    }

    pub(crate) async fn send(self, user: &Session, stack: &Stack) -> Answer {
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
            Self::Upload(content_type, body) => {
                let request = user.request("POST", "/files/config/c/upload");
                let request = request.header("Content-Type", content_type);
                request.body(body).send().await
            }
            Self::Part(disposition) => {
                let head = b"--xx\r\nContent-Disposition: form-data; ";
                let form = [head, disposition, b"\r\n\r\nabc\r\n--xx--\r\n"].concat();
                let request = user.request("POST", "/files/config/c/upload").body(form);
                request.header("Content-Type", FORM).send().await
            }
            Self::UploadTo(directory) => {
                let directory = format!("config/{directory}");
                user.upload_here(&directory, "x", b"1").await
            }
            Self::Send(method, path, headers, body) => {
                let request = user.request(method, path).body(body);
                with(request, headers).send().await
            }
            Self::Object(method, headers) => {
                let spec = user.get("/files/config/c/f/url").await.json();
                let url = spec["url"].as_str().unwrap_or_default();
                with(Request::new(method, url), headers).send().await
            }
            Self::S3(method, path, headers) => {
                let url = format!("{}{path}", stack.urls().s3);
                with(Request::new(method, &url), headers).send().await
            }
            Self::Authorized(authorization, method, path, body) => {
                let authorization = authorization.replace("{token}", &user.token);
                let request = Request::new(method, &format!("{}{path}", user.url)).body(body);
                let request = request.header("Content-Type", "application/json");
                request.header("Authorization", &authorization).send().await
            }
            Self::Job(member, value) => {
                let mut wanted = job("edge");
                let place = match wanted.get_mut(member) {
                    Some(place) => place,
                    None => &mut wanted["hardware"][member],
                };
                *place = json!("{value}");
                let body = wanted.to_string().replace("\"{value}\"", value);
                let request = user.request("POST", "/jobs").body(body);
                let answer = request
                    .header("Content-Type", "application/json")
                    .send()
                    .await;
                if answer.status == 201 {
                    let id = answer.json()["id"].to_string();
                    assert_eq!(user.delete(&format!("/jobs/{id}")).await.status, 204);
                }
                answer
            }
        }
    }
}

fn with(request: Request, headers: Headers) -> Request {
    let headers = headers.iter();
    headers.fold(request, |request, (name, value)| {
        request.header(name, value)
    })
}

async fn upload(user: &Session, directory: &str, name: &str, content: &[u8]) {
    let directory = format!("config/{directory}");
    let uploaded = user.upload_here(&directory, name, content).await;
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
