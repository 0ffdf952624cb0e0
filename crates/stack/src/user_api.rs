//! The UserAPI: files and jobs of a signed-in user.
//!
//! Left out, because no page and no recorded exchange uses them: registering and signing in by
//! form (`POST /user`, `/token`, `/login`) and the documentation pages.

pub(crate) mod access;
pub(crate) mod auth;
pub(crate) mod cors;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod jobs;
mod python_json;
pub(crate) mod route;
pub(crate) mod validation;

use std::{net::IpAddr, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use self::{
    auth::authenticate,
    errors::ApiError,
    files::{FileSystem, endpoints},
    route::{Found, Public, Route},
};
use crate::{
    applications::Applications,
    cognito::Cognito,
    faults::{Fault, Faults},
    jobs::JobStore,
    s3::drain::SharedBody,
};

/// What all requests share.
pub(crate) struct UserApi {
    /// The one origin whose pages may read answers.
    pub(crate) frontend_origin: String,
    pub(crate) cognito: Cognito,
    pub(crate) files: FileSystem,
    pub(crate) jobs: JobStore,
    pub(crate) applications: Applications,
    pub(crate) faults: Faults,
}

/// A request without its body.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Percent-decoded once; slashes and dots that were encoded are slashes and dots from here on.
    pub(crate) path: String,
    /// As it came.
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    peer: IpAddr,
}

/// How large a JSON body may be, in bytes. A 422 repeats it in each of its flaws.
const MAX_JSON: usize = 1024 * 1024;

impl Call {
    fn new(request: Request, peer: IpAddr) -> (Self, Body) {
        let (parts, body) = request.into_parts();
        let path = percent_encoding::percent_decode_str(parts.uri.path());
        let call = Self {
            method: parts.method,
            path: path.decode_utf8_lossy().into_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            peer,
        };
        (call, body)
    }

    /// A header's value; empty if there is none, or none that is text.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The URL that was asked for, as far as the service knows it: the host is what the client
    /// said, and the path is the decoded one.
    pub(crate) fn url(&self) -> String {
        let query = self.query.as_ref();
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        format!("{}{}{query}", self.origin(), self.path)
    }

    fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.header("host"))
    }

    /// A proxy on the same machine is believed when it says that it was asked over TLS.
    fn scheme(&self) -> &str {
        match self.header("x-forwarded-proto").trim() {
            scheme @ ("http" | "https") if self.peer.is_loopback() => scheme,
            _ => "http",
        }
    }

    /// Reads a body that is to be JSON.
    pub(crate) async fn read(&self, body: Body) -> Result<Bytes, ApiError> {
        axum::body::to_bytes(body, MAX_JSON).await.map_err(|_| {
            ApiError::detail(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
        })
    }
}

impl UserApi {
    /// The service. It needs to know its peers:
    /// serve it with [`Router::into_make_service_with_connect_info`].
    pub(crate) fn router(self) -> Router {
        // The paths hold what a router of its own would not give back: encoded slashes, empty
        // segments, routes told apart by how they end.
        Router::new().fallback(answer).with_state(Arc::new(self))
    }
}

async fn answer(
    State(api): State<Arc<UserApi>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (call, body) = Call::new(request, peer.ip());
    if cors::is_preflight(&call.method, &call.headers) {
        return cors::preflight(&api.frontend_origin, &call.headers, &api.faults);
    }
    let body = SharedBody::new(body);
    let mut answer = dispatch(&api, &call, Body::from_stream(body.clone()))
        .await
        .unwrap_or_else(ApiError::into_response);
    body.drain().await;
    cors::mark(
        &api.frontend_origin,
        call.headers.get(header::ORIGIN),
        &mut answer,
        &api.faults,
    );
    answer
}

/// The route, then who calls, then what they want.
async fn dispatch(api: &UserApi, call: &Call, body: Body) -> Result<Response, ApiError> {
    let route = match route::find(&call.method, &call.path) {
        Found::Route(route) => route,
        Found::Public(Public::Welcome) => return Ok(access::welcome()),
        Found::Public(Public::AccessInfo) => return Ok(access::access_info(api)),
        Found::Public(Public::JobStatus) => {
            return Err(access::job_status(call.headers.get("x-api-key")));
        }
        Found::WrongMethod { allow } => return Err(ApiError::WrongMethod { allow }),
        Found::OtherSlash(path) => return Ok(redirect(call, &path)),
        Found::Nothing => return Err(ApiError::not_found()),
    };
    if matches!(route, Route::Applications) && api.faults.has(Fault::ApplicationsOpenToAll) {
        return Ok(jobs::applications(api));
    }
    let user = &authenticate(&call.headers, &api.cognito, &api.faults).await?;
    match route {
        Route::User => access::user(user),
        Route::Applications => Ok(jobs::applications(api)),
        Route::ListJobs => jobs::list(api, user, call),
        Route::CreateJob => jobs::create(api, user, call, body).await,
        Route::GetJob(id) => jobs::get(api, user, id),
        Route::DeleteJob(id) => jobs::delete(api, user, id).await,
        Route::Download(path) => endpoints::download(api, user, call, path).await,
        Route::DownloadUrl(path) => endpoints::download_url(api, user, call, path).await,
        Route::List(path) => endpoints::list(api, user, call, path).await,
        Route::Upload(target) => endpoints::upload(api, user, call, body, target).await,
        Route::UploadUrl(target) => endpoints::upload_url(api, user, call, target).await,
        Route::MakeDirectory(target) => endpoints::make_directory(api, user, target).await,
        Route::Rename(path) => endpoints::rename(api, user, call, body, path).await,
        Route::Delete(path) => endpoints::delete(api, user, path).await,
    }
}

/// What a URL keeps as it is, when a path is made a `Location`.
const PLAIN: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// 307 to the same path with or without a slash at its end.
fn redirect(call: &Call, path: &str) -> Response {
    let query = call.query.as_ref();
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let url = format!("{}{path}{query}", call.origin());
    let url = percent_encoding::utf8_percent_encode(&url, PLAIN).to_string();
    let location = HeaderValue::from_str(&url).unwrap_or(HeaderValue::from_static("/"));
    (
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, location)],
    )
        .into_response()
}
