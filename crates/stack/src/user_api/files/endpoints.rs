//! The endpoints below `/files/`.

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::{
    Bucket, RenameError, Storage, StoreError, UserFiles, archive, download, path::UserPath, upload,
};
use crate::{
    s3::PostForm,
    user_api::{
        Call, UserApi,
        auth::Caller,
        errors::{ApiError, Fault, json_answer, no_content},
        route::Target,
        validation::{self, Place, Query},
    },
};

type Answer = Result<Response, ApiError>;

/// How long a pre-signed request may be used.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(600);

/// A path that a client wrote. One that would leave the user's directory names nothing.
fn resolve(raw: &str) -> Result<UserPath, ApiError> {
    UserPath::parse(raw).ok_or_else(ApiError::not_found)
}

/// The user's files, the predefined directories in place.
async fn files_of(api: &UserApi, user: &Caller) -> Result<UserFiles, ApiError> {
    let files = api.files.of(&user.id);
    files.prepare().await?;
    Ok(files)
}

/// `GET /files/{path}`
pub(crate) async fn list(api: &UserApi, user: &Caller, call: &Call, raw: &str) -> Answer {
    let query = Query::parse(call.query.as_deref());
    let mut faults = Vec::new();
    let show_dirs = query.bool("show_dirs", true, &mut faults);
    let recursive = query.bool("recursive", false, &mut faults);
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let path = resolve(raw)?;
    let files = files_of(api, user).await?;
    let entries = files
        .list(raw, &path, recursive)?
        .ok_or_else(ApiError::not_found)?;
    let entries: Vec<Value> = entries
        .iter()
        .filter(|entry| show_dirs || entry.size.is_some())
        .map(super::info::FileInfo::to_json)
        .collect();
    Ok(json_answer(StatusCode::OK, &Value::Array(entries)))
}

/// The kinds of file that may be uploaded, and what the 422 calls them.
const KINDS: [&str; 3] = ["config", "data", "artifact"];
const EXPECTED_KINDS: &str = "'config', 'data' or 'artifact'";

/// The raw path and the resolved one of a directory that may be written to.
fn writable(target: Target<'_>) -> Result<(String, UserPath), ApiError> {
    if !KINDS.contains(&target.kind) {
        let loc = [json!("path"), json!("f_type")];
        return Err(Fault::not_one_of(&loc, EXPECTED_KINDS, json!(target.kind)).into());
    }
    let raw = format!("{}/{}", target.kind, target.directory);
    let path = resolve(&raw)?;
    Ok((raw, path))
}

/// `POST /files/{type}/{dir}/url`
pub(crate) async fn upload_url(
    api: &UserApi,
    user: &Caller,
    call: &Call,
    target: Target<'_>,
) -> Answer {
    let (_, path) = writable(target)?;
    let files = files_of(api, user).await?;
    let body = match (&api.files.storage, &files) {
        (Storage::S3(bucket), UserFiles::S3(files)) => {
            presigned_post(bucket, &files.key(&path.as_directory()))
        }
        _ => own_request("post", call, "/upload"),
    };
    Ok(json_answer(StatusCode::CREATED, &body))
}

fn presigned_post(bucket: &Bucket, prefix: &str) -> Value {
    let form = bucket
        .signer
        .presign_post(&bucket.endpoint, &bucket.name, prefix, LIFETIME);
    post_form(form)
}

/// A form as the UserAPI hands it out.
pub(crate) fn post_form(form: PostForm) -> Value {
    let fields: Map<String, Value> = form
        .fields
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    json!({"method": "post", "url": form.url, "headers": {}, "data": fields})
}

/// The second step when the UserAPI itself keeps the files: the same URL with another ending, and
/// the caller's own token.
fn own_request(method: &str, call: &Call, ending: &str) -> Value {
    let url = call.url();
    let url = match url.strip_suffix("/url") {
        Some(beginning) => format!("{beginning}{ending}"),
        None => url,
    };
    let authorization = call.header("authorization");
    json!({
        "method": method,
        "url": url,
        "headers": {"authorization": authorization},
        "data": {},
    })
}

/// `GET /files/{path}/url`
pub(crate) async fn download_url(api: &UserApi, user: &Caller, call: &Call, raw: &str) -> Answer {
    let path = resolve(raw)?;
    let files = files_of(api, user).await?;
    if !files.exists(&path) {
        return Err(ApiError::not_found());
    }
    let body = match (&api.files.storage, &files) {
        (Storage::S3(bucket), UserFiles::S3(files)) => {
            let key = files.key(&path);
            let signer = &bucket.signer;
            let url = signer.presign_get(&bucket.endpoint, &bucket.name, &key, LIFETIME);
            json!({"method": "get", "url": url, "headers": {}, "data": {}})
        }
        _ => own_request("get", call, "/download"),
    };
    Ok(json_answer(StatusCode::OK, &body))
}

/// `GET /files/{path}/download`
pub(crate) async fn download(api: &UserApi, user: &Caller, call: &Call, raw: &str) -> Answer {
    let path = resolve(raw)?;
    let files = files_of(api, user).await?;
    if !files.exists(&path) {
        return Err(ApiError::not_found());
    }
    if files.is_directory(&path) {
        return download_directory(api, files, raw, &path).await;
    }
    match &files {
        UserFiles::Local(local) => {
            let (metadata, file) = local.open(&path)?.ok_or_else(ApiError::not_found)?;
            let file = tokio::fs::File::from_std(file);
            Ok(download::send_file(raw, &metadata, file, &call.headers).await?)
        }
        UserFiles::S3(s3) => {
            // The name may be no more than the beginning of others: the real service stumbles.
            let (_, file) = s3.open(&path).await?.ok_or(ApiError::Unhandled)?;
            Ok(download::stream(file).into_response())
        }
    }
}

async fn download_directory(api: &UserApi, files: UserFiles, raw: &str, path: &UserPath) -> Answer {
    let content_type = match files {
        UserFiles::Local(_) => "application/x-zip-compressed",
        UserFiles::S3(_) => "application/zip",
    };
    let archive = archive::pack(files, path, &api.files.arriving).await?;
    let name = raw.trim_end_matches('/');
    let disposition = format!("attachment; filename={name}.zip");
    // A header holds no line breaks; a name that has some goes without.
    let disposition = header::HeaderValue::from_bytes(disposition.as_bytes())
        .unwrap_or(header::HeaderValue::from_static("attachment"));
    Ok((
        [
            (header::CONTENT_DISPOSITION, disposition),
            (
                header::CONTENT_TYPE,
                header::HeaderValue::from_static(content_type),
            ),
        ],
        download::stream(archive),
    )
        .into_response())
}

/// `POST /files/{type}/{dir}/upload`
pub(crate) async fn upload(
    api: &UserApi,
    user: &Caller,
    call: &Call,
    body: Body,
    target: Target<'_>,
) -> Answer {
    let (directory, path) = writable(target)?;
    let received = upload::receive(&call.headers, body, &api.files.arriving).await?;
    let path = path.join(&received.name).ok_or_else(ApiError::not_found)?;
    let files = files_of(api, user).await?;
    files.store(&path, received.content).await?;
    let slash = if directory.ends_with('/') { "" } else { "/" };
    let info = files.info(&format!("{directory}{slash}{}", received.name), &path)?;
    Ok(json_answer(StatusCode::CREATED, &info.to_json()))
}

/// `POST /files/{type}/{dir}/`
pub(crate) async fn make_directory(api: &UserApi, user: &Caller, target: Target<'_>) -> Answer {
    let (_, path) = writable(target)?;
    files_of(api, user).await?.make_directory(&path).await?;
    Ok(json_answer(StatusCode::CREATED, &Value::Null))
}

/// `PUT /files/{path}`
pub(crate) async fn rename(
    api: &UserApi,
    user: &Caller,
    call: &Call,
    body: Body,
    raw: &str,
) -> Answer {
    let body = validation::body(&call.headers, &call.read(body).await?)?;
    let mut faults = Vec::new();
    let new = Place::body(body.as_ref())
        .model(&mut faults)
        .and_then(|body| body.field("path").string(&mut faults))
        .ok_or(ApiError::Invalid(faults))?;
    let (from, to) = (resolve(raw)?, resolve(&new)?);
    let files = files_of(api, user).await?;
    files.rename(&from, &to)?;
    Ok(json_answer(
        StatusCode::OK,
        &files.info(&new, &to)?.to_json(),
    ))
}

/// `DELETE /files/{path}`
pub(crate) async fn delete(api: &UserApi, user: &Caller, raw: &str) -> Answer {
    let path = resolve(raw)?;
    // A predefined directory is back with the next request, which makes those that are missing.
    files_of(api, user).await?.delete(&path)?;
    Ok(no_content())
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotADirectory => {
                Self::detail(StatusCode::NOT_FOUND, "Path is not a directory")
            }
            StoreError::Io(error) => error.into(),
        }
    }
}

impl From<RenameError> for ApiError {
    fn from(error: RenameError) -> Self {
        match error {
            RenameError::Missing => Self::not_found(),
            RenameError::Refused(reason) => Self::Detail(StatusCode::METHOD_NOT_ALLOWED, reason),
            RenameError::NoSuchKey => Self::Unhandled,
            RenameError::Store(error) => error.into(),
        }
    }
}
