//! The endpoints below `/files/`.

mod download;
mod upload;

use super::{
    api::UserApi,
    auth::Caller,
    call::Call,
    errors::{ApiError, Flaw, json_answer, no_content},
    faulty as faulty_calls,
    redirect::redirect,
    route::Route,
    validation::{self, Place, Query},
};
use crate::{
    faults::{Fault, Faults},
    files::{Bucket, FileInfo, Storage, UserFiles, UserPath, archive, faulty},
    http,
    s3::PostForm,
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

type Answer = Result<Response, ApiError>;

/// How long a pre-signed request may be used.
const LIFETIME: Duration = Duration::from_secs(600);
const A_WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const A_MOMENT: Duration = Duration::from_secs(3);

fn lifetime(faults: &Faults) -> Duration {
    if faults.has(Fault::LinksForAWeek) {
        A_WEEK
    } else if faults.has(Fault::LinksForAMoment) {
        A_MOMENT
    } else {
        LIFETIME
    }
}

/// A path from a client. A path that would leave the user's directory is not found.
fn resolve(raw: &str) -> Result<UserPath, ApiError> {
    UserPath::parse(raw).ok_or_else(ApiError::not_found)
}

/// The user's files, the predefined directories in place.
async fn files_of(api: &UserApi, user: &Caller) -> Result<UserFiles, ApiError> {
    let files = api.files.of(&user.id);
    let root = UserPath::parse("").ok_or_else(ApiError::not_found)?;
    let is_new = files
        .list("", &root, false)?
        .is_none_or(|entries| entries.is_empty());
    if is_new || !api.faults.has(Fault::EmptiedDirectoriesStayAway) {
        files.prepare().await?;
    }
    Ok(files)
}

/// `GET /files/{path}`
pub(crate) async fn list(api: &UserApi, user: &Caller, call: &Call, raw: &str) -> Answer {
    faulty_calls::check_booleans(call, &api.faults)?;
    let query = Query::parse(call.query.as_deref());
    let mut flaws = Vec::new();
    let show_dirs = query.bool("show_dirs", true, &mut flaws);
    let recursive = query.bool("recursive", false, &mut flaws);
    if !flaws.is_empty() && !api.faults.has(Fault::ListTakesAnyQuery) {
        return Err(ApiError::Invalid(flaws));
    }
    let recursive = recursive && !api.faults.has(Fault::ListNotRecursive)
        || api.faults.has(Fault::ListAlwaysRecursive);
    let show_dirs = show_dirs || api.faults.has(Fault::ListShowsDirectories);
    if raw == "/" && api.faults.has(Fault::ListTwoSlashesMissing) {
        return Err(ApiError::not_found());
    }
    let owner = owner(api, user, Fault::ListShowsAnother);
    let (owner, raw) = escaped(api, raw, Fault::ListEscapesByDots).unwrap_or((owner, raw));
    let path = resolve(raw)?;
    let show_dirs =
        show_dirs && (path.is_root() || !api.faults.has(Fault::ListHidesSubdirectories));
    files_of(api, user).await?;
    let files = api.files.of(owner);
    if faulty::disappears(&files, raw, &path, &api.faults).await? {
        return Err(ApiError::Unhandled);
    }
    let entries = match faulty::listed(files.list(raw, &path, recursive)?, &path, &api.faults) {
        Some(entries) => entries,
        None if api.faults.has(Fault::ListMissingAsEmpty) => Vec::new(),
        None => return Err(ApiError::not_found()),
    };
    let entries: Vec<Value> = entries
        .iter()
        .filter(|entry| show_dirs || entry.size.is_some())
        .map(|entry| {
            if api.faults.has(Fault::ListCutsSizes) {
                entry.cut().to_json()
            } else {
                entry.to_json()
            }
        })
        .map(|mut entry| {
            if recursive && api.faults.has(Fault::ListAllWrongSizes) && entry["size"] != "" {
                entry["size"] = json!("123 Bytes");
            }
            entry
        })
        .collect();
    Ok(json_answer(StatusCode::OK, &Value::Array(entries)))
}

/// The id of the user whose files are used: the caller's own, unless the stack has this fault.
fn owner<'a>(api: &'a UserApi, user: &'a Caller, fault: Fault) -> &'a str {
    let first = api.cognito.accounts().first();
    match first.filter(|_| api.faults.has(fault)) {
        Some(first) => &first.sub,
        None => &user.id,
    }
}

/// The user and the path that a path with two dots leads to, if the stack has this fault.
fn escaped<'a>(api: &UserApi, raw: &'a str, fault: Fault) -> Option<(&'a str, &'a str)> {
    let (_, outside) = raw.rsplit_once("../")?;
    let (owner, path) = outside.split_once('/')?;
    api.faults.has(fault).then_some((owner, path))
}

/// The kinds of file that may be uploaded, and what the 422 calls them.
const KINDS: [&str; 3] = ["config", "data", "artifact"];
const EXPECTED_KINDS: &str = "'config', 'data' or 'artifact'";

/// The raw path and the resolved one of a directory that may be written to.
fn writable(route: &Route<'_>, any_kind: bool) -> Result<(String, UserPath), ApiError> {
    if !KINDS.contains(&route.kind()) && !any_kind {
        let loc = [json!("path"), json!("f_type")];
        return Err(Flaw::not_one_of(&loc, EXPECTED_KINDS, json!(route.kind())).into());
    }
    let raw = format!("{}/{}", route.kind(), route.path());
    let path = resolve(&raw)?;
    Ok((raw, path))
}

/// `POST /files/{type}/{dir}/url`
pub(crate) async fn upload_url(
    api: &UserApi,
    user: &Caller,
    call: &Call,
    route: &Route<'_>,
) -> Answer {
    faulty_calls::check_empty_segment(call, "url", &api.faults)?;
    let (_, path) = writable(route, api.faults.has(Fault::UploadAmongResults))?;
    files_of(api, user).await?;
    let files = api.files.of(owner(api, user, Fault::UploadUrlOfAnother));
    if api.faults.has(Fault::UploadUrlNeedsDirectory) && !files.exists(&path.as_directory())? {
        return Err(ApiError::not_found());
    }
    let mut body = match (&api.files.storage, &files) {
        (Storage::S3(bucket), UserFiles::S3(files)) => {
            let mut prefix = if api.faults.has(Fault::UploadUrlJoinsNames) {
                files.key(&path)
            } else {
                files.key(&path.as_directory())
            };
            if let Some(email) = &user.email
                && api.faults.has(Fault::UploadUrlOfEmail)
            {
                prefix = prefix.replacen(&user.id, email, 1);
            }
            presigned_post(bucket, &prefix, &api.faults)
        }
        _ => own_request("post", call, "/upload"),
    };
    if api.faults.has(Fault::UploadFormWithToken) {
        body["headers"] = own_headers(call);
    }
    Ok(json_answer(StatusCode::CREATED, &body))
}

fn presigned_post(bucket: &Bucket, prefix: &str, faults: &Faults) -> Value {
    let now = signed_at(faults, Fault::UploadFormExpired);
    let sign = |prefix| {
        let (endpoint, name) = (&bucket.endpoint, &bucket.name);
        let signer = &bucket.signer;
        signer.presign_post(now, endpoint, name, prefix, lifetime(faults))
    };
    let mut form = sign(prefix);
    if faults.has(Fault::PolicyWithoutPrefix) {
        let key = form.fields.swap_remove(0);
        form = sign("");
        form.fields[0] = key;
    }
    if faults.has(Fault::UploadFormLimitsSize) {
        let key = form.fields.swap_remove(0);
        form.fields = bucket.signer.sign_policy(now, &with_size_limit(&form));
        form.fields.insert(0, key);
    }
    form.to_json()
}

/// The policy of a form, with a limit of 10 MB for the file.
fn with_size_limit(form: &PostForm) -> String {
    let mut fields = form.fields.iter();
    let policy = fields.find_map(|(name, value)| (name == "policy").then_some(value));
    let policy = policy.and_then(|policy| BASE64_STANDARD.decode(policy).ok());
    let policy = String::from_utf8(policy.unwrap_or_default()).unwrap_or_default();
    let conditions = "\"conditions\": [";
    policy.replace(
        conditions,
        &format!("{conditions}[\"content-length-range\", 0, 10485760], "),
    )
}

/// When a request is signed: now, unless the stack has this fault.
fn signed_at(faults: &Faults, expired: Fault) -> Timestamp {
    let hours = i64::from(faults.has(expired));
    Timestamp::now() - SignedDuration::from_hours(hours)
}

/// The second step where the UserAPI itself keeps the files: the same URL with another ending, and
/// the caller's own token.
fn own_request(method: &str, call: &Call, ending: &str) -> Value {
    let url = call.url_of(&call.path);
    let url = match url.strip_suffix("/url") {
        Some(beginning) => format!("{beginning}{ending}"),
        None => url,
    };
    json!({"method": method, "url": url, "headers": own_headers(call), "data": {}})
}

fn own_headers(call: &Call) -> Value {
    json!({"authorization": call.header("authorization")})
}

/// `GET /files/{path}/url`
pub(crate) async fn download_url(api: &UserApi, user: &Caller, call: &Call, raw: &str) -> Answer {
    let path = resolve(raw)?;
    files_of(api, user).await?;
    let files = api.files.of(owner(api, user, Fault::DownloadUrlOfAnother));
    if !files.exists(&path)? && !api.faults.has(Fault::DownloadUrlForWhatIsMissing) {
        return Err(ApiError::not_found());
    }
    let mut body = match (&api.files.storage, &files) {
        (Storage::S3(bucket), UserFiles::S3(files)) => {
            let key = files.key(&path);
            let signer = &bucket.signer;
            let now = signed_at(&api.faults, Fault::DownloadUrlExpired);
            let (endpoint, name) = (&bucket.endpoint, &bucket.name);
            let lifetime = lifetime(&api.faults);
            let url = signer.presign(now, &Method::GET, endpoint, name, &key, lifetime);
            json!({"method": "get", "url": url, "headers": {}, "data": {}})
        }
        _ => own_request("get", call, "/download"),
    };
    if api.faults.has(Fault::DownloadUrlWithToken) {
        body["headers"] = own_headers(call);
    }
    Ok(json_answer(StatusCode::OK, &body))
}

/// `GET /files/{path}/download`
pub(crate) async fn download(api: &UserApi, user: &Caller, call: &Call, raw: &str) -> Answer {
    let path = resolve(raw)?;
    let files = files_of(api, user).await?;
    if !files.exists(&path)? {
        return Err(ApiError::not_found());
    }
    if api.faults.has(Fault::JobOutputDownloadsEmpty) && raw.starts_with("artifact/") {
        return Ok(Response::new(Body::empty()));
    }
    let files = faulty::earlier(&api.files, &user.id, &path, &api.faults)?.unwrap_or(files);
    if files.is_directory(&path)? {
        return download_directory(api, files, raw, &path).await;
    }
    match &files {
        UserFiles::Local(local) => {
            let (metadata, file) = local.open(&path)?.ok_or_else(ApiError::not_found)?;
            let file = tokio::fs::File::from_std(file);
            Ok(download::send_file(raw, &metadata, file, &call.headers).await?)
        }
        UserFiles::S3(s3) => {
            // The name may be only the beginning of others: the real service fails there.
            let (_, file) = s3.open(&path).await?.ok_or(ApiError::Unhandled)?;
            Ok(http::streamed(file).into_response())
        }
    }
}

async fn download_directory(api: &UserApi, files: UserFiles, raw: &str, path: &UserPath) -> Answer {
    let content_type = match files {
        UserFiles::Local(_) => "application/x-zip-compressed",
        UserFiles::S3(_) => "application/zip",
    };
    let archive = archive::pack(files, path, &api.files.incoming).await?;
    let name = raw.trim_end_matches('/');
    let disposition = format!("attachment; filename={name}.zip");
    // A header cannot contain line breaks; a name with line breaks is left out.
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
        http::streamed(archive),
    )
        .into_response())
}

/// `POST /files/{type}/{dir}/upload`
pub(crate) async fn upload(
    api: &UserApi,
    user: &Caller,
    call: &Call,
    body: Body,
    route: &Route<'_>,
) -> Answer {
    faulty_calls::check_empty_segment(call, "upload", &api.faults)?;
    let (directory, path) = writable(route, api.faults.has(Fault::UploadAmongResults))?;
    let received = upload::receive(&call.headers, body, &api.files.incoming).await?;
    let received = upload::accepted(received, &api.faults)?;
    let path = path.join(&received.name).ok_or_else(ApiError::not_found)?;
    let files = files_of(api, user).await?;
    if api.faults.has(Fault::UploadNeedsItsFolder) && !files.exists(&path.parent())? {
        return Err(ApiError::Unhandled);
    }
    faulty::keep_earlier(&api.files, &user.id, &path, &api.faults).await?;
    let replaced = faulty::replaced(&files, &path, &api.faults).await?;
    files.store(&path, received.content).await?;
    let slash = if directory.ends_with('/') { "" } else { "/" };
    let info = files.info(&format!("{directory}{slash}{}", received.name), &path)?;
    faulty::damage_upload(&files, &path, replaced, &api.faults)?;
    Ok(json_answer(StatusCode::CREATED, &info.to_json()))
}

/// `POST /files/{type}/{dir}/`
pub(crate) async fn make_directory(api: &UserApi, user: &Caller, route: &Route<'_>) -> Answer {
    let (_, path) = writable(route, api.faults.has(Fault::NewFolderAmongResults))?;
    let files = files_of(api, user).await?;
    if api.faults.has(Fault::NewFolderWithoutParentRefused) && !files.exists(&path.parent())? {
        return Err(ApiError::not_found());
    }
    if api.faults.has(Fault::NewFolderTwiceRefused) && files.exists(&path.as_directory())? {
        return Err(ApiError::detail(StatusCode::CONFLICT, "Directory exists"));
    }
    if api.faults.has(Fault::NewFolderEmpties) {
        files.delete(&path.as_directory())?;
    }
    if !api.faults.has(Fault::NewFolderNotMade) {
        files.make_directory(&path).await?;
    }
    if api.faults.has(Fault::NewFolderNotEmpty)
        && let Some(keep) = path.join(".keep")
    {
        api.files.put(&files, &keep, b"").await?;
    }
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
    let mut flaws = Vec::new();
    let new = Place::body(body.as_ref())
        .model(&mut flaws)
        .and_then(|body| body.field("path").string(&mut flaws))
        .ok_or(ApiError::Invalid(flaws))?;
    let new = if api.faults.has(Fault::RenamePlusBecomesSpace) {
        new.replace('+', " ")
    } else {
        new
    };
    let new = if api.faults.has(Fault::RenameTakesRelativePath) {
        let (directory, _) = raw.rsplit_once('/').unwrap_or_default();
        format!("{directory}/{new}")
    } else {
        new
    };
    faulty_calls::check_new_path(&new, &api.faults)?;
    let (from, to) = (resolve(raw)?, resolve(&new)?);
    files_of(api, user).await?;
    let files = api.files.of(owner(api, user, Fault::RenameOfAnother));
    if let Some(reason) = faulty::refuses_rename(&files, (&from, &to), &api.faults)? {
        return Err(ApiError::detail(StatusCode::METHOD_NOT_ALLOWED, reason));
    }
    let is_pretended = api.faults.has(Fault::RenameFullOfDirectoriesAccepted)
        && faulty::holds_only_directories(&files, &from)?;
    if is_pretended || faulty_calls::is_pretended_in_root(&new, &api.faults) {
        let info = FileInfo::directory(new);
        return Ok(json_answer(StatusCode::OK, &info.to_json()));
    }
    if !faulty::renames_onto_file(&files, (&from, &to), &api.faults)? {
        files.rename(&from, &to, &api.faults)?;
    }
    let info = files.info(&new, &to)?;
    faulty::damage_renamed(&api.files, &files, (&from, &to), &api.faults).await?;
    Ok(json_answer(StatusCode::OK, &info.to_json()))
}

/// `DELETE /files/{path}`
pub(crate) async fn delete(api: &UserApi, user: &Caller, raw: &str) -> Answer {
    if api.faults.has(Fault::DeleteRedirectsWithoutSlash)
        && let Some(shorter) = raw.strip_suffix('/')
    {
        return Ok(redirect(&format!("/files/{shorter}")));
    }
    let escaped = escaped(api, raw, Fault::DeleteEscapesByDots);
    let own = owner(api, user, Fault::DeleteOfAnother);
    let (owner, raw) = escaped.unwrap_or((own, raw));
    let path = resolve(raw)?;
    files_of(api, user).await?;
    let files = api.files.of(owner);
    if api.faults.has(Fault::DeleteMissingAnswers404) && !files.exists(&path)? {
        return Err(ApiError::not_found());
    }
    // The next request makes predefined directories again.
    for path in faulty::deleted_with(&files, path, &api.faults)? {
        files.delete(&path)?;
    }
    Ok(no_content())
}
