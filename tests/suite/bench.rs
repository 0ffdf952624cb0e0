//! A test with a directory name of its own, whose files and jobs are removed at its end.

use opencloud_model::event::{Event, Failure};
use opencloud_suite::{
    file_size,
    http::{Answer, Request},
    made::{self, Made},
    page,
    report::{self, Steps},
    suite::{self, Failed, Suite},
    user_api::{
        UserApi,
        error::{Detail, Refusal},
        files::{FileKind, LISTING, Listing, paths},
    },
};
use web_sys::Blob;

/// What a test works with.
pub(crate) struct Bench<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) api: &'a UserApi,
    pub(crate) steps: &'a Steps,
    /// A name that nothing else has.
    pub(crate) name: &'a str,
    pub(crate) made: Made,
}

/// Runs a test on a bench, and clears the bench afterwards.
pub(crate) async fn on_bench(
    test: &str,
    body: impl AsyncFnOnce(&mut Bench<'_>) -> Result<(), Failure>,
) -> Result<(), Failed> {
    let name = made::run_id().name(test);
    suite::test(test, &name, async |suite, steps| {
        let mut bench = Bench {
            suite,
            api: &suite.api,
            steps,
            name: &name,
            made: Made::default(),
        };
        let outcome = body(&mut bench).await;
        bench.made.tear_down(suite, steps, outcome).await
    })
    .await
}

impl Bench<'_> {
    /// The test's own directory below `config`, `data` or `artifact`.
    pub(crate) fn directory(&self, kind: &str) -> String {
        format!("{kind}/{}/", self.name)
    }

    /// Uploads a file, which the listing then shows with its size.
    pub(crate) async fn upload(
        &mut self,
        directory: &str,
        file: &str,
        content: &Blob,
    ) -> Result<(), Failure> {
        self.made.directory(directory);
        self.put(directory, file, content).await
    }

    /// Like [`Bench::upload`], into a directory that is already known to be removed.
    pub(crate) async fn put(
        &self,
        directory: &str,
        file: &str,
        content: &Blob,
    ) -> Result<(), Failure> {
        self.api.upload(directory, content, file).await?;
        let path = format!("{directory}{file}");
        let listing = self.api.list(directory, Listing::Level).await?;
        let listing = listing.unwrap_or_default();
        let size = file_size::of(content);
        match listing.iter().find(|entry| entry.path == path) {
            Some(found) if found.kind == FileKind::File && found.size == size => Ok(()),
            Some(found) => Err(Failure::stack(format!(
                "{path} was uploaded with {size}, but the listing shows {:?} with {} {LISTING}",
                found.kind, found.size
            ))),
            None => Err(Failure::stack(format!(
                "{path} was uploaded with {size}, but the listing does not show it {LISTING}; it \
                 shows {}",
                paths(&listing)
            ))),
        }
    }

    /// Whether user files are in S3, and not on the UserAPI's disk.
    pub(crate) async fn files_in_s3(&self) -> Result<bool, Failure> {
        let spec = self.api.upload_spec(&self.directory("data")).await?;
        Ok(spec.is_form())
    }

    /// Fails unless the file at `path` comes down as `content`.
    pub(crate) async fn holds(&self, path: &str, content: &Blob) -> Result<(), Failure> {
        let down = self.api.download(path).await?.blob().await?;
        match page::same_bytes(content, &down).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::stack(format!(
                "{path}: {} bytes went up, {} came down, and they are not the same",
                content.size(),
                down.size()
            ))),
            Err(error) => Err(Failure::ourselves(format!(
                "{path} cannot be compared: {error}"
            ))),
        }
    }

    /// Sends `request` as the user and takes an answer of one of the `expected` statuses.
    pub(crate) async fn expect(
        &self,
        request: Request,
        expected: &[u16],
    ) -> Result<Answer, Failure> {
        Ok(self.api.call(request, expected).await?)
    }

    /// Sends `request` as the user; it must be refused with `status` and a reason that the page
    /// can read.
    pub(crate) async fn refused(&self, request: Request, status: u16) -> Result<Detail, Failure> {
        // What is refused changes nothing.
        let request = request.repeatable();
        let refusal: Refusal = self.expect(request, &[status]).await?.json().await?;
        Ok(refusal.detail)
    }

    /// Like [`Bench::refused`], with a reason in these words.
    pub(crate) async fn refused_as(
        &self,
        request: Request,
        status: u16,
        reason: &str,
    ) -> Result<(), Failure> {
        let what = request.name.clone();
        let detail = self.refused(request, status).await?;
        says(&what, &detail, reason)
    }
}

/// Sends `request` as it is; it must be refused with `status` and a reason that the page can read.
pub(crate) async fn refused(
    suite: &Suite,
    request: Request,
    status: u16,
) -> Result<Detail, Failure> {
    let answer = suite.http.expect(request.repeatable(), &[status]).await?;
    let refusal: Refusal = answer.json().await?;
    Ok(refusal.detail)
}

/// Says in the report that something could not be checked.
pub(crate) fn not_checked(what: impl Into<String>, why: impl Into<String>) {
    report::write(&Event::NotChecked {
        what: what.into(),
        why: why.into(),
    });
}

/// Fails unless `detail` is `reason`.
pub(crate) fn says(what: &str, detail: &Detail, reason: &str) -> Result<(), Failure> {
    match detail {
        Detail::Text(text) if text == reason => Ok(()),
        other => Err(Failure::stack(format!(
            "{what} is refused, but the reason is {other:?} instead of {reason:?}"
        ))),
    }
}

/// Fails with what was found, unless it is as expected.
pub(crate) fn same<T: PartialEq + std::fmt::Debug + ?Sized>(
    what: &str,
    found: &T,
    expected: &T,
) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    Err(Failure::stack(format!(
        "{what}: expected {expected:?}, found {found:?}"
    )))
}
