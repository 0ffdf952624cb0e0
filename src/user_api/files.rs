//! Files of the user. Paths are full, from the user's root, without a leading slash; a
//! directory's ends in a slash.

use opencloud_model::cause::Service;
use serde::Deserialize;
use serde_json::json;

use super::{CallError, UserApi, encoded};
use crate::{
    http::{Answer, Method, Request},
    transfer::TransferSpec,
};

/// Where to look if a listing does not show what was uploaded.
pub const LISTING: &str = "(UserAPI, GET /files; or the storage, which took the upload)";

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
        let path = self.path.trim_end_matches('/');
        path.rsplit('/').next().unwrap_or_default()
    }
}

/// The paths of a listing, for a person.
#[must_use]
pub fn paths(listing: &[FileInfo]) -> String {
    if listing.is_empty() {
        return "nothing".into();
    }
    let paths: Vec<_> = listing.iter().map(|entry| entry.path.as_str()).collect();
    paths.join(", ")
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

/// How much a listing holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// What is in the directory itself: what the frontend shows when it browses.
    Level,
    /// Everything below, directories included.
    Tree,
    /// Every file below: what the frontend's zip download starts from.
    Files,
}

impl Listing {
    /// The query, with booleans as the frontend writes them.
    fn query(self) -> &'static str {
        match self {
            Self::Level => "show_dirs=True&recursive=False",
            Self::Tree => "show_dirs=True&recursive=True",
            Self::Files => "show_dirs=False&recursive=True",
        }
    }
}

const RENAME: &str = "rename a file";

impl UserApi {
    /// The request for a listing of `directory`; the root is the empty path, or `/` as the
    /// frontend has it.
    #[must_use]
    pub fn list_request(&self, directory: &str, listing: Listing) -> Request {
        let url = self.url(&format!(
            "/files/{}?{}",
            encoded(directory),
            listing.query()
        ));
        Request::get(Service::UserApi, format!("list {directory}"), url)
    }

    /// A listing, or `None` where there is no such directory.
    pub async fn list(
        &self,
        directory: &str,
        listing: Listing,
    ) -> Result<Option<Vec<FileInfo>>, CallError> {
        let request = self.list_request(directory, listing);
        let answer = self.call(request, &[200, 404]).await?;
        if answer.status() == 404 {
            return Ok(None);
        }
        Ok(Some(answer.json().await?))
    }

    /// The request that makes a directory.
    #[must_use]
    pub fn create_directory_request(&self, directory: &str) -> Request {
        let path = encoded(directory.trim_end_matches('/'));
        let url = self.url(&format!("/files/{path}/"));
        Request::post(Service::UserApi, format!("create {directory}"), url).repeatable()
    }

    /// The request that asks how to upload a file into `directory`, which must not be the root.
    #[must_use]
    pub fn upload_spec_request(&self, directory: &str) -> Request {
        let path = encoded(directory.trim_end_matches('/'));
        let url = self.url(&format!("/files/{path}/url"));
        Request::post(
            Service::UserApi,
            format!("get the upload URL for {directory}"),
            url,
        )
        .repeatable()
    }

    /// How to upload a file into `directory`, which must not be the root.
    pub async fn upload_spec(&self, directory: &str) -> Result<TransferSpec, CallError> {
        let request = self.upload_spec_request(directory);
        Ok(self.call(request, &[201]).await?.json().await?)
    }

    /// The request that asks how to download the file at `path`.
    #[must_use]
    pub fn download_spec_request(&self, path: &str) -> Request {
        let url = self.url(&format!("/files/{}/url", encoded(path)));
        Request::get(
            Service::UserApi,
            format!("get the download URL for {path}"),
            url,
        )
    }

    /// How to download the file at `path`.
    pub async fn download_spec(&self, path: &str) -> Result<TransferSpec, CallError> {
        let request = self.download_spec_request(path);
        Ok(self.call(request, &[200]).await?.json().await?)
    }

    /// The request that renames the file at `path`, or moves it.
    #[must_use]
    pub fn rename_request(&self, path: &str, new_path: &str) -> Request {
        let url = self.url(&format!("/files/{}", encoded(path)));
        Request::new(
            Service::UserApi,
            Method::PUT,
            format!("rename {path} to {new_path}"),
            url,
        )
        .json(&json!({ "path": new_path }))
    }

    /// Renames the file at `path`, or moves it; what the UserAPI tells of it then.
    pub async fn rename(&self, path: &str, new_path: &str) -> Result<FileInfo, CallError> {
        let request = self.rename_request(path, new_path);
        let moved = async || match self.entry(path).await? {
            None => self.entry(new_path).await,
            Some(_) => Ok(None),
        };
        self.once(RENAME, &request, &[200], 404, Answer::json, moved)
            .await
    }

    /// The entry of a file in the listing of its directory.
    pub async fn entry(&self, path: &str) -> Result<Option<FileInfo>, CallError> {
        let directory = path.rfind('/').map_or("", |slash| &path[..=slash]);
        let entries = self.list(directory, Listing::Level).await?;
        Ok(entries
            .into_iter()
            .flatten()
            .find(|entry| entry.path == path))
    }

    /// The request that deletes a file, or a directory with all that is in it.
    #[must_use]
    pub fn delete_request(&self, path: &str) -> Request {
        let url = self.url(&format!("/files/{}", encoded(path)));
        Request::new(
            Service::UserApi,
            Method::DELETE,
            format!("delete {path}"),
            url,
        )
    }

    /// Deletes a file, or a directory with all that is in it. The UserAPI answers alike whether
    /// there was anything to delete or not.
    pub async fn delete(&self, path: &str) -> Result<(), CallError> {
        self.call(self.delete_request(path), &[204]).await?;
        Ok(())
    }
}
