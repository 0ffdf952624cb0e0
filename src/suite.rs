//! What all tests of a run share: the settings, the HTTP client and the signed-in user. Set up once a
//! run, so that a run signs in once.

mod schedule;
mod set_up;
mod sign_in;

use std::{cell::RefCell, rc::Rc, time::Duration};

use opencloud_model::{
    application::Application,
    event::{Event, Failure, SET_UP},
    service::Service,
    settings::{Environment, Part, Settings},
};

use crate::{
    cognito::Cognito,
    http::{Answer, Http, Request},
    page::{self, Instant},
    report::{self, Outlet, StepFailure, Steps},
    session::Session,
    user_api::UserApi,
};

pub use self::schedule::{Failed, Test};

/// What all tests of a run share.
#[derive(Debug)]
pub struct Suite {
    /// The settings of the run.
    pub settings: Settings,
    /// Sends requests.
    pub http: Http,
    /// The run's user.
    pub session: Session,
    /// The UserAPI, called as the run's user.
    pub api: UserApi,
}

thread_local! {
    /// The suite, or why its set-up failed: then every further test is skipped for that reason.
    static SUITE: RefCell<Option<Result<Rc<Suite>, StepFailure>>> = const { RefCell::new(None) };
}

/// Runs a test if the page's address selects it. `about` says in a few words what it is about. The test
/// runner calls this for one test after the other; meanwhile those of the list of `all` tests run ahead.
pub async fn test(
    all: fn() -> Vec<Test>,
    name: &str,
    about: &str,
    body: impl AsyncFnOnce(&Suite, &Steps) -> Result<(), StepFailure>,
) -> Result<(), Failed> {
    if !page::asks_for(name) {
        return Ok(());
    }
    if !Outlet::is_current() {
        page::trace_errors(true);
        let result = schedule::run(all, name, may_go_ahead).await;
        page::trace_errors(result.is_ok());
        return result;
    }
    if page::stopped() {
        return Err(Failed);
    }
    if let Some(why) = obstacle() {
        report::write(&Event::TestSkipped {
            test: name.into(),
            why,
        });
        return Err(Failed);
    }
    report::write(&Event::TestStarted {
        test: name.into(),
        about: about.into(),
    });
    let started = Instant::now();
    let steps = Steps::new();
    let mut waited = Duration::ZERO;
    let result = match suite(&steps).await {
        Ok(suite) => {
            let since = Instant::now();
            schedule::let_those_alone_go_first(name).await;
            waited = since.elapsed();
            body(&suite, &steps)
                .await
                .map_err(|failure| match unresponsive_service(&suite) {
                    Some(why) => failure.preceded_by(&why),
                    None => failure,
                })
        }
        Err(failure) => Err(failure),
    };
    report::write(&Event::TestFinished {
        test: name.into(),
        seconds: started.elapsed().saturating_sub(waited).as_secs_f64(),
        failure: result
            .as_ref()
            .err()
            .map(|failure| failure.failure().clone()),
    });
    result.map_err(|_| Failed)
}

/// Whether tests may run ahead of the one that is shown: only once it has set up what all share.
fn may_go_ahead() -> bool {
    let is_set_up = SUITE.with_borrow(|suite| matches!(suite, Some(Ok(_))));
    is_set_up && obstacle().is_none() && !page::stopped()
}

/// Why no further test can run, if that is so.
fn obstacle() -> Option<String> {
    let of_all = SUITE.with_borrow(|suite| match suite {
        Some(Err(failure)) => Some(failure.failure().message.clone()),
        Some(Ok(suite)) => unresponsive_service(suite),
        None => None,
    });
    of_all.or_else(schedule::panicked)
}

fn unresponsive_service(suite: &Suite) -> Option<String> {
    let service = suite.http.unresponsive()?;
    Some(format!(
        "{service} no longer answers: several requests in a row timed out, so no further test runs"
    ))
}

async fn suite(steps: &Steps) -> Result<Rc<Suite>, StepFailure> {
    if let Some(suite) = SUITE.with_borrow(Clone::clone) {
        return suite;
    }
    let suite = Suite::start(steps).await.map(Rc::new);
    SUITE.set(Some(suite.clone()));
    suite
}

impl Suite {
    async fn start(steps: &Steps) -> Result<Self, StepFailure> {
        let [reading, finding, signing_in] = SET_UP;
        let http = Http::default();
        let settings = steps.run(reading, set_up::read_settings(&http)).await?;
        http.set_deadline(settings.limits.answer);
        let access = steps.run(finding, set_up::find(&http, &settings)).await?;
        let client = access.cognito;
        let endpoint = settings
            .cognito_endpoint
            .clone()
            .unwrap_or_else(|| client.endpoint());
        let cognito = Cognito::new(http.clone(), endpoint, client.expected_claims());
        let session = steps
            .run(signing_in, sign_in::sign_in(cognito, &settings, Part::User))
            .await?;
        let api = UserApi::new(http.clone(), settings.user_api.clone(), session.clone());
        Ok(Self {
            settings,
            http,
            session,
            api,
        })
    }

    /// Signs in the account that has this part in the checks.
    pub async fn sign_in(&self, part: Part) -> Result<Session, Failure> {
        sign_in::sign_in(self.session.cognito().clone(), &self.settings, part).await
    }

    /// Reads the application file `tests/applications/<name>.yaml`.
    pub async fn application(&self, name: &str) -> Result<Application, Failure> {
        let path = format!("tests/applications/{name}.yaml");
        let hint = "this test is named after it";
        let text = self.fetch(&path, hint).await?.text().await?;
        Application::parse(name, &text).map_err(|error| Failure::input(error.to_string()))
    }

    /// Fetches an input of the application `name`: the downloaded one of real jobs, or the small one for
    /// the embedded environment.
    pub async fn input(
        &self,
        name: &str,
        application: &Application,
        file: &str,
    ) -> Result<Answer, Failure> {
        let is_real = self.settings.environment != Environment::Embedded;
        if is_real && application.download.is_some() {
            let hint = "`cargo e2e inputs` fetches the inputs of real jobs";
            return self.fetch(&real_input(name, file), hint).await;
        }
        let path = format!("tests/applications/{name}/{file}");
        self.fetch(&path, "the application's file names it").await
    }

    /// The folder with the real inputs of the application `name`, if they are needed and missing, and no
    /// address is known to fetch them from.
    pub async fn missing_inputs(
        &self,
        name: &str,
        application: &Application,
    ) -> Result<Option<String>, Failure> {
        let is_real = self.settings.environment != Environment::Embedded;
        let download = application.download.as_ref();
        let download = download.filter(|download| is_real && download.url.is_none());
        let Some(download) = download else {
            return Ok(None);
        };
        for input in &application.inputs {
            if self.find(&real_input(name, &input.file)).await?.is_none() {
                return Ok(Some(download.folder.clone()));
            }
        }
        Ok(None)
    }

    /// Fetches a file from the page's server. The message for a missing file ends with `hint`.
    async fn fetch(&self, path: &str, hint: &str) -> Result<Answer, Failure> {
        let found = self.find(path).await?;
        found.ok_or_else(|| Failure::input(format!("there is no file {path}: {hint}")))
    }

    /// A file from the page's server, or `None` if there is no such file.
    async fn find(&self, path: &str) -> Result<Option<Answer>, Failure> {
        let url = format!("{}/{path}", page::origin());
        let request = Request::get(Service::Page, format!("fetch {path}"), url);
        let answer = self.http.send(request).await?;
        match answer.status() {
            200 => Ok(Some(answer)),
            404 => Ok(None),
            _ => Err(Failure::ourselves(
                answer.unexpected(&[200]).await.to_string(),
            )),
        }
    }
}

/// Where a fetched input of the application `name` lies.
fn real_input(name: &str, file: &str) -> String {
    format!("inputs/{name}/{file}")
}
