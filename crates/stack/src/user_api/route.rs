//! Which request means what: the UserAPI's routes, in the order in which it tries them.

use axum::http::Method;

/// An endpoint that needs no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Public {
    /// `GET /`
    Welcome,
    /// `GET /access_info`
    AccessInfo,
    /// `PUT /_job_status`
    JobStatus,
}

/// An endpoint for users, with the parts of the path that it is about (percent-decoded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'p> {
    /// `GET /user`
    User,
    /// `GET /jobs/applications`
    Applications,
    /// `GET /jobs`
    ListJobs,
    /// `POST /jobs`
    CreateJob,
    /// `GET /jobs/{id}`
    GetJob(&'p str),
    /// `DELETE /jobs/{id}`
    DeleteJob(&'p str),
    /// `GET /files/{path}/download`
    Download(&'p str),
    /// `GET /files/{path}/url`
    DownloadUrl(&'p str),
    /// `GET /files/{path}`
    List(&'p str),
    /// `POST /files/{type}/{dir}/upload`
    Upload(Target<'p>),
    /// `POST /files/{type}/{dir}/url`
    UploadUrl(Target<'p>),
    /// `POST /files/{type}/{dir}/`
    MakeDirectory(Target<'p>),
    /// `PUT /files/{path}`
    Rename(&'p str),
    /// `DELETE /files/{path}`
    Delete(&'p str),
}

/// The directory that an upload or a new directory goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'p> {
    /// The first segment: what kind of file it is, not yet checked.
    pub(crate) kind: &'p str,
    /// The rest, possibly empty.
    pub(crate) directory: &'p str,
}

/// What was found for a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'p> {
    /// An endpoint that needs no token.
    Public(Public),
    /// An endpoint for users.
    Route(Route<'p>),
    /// The path exists, but not with this method.
    WrongMethod {
        /// The methods of the first route that has this path: what `Allow` says.
        allow: &'static str,
    },
    /// The same path with or without a slash at its end exists: this one.
    OtherSlash(String),
    /// Nothing.
    Nothing,
}

/// Finds the endpoint for a method and a percent-decoded path.
pub(crate) fn find<'p>(method: &Method, path: &'p str) -> Found<'p> {
    if let Some(found) = with_this_path(method, path) {
        return found;
    }
    let other = other_slash(path);
    if path != "/" && with_this_path(method, &other).is_some() {
        return Found::OtherSlash(other);
    }
    Found::Nothing
}

fn other_slash(path: &str) -> String {
    if path.ends_with('/') {
        path.trim_end_matches('/').to_owned()
    } else {
        format!("{path}/")
    }
}

fn with_this_path<'p>(method: &Method, path: &'p str) -> Option<Found<'p>> {
    if let Some(rest) = path.strip_prefix("/files/") {
        return Some(files(method, rest));
    }
    if let Some(id) = path.strip_prefix("/jobs/") {
        return job(method, id);
    }
    let public = match path {
        "/" => Public::Welcome,
        "/access_info" => Public::AccessInfo,
        "/_job_status" if method == Method::PUT => return Some(Found::Public(Public::JobStatus)),
        "/_job_status" => return Some(Found::WrongMethod { allow: "PUT" }),
        "/user" => return Some(only_get(method, Found::Route(Route::User))),
        "/jobs" if method == Method::POST => return Some(Found::Route(Route::CreateJob)),
        "/jobs" => return Some(only_get(method, Found::Route(Route::ListJobs))),
        _ => return None,
    };
    Some(only_get(method, Found::Public(public)))
}

fn only_get<'p>(method: &Method, found: Found<'p>) -> Found<'p> {
    if method == Method::GET {
        found
    } else {
        Found::WrongMethod { allow: "GET" }
    }
}

fn job<'p>(method: &Method, id: &'p str) -> Option<Found<'p>> {
    if id.is_empty() || id.contains('/') {
        return None;
    }
    Some(match *method {
        Method::GET if id == "applications" => Found::Route(Route::Applications),
        Method::GET => Found::Route(Route::GetJob(id)),
        Method::DELETE => Found::Route(Route::DeleteJob(id)),
        _ => Found::WrongMethod { allow: "GET" },
    })
}

fn files<'p>(method: &Method, path: &'p str) -> Found<'p> {
    let route = match *method {
        Method::GET => Some(read(path)),
        Method::POST => write(path),
        Method::PUT => Some(Route::Rename(path)),
        Method::DELETE => Some(Route::Delete(path)),
        _ => None,
    };
    // Whatever the path, the first route that has it is one of those that only know GET.
    route.map_or(Found::WrongMethod { allow: "GET" }, Found::Route)
}

fn read(path: &str) -> Route<'_> {
    if let Some(file) = path.strip_suffix("/download") {
        Route::Download(file)
    } else if let Some(file) = path.strip_suffix("/url") {
        Route::DownloadUrl(file)
    } else {
        Route::List(path)
    }
}

fn write(path: &str) -> Option<Route<'_>> {
    let (kind, rest) = path.split_once('/')?;
    if kind.is_empty() {
        return None;
    }
    let target = |directory| Target { kind, directory };
    if let Some(directory) = rest.strip_suffix("/upload") {
        Some(Route::Upload(target(directory)))
    } else if let Some(directory) = rest.strip_suffix("/url") {
        Some(Route::UploadUrl(target(directory)))
    } else {
        let directory = rest.strip_suffix('/')?;
        Some(Route::MakeDirectory(target(directory)))
    }
}
