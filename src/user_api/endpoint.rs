//! The endpoints of the UserAPI: one row each. All requests are built from this table, and so are the
//! calls that the tests of origins and of tokens make.

use opencloud_model::service::Service;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::{Method, Request};

/// The id of a job that does not exist. Ids count up from 1, so the UserAPI may refuse 0 without looking for it.
pub const MISSING_JOB: &str = "2147483647";

/// The parameters and the body of an endpoint's request that changes nothing outside the test's own
/// directory, even if a faulty service accepts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// No parameter.
    Plain,
    /// No parameter, and an empty JSON object as the body.
    EmptyJson,
    /// The root directory.
    Root,
    /// A directory.
    Directory,
    /// A file.
    File,
    /// A file that does not exist.
    MissingFile,
    /// A file that does not exist, and another path in the body.
    NewPath,
    /// A job that does not exist.
    MissingJob,
    /// The first page of a list.
    FirstPage,
}

/// What is known of an endpoint.
struct Row {
    method: Method,
    /// `{}` stands for a parameter.
    path: &'static str,
    /// `{}` stands for the first parameter.
    name: &'static str,
    idempotent: bool,
    /// Empty if only the suite uses the endpoint, or if another request covers it.
    examples: &'static [Example],
}

const IDEMPOTENT: bool = true;
const NOT_IDEMPOTENT: bool = false;

/// Declares the endpoints, with the members of a [`Row`] in their order.
macro_rules! endpoints {
    ($($(#[$doc:meta])* $endpoint:ident:
        $method:ident $path:literal, $name:literal, $idempotent:ident, [$($example:ident),*];
    )*) => {
        /// An endpoint of the UserAPI.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Endpoint {
            $($(#[$doc])* $endpoint,)*
        }

        impl Endpoint {
            /// All endpoints.
            pub const ALL: &[Self] = &[$(Self::$endpoint),*];

            fn row(self) -> Row {
                match self {
                    $(Self::$endpoint => Row {
                        method: Method::$method,
                        path: $path,
                        name: $name,
                        idempotent: $idempotent,
                        examples: &[$(Example::$example),*],
                    },)*
                }
            }
        }
    };
}

endpoints! {
    /// Where users sign in.
    AccessInfo: GET "/access_info", "get the access info", IDEMPOTENT, [Plain];
    /// The signed-in user.
    User: GET "/user", "get the user", IDEMPOTENT, [Plain];
    /// The entries of a directory, which the frontend's file browser shows.
    List: GET "/files/{}?show_dirs=True&recursive=False", "list {}", IDEMPOTENT, [Root, Directory];
    /// All files below a directory, which the frontend downloads as a zip. It writes the values of this
    /// query in lower case, and those of [`Endpoint::List`] with a capital.
    ListFiles: GET "/files/{}?show_dirs=false&recursive=true", "list all files of {}", IDEMPOTENT, [Directory];
    /// Everything below a directory; only the suite asks for it.
    ListTree: GET "/files/{}?show_dirs=True&recursive=True", "list {} recursively", IDEMPOTENT, [];
    /// Creates a directory, or succeeds if it exists.
    CreateDirectory: POST "/files/{}/", "create {}", IDEMPOTENT, [Directory];
    /// How to upload a file into a directory, which must not be the root. With a slash at its end the
    /// path has an empty segment, as the frontend sends it for a single file. Without one, the path is
    /// that of a file of a whole directory.
    UploadUrl: POST "/files/{}/url", "get the upload URL for {}", IDEMPOTENT, [Directory];
    /// Uploads a file to the UserAPI's disk; covered by the upload that `UploadUrl` leads to.
    Upload: POST "/files/{}/upload", "upload to {}", NOT_IDEMPOTENT, [];
    /// Renames or moves a file or directory.
    Rename: PUT "/files/{}", "rename {}", NOT_IDEMPOTENT, [NewPath];
    /// How to download a file.
    DownloadUrl: GET "/files/{}/url", "get the download URL for {}", IDEMPOTENT, [File];
    /// Downloads a file.
    Download: GET "/files/{}/download", "download {} directly", IDEMPOTENT, [File];
    /// Deletes a file, or a directory with everything in it.
    Delete: DELETE "/files/{}", "delete {}", IDEMPOTENT, [MissingFile];
    /// The applications that a job can run.
    Applications: GET "/jobs/applications", "list the applications", IDEMPOTENT, [Plain];
    /// Creates a job.
    CreateJob: POST "/jobs", "create the job", NOT_IDEMPOTENT, [EmptyJson];
    /// A page of the user's jobs.
    Jobs: GET "/jobs?offset={}&limit={}", "list jobs", IDEMPOTENT, [FirstPage];
    /// A job.
    Job: GET "/jobs/{}", "get job {}", IDEMPOTENT, [MissingJob];
    /// Deletes a job and its outputs. A repetition might delete another job, which got the same id.
    DeleteJob: DELETE "/jobs/{}", "delete job {}", NOT_IDEMPOTENT, [MissingJob];
}

impl Endpoint {
    /// The requests that stand for this endpoint where a test makes every call of the frontend's.
    #[must_use]
    pub fn examples(self) -> &'static [Example] {
        self.row().examples
    }

    /// The endpoint that a request was built for.
    #[must_use]
    pub(super) fn of(request: &Request) -> Option<Self> {
        let all = Self::ALL.iter().copied();
        let mut same_path = all.filter(|endpoint| endpoint.row().path == request.pattern);
        same_path.find(|endpoint| endpoint.row().method == request.method)
    }

    /// Whether the endpoint is one of `/files`.
    #[must_use]
    pub(super) fn is_about_files(self) -> bool {
        self.row().path.starts_with("/files")
    }

    /// Whether the UserAPI demands a user's token.
    #[must_use]
    pub fn needs_token(self) -> bool {
        self != Self::AccessInfo
    }

    /// What a request does with `parameter`, in a few words.
    #[must_use]
    pub fn name(self, parameter: &str) -> String {
        self.row().name.replace("{}", parameter)
    }

    /// A request without token and body to the UserAPI at `base`, which has no trailing slash.
    #[must_use]
    pub fn request(self, base: &str, parameters: &[&str]) -> Request {
        let row = self.row();
        let mut path = row.path.to_owned();
        for parameter in parameters {
            // A new directory's path ends in one slash.
            let parameter = if path.ends_with("{}/") {
                parameter.trim_end_matches('/')
            } else {
                parameter
            };
            path = path.replacen("{}", &encoded(parameter), 1);
        }
        let name = self.name(parameters.first().copied().unwrap_or_default());
        let url = format!("{base}{path}");
        let mut request = Request::new(Service::UserApi, row.method, name, url);
        request.pattern = row.path;
        request.idempotent(row.idempotent)
    }
}

/// The characters that a segment of a path holds unescaped (RFC 3986, "unreserved").
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `path` with each segment percent-encoded.
fn encoded(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| utf8_percent_encode(segment, SEGMENT).to_string());
    segments.collect::<Vec<_>>().join("/")
}
