//! Uploads and downloads, in their two steps.

use std::time::Duration;

use opencloud_model::{cause::Service, event::Failure};
use web_sys::Blob;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
    files::{FileKind, paths},
};
use crate::{
    file_size,
    http::{self, Answer, Request},
    transfer::{download_request, upload_request},
};

/// What to check if a listing does not show an uploaded file.
const LISTING: &str = "(UserAPI, GET /files; or the storage, which took the upload)";

impl UserApi {
    /// Uploads `content` into `directory`, which must not be the root, under `file_name`.
    pub async fn upload(
        &self,
        directory: &str,
        content: &Blob,
        file_name: &str,
    ) -> Result<(), CallError> {
        let request = async || {
            let spec = self.upload_spec(directory).await?;
            Ok(upload_request(spec, content, file_name))
        };
        self.second_step(request).await?;
        Ok(())
    }

    /// Fails unless the listing of `directory` shows the uploaded file with its size.
    pub async fn check_uploaded(
        &self,
        directory: &str,
        content: &Blob,
        file_name: &str,
    ) -> Result<(), Failure> {
        let path = format!("{directory}{file_name}");
        let listing = self.list(directory, Endpoint::List).await?;
        let listing = listing.unwrap_or_default();
        let size = file_size::of(content);
        let problem = match listing.iter().find(|entry| entry.path == path) {
            Some(found) if found.kind == FileKind::File && found.size == size => return Ok(()),
            Some(found) => format!("shows {:?} with {} {LISTING}", found.kind, found.size),
            None => format!("does not show it {LISTING}; it shows {}", paths(&listing)),
        };
        Err(Failure::stack(format!(
            "{path} was uploaded with {size}, but the listing {problem}"
        )))
    }

    /// Downloads the file at `path`.
    pub async fn download(&self, path: &str) -> Result<Answer, CallError> {
        let request = async || Ok(download_request(self.download_spec(path).await?, path));
        self.second_step(request).await
    }

    /// Sends the `request` that the first step has prepared. A request to the UserAPI itself carries the
    /// token of that step, which may have expired since. If it is refused, repeats both steps. Accepts
    /// any status of success: S3 answers 204, the UserAPI's own upload 201.
    async fn second_step(
        &self,
        request: impl AsyncFn() -> Result<Request, CallError>,
    ) -> Result<Answer, CallError> {
        let first = request().await?;
        let (service, name) = (first.service, first.name.clone());
        let mut answer = self.http.send(first).await?;
        if answer.status() == 401 && service == Service::UserApi {
            let why = "answered 401: its token may have expired".into();
            http::report_retry(&name, 2, why, Duration::ZERO);
            answer = self.http.send(request().await?).await?;
        }
        Ok(answer.success().await?)
    }
}
