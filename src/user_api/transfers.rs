//! Files up and down, in both of their steps.

use std::time::Duration;

use opencloud_model::cause::Service;
use web_sys::Blob;

use super::{CallError, UserApi};
use crate::{
    http::{Answer, Request},
    transfer::{download_request, upload_request},
};

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

    /// Downloads the file at `path`.
    pub async fn download(&self, path: &str) -> Result<Answer, CallError> {
        let request = async || Ok(download_request(self.download_spec(path).await?, path));
        self.second_step(request).await
    }

    /// Sends the `request` that the first step has made ready. One to the UserAPI itself carries the
    /// token of that step, which may have grown old since: if it is refused, both steps are done
    /// once more. Any success will do: S3 answers 204, the UserAPI's own upload 201.
    async fn second_step(
        &self,
        request: impl AsyncFn() -> Result<Request, CallError>,
    ) -> Result<Answer, CallError> {
        let first = request().await?;
        let (service, name) = (first.service, first.name.clone());
        let mut answer = self.http.send(first).await?;
        if answer.status() == 401 && service == Service::UserApi {
            let why = "answered 401: its token may have grown old".into();
            self.http.tell_repeat(&name, 2, why, Duration::ZERO);
            answer = self.http.send(request().await?).await?;
        }
        Ok(answer.success().await?)
    }
}
