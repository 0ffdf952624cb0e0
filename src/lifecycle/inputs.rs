//! The inputs of a job.

use opencloud_model::{application::Input, event::Failure};
use web_sys::Blob;

use super::flow::Flow;
use crate::{
    page,
    user_api::{CallError, UserApi},
};

/// An input that is uploaded.
pub(super) struct Upload {
    pub(super) directory: String,
    pub(super) file: String,
    content: Blob,
    /// The content as text, if the application's file asks something of it.
    pub(super) text: Option<String>,
}

impl Upload {
    pub(super) async fn send(&self, api: &UserApi) -> Result<(), CallError> {
        api.upload(&self.directory, &self.content, &self.file).await
    }

    pub(super) async fn check(&self, api: &UserApi) -> Result<(), Failure> {
        api.check_uploaded(&self.directory, &self.content, &self.file)
            .await
    }
}

impl Flow<'_> {
    pub(super) async fn prepare(&self) -> Result<Vec<Upload>, Failure> {
        let mut uploads = Vec::new();
        for input in &self.application.inputs {
            let (content, text) = self.prepare_input(input).await?;
            uploads.push(Upload {
                directory: format!("{}/{}/", input.to.name(), input.to.inputs_of(self.name)),
                file: input.file.clone(),
                content,
                text,
            });
        }
        Ok(uploads)
    }

    async fn prepare_input(&self, input: &Input) -> Result<(Blob, Option<String>), Failure> {
        let (name, path) = (self.file, &input.file);
        let file = self.suite.input(name, self.application, path).await?;
        if !self.application.reads(input) {
            return Ok((file.blob().await?, None));
        }
        let text = file.text().await?;
        let device = self.suite.settings.device;
        let text = (self.application)
            .prepared(input, &text, device)
            .map_err(|error| Failure::input(format!("{path} of {name}: {error}")))?;
        let parts = js_sys::Array::of1(&text.as_str().into());
        let blob = Blob::new_with_str_sequence(&parts).map_err(|error| {
            Failure::ourselves(format!("no blob from {path}: {}", page::said(&error)))
        })?;
        Ok((blob, Some(text)))
    }

    pub(super) async fn check_uploads(&self, uploads: &[Upload]) -> Result<(), Failure> {
        for upload in uploads {
            upload.check(self.api).await?;
        }
        Ok(())
    }
}
