//! What the listings show of a file or a folder that was renamed, created or deleted.

use opencloud_model::event::Failure;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
    files::{FileInfo, directory_of, normal, paths},
};
use crate::{
    file_name,
    http::{Method, Request},
};

impl UserApi {
    /// Fails if a listing still shows what was at `path` and has been renamed, or does not show it at `new_path`.
    pub async fn check_renamed(&self, path: &str, new_path: &str) -> Result<(), Failure> {
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
        let Some(how) = self.how_missing(new_path, &Method::PUT).await? else {
            return Ok(());
        };
        Err(Failure::stack(format!(
            "{path} was renamed to {new_path}, but the listing of its directory {how}{}",
            self.moved_elsewhere(path, new_path)
                .await
                .unwrap_or_default()
        )))
    }

    /// Fails unless the listing of its directory shows the folder at `path`, which was just created.
    pub async fn check_created(&self, path: &str) -> Result<(), Failure> {
        match self.how_missing(&normal(path), &Method::POST).await? {
            None => Ok(()),
            Some(how) => Err(Failure::stack(format!(
                "{path} was created, but the listing of its directory {how}"
            ))),
        }
    }

    /// Where a rename has put what should be at `new_path` now, if it is near its old place.
    async fn moved_elsewhere(&self, path: &str, new_path: &str) -> Option<String> {
        let old = normal(path);
        let tree = self
            .list(directory_of(&old), Endpoint::ListTree)
            .await
            .ok()??;
        let end = format!("/{new_path}");
        let found = tree
            .iter()
            .find(|entry| normal(&entry.path).ends_with(&end))?;
        Some(format!(
            "; it is at {}, so the new path is taken as one below another directory (UserAPI, PUT /files)",
            found.path
        ))
    }

    /// How the listing of its directory lacks what is at the [`normal`] path, with where to look; `None` if it shows
    /// it.
    async fn how_missing(&self, path: &str, method: &Method) -> Result<Option<String>, CallError> {
        let directory = directory_of(path);
        let is_shown = |entries: &[FileInfo]| {
            let mut paths = entries.iter().map(|entry| normal(&entry.path));
            paths.any(|shown| shown == path)
        };
        let listing = self.list(directory, Endpoint::List).await?;
        let listing = listing.unwrap_or_default();
        if is_shown(&listing) {
            return Ok(None);
        }
        let is_right = async |change: fn(Request) -> Request| {
            let request = self.request(Endpoint::List, &[directory]);
            let again = self.listed(change(request)).await.ok()?;
            Some(is_shown(&again.unwrap_or_default()))
        };
        let shown = listing.iter().map(|entry| entry.path.as_str());
        // Boxed because the future is large and seldom needed.
        Ok(Some(
            if let Some(stale) = Box::pin(self.staleness(is_right)).await {
                stale.told("storage")
            } else if let Some(other) = file_name::look_alike(path, shown) {
                format!(
                    "shows another name (UserAPI, {method} /files, and what changes requests before it), {other}"
                )
            } else {
                format!(
                    "does not show it (UserAPI, {method} /files; or the storage); it shows {}",
                    paths(&listing)
                )
            },
        ))
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
        let how = match stale {
            Some(stale) => stale.told("storage"),
            None => format!(
                "still shows it, with {:?} (UserAPI, {method} /files; or the storage){}",
                found.size,
                self.http.explain_redirects(method)
            ),
        };
        Err(Failure::stack(format!(
            "{path} was {done}, but the listing of its directory {how}"
        )))
    }
}
