//! Files of the user. Paths are full, from the user's root, without a leading slash; a
//! directory's ends in a slash.

use serde::Deserialize;

use super::{CallError, UserApi, encoded};
use crate::{
    http::{Method, Request},
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
    /// The size for a person to read, in decimal units; empty for a directory.
    pub size: String,
}

impl FileInfo {
    /// The path's last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default()
    }
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A file.
    File,
    /// A directory.
    Directory,
}

impl UserApi {
    /// The entries of a directory and all below it, or `None` where there is no such directory.
    pub async fn list(&self, directory: &str) -> Result<Option<Vec<FileInfo>>, CallError> {
        let url = self.url(&format!(
            "/files/{}?show_dirs=True&recursive=True",
            encoded(directory)
        ));
        let request = Request::get(format!("list {directory}"), url);
        let answer = self.call(request, &[200, 404]).await?;
        if answer.status() == 404 {
            return Ok(None);
        }
        Ok(Some(answer.json().await?))
    }

    /// How to upload a file into `directory`, which must not be the root.
    pub async fn upload_spec(&self, directory: &str) -> Result<TransferSpec, CallError> {
        let url = self.url(&format!(
            "/files/{}/url",
            encoded(directory.trim_end_matches('/'))
        ));
        let request = Request::post(format!("get the upload URL for {directory}"), url);
        Ok(self.call(request, &[201]).await?.json().await?)
    }

    /// How to download the file at `path`.
    pub async fn download_spec(&self, path: &str) -> Result<TransferSpec, CallError> {
        let url = self.url(&format!("/files/{}/url", encoded(path)));
        let request = Request::get(format!("get the download URL for {path}"), url);
        Ok(self.call(request, &[200]).await?.json().await?)
    }

    /// Deletes a file, or a directory with all that is in it. The UserAPI answers alike whether
    /// there was anything to delete or not.
    pub async fn delete(&self, path: &str) -> Result<(), CallError> {
        let url = self.url(&format!("/files/{}", encoded(path)));
        let request = Request::new(Method::DELETE, format!("delete {path}"), url);
        self.call(request, &[204]).await?;
        Ok(())
    }
}
