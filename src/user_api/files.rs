//! Files of the user. A path starts at the user's root and has no leading slash; that of a directory
//! ends in a slash.

use serde::Deserialize;
use serde_json::json;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
};
use crate::{
    http::{Answer, Method, Request, SUCCESS},
    transfer::TransferSpec,
};

/// A file or directory in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FileInfo {
    /// The full path.
    pub path: String,
    /// Whether it is a file.
    #[serde(rename = "type")]
    pub kind: FileKind,
    /// The size as text, in decimal units; empty for a directory.
    pub size: String,
}

impl FileInfo {
    /// The path's last part.
    #[must_use]
    pub fn name(&self) -> &str {
        let path = self.path.trim_end_matches('/');
        path.rsplit('/').next().unwrap_or_default()
    }
}

/// The paths of a listing, for a message.
#[must_use]
pub fn paths(listing: &[FileInfo]) -> String {
    if listing.is_empty() {
        return "nothing".into();
    }
    let paths: Vec<_> = listing.iter().map(|entry| entry.path.as_str()).collect();
    paths.join(", ")
}

/// `path` with single slashes, and none at either end.
#[must_use]
pub fn normal(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.collect::<Vec<_>>().join("/")
}

/// The directory of a [`normal`] path, with a slash at its end; empty for the root.
pub(super) fn directory_of(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..=slash])
}

/// Whether `path` is in a directory, or a file, beside `directory` whose name begins with its name.
fn is_beside(directory: &str, path: &str) -> bool {
    let (directory, path) = (normal(directory), normal(path));
    let rest = path.strip_prefix(&directory);
    !directory.is_empty() && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A file.
    File,
    /// A directory.
    Directory,
}

impl UserApi {
    /// A listing of `directory` by one of the endpoints for that, or `None` if there is no such
    /// directory. The root is the empty path, or `/` as the frontend has it.
    pub async fn list(
        &self,
        directory: &str,
        listing: Endpoint,
    ) -> Result<Option<Vec<FileInfo>>, CallError> {
        // Boxed because the future is part of that of many steps.
        let entries = Box::pin(self.listed(self.request(listing, &[directory]))).await?;
        match entries
            .iter()
            .flatten()
            .find(|entry| is_beside(directory, &entry.path))
        {
            Some(entry) => Err(CallError::Beside {
                directory: directory.to_owned(),
                path: entry.path.clone(),
            }),
            None => Ok(entries),
        }
    }

    /// The listing that `request` asks for, or `None` if there is no such directory.
    pub(super) async fn listed(
        &self,
        request: Request,
    ) -> Result<Option<Vec<FileInfo>>, CallError> {
        let answer = self.call(request, &[SUCCESS, 404]).await?;
        if answer.status() == 404 {
            return Ok(None);
        }
        Ok(Some(answer.json().await?))
    }

    /// The entry of a file or folder in the listing of its directory, whichever of its slashes the path
    /// repeats or lacks.
    pub async fn entry(&self, path: &str) -> Result<Option<FileInfo>, CallError> {
        let path = normal(path);
        let directory = directory_of(&path);
        let entries = self.list(directory, Endpoint::List).await?;
        Ok(entries
            .into_iter()
            .flatten()
            .find(|entry| normal(&entry.path) == path))
    }

    /// How to upload a file into `directory`, which must not be the root, as [`Endpoint::UploadUrl`] has
    /// it.
    pub async fn upload_spec(&self, directory: &str) -> Result<TransferSpec, CallError> {
        let request = self.request(Endpoint::UploadUrl, &[directory]);
        let name = request.name.clone();
        match self.call(request, &[SUCCESS]).await {
            Ok(answer) => {
                let spec = answer.json().await?;
                self.misdirection(&spec, name).map_or(Ok(spec), Err)
            }
            // Boxed because the future is large and seldom needed.
            Err(CallError::Http(failure)) => {
                Err(Box::pin(self.explain_upload_url(failure, directory))
                    .await
                    .into())
            }
            Err(other) => Err(other),
        }
    }

    /// How to download the file at `path`.
    pub async fn download_spec(&self, path: &str) -> Result<TransferSpec, CallError> {
        let request = self.request(Endpoint::DownloadUrl, &[path]);
        let name = request.name.clone();
        let spec = self.call(request, &[SUCCESS]).await?.json().await?;
        self.misdirection(&spec, name).map_or(Ok(spec), Err)
    }

    /// That `spec`, which the answer to the request `name` holds, leads to where no page can send a request, or to
    /// another address than the UserAPI's and not to S3, if it does. A page may not reach that one.
    fn misdirection(&self, spec: &TransferSpec, name: String) -> Option<CallError> {
        if let Some((there, why)) = spec.obstacle() {
            return Some(CallError::NoSuchAddress { name, there, why });
        }
        let there = spec.elsewhere(&self.base)?;
        let base = self.base.clone();
        Some(CallError::Elsewhere { name, base, there })
    }

    /// The request that renames the file or the empty folder at `path`, or moves it.
    #[must_use]
    pub fn rename_request(&self, path: &str, new_path: &str) -> Request {
        let mut request = self.request(Endpoint::Rename, &[path]);
        request.name = format!("{} to {new_path}", request.name);
        request.json(&json!({ "path": new_path }))
    }

    /// Renames the file or the empty folder at `path`, or moves it. Returns its new entry, as the UserAPI
    /// answers.
    pub async fn rename(&self, path: &str, new_path: &str) -> Result<FileInfo, CallError> {
        let request = self.rename_request(path, new_path);
        self.rename_by(&request, path, new_path).await
    }

    /// Sends `request`, which renames the file or the empty folder at `path`, or moves it.
    pub async fn rename_by(
        &self,
        request: &Request,
        path: &str,
        new_path: &str,
    ) -> Result<FileInfo, CallError> {
        let moved = async || match self.entry(path).await? {
            None => self.entry(new_path).await,
            Some(_) => Ok(None),
        };
        self.call_once(
            "rename a file",
            request,
            &[SUCCESS],
            404,
            Answer::json,
            moved,
        )
        .await
    }

    /// What it may mean that something is still there after its deletion, for the end of a sentence; may be empty.
    #[must_use]
    pub fn explain_deletion(&self) -> String {
        self.http.explain_redirects(&Method::DELETE)
    }

    /// Deletes a file, or a directory with everything in it. The UserAPI gives the same answer if there
    /// was nothing to delete.
    pub async fn delete(&self, path: &str) -> Result<(), CallError> {
        let request = self.request(Endpoint::Delete, &[path]);
        self.call(request, &[SUCCESS]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_alike_is_beside_a_directory() {
        assert!(is_beside("data/x/", "data/x2/a"));
        assert!(is_beside("data//x", "data/x.txt"));
        for within in ["data/x/", "data/x/a", "data/x", "data/y/a"] {
            assert!(!is_beside("data/x/", within), "{within}");
        }
        assert!(!is_beside("", "data/"));
    }
}
