//! Which call of the frontend's a request is, seen from outside of the services.

use axum::http::{Method, StatusCode, header, request::Parts};
use percent_encoding::percent_decode_str;

use crate::user_api::route::{self, Found, Public, Route};

/// One of the services that a page talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    UserApi,
    Cognito,
    S3,
}

/// A call, whichever service answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    AccessInfo,
    User,
    List,
    NewFolder,
    UploadUrl,
    /// The second step of an upload: to S3, or to the UserAPI itself.
    Upload,
    Rename,
    DownloadUrl,
    /// The second step of a download, likewise.
    Download,
    DeleteFile,
    Applications,
    CreateJob,
    ListJobs,
    ShowJob,
    DeleteJob,
    InitiateAuth,
    GetUser,
    RevokeToken,
}

/// A request and what is about to be answered to it.
pub(super) struct Exchange {
    pub(super) service: Service,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) is_preflight: bool,
    pub(super) method: Method,
    pub(super) status: StatusCode,
}

impl Exchange {
    /// The status is the one to be filled in once it is known.
    pub(super) fn of(service: Service, request: &Parts) -> Self {
        let preflight = header::ACCESS_CONTROL_REQUEST_METHOD;
        let is_preflight =
            request.method == Method::OPTIONS && request.headers.contains_key(preflight);
        let endpoint = match service {
            Service::UserApi => user_api(request),
            Service::Cognito => cognito(request),
            Service::S3 => s3(request),
        };
        Self {
            service,
            endpoint,
            is_preflight,
            method: request.method.clone(),
            status: StatusCode::OK,
        }
    }

    pub(super) fn is_from(&self, service: Service) -> bool {
        self.service == service
    }

    /// An answer of the service that is none to a preflight.
    pub(super) fn is_answer(&self, service: Service) -> bool {
        self.is_from(service) && !self.is_preflight
    }

    pub(super) fn is_preflight_of(&self, service: Service) -> bool {
        self.is_from(service) && self.is_preflight
    }

    pub(super) fn is_refusal(&self, service: Service) -> bool {
        self.is_answer(service) && (self.status.is_client_error() || self.status.is_server_error())
    }

    /// The call succeeded.
    pub(super) fn is_done(&self, endpoint: Endpoint) -> bool {
        self.endpoint == Some(endpoint) && self.status.is_success()
    }

    /// A job is told, alone.
    pub(super) fn tells_a_job(&self) -> bool {
        self.is_done(Endpoint::CreateJob) || self.is_done(Endpoint::ShowJob)
    }
}

fn user_api(request: &Parts) -> Option<Endpoint> {
    let path = percent_decode_str(request.uri.path()).decode_utf8_lossy();
    Some(match route::find(&request.method, &path) {
        Found::Public(Public::AccessInfo) => Endpoint::AccessInfo,
        Found::Route(route) => match route {
            Route::User => Endpoint::User,
            Route::Applications => Endpoint::Applications,
            Route::ListJobs => Endpoint::ListJobs,
            Route::CreateJob => Endpoint::CreateJob,
            Route::GetJob(_) => Endpoint::ShowJob,
            Route::DeleteJob(_) => Endpoint::DeleteJob,
            Route::Download(_) => Endpoint::Download,
            Route::DownloadUrl(_) => Endpoint::DownloadUrl,
            Route::List(_) => Endpoint::List,
            Route::Upload(_) => Endpoint::Upload,
            Route::UploadUrl(_) => Endpoint::UploadUrl,
            Route::MakeDirectory(_) => Endpoint::NewFolder,
            Route::Rename(_) => Endpoint::Rename,
            Route::Delete(_) => Endpoint::DeleteFile,
        },
        _ => return None,
    })
}

fn cognito(request: &Parts) -> Option<Endpoint> {
    let target = request.headers.get("x-amz-target")?.to_str().ok()?;
    match target.rsplit('.').next()? {
        "InitiateAuth" => Some(Endpoint::InitiateAuth),
        "GetUser" => Some(Endpoint::GetUser),
        "RevokeToken" => Some(Endpoint::RevokeToken),
        _ => None,
    }
}

fn s3(request: &Parts) -> Option<Endpoint> {
    match request.method {
        Method::POST => Some(Endpoint::Upload),
        Method::GET => Some(Endpoint::Download),
        _ => None,
    }
}
