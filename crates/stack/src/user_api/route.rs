//! The table of the UserAPI's endpoints, in the order in which the service tries them.

use axum::http::Method;

use crate::endpoint::Endpoint::{
    self, AccessInfo, Applications, CreateJob, DeleteFile, DeleteJob, Download, DownloadUrl,
    JobStatus, List, ListJobs, NewFolder, OpenApi, Rename, ShowJob, Upload, UploadUrl, User,
    Welcome,
};

/// Method and path of each endpoint. `{name}` stands for one segment, and `{name..}` for any text,
/// even an empty one. The first row that has both is the one that answers.
const ROUTES: &[(Method, &str, Endpoint)] = &[
    (Method::GET, "/", Welcome),
    (Method::GET, "/openapi.json", OpenApi),
    (Method::GET, "/access_info", AccessInfo),
    (Method::PUT, "/_job_status", JobStatus),
    (Method::GET, "/user", User),
    (Method::GET, "/jobs/applications", Applications),
    (Method::GET, "/jobs", ListJobs),
    (Method::POST, "/jobs", CreateJob),
    (Method::GET, "/jobs/{id}", ShowJob),
    (Method::DELETE, "/jobs/{id}", DeleteJob),
    (Method::GET, "/files/{path..}/download", Download),
    (Method::GET, "/files/{path..}/url", DownloadUrl),
    (Method::GET, "/files/{path..}", List),
    (Method::POST, "/files/{kind}/{path..}/upload", Upload),
    (Method::POST, "/files/{kind}/{path..}/url", UploadUrl),
    (Method::POST, "/files/{kind}/{path..}/", NewFolder),
    (Method::PUT, "/files/{path..}", Rename),
    (Method::DELETE, "/files/{path..}", DeleteFile),
];

/// The result of a search for a request's endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'p> {
    Route(Route<'p>),
    /// The path exists, but not with this method.
    WrongMethod {
        /// The method of the first row that has this path, for the `Allow` header.
        allow: &'static str,
    },
    /// The same path with or without a slash at its end exists: this one.
    OtherSlash(String),
    Nothing,
}

/// An endpoint, and the parts of the path that are about it (percent-decoded).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route<'p> {
    pub(super) endpoint: Endpoint,
    values: Vec<&'p str>,
}

impl<'p> Route<'p> {
    /// The path's last variable part: a job's id, or a path below the user's root or below
    /// [`kind`](Self::kind).
    pub(super) fn path(&self) -> &'p str {
        self.values.last().copied().unwrap_or_default()
    }

    /// The path's first variable part: the kind of a file to write, not yet checked.
    pub(super) fn kind(&self) -> &'p str {
        self.values.first().copied().unwrap_or_default()
    }
}

/// Finds the endpoint for a method and a percent-decoded path.
pub(super) fn find<'p>(method: &Method, path: &'p str) -> Found<'p> {
    let mut allow = None;
    for (known, pattern, endpoint) in ROUTES {
        if let Some(values) = values(pattern, path) {
            if known == method {
                let endpoint = *endpoint;
                return Found::Route(Route { endpoint, values });
            }
            allow = allow.or(Some(known.as_str()));
        }
    }
    if let Some(allow) = allow {
        return Found::WrongMethod { allow };
    }
    let other = match path.strip_suffix('/') {
        Some(_) => path.trim_end_matches('/').to_owned(),
        None => format!("{path}/"),
    };
    let is_known = ROUTES
        .iter()
        .any(|(_, pattern, _)| values(pattern, &other).is_some());
    if is_known {
        Found::OtherSlash(other)
    } else {
        Found::Nothing
    }
}

/// The parts of the path in the places of a pattern's names; `None` if the path has another form.
fn values<'p>(pattern: &str, path: &'p str) -> Option<Vec<&'p str>> {
    let Some((start, rest)) = pattern.split_once('{') else {
        return (pattern == path).then(Vec::new);
    };
    let path = path.strip_prefix(start)?;
    let (name, end) = rest.split_once('}')?;
    if name.ends_with("..") {
        return Some(vec![path.strip_suffix(end)?]);
    }
    let (value, path) = path.split_at(path.find('/').unwrap_or(path.len()));
    let mut values = values(end, path).filter(|_| !value.is_empty())?;
    values.insert(0, value);
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_with_method_and_path_answers() {
        let route = |endpoint, values: &[&'static str]| {
            let values = values.to_vec();
            Found::Route(Route { endpoint, values })
        };
        let allow = |allow| Found::WrongMethod { allow };
        let other = |path: &str| Found::OtherSlash(path.into());
        for (method, path, found) in [
            (Method::GET, "/", route(Welcome, &[])),
            (Method::HEAD, "/", allow("GET")),
            (Method::GET, "/_job_status", allow("PUT")),
            (Method::GET, "/user/", other("/user")),
            (Method::GET, "/jobs/applications", route(Applications, &[])),
            (
                Method::DELETE,
                "/jobs/applications",
                route(DeleteJob, &["applications"]),
            ),
            (Method::GET, "/jobs/7", route(ShowJob, &["7"])),
            (Method::PUT, "/jobs/7", allow("GET")),
            (Method::GET, "/jobs/7/", other("/jobs/7")),
            (Method::GET, "/jobs/", other("/jobs")),
            (Method::GET, "/jobs/7/8", Found::Nothing),
            (Method::GET, "/nothing", Found::Nothing),
            (Method::GET, "/files", other("/files/")),
            (Method::GET, "/files/", route(List, &[""])),
            (Method::GET, "/files/download", route(List, &["download"])),
            (Method::GET, "/files//download", route(Download, &[""])),
            (Method::GET, "/files/a/b/url", route(DownloadUrl, &["a/b"])),
            (Method::POST, "/files/data/upload", allow("GET")),
            (
                Method::POST,
                "/files/data//upload",
                route(Upload, &["data", ""]),
            ),
            (
                Method::POST,
                "/files/data/a/b/upload",
                route(Upload, &["data", "a/b"]),
            ),
            (
                Method::POST,
                "/files/data/a/url",
                route(UploadUrl, &["data", "a"]),
            ),
            (
                Method::POST,
                "/files/data/a/",
                route(NewFolder, &["data", "a"]),
            ),
            (
                Method::POST,
                "/files/data//",
                route(NewFolder, &["data", ""]),
            ),
            (Method::POST, "/files/data/", allow("GET")),
            (Method::POST, "/files//a/", allow("GET")),
            (Method::PUT, "/files/a/b", route(Rename, &["a/b"])),
            (Method::PATCH, "/files/a", allow("GET")),
        ] {
            assert_eq!(find(&method, path), found, "{method} {path}");
        }
    }
}
