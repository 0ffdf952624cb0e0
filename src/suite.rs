//! What all tests of a run share: the settings, the door for requests, the signed-in user. Made
//! once a run, so that a run signs in once.

use std::{cell::RefCell, fmt, rc::Rc};

use opencloud_model::{
    application::Application,
    cause::Service,
    event::{Event, Failure, SET_UP},
    redact,
    settings::{Account, Environment, Settings},
};
use secrecy::ExposeSecret;

use crate::{
    cognito::{Cognito, SignInError},
    http::{self, Exchange, Http, News, Problem, Request},
    page::{self, Instant},
    report::{self, Steps},
    session::Session,
    user_api::{CallError, UserApi, access},
};

/// What all tests of a run share.
#[derive(Debug)]
pub struct Suite {
    /// What the run was told.
    pub settings: Settings,
    /// The door for requests.
    pub http: Http,
    /// The run's user.
    pub session: Session,
    /// The UserAPI, called as the run's user.
    pub api: UserApi,
}

/// A test that failed. What went wrong was told when it happened.
#[derive(Clone, Copy)]
pub struct Failed;

/// What the runner prints of it.
impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lines of its steps tell why")
    }
}

thread_local! {
    /// The suite, or why there is none: then every further test fails at once for that reason.
    static SUITE: RefCell<Option<Result<Rc<Suite>, Failure>>> = const { RefCell::new(None) };
}

/// Runs a test, if the page's address asks for it. `about` says in a few words what it is about.
pub async fn test(
    name: &str,
    about: &str,
    body: impl AsyncFnOnce(&Suite, &Steps) -> Result<(), Failure>,
) -> Result<(), Failed> {
    if !page::asks_for(name) {
        return Ok(());
    }
    if page::stopped() {
        return Err(Failed);
    }
    if let Some(why) = hopeless() {
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
    page::trace_errors(true);
    let started = Instant::now();
    let steps = Steps::new();
    let result = match suite(&steps).await {
        Ok(suite) => body(&suite, &steps).await.map_err(|failure| {
            let fell_silent = silence(&suite).map(|why| Failure {
                message: format!("{why}\n{}", failure.message),
                ..failure.clone()
            });
            fell_silent.unwrap_or(failure)
        }),
        Err(failure) => Err(failure),
    };
    report::write(&Event::TestFinished {
        test: name.into(),
        seconds: started.elapsed().as_secs_f64(),
        failure: result.as_ref().err().cloned(),
    });
    page::trace_errors(result.is_ok());
    result.map_err(|_| Failed)
}

/// Why no test can do its work any more, if that is so. It was told already, and is true of every
/// test.
fn hopeless() -> Option<String> {
    SUITE.with_borrow(|suite| match suite {
        Some(Err(failure)) => Some(failure.message.clone()),
        Some(Ok(suite)) => silence(suite),
        None => None,
    })
}

fn silence(suite: &Suite) -> Option<String> {
    let service = suite.http.silent()?;
    Some(format!(
        "{service} answers no more: requests in a row had no answer in time, so no further test runs"
    ))
}

async fn suite(steps: &Steps) -> Result<Rc<Suite>, Failure> {
    if let Some(suite) = SUITE.with_borrow(Clone::clone) {
        return suite;
    }
    let suite = Suite::start(steps).await.map(Rc::new);
    SUITE.set(Some(suite.clone()));
    suite
}

impl Suite {
    async fn start(steps: &Steps) -> Result<Self, Failure> {
        let [reading, finding, signing_in] = SET_UP;
        let http = Http::new(record);
        let settings = steps.run(reading, read_settings(&http)).await?;
        http.set_deadline(settings.limits.answer);
        let access = steps.run(finding, find(&http, &settings)).await?;
        let client = access.cognito;
        let endpoint = settings
            .cognito_endpoint
            .clone()
            .unwrap_or_else(|| client.endpoint());
        let cognito = Cognito::new(http.clone(), endpoint, client.wanted());
        let session = steps.run(signing_in, sign_in(cognito, &settings)).await?;
        let api = UserApi::new(http.clone(), settings.user_api.clone(), session.clone());
        Ok(Self {
            settings,
            http,
            session,
            api,
        })
    }

    /// Reads the application file `tests/applications/<name>.yaml`, which lies beside the page.
    pub async fn application(&self, name: &str) -> Result<Application, Failure> {
        let text = self
            .beside_the_page(
                &format!("tests/applications/{name}.yaml"),
                "a test was made of it",
            )
            .await?
            .text()
            .await?;
        Application::parse(name, &text).map_err(|error| Failure::input(error.to_string()))
    }

    /// Fetches an input of the application `name`: that of real jobs, which was downloaded, or the
    /// small one for the embedded environment.
    pub async fn input(
        &self,
        name: &str,
        application: &Application,
        file: &str,
    ) -> Result<http::Answer, Failure> {
        let is_real = self.settings.environment != Environment::Embedded;
        if is_real && application.download.is_some() {
            let missing = "`cargo e2e inputs` fetches the inputs of real jobs";
            return self
                .beside_the_page(&format!("inputs/{name}/{file}"), missing)
                .await;
        }
        let path = format!("tests/applications/{name}/{file}");
        self.beside_the_page(&path, "the application's file names it")
            .await
    }

    /// Fetches a file that lies beside the page. `missing` is what to say where there is none.
    async fn beside_the_page(&self, path: &str, missing: &str) -> Result<http::Answer, Failure> {
        let url = format!("{}/{path}", page::origin());
        let answer = self
            .http
            .send(Request::get(Service::Page, format!("fetch {path}"), url))
            .await?;
        match answer.status() {
            200 => Ok(answer),
            404 => Err(Failure::input(format!(
                "there is no file {path}: {missing}"
            ))),
            _ => Err(Failure::ourselves(
                answer.unexpected(&[200]).await.to_string(),
            )),
        }
    }
}

async fn read_settings(http: &Http) -> Result<Settings, Failure> {
    let request = Request::get(
        Service::Page,
        "read .env",
        format!("{}/.env", page::origin()),
    );
    let ourselves = |failure: http::Failure| Failure::ourselves(failure.to_string());
    let answer = http.expect(request, &[200, 404]).await.map_err(ourselves)?;
    let dotenv = match answer.status() {
        200 => Some(answer.text().await.map_err(ourselves)?),
        _ => None,
    };
    let settings =
        Settings::read(dotenv.as_deref(), []).map_err(|error| Failure::input(error.to_string()))?;
    for secret in settings.secrets() {
        redact::learn(secret.expose_secret());
    }
    let origin = page::origin();
    if origin != settings.frontend {
        return Err(Failure::ourselves(format!(
            "the page's origin is {origin}, but the frontend's is {}",
            settings.frontend
        )));
    }
    Ok(settings)
}

async fn find(http: &Http, settings: &Settings) -> Result<access::AccessInfo, Failure> {
    access::access_info(http, &settings.user_api)
        .await
        .map_err(|failure| match failure.problem {
            Problem::Unreachable(_) | Problem::TimedOut(_) => Failure::stack(nobody_home(settings)),
            _ => failure.into(),
        })
}

/// Says that there is no OpenCloud, and how to get one.
fn nobody_home(settings: &Settings) -> String {
    let Settings {
        environment,
        user_api,
        ..
    } = settings;
    let advice = match environment {
        Environment::Embedded => {
            "start one and run the suite against it:  cargo e2e\n\
             or serve one for wasm-pack test:         cargo e2e stack --write-env .env"
        }
        Environment::Local => "start the local stack, or correct USERFACING_API_URL in .env",
        Environment::Dev | Environment::Prod => {
            "check the network and USERFACING_API_URL in .env, or test the embedded stack: cargo e2e"
        }
    };
    format!("no OpenCloud answered at {user_api} (environment {environment})\n{advice}")
}

async fn sign_in(cognito: Cognito, settings: &Settings) -> Result<Session, Failure> {
    let (email_key, password_key) = settings.environment.account_keys();
    let Some(account) = settings.account.clone() else {
        return Err(Failure::input(format!(
            "{email_key} and {password_key} are missing in .env: `cargo e2e stack --write-env .env` \
             writes them for the stack that it serves"
        )));
    };
    let Account { email, .. } = account.clone();
    let client = cognito.client_id().to_owned();
    Session::start(cognito, account)
        .await
        .map_err(|error| match error {
            SignInError::Http(failure) => failure.into(),
            error => {
                let message = format!(
                    "{email} ({email_key} in .env) cannot sign in with {password_key}: {error}{}",
                    other_client(&client, settings)
                );
                // The embedded OpenCloud has made up its accounts, and told them itself.
                let of_the_user = settings.environment != Environment::Embedded;
                if of_the_user && error.is_of_the_user() {
                    Failure::input(message)
                } else {
                    Failure::stack(message)
                }
            }
        })
}

/// Says that the client is not the one of the settings, if that is so.
fn other_client(client: &str, settings: &Settings) -> String {
    match &settings.client_id {
        Some(known) if known != client => format!(
            "; the UserAPI's access info names the client {client:?}, but COGNITO_CLIENT_ID is \
             {known:?}"
        ),
        _ => String::new(),
    }
}

/// Every request becomes an event, and every repeat.
fn record(news: &News<'_>) {
    report::write(&match news {
        News::Exchange(exchange) => request_event(exchange),
        News::Repeat(repeat) => Event::Repeated {
            name: repeat.name.clone(),
            attempt: repeat.attempt,
            why: repeat.why.clone(),
            delay: repeat.delay.as_secs_f64(),
        },
    });
}

fn request_event(exchange: &Exchange<'_>) -> Event {
    Event::Request {
        name: exchange.sent.name.clone(),
        method: exchange.sent.method.clone(),
        url: exchange.sent.url.clone(),
        started_at: exchange.sent.started_at,
        seconds: exchange.duration.as_secs_f64(),
        status: exchange.status,
        problem: exchange.problem.map(ToString::to_string),
        cause: match exchange.problem {
            Some(Problem::Blocked { cause, .. }) => Some(cause.clone()),
            _ => None,
        },
    }
}

impl From<http::Failure> for Failure {
    fn from(failure: http::Failure) -> Self {
        let timed_out = matches!(failure.problem, Problem::TimedOut(_));
        Self::stack(failure.to_string()).out_of_time(timed_out)
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Http(failure) => failure.into(),
            error => Self::stack(error.to_string()),
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Http(failure) => failure.into(),
            error => Self::stack(error.to_string()),
        }
    }
}
