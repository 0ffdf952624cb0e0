//! The endpoints that tell a page where to sign in, and which user is signed in.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{
    api::UserApi,
    auth::Caller,
    errors::{ApiError, Flaw, json_answer},
};
use crate::{
    cognito::GROUPS,
    faults::{Fault, Faults},
};

/// `GET /`
pub(crate) fn welcome() -> Response {
    let text = json!("Welcome to the DECODE OpenCloud User-facing API");
    json_answer(StatusCode::OK, &text)
}

/// What the real UserAPI says about itself.
const OPEN_API: &str = include_str!("../../../contract/recordings/golden/openapi_userapi.json");

/// `GET /openapi.json`
pub(crate) fn open_api() -> Response {
    let json = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    ([json], OPEN_API).into_response()
}

/// `GET /access_info`
pub(crate) fn access_info(api: &UserApi) -> Response {
    let ids = api.cognito.ids();
    let body = json!({"cognito": {
        "user_pool_id": ids.user_pool,
        "client_id": ids.client,
        "region": ids.region,
    }});
    json_answer(StatusCode::OK, &body)
}

/// `GET /user`. The service fails with any group that it does not know.
pub(crate) fn user(user: &Caller) -> Result<Response, ApiError> {
    if user.groups.iter().any(|g| !GROUPS.contains(&g.as_str())) {
        return Err(ApiError::Unhandled);
    }
    let body = json!({"email": user.email, "groups": user.groups});
    Ok(json_answer(StatusCode::OK, &body))
}

/// `PUT /_job_status`, which is for the WorkerAPI alone. The embedded worker needs no key, so no
/// key is valid.
pub(crate) fn job_status(key: Option<&HeaderValue>, faults: &Faults) -> Result<Response, ApiError> {
    if key.is_none() {
        let loc = [json!("header"), json!("x-api-key")];
        return Err(Flaw::missing(&loc, serde_json::Value::Null).into());
    }
    if faults.has(Fault::JobStatusTakesAnyKey) {
        return Ok(json_answer(StatusCode::OK, &json!("running")));
    }
    Err(ApiError::unauthorized("unauthorized"))
}
