//! Every call that the frontend makes, ready to be sent by any page: none of them changes anything
//! but the caller's own directory, even where a faulty service lets them through.

use opencloud_model::cause::Service;
use serde_json::json;
use web_sys::Blob;

use crate::{
    http::Request,
    suite::Suite,
    transfer,
    user_api::{CallError, access, files::Listing},
};

/// A call of the frontend's.
#[derive(Clone, Debug)]
pub struct Call {
    /// What the frontend does with it.
    pub name: &'static str,
    /// The request.
    pub request: Request,
    /// Whether the `UserAPI` must know who calls.
    pub needs_user: bool,
}

/// All calls, without a token where `needs_user`. `directory` is the caller's own, ends in a slash
/// and holds `file` with `content`.
pub async fn all(
    suite: &Suite,
    directory: &str,
    file: &str,
    content: &Blob,
) -> Result<Vec<Call>, CallError> {
    let api = &suite.api;
    let cognito = suite.session.cognito();
    let path = format!("{directory}{file}");
    let upload = api.upload_spec(directory).await?;
    let download = api.download_spec(&path).await?;

    let public = |name, request| Call {
        name,
        request,
        needs_user: false,
    };
    let private = |name, request| Call {
        name,
        request,
        needs_user: true,
    };
    // Cognito refuses these tokens, in an answer that every page may read.
    let none = "none";
    // S3 goes by the signature in the URL or form, the UserAPI by the token that it has echoed.
    let transfer = |name, request: Request| Call {
        name,
        needs_user: request.service == Service::UserApi,
        request: request.without_header("authorization"),
    };
    let sign_in = json!({
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "ClientId": cognito.client_id(),
        "AuthParameters": { "REFRESH_TOKEN": none },
    });
    Ok(vec![
        public(
            "access info",
            access::access_info_request(&suite.settings.user_api),
        ),
        public("sign in", cognito.request("InitiateAuth", &sign_in)),
        public(
            "signed-in user",
            cognito.request("GetUser", &json!({ "AccessToken": none })),
        ),
        public(
            "sign out",
            cognito.request(
                "RevokeToken",
                &json!({ "ClientId": cognito.client_id(), "Token": none }),
            ),
        ),
        private("who am I", api.user_request()),
        private("browse the root", api.list_request("/", Listing::Level)),
        private("browse", api.list_request(directory, Listing::Level)),
        private(
            "list for the zip",
            api.list_request(directory, Listing::Files),
        ),
        private("new folder", api.create_directory_request(directory)),
        private("upload URL", api.upload_spec_request(directory)),
        transfer("upload", transfer::upload_request(upload, content, file)),
        private(
            "rename",
            api.rename_request(&format!("{path}.missing"), &path),
        ),
        private("download URL", api.download_spec_request(&path)),
        transfer("download", transfer::download_request(download, file)),
        private(
            "direct download",
            Request::get(
                Service::UserApi,
                format!("download {path} directly"),
                api.url(&format!("/files/{path}/download")),
            ),
        ),
        private("delete", api.delete_request(&format!("{path}.missing"))),
        private("applications", api.applications_request()),
        private("create job", api.create_job_request(&json!({}))),
        private("list jobs", api.list_jobs_request(0, 20)),
        private("show job", api.job_request(0)),
        private("delete job", api.delete_job_request(0)),
    ])
}
