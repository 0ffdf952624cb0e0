//! The HTTP side of the UserAPI: from a request to its endpoint, and the headers of every answer.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::{
    access,
    api::UserApi,
    auth::authenticate,
    call::Call,
    cors,
    errors::{ApiError, json_answer},
    faulty, files, jobs,
    redirect::redirect,
    route::{self, Found, Route},
};
use crate::{
    endpoint::Endpoint,
    faults::{Disturbance, Fault, Faults},
    shared_body::SharedBody,
};

/// The service. It needs to know its peers:
/// serve it with [`Router::into_make_service_with_connect_info`].
pub(crate) fn router(api: UserApi) -> Router {
    // A router of axum's would not give back encoded slashes and empty segments.
    Router::new().fallback(answer).with_state(Arc::new(api))
}

async fn answer(
    State(api): State<Arc<UserApi>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let request = faulty::passed_on(request, &api.faults);
    let prefix = path_prefix(&api.faults);
    let Some((mut call, body)) = Call::new(request, peer.ip(), prefix) else {
        return (StatusCode::NOT_FOUND, "another program").into_response();
    };
    if api.faults.has(Fault::QueriesAreLost) {
        call.query = None;
    }
    if cors::is_preflight(&call.method, &call.headers) {
        return cors::preflight(&api.frontend_origin, &call.headers, &api.faults);
    }
    let body = SharedBody::new(body);
    let mut answer = match route::find(&call.method, &call.path) {
        Found::Route(route) if is_elsewhere(&api.faults, &call, &route) => {
            let query = call.query.as_ref();
            let mark = if query.is_some() { '&' } else { '?' };
            redirect(&format!("{}{mark}{HERE}", call.url_of(&call.path)))
        }
        Found::Route(route) => {
            let mut answer = serve(&api, &call, Body::from_stream(body.clone()), &route)
                .await
                .unwrap_or_else(ApiError::into_response);
            answer.extensions_mut().insert(route.endpoint);
            answer
        }
        Found::WrongMethod { .. } if is_made_in_root(&api.faults, &call) => {
            json_answer(StatusCode::CREATED, &Value::Null)
        }
        Found::WrongMethod { allow } => ApiError::WrongMethod { allow }.into_response(),
        Found::OtherSlash(path) => redirect(&call.url_of(&path)),
        Found::Nothing => ApiError::not_found().into_response(),
    };
    body.drain().await;
    cors::mark(
        &api.frontend_origin,
        call.headers.get(header::ORIGIN),
        &mut answer,
        &api.faults,
    );
    answer
}

/// The part of every path that stands before those of the endpoints.
pub(crate) fn path_prefix(faults: &Faults) -> &'static str {
    if faults.disturbed_by(Disturbance::PathPrefix) {
        "/api/v1"
    } else {
        ""
    }
}

/// The mark of the address to which the list of jobs has moved.
const HERE: &str = "here=1";

fn is_elsewhere(faults: &Faults, call: &Call, route: &Route<'_>) -> bool {
    let query = call.query.as_deref().unwrap_or_default();
    faults.disturbed_by(Disturbance::JobsElsewhere)
        && route.endpoint == Endpoint::ListJobs
        && !query.contains(HERE)
}

/// Whether a new folder beside the directories is reported as made.
fn is_made_in_root(faults: &Faults, call: &Call) -> bool {
    faults.has(Fault::NewFolderInRootAccepted)
        && call.method == Method::POST
        && call.path.starts_with("/files/")
        && call.path.ends_with('/')
}

/// Authenticates the caller where the endpoint needs it, and lets the endpoint answer.
async fn serve(
    api: &UserApi,
    call: &Call,
    body: Body,
    route: &Route<'_>,
) -> Result<Response, ApiError> {
    match route.endpoint {
        Endpoint::Welcome => return Ok(access::welcome()),
        Endpoint::OpenApi => return Ok(access::open_api()),
        Endpoint::AccessInfo => return Ok(access::access_info(api)),
        Endpoint::JobStatus => {
            return access::job_status(call.headers.get("x-api-key"), &api.faults);
        }
        Endpoint::Applications if api.faults.has(Fault::ApplicationsOpenToAll) => {
            return Ok(jobs::applications(api));
        }
        _ => {}
    }
    let user = &authenticate(&call.headers, &api.cognito, &api.faults).await?;
    match route.endpoint {
        Endpoint::User => access::user(user),
        Endpoint::Applications => Ok(jobs::applications(api)),
        Endpoint::ListJobs => jobs::list(api, user, call),
        Endpoint::CreateJob => jobs::create(api, user, call, body).await,
        Endpoint::ShowJob => jobs::get(api, user, route.path()),
        Endpoint::DeleteJob => jobs::delete(api, user, route.path()).await,
        Endpoint::Download => files::download(api, user, call, route.path()).await,
        Endpoint::DownloadUrl => files::download_url(api, user, call, route.path()).await,
        Endpoint::List => files::list(api, user, call, route.path()).await,
        Endpoint::Upload => files::upload(api, user, call, body, route).await,
        Endpoint::UploadUrl => files::upload_url(api, user, call, route).await,
        Endpoint::NewFolder => files::make_directory(api, user, route).await,
        Endpoint::Rename => files::rename(api, user, call, body, route.path()).await,
        Endpoint::DeleteFile => files::delete(api, user, route.path()).await,
        // Other services' calls have no route here.
        _ => Err(ApiError::not_found()),
    }
}
