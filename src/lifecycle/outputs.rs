//! The outputs of a finished job.

use opencloud_model::{
    application::{Output, OutputDirectory},
    event::Failure,
};
use opencloud_yaml::{Document, Entry, PathError};

use super::{flow::Flow, inputs::Upload};
use crate::{
    file_size,
    job::{Job, PathsOut, watch::History},
    page,
    user_api::{
        Endpoint,
        files::{FileInfo, FileKind, paths},
    },
};

impl Flow<'_> {
    pub(super) async fn check_output(
        &self,
        output: &Output,
        job: &Job,
        history: &History,
        uploads: &[Upload],
    ) -> Result<(), Failure> {
        let directory = format!("{}/{}/", output.directory.name(), job.job_name);
        let listing = self.api.list(&directory, Endpoint::ListTree).await?;
        let Some(listing) = listing else {
            return Err(Failure::stack(format!(
                "the finished job left no outputs: {directory} should exist, but listing it answers \
                 404; directories with a similar name: {}{}; {history}",
                self.similar_directories(output).await?,
                self.elsewhere(output).await?
            )));
        };
        let Some(found) = file_of(output, &directory, &listing) else {
            return Err(Failure::stack(format!(
                "the finished job left no {} in {directory}, but: {}{}; {history}",
                output.file,
                paths(&listing),
                self.elsewhere(output).await?
            )));
        };
        if file_size::at_most(&found.size).is_some_and(|size| size < output.least_bytes) {
            return Err(Failure::stack(format!(
                "{} should have {} bytes at least, but has {}",
                found.path, output.least_bytes, found.size
            )));
        }
        let content = self.api.download(&found.path).await?.blob().await?;
        let size = file_size::of(&content);
        if content.size() == 0.0 || size != found.size {
            return Err(Failure::stack(format!(
                "{} of the finished job is listed with {}, but downloads with {size}; {history}",
                found.path, found.size
            )));
        }
        if output.unchanged.is_empty() {
            return Ok(());
        }
        let text = page::text_of(&content).await;
        let after =
            read(&text).map_err(|problem| Failure::stack(format!("{}: {problem}", found.path)))?;
        for unchanged in &output.unchanged {
            let input = |problem| Failure::input(format!("{}: {problem}", unchanged.input));
            let uploaded = uploads.iter().find(|upload| upload.file == unchanged.input);
            let uploaded = uploaded.and_then(|upload| upload.text.as_deref());
            let before = read(uploaded.unwrap_or_default()).map_err(input)?;
            let before = value(&before, &unchanged.key).map_err(input)?;
            let after = value(&after, &unchanged.key)
                .map_err(|problem| Failure::stack(format!("{}: {problem}", found.path)))?;
            if !before.same(&after) {
                return Err(Failure::stack(format!(
                    "{} in {} is {after}, but {before} was uploaded",
                    unchanged.key, found.path,
                )));
            }
        }
        Ok(())
    }

    /// The directories whose names begin like that of the one in which `output` should be.
    async fn similar_directories(&self, output: &Output) -> Result<String, Failure> {
        let parent = format!("{}/", output.directory.name());
        let listing = self.api.list(&parent, Endpoint::List).await?;
        let mut listing = listing.unwrap_or_default();
        listing.retain(|entry| entry.name().starts_with(self.name));
        Ok(paths(&listing))
    }

    /// Where else among the job's outputs `output` is, as the end of a message.
    async fn elsewhere(&self, output: &Output) -> Result<String, Failure> {
        let name = output.file.rsplit('/').next().unwrap_or_default();
        let anywhere = Output {
            file: name.into(),
            ..output.clone()
        };
        for kind in OutputDirectory::ALL {
            let directory = format!("{}/{}/", kind.name(), self.name);
            let listing = self.api.list(&directory, Endpoint::ListTree).await?;
            let listing = listing.unwrap_or_default();
            if let Some(found) = file_of(&anywhere, &directory, &listing) {
                return Ok(format!("; {} is there instead", found.path));
            }
        }
        Ok(String::new())
    }

    /// Users open the directories of their results from the listing of those of all jobs.
    pub(super) async fn check_outputs_listed(&self) -> Result<(), Failure> {
        for directory in PathsOut::of(self.name).directories() {
            if self.api.list(&directory, Endpoint::List).await?.is_some() {
                self.api.check_listed(&directory).await?;
            }
        }
        Ok(())
    }

    /// Deletes one file of each directory that has several, and nothing else.
    pub(super) async fn delete_single_outputs(&self) -> Result<(), Failure> {
        for directory in PathsOut::of(self.name).directories() {
            let before = self.files_in(&directory).await?;
            let [deleted, _, ..] = &before[..] else {
                continue;
            };
            self.api.delete(deleted).await?;
            self.api.check_deleted(deleted).await?;
            let mut left = before.clone();
            left.retain(|path| path != deleted);
            let found = self.files_in(&directory).await?;
            if found != left {
                return Err(Failure::stack(format!(
                    "{deleted} was deleted, and of {} are left: {} (UserAPI, DELETE /files)",
                    left.join(", "),
                    found.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// The paths of all files among the outputs.
    pub(super) async fn outputs(&self) -> Result<Vec<String>, Failure> {
        let mut all = Vec::new();
        for directory in PathsOut::of(self.name).directories() {
            all.extend(self.files_in(&directory).await?);
        }
        Ok(all)
    }

    async fn files_in(&self, directory: &str) -> Result<Vec<String>, Failure> {
        let listing = self.api.list(directory, Endpoint::ListTree).await?;
        let mut listing = listing.unwrap_or_default();
        listing.retain(|entry| entry.kind == FileKind::File);
        Ok(listing.into_iter().map(|entry| entry.path).collect())
    }
}

/// The file in the listing of `directory` that `output` asks for.
fn file_of<'a>(output: &Output, directory: &str, listing: &'a [FileInfo]) -> Option<&'a FileInfo> {
    listing.iter().find(|entry| {
        // A listing may lack the directory in its paths, which other checks report.
        let below = entry.path.strip_prefix(directory).unwrap_or(&entry.path);
        entry.kind == FileKind::File && output.matches(below)
    })
}

fn read(text: &str) -> Result<Document, String> {
    opencloud_yaml::read(text).map_err(|error| format!("it is not YAML: {error}"))
}

fn value<'d>(document: &'d Document, key: &str) -> Result<Entry<'d>, String> {
    document.get(key).map_err(|error| match error {
        PathError::Missing => format!("it has no {key}"),
        PathError::Ambiguous => format!("it has {key} more than once"),
    })
}
