//! Watches the page from its first line to its verdict.

mod wind_down;

use std::{
    collections::HashSet,
    thread,
    time::{Duration, Instant},
};

use opencloud_suite::{
    redact,
    report::{Event, Timed, lines},
    settings::{Environment, Limits, Settings},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    devtools::{Devtools, Traffic},
    failure::Failure,
    interrupt::Interrupt,
    verdict::Tally,
    webdriver::{Session, WebDriverError},
};

/// How often the page is asked for news.
const PERIOD: Duration = Duration::from_millis(100);
/// How long it may take until the first test begins.
const START_LIMIT: Duration = Duration::from_secs(60);
/// After this time without a test, an error in the console means that there will be none.
const PATIENCE: Duration = Duration::from_secs(2);
/// What a test may need besides its five waits, as a multiple of the time that an answer may take:
/// sign-in, transfers, teardown.
const ANSWERS: u32 = 10;
/// The test runner ends its output with this.
const END: &str = "test result: ";

/// Asks for all news in one go. The text comes only when it has changed: it is short, and it does
/// not only grow.
const SCRIPT: &str = r#"
    const [length, events] = arguments;
    const text = document.getElementById("output")?.textContent ?? null;
    const channel = globalThis.opencloud ?? {};
    channel.isDriven = true;
    return {
        origin: location.origin,
        title: document.title,
        isSuite: text !== null,
        text: text?.length === length ? null : text,
        length: text?.length ?? 0,
        events: (channel.events ?? []).slice(events),
        questions: (channel.questions ?? []).splice(0),
    };
"#;
/// Answers a question of the page's.
const ANSWER: &str = "globalThis.opencloud?.answer(arguments[0], arguments[1]);";

#[derive(Deserialize)]
struct News {
    origin: String,
    title: String,
    #[serde(rename = "isSuite")]
    is_suite: bool,
    text: Option<String>,
    length: usize,
    events: Vec<String>,
    questions: Vec<Question>,
}

/// What became of a request that the page knows only as failed?
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    id: u64,
    method: String,
    /// Without its query.
    url: String,
    /// In milliseconds since 1970.
    started_at: f64,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// All tests have ended.
    Complete,
    /// A test went on past every limit.
    Hung {
        /// Which one, and where it was.
        message: String,
        /// What helps to find the cause.
        details: String,
    },
}

impl Ending {
    /// Nothing, or the failure that tests went on for ever.
    pub(crate) fn completed(self) -> Result<(), Failure> {
        match self {
            Self::Complete => Ok(()),
            Self::Hung { message, details } => Err(Failure::ours_with(message, details)),
        }
    }
}

/// Watches one run.
pub(crate) struct Watch<'a> {
    session: &'a Session,
    interrupt: &'a Interrupt,
    origin: &'a str,
    environment: Environment,
    test_limit: Duration,
    length: usize,
    events: usize,
    text: String,
    /// Lines of the page that the events already tell.
    told: HashSet<String>,
    tally: Tally,
    devtools: Devtools<'a>,
    sink: &'a mut dyn FnMut(&Timed),
}

impl<'a> Watch<'a> {
    /// Watches the page that `session` has opened. Shows `sink` every event.
    pub(crate) fn new(
        session: &'a Session,
        interrupt: &'a Interrupt,
        settings: &'a Settings,
        sink: &'a mut dyn FnMut(&Timed),
    ) -> Self {
        Self {
            session,
            interrupt,
            origin: &settings.frontend,
            environment: settings.environment,
            test_limit: test_limit(&settings.limits),
            length: 0,
            events: 0,
            text: String::new(),
            told: HashSet::new(),
            tally: Tally::default(),
            devtools: Devtools::new(session, interrupt),
            sink,
        }
    }

    /// Stays until all tests have ended, or the time is up, or somebody asks for an end.
    pub(crate) fn run(&mut self) -> Result<Ending, Failure> {
        let ending = self.watch();
        if matches!(
            ending,
            Err(Failure::Interrupted(_)) | Ok(Ending::Hung { .. })
        ) {
            self.wind_down();
        }
        ending
    }

    fn watch(&mut self) -> Result<Ending, Failure> {
        let opened = Instant::now();
        let mut deadline = opened + START_LIMIT;
        loop {
            // Whoever wants an end does not wait for a browser that hangs.
            let news = self.interrupt.block({
                let session = self.session.clone();
                let known = json!([self.length, self.events]);
                move || session.execute(SCRIPT, &known)
            })?;
            let news: News = news.map_err(|error| self.gone(&error))?;
            self.verify(&news)?;
            for question in &news.questions {
                self.answer(question)?;
            }
            if self.take(news)? {
                deadline = Instant::now() + self.test_limit;
            }
            if self.text.contains(END) {
                return self.end();
            }
            if !self.tally.has_started() && opened.elapsed() > PATIENCE {
                self.look_for_broken_start()?;
            }
            if Instant::now() > deadline {
                return Ok(Ending::Hung {
                    message: format!("the suite hangs {}", self.tally.place()),
                    details: self.details(),
                });
            }
            self.devtools.keep_up();
            thread::sleep(PERIOD);
        }
    }

    /// What the page has sent and received.
    pub(crate) fn traffic(&mut self) -> Traffic {
        self.devtools.traffic()
    }

    /// Whatever else answers at the frontend's address, and wherever the page may have gone: only
    /// the suite's own page at the right origin counts.
    fn verify(&self, news: &News) -> Result<(), Failure> {
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
                "the browser did not follow its host-resolver-rules",
            ));
        }
        Ok(())
    }

    fn answer(&mut self, question: &Question) -> Result<(), Failure> {
        let Question {
            id,
            method,
            url,
            started_at,
        } = question;
        let fate = self.devtools.fate(method, url, *started_at);
        let told: Result<Value, _> = self.session.execute(ANSWER, &json!([id, fate]));
        told.map_err(|error| self.gone(&error)).map(drop)
    }

    /// Takes the news in. Returns whether a test began.
    fn take(&mut self, news: News) -> Result<bool, Failure> {
        let mut began = false;
        self.events += news.events.len();
        for event in news.events {
            let mut timed: Timed = serde_json::from_str(&event).map_err(|error| {
                Failure::ours_with(
                    format!("an event of the page cannot be read: {error}"),
                    event,
                )
            })?;
            let event = &mut timed.event;
            began |= matches!(event, Event::TestStarted { .. });
            self.devtools.explain(event);
            self.told
                .extend(lines(event).lines().map(ToOwned::to_owned));
            self.tally.record(event);
            (self.sink)(&timed);
        }
        if let Some(text) = news.text {
            self.text = text;
            self.length = news.length;
        }
        Ok(began)
    }

    fn end(&mut self) -> Result<Ending, Failure> {
        self.tally.end();
        if let Some(test) = self.tally.aborted().first() {
            let message = format!("the suite panicked in {test}");
            return Err(Failure::ours_with(message, self.unexplained()));
        }
        let passed = self.text.contains("test result: ok");
        if !self.tally.has_started() || passed != (self.tally.exit_code() == 0) {
            let message = "the suite ended otherwise than its tests tell";
            return Err(Failure::ours_with(message, self.details()));
        }
        Ok(Ending::Complete)
    }

    fn look_for_broken_start(&self) -> Result<(), Failure> {
        let console = self.console();
        if console.contains("Uncaught") {
            let message = "the page cannot start the suite";
            return Err(Failure::ours_with(message, self.unexplained() + &console));
        }
        Ok(())
    }

    fn gone(&self, error: &WebDriverError) -> Failure {
        let place = self.tally.place();
        let what = match error {
            WebDriverError::Silent(ureq::Error::Timeout(_)) => {
                format!("the browser hangs {place}: chromedriver does not answer")
            }
            _ => format!("the browser is gone {place}: {error}"),
        };
        let left = self.left().into_iter().flat_map(|left| [left, "\n"]);
        Failure::ours_with(what, left.collect::<String>() + &self.unexplained())
    }

    fn details(&self) -> String {
        self.unexplained() + &self.console()
    }

    /// What the page says and no event has told.
    fn unexplained(&self) -> String {
        let lines: String = self
            .text
            .lines()
            .filter(|line| !self.told.contains(*line) && !is_noise(line))
            .flat_map(|line| [without_place(line), "\n"])
            .collect();
        redact::clean(&lines)
    }

    fn console(&self) -> String {
        let entries = self.session.console().unwrap_or_default();
        let lines: String = entries
            .iter()
            .filter(|entry| entry.level == "SEVERE" && !entry.message.contains("/favicon.ico "))
            .map(|entry| without_queries(&entry.message))
            .fold(String::new(), |lines, message| {
                lines + "console: " + &message + "\n"
            });
        redact::clean(&lines)
    }
}

/// A line of a stack trace without the place in the wasm, which tells nobody anything.
fn without_place(line: &str) -> &str {
    match line.split_once(" (http") {
        Some((function, _)) if function.trim_start().starts_with("at ") => function,
        _ => line,
    }
}

/// The console names the addresses of requests that failed, and the query of a pre-signed one is
/// a secret.
fn without_queries(message: &str) -> String {
    let words: Vec<_> = message
        .split(' ')
        .map(|word| match word.split_once('?') {
            Some((address, _)) if address.contains("://") => format!("{address}?…"),
            _ => word.to_owned(),
        })
        .collect();
    words.join(" ")
}

/// The test runner's own lines that say nothing new.
fn is_noise(line: &str) -> bool {
    line.trim().is_empty()
        || line.starts_with("Loading ")
        || line.starts_with("running ")
        || (line.starts_with("test ") && line.ends_with(" ... ok"))
}

/// How long a test may take before it counts as hanging.
fn test_limit(limits: &Limits) -> Duration {
    let waits = limits.pulled
        + limits.preprocessing
        + limits.running
        + limits.postprocessing
        + limits.finished;
    waits + limits.answer * ANSWERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helps_is_shown_without_noise_and_without_queries() {
        assert!(is_noise("test lifecycle::decode ... ok"));
        assert!(!is_noise("test lifecycle::decode ... FAIL"));
        assert_eq!(
            without_place(
                "    at suite::panics (http://localhost:8080/x_bg.wasm:wasm-function[1]:0x2)"
            ),
            "    at suite::panics"
        );
        assert_eq!(
            without_place("GET (http://a) failed"),
            "GET (http://a) failed"
        );
        assert_eq!(
            without_queries("http://localhost:1/b/k?X-Amz-Signature=abc - Failed to load?"),
            "http://localhost:1/b/k?… - Failed to load?"
        );
    }
}
