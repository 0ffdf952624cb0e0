//! What the listings show of a file or a folder that was renamed, created or deleted.

use opencloud_model::{event::Failure, service::Service};

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
    files::{FileInfo, FileKind, directory_of, normal, paths},
    listing::check_folder,
};
use crate::{
    file_name,
    http::{Method, Request, SUCCESS},
};

impl UserApi {
    /// Fails if a listing still shows what was at `path` and has been renamed, or does not show it at `new_path`.
    pub async fn check_renamed(&self, path: &str, new_path: &str) -> Result<(), Failure> {
        let is_folder = new_path.ends_with('/');
        let new_path = &normal(new_path);
        if let Err(failure) = self.check_gone(path, &Method::PUT, "renamed").await {
            if self.entry(new_path).await?.is_some() {
                return Err(failure);
            }
            // Boxed because the future is large and seldom needed.
            let again = Box::pin(self.rename_again(path, new_path)).await;
            return Err(failure.and(format!(
                "; {new_path} is not there, so nothing was renamed{again}"
            )));
        }
        match self.shown(new_path, is_folder, &Method::PUT).await? {
            Ok(entry) if is_folder => self.check_opens(&entry, "renamed").await,
            Ok(_) => Ok(()),
            Err(how) => Err(Failure::stack(format!(
                "{path} was renamed to {new_path}, but the listing of its directory {how}{}",
                self.moved_elsewhere(path, new_path)
                    .await
                    .unwrap_or_default()
            ))),
        }
    }

    /// Fails unless the listing of its directory shows the folder at `path`, which was just created, and it can be
    /// listed itself.
    pub async fn check_created(&self, path: &str) -> Result<(), Failure> {
        match self.shown(&normal(path), true, &Method::POST).await? {
            Ok(entry) => self.check_opens(&entry, "created").await,
            Err(how) => Err(Failure::stack(format!(
                "{path} was created, but the listing of its directory {how}"
            ))),
        }
    }

    /// Fails unless the listing of its directory shows the folder at `path`, which is there.
    pub async fn check_listed(&self, path: &str) -> Result<(), Failure> {
        match self.shown(&normal(path), true, &Method::GET).await? {
            Ok(entry) => check_folder(&entry),
            Err(how) => Err(Failure::stack(format!(
                "{path} is there, but the listing of its directory {how}"
            ))),
        }
    }

    /// Fails unless `entry`, which was just `created` or renamed, is that of a folder, and that can be listed itself.
    async fn check_opens(&self, entry: &FileInfo, done: &str) -> Result<(), Failure> {
        check_folder(entry)?;
        let path = &entry.path;
        if self.list(path, Endpoint::List).await?.is_some() {
            return Ok(());
        }
        // Boxed because the future is large and seldom needed.
        let escapes = Box::pin(self.explain_escapes(Endpoint::List, path)).await;
        Err(Failure::stack(format!(
            "{path} was {done} and its directory lists it, but it cannot be listed itself (404; UserAPI, GET /files){}",
            escapes.unwrap_or_default()
        )))
    }

    /// Where a rename has put what should be at `new_path` now, if it is near its old place.
    async fn moved_elsewhere(&self, path: &str, new_path: &str) -> Option<String> {
        let old = normal(path);
        let tree = self
            .list(directory_of(&old), Endpoint::ListTree)
            .await
            .ok()??;
        let end = format!("/{new_path}");
        let found = tree.iter().map(|entry| entry.path.as_str());
        let found = found
            .map(|path| (path, normal(path)))
            .find(|(path, found)| {
                let is_same = found == new_path && path.contains("//");
                is_same || found.ends_with(&end)
            });
        let (path, found) = found?;
        let how = if found == new_path {
            "an empty segment of the new path is kept as a directory without a name"
        } else {
            "the new path is taken as one below another directory"
        };
        Some(format!("; it is at {path}, so {how} (UserAPI, PUT /files)"))
    }

    /// The entry of what is at the [`normal`] path in the listing of its directory, or how that lacks it, with where to
    /// look. `method` has made it.
    async fn shown(
        &self,
        path: &str,
        is_folder: bool,
        method: &Method,
    ) -> Result<Result<FileInfo, String>, CallError> {
        let directory = directory_of(path);
        let find = |entries: Vec<FileInfo>| {
            let mut entries = entries.into_iter();
            entries.find(|entry| normal(&entry.path) == path)
        };
        let listing = self.list(directory, Endpoint::List).await?;
        let listing = listing.unwrap_or_default();
        if let Some(entry) = find(listing.clone()) {
            return Ok(Ok(entry));
        }
        let is_right = async |change: fn(Request) -> Request| {
            let request = self.request(Endpoint::List, &[directory]);
            let again = self.listed(change(request)).await.ok()?;
            Some(find(again.unwrap_or_default()).is_some())
        };
        let shown = listing.iter().map(|entry| entry.path.as_str());
        // Boxed because the future is large and seldom needed.
        Ok(Err(
            if let Some(stale) = Box::pin(self.staleness(is_right)).await {
                stale.told("storage")
            } else if let Some(other) = file_name::look_alike(path, shown) {
                format!(
                    "shows another name (UserAPI, {method} /files, and what changes requests before it), {other}"
                )
            } else if is_folder && self.is_directory(path).await {
                let folders = if listing.iter().any(|entry| entry.path.ends_with('/')) {
                    ""
                } else {
                    ", nor any other folder"
                };
                format!(
                    "does not show it{folders}, though it can be listed itself (UserAPI, GET /files for /{directory}); \
                     it shows {}",
                    paths(&listing)
                )
            } else {
                format!(
                    "does not show it (UserAPI, {method} /files; or the storage); it shows {}",
                    paths(&listing)
                )
            },
        ))
    }

    async fn is_directory(&self, path: &str) -> bool {
        let entries = self.list(&format!("{path}/"), Endpoint::List).await;
        matches!(entries, Ok(Some(_)))
    }

    /// What it means that `path`, which the listing shows, is not found by its own address, if that holds escapes.
    pub async fn explain_escapes(&self, endpoint: Endpoint, path: &str) -> Option<&'static str> {
        let ask = |change: fn(String) -> String| {
            let request = self.request(endpoint, &[path]);
            let url = change(request.bare_url().to_owned());
            let again = Request::get(Service::UserApi, "the same address again", url.clone());
            async move { (url, self.call(again, &[SUCCESS, 404]).await) }
        };
        let (url, answer) = ask(|url| url).await;
        if !url.contains('%') || answer.ok()?.status() != 404 {
            return None;
        }
        let (_, escaped_again) = ask(|url| url.replace('%', "%25")).await;
        Some(if escaped_again.is_ok_and(|answer| answer.is_success()) {
            "; it is found where its address is escaped twice, so something unescapes it before the UserAPI does \
             (UserAPI, what stands before it and rewrites addresses)"
        } else {
            "; the listing shows it, so the escapes in its address do not arrive as they were sent (UserAPI, \
             what stands before it and rewrites addresses)"
        })
    }

    /// What it shows to send a rename again that had no effect, for the end of a sentence; may be empty.
    async fn rename_again(&self, path: &str, new_path: &str) -> &'static str {
        const ATTEMPTS: usize = 5;
        for _ in 0..ATTEMPTS {
            let answer = self.rename(path, new_path).await;
            if answer.is_ok() && matches!(self.entry(new_path).await, Ok(Some(_))) {
                return "; the same request, sent again, does rename it: at one of several instances it has no effect \
                        (UserAPI, the instances behind its address)";
            }
        }
        ""
    }

    /// Fails if a listing still shows what was at `path` and is deleted now.
    pub async fn check_deleted(&self, path: &str) -> Result<(), Failure> {
        self.check_gone(path, &Method::DELETE, "deleted").await
    }

    /// What is left of the file or folder of that `entry`.
    async fn left_in(&self, entry: &FileInfo) -> String {
        if entry.kind == FileKind::File {
            return format!("with {:?}", entry.size);
        }
        match self.list(&entry.path, Endpoint::List).await {
            Ok(Some(entries)) if entries.is_empty() => "as an empty folder".into(),
            Ok(Some(entries)) => format!("with {} in it", paths(&entries)),
            _ => "as a folder that cannot be listed itself".into(),
        }
    }

    async fn check_gone(&self, path: &str, method: &Method, done: &str) -> Result<(), Failure> {
        let Some(found) = self.entry(path).await? else {
            return Ok(());
        };
        let path = normal(path);
        let directory = directory_of(&path);
        let is_right = async |change: fn(Request) -> Request| {
            let request = self.request(Endpoint::List, &[directory]);
            let again = self.listed(change(request)).await.ok()?;
            let mut entries = again.into_iter().flatten();
            Some(!entries.any(|entry| normal(&entry.path) == path))
        };
        // Boxed because the future is large and seldom needed.
        let stale = Box::pin(self.staleness(is_right)).await;
        let how = if let Some(stale) = stale {
            stale.told("storage")
        } else {
            format!(
                "still shows it, {} (UserAPI, {method} /files; or the storage){}",
                self.left_in(&found).await,
                self.http.explain_redirects(method)
            )
        };
        Err(Failure::stack(format!(
            "{path} was {done}, but the listing of its directory {how}"
        )))
    }
}
