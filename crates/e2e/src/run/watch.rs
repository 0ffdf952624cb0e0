//! Watches the page from its first line to its verdict.

mod details;
mod ending;
mod explanation;
mod names;
mod poll;
mod wind_down;

use std::{
    collections::HashSet,
    mem, thread,
    time::{Duration, Instant},
};

use opencloud_model::{
    event::{Blame, Event, Timed},
    lines::lines,
    redact,
    settings::{Environment, Limits, Settings},
};
use serde_json::{Value, json};

pub(crate) use self::ending::Ending;
use self::{
    explanation::explain,
    poll::{ANSWER, END, PERIOD, Polled, Question, SCRIPT},
};
use opencloud_browser::{
    driver::{Session, WebDriverError},
    page::Browser,
    process::Failure,
    traffic::{Recorder, Traffic},
};
use opencloud_reports::Progress;

/// How long it may take until the first test begins.
const START_LIMIT: Duration = Duration::from_secs(60);
/// After this time without a test, an error in the console means that there will be none.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it takes at most until a service that has ended is noticed.
const SERVICES_LIMIT: Duration = Duration::from_secs(5);
/// How far the engine's log may be behind the page, on a busy machine or on another one. The page waits longer
/// for an answer to its questions.
const LOG_LAG: Duration = Duration::from_secs(6);
/// How often the log is read until it tells what the page has asked.
const LOG_PERIOD: Duration = Duration::from_millis(20);
/// The time that a step may need besides the five waits of a job, as a multiple of the limit of an answer:
/// sign-in, transfers, teardown.
const ANSWERS: u32 = 10;

/// Watches one run.
pub(crate) struct Watch<'a> {
    browser: &'a Browser<'a>,
    origin: &'a str,
    environment: Environment,
    test_limit: Duration,
    /// The version of the text.
    version: u64,
    events: usize,
    text: String,
    /// Lines of the page that repeat an event.
    event_lines: HashSet<String>,
    /// What the events have reported so far.
    pub(crate) progress: Progress,
    /// Whether the browser has stopped answering.
    is_gone: bool,
    /// Whether the stack has failed: what happens afterwards follows from it.
    is_over: bool,
    recorder: Recorder<'a>,
    /// What the page wants to know, and since when.
    questions: Vec<(Question, Instant)>,
    show: &'a mut dyn FnMut(&Timed),
}

impl<'a> Watch<'a> {
    /// Watches the page that `browser` has opened. Passes every event to `show`.
    pub(crate) fn new(
        browser: &'a Browser<'a>,
        settings: &'a Settings,
        show: &'a mut dyn FnMut(&Timed),
    ) -> Self {
        Self {
            browser,
            origin: &settings.frontend,
            environment: settings.environment,
            test_limit: test_limit(&settings.limits),
            version: 0,
            events: 0,
            text: String::new(),
            event_lines: HashSet::new(),
            progress: Progress::default(),
            is_gone: false,
            is_over: false,
            recorder: Recorder::new(browser.engine, browser.session(), browser.interrupt),
            questions: Vec::new(),
            show,
        }
    }

    /// Stays until all tests have ended, or the time is up, or somebody asks for an end.
    pub(crate) fn run(&mut self) -> Result<Ending, Failure> {
        let ending = self.watch();
        match &ending {
            Ok(Ending::Complete) => {}
            // The page can no longer remove anything.
            Ok(Ending::Panicked { .. }) => self.tell_left(),
            Err(_) if self.is_gone => self.tell_left(),
            Ok(Ending::Hung { .. }) => self.wind_down(false),
            Err(failure) => {
                self.is_over = matches!(failure, Failure::Stack { .. });
                self.wind_down(matches!(failure, Failure::Interrupted(_)));
            }
        }
        ending
    }

    /// What the page is told when it is asked for what is new.
    fn known(&self) -> Value {
        json!([self.version, self.events, self.browser.is_headed()])
    }

    fn watch(&mut self) -> Result<Ending, Failure> {
        let opened = Instant::now();
        let mut deadline = opened + START_LIMIT;
        let mut progress = 0;
        loop {
            let known = self.known();
            let news = self.ask(move |session| session.execute(SCRIPT, &known))?;
            let mut news: Polled = news.map_err(|error| self.gone(&error))?;
            self.verify(&news)?;
            let asked = news.questions.drain(..);
            self.questions
                .extend(asked.map(|question| (question, Instant::now())));
            self.answer_questions()?;
            if news.progress > progress {
                progress = news.progress;
                deadline = Instant::now() + self.test_limit;
            }
            self.take(news)?;
            if self.text.contains(END) {
                return self.end();
            }
            if !self.progress.has_started() && opened.elapsed() > PATIENCE {
                self.look_for_broken_start()?;
            }
            if Instant::now() > deadline {
                return Ok(Ending::Hung {
                    message: format!("the suite hangs {}", self.progress.place()),
                    details: self.details(),
                });
            }
            self.recorder.keep_up();
            let is_asked = !self.questions.is_empty();
            thread::sleep(if is_asked { LOG_PERIOD } else { PERIOD });
        }
    }

    /// What the page has sent and received.
    pub(crate) fn traffic(&mut self) -> Traffic {
        self.recorder.traffic()
    }

    /// Whatever else answers at the frontend's address, and wherever the page may have gone: only
    /// the suite's own page at the right origin counts.
    fn verify(&self, news: &Polled) -> Result<(), Failure> {
        if !news.is_suite {
            self.look_for_page_error()?;
        }
        if news.origin != self.origin {
            return Err(Failure::ours_with(
                format!(
                    "the page's origin is {}, not the frontend's {}",
                    news.origin, self.origin
                ),
                self.details(),
            ));
        }
        if !news.is_suite {
            return Err(Failure::ours_with(
                format!(
                    "the browser opened another page than the suite's at {} (its title: {:?})",
                    self.origin, news.title
                ),
                "the browser did not take the page from this machine",
            ));
        }
        Ok(())
    }

    /// Answers what the page has asked, once the engine's log tells all of it. The log may be behind the page.
    fn answer_questions(&mut self) -> Result<(), Failure> {
        for (question, asked) in mem::take(&mut self.questions) {
            let Question {
                id,
                method,
                url,
                started_at,
            } = &question;
            let observation = self.recorder.observation(method, url, *started_at);
            let is_whole = observation
                .as_ref()
                .is_some_and(|observation| !observation.awaits_answer());
            let has_log = self.browser.engine.has_network_log();
            if has_log && !is_whole && asked.elapsed() < LOG_LAG {
                self.questions.push((question, asked));
                continue;
            }
            let reply = redact::clean(&json!(observation).to_string());
            let answer = json!([id, reply]);
            let told = self.ask(move |session| session.execute::<Value>(ANSWER, &answer))?;
            told.map_err(|error| self.gone(&error))?;
        }
        Ok(())
    }

    /// Asks the browser, without a wait for one that hangs when the run is to end.
    fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Session) -> Result<T, WebDriverError> + Send + 'static,
    ) -> Result<Result<T, WebDriverError>, Failure> {
        let session = self.browser.session();
        self.browser.interrupt.block(move || what(&session))
    }

    /// Takes the news in.
    fn take(&mut self, news: Polled) -> Result<(), Failure> {
        self.events += news.events.len();
        let events = if self.is_over {
            Vec::new()
        } else {
            news.events
        };
        for event in events {
            let mut timed: Timed = serde_json::from_str(&event).map_err(|error| {
                Failure::ours_with(
                    format!("an event of the page cannot be read: {error}"),
                    event,
                )
            })?;
            let event = &mut timed.event;
            let engine = self.browser.engine.name();
            explain(event, &self.progress, engine, &mut self.recorder);
            if self.environment == Environment::Local && has_failed(event) {
                self.wait_for_check_of_services()?;
            }
            self.event_lines
                .extend(lines(event).lines().map(ToOwned::to_owned));
            (self.show)(&timed);
            self.progress.record(timed);
        }
        if let Some(text) = news.text {
            self.text = text;
            self.version = news.version;
        }
        Ok(())
    }

    /// A service may have ended, which a failure only follows from. The check of the services that is
    /// under way may have begun before that; the next one has not.
    fn wait_for_check_of_services(&self) -> Result<(), Failure> {
        let interrupt = self.browser.interrupt;
        let enough = interrupt.passed_checks() + 2;
        interrupt.poll(SERVICES_LIMIT, || {
            Ok((interrupt.passed_checks() >= enough).then_some(()))
        })?;
        Ok(())
    }

    fn end(&mut self) -> Result<Ending, Failure> {
        if let Some(test) = self.progress.panicked_test() {
            return Ok(Ending::Panicked {
                message: format!("the suite panicked in {}", test.name),
                details: self.unexplained(),
            });
        }
        let passed = self.text.contains("test result: ok");
        if !self.progress.has_started() || passed != (self.progress.exit_code() == 0) {
            let message = "the test runner's result differs from that of the tests";
            return Err(Failure::ours_with(message, self.details()));
        }
        Ok(Ending::Complete)
    }

    fn look_for_page_error(&self) -> Result<(), Failure> {
        let engine = self.browser.engine;
        let error = self.ask(move |session| engine.page_error(session))?;
        let Ok(Some(error)) = error else {
            return Ok(());
        };
        let policies = self.browser.policies();
        let policies = policies
            .iter()
            .map(|file| format!("policies: {}\n", file.display()));
        Err(Failure::ours_with(
            format!("the browser opens no page at {}: {error}", self.origin),
            policies.collect::<String>(),
        ))
    }

    fn look_for_broken_start(&self) -> Result<(), Failure> {
        let console = self.console();
        if console.contains("Uncaught") {
            let message = "the page cannot start the suite";
            return Err(Failure::ours_with(message, self.unexplained() + &console));
        }
        Ok(())
    }

    fn gone(&mut self, error: &WebDriverError) -> Failure {
        self.is_gone = true;
        let place = self.progress.place();
        let webdriver = self.browser.webdriver();
        let what = match (error, &webdriver) {
            (WebDriverError::Silent(ureq::Error::Timeout(_)), _) => {
                self.recorder.stop();
                let driver = webdriver.as_deref();
                let driver = driver.unwrap_or(self.browser.engine.package().driver);
                format!("the browser hangs {place}: {driver} does not answer")
            }
            (_, None) => format!("the browser is gone {place}: {error}"),
            (_, Some(name)) => format!("the browser of {name} is gone {place}: {error}"),
        };
        Failure::ours_with(what, self.unexplained())
    }
}

/// Whether a step has failed that asked the services for something.
fn has_failed(event: &Event) -> bool {
    let Event::StepFinished {
        failure: Some(failure),
        ..
    } = event
    else {
        return false;
    };
    failure.blame == Blame::Stack
}

/// How long the tests may report nothing until they count as hanging.
fn test_limit(limits: &Limits) -> Duration {
    let waits: Duration = limits.waits().map(|(_, limit)| limit).sum();
    waits + limits.answer * ANSWERS
}
