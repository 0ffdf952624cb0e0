//! The faults of addresses: the frontend's own way to write them is taken for something else.

use axum::{
    extract::Request,
    http::{StatusCode, uri::PathAndQuery},
};
use serde_json::json;

use super::{
    call::Call,
    errors::{ApiError, Flaw},
};
use crate::faults::{Fault, Faults};

/// The request as a proxy before the service passes it on.
pub(super) fn passed_on(mut request: Request, faults: &Faults) -> Request {
    let path = request.uri().path();
    let changed = if faults.has(Fault::SlashesMerged) {
        path.replace("//", "/")
    } else if faults.has(Fault::PathPlusBecomesSpace) {
        path.replace('+', "%20")
    } else {
        return request;
    };
    let query = request.uri().query();
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let mut parts = request.uri().clone().into_parts();
    if let Ok(changed) = PathAndQuery::try_from(changed + &query) {
        parts.path_and_query = Some(changed);
    }
    if let Ok(uri) = parts.try_into() {
        *request.uri_mut() = uri;
    }
    request
}

/// Finds no endpoint at an address that ends in an empty segment and then `end`, or at one that lacks it.
pub(super) fn check_empty_segment(call: &Call, end: &str, faults: &Faults) -> Result<(), ApiError> {
    let fault = match end {
        "url" => Fault::UploadUrlEmptySegmentMissing,
        _ => Fault::UploadEmptySegmentMissing,
    };
    let has_segment = call.path.ends_with(&format!("//{end}"));
    let is_missing = if has_segment {
        faults.has(fault)
    } else {
        end == "url" && faults.has(Fault::UploadUrlOfDirectoryMissing)
    };
    if is_missing {
        return Err(ApiError::not_found());
    }
    Ok(())
}

/// Refuses one of the two ways to write a boolean in an address.
pub(super) fn check_booleans(call: &Call, faults: &Faults) -> Result<(), ApiError> {
    let refused: &[&str] = if faults.has(Fault::ListRefusesCapitalBooleans) {
        &["True", "False"]
    } else if faults.has(Fault::ListRefusesLowerCaseBooleans) {
        &["true", "false"]
    } else {
        return Ok(());
    };
    let query = call.query.as_deref().unwrap_or_default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if refused.contains(&&*value) {
            let (loc, input) = ([json!("query"), json!(name)], json!(value));
            let reason = "Input should be a valid boolean, unable to interpret input";
            return Err(Flaw::new("bool_parsing", &loc, reason, input).into());
        }
    }
    Ok(())
}

/// Refuses a new path for its slashes.
pub(super) fn check_new_path(new: &str, faults: &Faults) -> Result<(), ApiError> {
    if faults.has(Fault::RenameEmptySegmentMissing) && new.contains("//") {
        return Err(ApiError::not_found());
    }
    if faults.has(Fault::RenameFolderSlashRefused) && new.ends_with('/') {
        let reason = "A new path must not end in a slash";
        return Err(ApiError::detail(StatusCode::METHOD_NOT_ALLOWED, reason));
    }
    Ok(())
}

/// Whether a rename in the root is reported as done, and is not.
pub(super) fn is_pretended_in_root(new: &str, faults: &Faults) -> bool {
    faults.has(Fault::RenamePredefinedInRootAccepted) && new.starts_with('/')
}
