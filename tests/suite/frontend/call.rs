//! A call of the frontend's as a row of a table.

use std::fmt;

use opencloud_model::{event::Failure, service::Service};
use opencloud_suite::{
    http::{Method, Request, SUCCESS},
    report::StepFailure,
    user_api::{
        check_entries,
        files::{FileInfo, normal},
    },
};

use crate::fixture::{Fixture, same};

/// A call of the frontend's. In its texts, `{name}` stands for the name of the test's own files.
pub(super) struct Call {
    /// What the user does.
    action: &'static str,
    method: Method,
    /// The path and the query, as the frontend writes them.
    path: &'static str,
    expected: Expected,
}

/// The answer that a call must get.
pub(super) enum Expected {
    /// Any status of success.
    Success,
    /// The same, and the file or folder is gone.
    Gone,
    /// A listing of these paths.
    Entries(&'static [&'static str]),
    /// The file or folder has moved to this path, as the frontend writes it.
    Renamed(&'static str),
    /// A refusal with this status and reason.
    Refused(u16, &'static str),
    /// The same, of a rename to this path.
    NotRenamed(&'static str, u16, &'static str),
}

/// The name of a step ends in it.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("2xx"),
            Self::Gone => f.write_str("2xx, and it is gone"),
            Self::Entries([]) => f.write_str("no entries"),
            Self::Entries(_) => f.write_str("its entries"),
            Self::Renamed(to) => write!(f, "it becomes {}", to.replace("{name}", "…")),
            Self::Refused(status, _) | Self::NotRenamed(_, status, _) => write!(f, "{status}"),
        }
    }
}

impl Call {
    pub(super) const fn get(
        action: &'static str,
        path: &'static str,
        entries: &'static [&'static str],
    ) -> Self {
        Self {
            action,
            method: Method::GET,
            path,
            expected: Expected::Entries(entries),
        }
    }

    pub(super) const fn post(action: &'static str, path: &'static str, expected: Expected) -> Self {
        Self {
            action,
            method: Method::POST,
            path,
            expected,
        }
    }

    pub(super) const fn put(action: &'static str, path: &'static str, expected: Expected) -> Self {
        Self {
            action,
            method: Method::PUT,
            path,
            expected,
        }
    }

    pub(super) const fn delete(action: &'static str, path: &'static str) -> Self {
        Self {
            action,
            method: Method::DELETE,
            path,
            expected: Expected::Gone,
        }
    }

    async fn check(&self, fixture: &Fixture<'_>) -> Result<(), Failure> {
        let own = |text: &str| text.replace("{name}", fixture.name);
        let path = own(self.path);
        let old_path = path.trim_start_matches("/files/");
        let url = fixture.api.url(&path);
        // None of these but a rename has another effect when it is sent twice.
        let request = Request::new(Service::UserApi, self.method.clone(), self.action, url);
        let request = request.idempotent(true);
        match &self.expected {
            Expected::Success => fixture.expect(request, &[SUCCESS]).await.map(drop),
            Expected::Gone => {
                fixture.expect(request, &[SUCCESS]).await?;
                fixture.api.check_deleted(old_path).await
            }
            Expected::Entries(paths) => {
                let answer = fixture.expect(request, &[SUCCESS]).await?;
                let entries: Vec<FileInfo> = answer.json().await?;
                let (directory, _) = old_path.split_once('?').unwrap_or((old_path, ""));
                let entries = match directory {
                    "" | "/" => fixture.of_root(entries),
                    _ => entries,
                };
                let expected: Vec<_> = paths.iter().copied().map(own).collect();
                check_entries(directory, &entries, &expected)
            }
            Expected::Renamed(to) => rename(fixture, old_path, &own(to)).await,
            Expected::Refused(status, reason) => fixture.refused(request, *status, reason).await,
            Expected::NotRenamed(to, status, reason) => {
                let request = fixture.api.rename_request(old_path, &own(to));
                fixture.refused(request, *status, reason).await
            }
        }
    }
}

/// Renames a file or an empty folder. The frontend shows the directory again, and not the answer.
async fn rename(fixture: &Fixture<'_>, from: &str, to: &str) -> Result<(), Failure> {
    let info = fixture.api.rename(from, to).await?;
    same("the path in the answer", &normal(&info.path), &normal(to))?;
    fixture.api.check_renamed(from, to).await
}

/// Makes the calls of a table one after the other, each as a step.
pub(super) async fn make(fixture: &Fixture<'_>, calls: &[Call]) -> Result<(), StepFailure> {
    for call in calls {
        let step = format!("{}: {}", call.action, call.expected);
        fixture.steps.run(&step, call.check(fixture)).await?;
    }
    Ok(())
}
