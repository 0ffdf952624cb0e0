//! What a test works with, and checks that several tests share. Each test has a name of its own for its
//! files and jobs, which are removed at its end.

pub(crate) mod cognito_refusal;

use opencloud_model::{
    cause::Cause,
    event::{Event, FIND_FILES, Failure},
    settings::{Environment, Part},
};
use opencloud_suite::{
    content::{self, Mismatch},
    created::{self, Created},
    http::{self, Answer, Problem, Request},
    job::{Job, NewJob},
    report::{self, StepFailure, Steps},
    suite::{self, Failed, Suite},
    user_api::{
        CallError, Place, Turn, UserApi,
        error::{Detail, FieldError, Refusal},
        explain_repeated,
        files::FileInfo,
        jobs::NewlyCreated,
    },
};
use web_sys::Blob;

/// What a test works with.
pub(crate) struct Fixture<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) api: &'a UserApi,
    pub(crate) steps: &'a Steps,
    /// A unique name for the test's files and jobs.
    pub(crate) name: &'a str,
    pub(crate) created: Created,
}

/// The directories that every user has, in the order of a listing.
pub(crate) const ROOT: [&str; 5] = ["artifact/", "config/", "data/", "log/", "output/"];

/// Runs a test with a fixture, and then removes what the test has created.
pub(crate) async fn with_fixture(
    test: &str,
    body: impl AsyncFnOnce(&mut Fixture<'_>) -> Result<(), StepFailure>,
) -> Result<(), Failed> {
    let name = created::run_id().name(test);
    suite::test(crate::all_tests, test, &name, async |suite, steps| {
        let mut fixture = Fixture {
            suite,
            api: &suite.api,
            steps,
            name: &name,
            created: Created::default(),
        };
        let outcome = body(&mut fixture).await;
        fixture.created.tear_down(suite, steps, outcome).await
    })
    .await
}

impl Fixture<'_> {
    /// The test's own directory below `config`, `data` or `artifact`.
    pub(crate) fn directory(&self, kind: &str) -> String {
        format!("{kind}/{}/", self.name)
    }

    /// Uploads a file and checks that the listing shows it with its size.
    pub(crate) async fn upload(
        &mut self,
        directory: &str,
        file: &str,
        content: &Blob,
    ) -> Result<(), Failure> {
        self.created.add_directory(directory);
        self.api.upload(directory, content, file).await?;
        self.api.check_uploaded(directory, content, file).await
    }

    /// The listing of the root, without what somebody has stored there beside the UserAPI, which lets no page do
    /// that.
    pub(crate) fn of_root(&self, mut entries: Vec<FileInfo>) -> Vec<FileInfo> {
        if self.suite.settings.environment != Environment::Embedded {
            entries.retain(|entry| ROOT.contains(&entry.path.as_str()));
        }
        entries
    }

    /// Whether files are in S3, and not on the UserAPI's disk.
    pub(crate) async fn files_in_s3(&self) -> Result<bool, StepFailure> {
        let directory = self.directory("data");
        let spec = self.api.upload_spec(&directory);
        let spec = self.steps.run(FIND_FILES, spec).await?;
        Ok(spec.is_form())
    }

    /// Creates a job that no worker takes. The teardown removes it.
    pub(crate) async fn create_job(&mut self, new: &NewJob) -> Result<NewlyCreated, Failure> {
        let turn = self.api.turn(self.steps).await;
        // Boxed because the future is large.
        Box::pin(self.create_job_in(new, &turn)).await
    }

    /// Creates a job that a worker takes, when it is the turn of that place. Until it has ended, no other
    /// test creates one.
    pub(crate) async fn start_job(
        &mut self,
        new: &NewJob,
        place: &mut Place,
    ) -> Result<Job, Failure> {
        let turn = place.turn(self.steps).await;
        // Boxed because the future is large.
        let job = Box::pin(self.create_job_in(new, &turn)).await;
        self.created.keep_turn(turn);
        Ok(job?.into_job())
    }

    /// Creates a job in that turn. The teardown removes it.
    async fn create_job_in(&mut self, new: &NewJob, turn: &Turn) -> Result<NewlyCreated, Failure> {
        self.created.add_job(&new.job_name);
        let newly = self.api.create_job(new, turn).await?;
        let job = newly.job();
        self.created.add_job_id(&job.job_name, job.id);
        Ok(newly)
    }

    /// Fails unless the file at `path` has this content.
    pub(crate) async fn check_content(&self, path: &str, uploaded: &Blob) -> Result<(), Failure> {
        let down = self.api.download(path).await?.blob().await?;
        self.same_content(path, uploaded, &down).await
    }

    /// Fails unless `down`, the download of `path`, has this content.
    pub(crate) async fn same_content(
        &self,
        path: &str,
        uploaded: &Blob,
        down: &Blob,
    ) -> Result<(), Failure> {
        content::check(path, uploaded, down)
            .await
            .map_err(|mismatch| match mismatch {
                Mismatch::Differs(_) => Failure::stack(mismatch.to_string()),
                Mismatch::Unknown(_) => Failure::ourselves(mismatch.to_string()),
            })
    }

    /// Whether the settings have an account for this part. If not, reports that the check was not made.
    pub(crate) fn has_account(&self, part: Part, check: &str) -> bool {
        let settings = &self.suite.settings;
        let is_there = settings.account_of(part).is_some();
        if !is_there {
            let [email, password] = part.keys(settings.environment);
            not_checked(check, format!("{email} and {password} are not set"));
        }
        is_there
    }

    /// Sends `request` as the user and takes an answer of one of the `expected` statuses.
    pub(crate) async fn expect(
        &self,
        request: Request,
        expected: &[u16],
    ) -> Result<Answer, Failure> {
        Ok(self.api.call(request, expected).await?)
    }

    /// Sends `request` as the user; the answer must be a refusal with `status` and `reason`.
    pub(crate) async fn refused(
        &self,
        request: Request,
        status: u16,
        reason: &str,
    ) -> Result<(), Failure> {
        let name = request.name.clone();
        // A refused request changes nothing.
        let answer = self.expect(request.idempotent(true), &[status]).await?;
        check_reason(&name, answer, Some(reason)).await
    }

    /// Sends `request` as the user; the answer must be a refusal of any kind, also one that no page can
    /// read: the UserAPI does not expect some requests, and an unhandled error (500) has no CORS headers.
    pub(crate) async fn refused_anyhow(&self, request: Request) -> Result<(), Failure> {
        // A refused request changes nothing.
        let request = request.idempotent(true);
        match self
            .api
            .call(request, &[400, 404, 405, 409, 422, 500])
            .await
        {
            Ok(_) => Ok(()),
            Err(CallError::Http(failure)) if failure.is_blocked() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends `request` as the user; the answer must be 422 with errors in these members.
    pub(crate) async fn refused_for(
        &self,
        request: Request,
        members: &[&str],
    ) -> Result<(), Failure> {
        let name = request.name.clone();
        // How the UserAPI calls a part of a path is its own affair, and it may name the part of a member that is wrong.
        let place = |place: String| {
            let is_part = |member: &&&str| {
                let rest = place.strip_prefix(**member);
                rest.is_some_and(|rest| rest.starts_with('.'))
            };
            match (place.split_once('.'), members.iter().find(is_part)) {
                (Some(("path", _)), _) => "path".into(),
                (_, Some(member)) => (*member).into(),
                _ => place,
            }
        };
        // A refused request changes nothing.
        let answer = match self.expect(request.idempotent(true), &[422]).await {
            Err(failure) if members.iter().any(|member| member.starts_with("query.")) => {
                let why = self.api.explain_query().await.unwrap_or_default();
                return Err(Failure::stack(failure.message + why));
            }
            other => other?,
        };
        match answer.json::<Refusal>().await?.detail {
            Detail::Fields(errors) => {
                if let Some(error) = errors.iter().find(|error| error.msg.trim().is_empty()) {
                    return Err(Failure::stack(format!(
                        "{name} answers 422, but gives no reason for {}, which the form shows",
                        error.place()
                    )));
                }
                // The form marks each of them, whichever comes first.
                let mut found: Vec<_> = errors.iter().map(FieldError::place).map(place).collect();
                found.sort_unstable();
                found.dedup();
                let mut members: Vec<_> =
                    members.iter().map(ToString::to_string).map(place).collect();
                members.sort_unstable();
                same(&format!("{name}: the invalid members"), &found, &members)
            }
            Detail::Text(text) => Err(Failure::stack(format!(
                "{name} answers 422, but with the text {text:?} instead of a list of members"
            ))),
        }
    }
}

/// Sends `request` as it is; the answer must be a refusal with `status` and `reason`. `None` stands for
/// any reason.
pub(crate) async fn refused(
    suite: &Suite,
    request: Request,
    status: u16,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let name = request.name.clone();
    // A refused request changes nothing.
    let request = request.idempotent(true);
    let answer = match suite.http.expect(request.clone(), &[status]).await {
        Ok(answer) => answer,
        // Boxed because the future is large and seldom needed.
        Err(failure) => match Box::pin(explain_repeated(&suite.http, &request, &failure)).await {
            Some(why) => return Err(Failure::stack(format!("{failure}; {why}"))),
            None => return Err(failure.into()),
        },
    };
    check_reason(&name, answer, reason).await
}

/// Whether something before the UserAPI refuses a request as one for an address that is not there, or that nobody
/// may ask for.
pub(crate) fn is_hidden(failure: &http::Failure) -> bool {
    match &failure.problem {
        Problem::Status { status, .. } => *status == 404,
        Problem::Blocked {
            cause: Cause::Between(answer),
            ..
        } => [403, 404].contains(&answer.status),
        _ => false,
    }
}

/// Fails unless the refusal of the request of that `name` gives this `reason`.
pub(crate) async fn check_reason(
    name: &str,
    answer: Answer,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let refusal: Refusal = answer.json().await?;
    let Some(reason) = reason else {
        return Ok(());
    };
    match refusal.detail {
        // An empty one may become a better one.
        Detail::Text(text) if text == reason || reason.is_empty() => Ok(()),
        other => Err(Failure::stack(format!(
            "{name} is refused, but the reason is {other} instead of {reason:?}"
        ))),
    }
}

/// Reports that something was not checked.
pub(crate) fn not_checked(what: impl Into<String>, why: impl Into<String>) {
    report::write(&Event::NotChecked {
        what: what.into(),
        why: why.into(),
    });
}

/// Fails unless these are the same e-mail address. A pool may tell it as it was registered, and take it in any
/// case.
pub(crate) fn same_address(found: Option<&str>, expected: &str) -> Result<(), Failure> {
    let found = found.map(str::to_lowercase);
    same("the e-mail address", &found, &Some(expected.to_lowercase()))
}

/// Fails unless `found` is as expected.
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
