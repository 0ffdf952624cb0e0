//! Watches the page from its first line to its verdict.

use std::{
    collections::HashSet,
    io::{self, Write},
    thread,
    time::{Duration, Instant},
};

use opencloud_suite::{
    redact,
    report::{Event, lines},
    settings::{Limits, Settings},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    devtools::Devtools,
    failure::Failure,
    interrupt::Interrupt,
    verdict::Tally,
    webdriver::{Session, WebDriverError},
};

/// How often the page is asked for news.
const PERIOD: Duration = Duration::from_millis(50);
/// How long it may take until the first test begins.
const START_LIMIT: Duration = Duration::from_secs(60);
/// After this time without a test, an error in the console means that there will be none.
const PATIENCE: Duration = Duration::from_secs(2);
/// What a test may need besides its five waits: sign-in, transfers, teardown.
const MARGIN: Duration = Duration::from_secs(300);
/// The test runner ends its output with this.
const END: &str = "test result: ";

/// Asks for all news in one go. The text comes only when it has changed: it is short, and it does
/// not only grow.
const SCRIPT: &str = r#"
    const [length, events] = arguments;
    const text = document.getElementById("output")?.textContent ?? null;
    return {
        origin: location.origin,
        title: document.title,
        isSuite: text !== null,
        text: text?.length === length ? null : text,
        length: text?.length ?? 0,
        events: (globalThis.opencloud?.events ?? []).slice(events),
    };
"#;

#[derive(Deserialize)]
struct News {
    origin: String,
    title: String,
    #[serde(rename = "isSuite")]
    is_suite: bool,
    text: Option<String>,
    length: usize,
    events: Vec<String>,
}

/// Watches one run.
pub(crate) struct Watch<'a> {
    session: &'a Session,
    interrupt: &'a Interrupt,
    origin: &'a str,
    test_limit: Duration,
    length: usize,
    events: usize,
    text: String,
    /// Lines of the page that the events already tell.
    told: HashSet<String>,
    tally: Tally,
    devtools: Devtools<'a>,
}

impl<'a> Watch<'a> {
    /// Watches the page that `session` has opened.
    pub(crate) fn new(
        session: &'a Session,
        interrupt: &'a Interrupt,
        settings: &'a Settings,
    ) -> Self {
        Self {
            session,
            interrupt,
            origin: &settings.frontend,
            test_limit: sum(&settings.limits) + MARGIN,
            length: 0,
            events: 0,
            text: String::new(),
            told: HashSet::new(),
            tally: Tally::default(),
            devtools: Devtools::new(session),
        }
    }

    /// Prints what happens, until all tests have ended.
    pub(crate) fn run(mut self) -> Result<Tally, Failure> {
        let opened = Instant::now();
        let mut deadline = opened + START_LIMIT;
        loop {
            self.interrupt.check()?;
            let news = self
                .session
                .execute(SCRIPT, &json!([self.length, self.events]));
            let news: News = news.map_err(|error| self.gone(&error))?;
            self.verify(&news)?;
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
                let message = format!("the suite hangs {}", self.tally.place());
                return Err(Failure::ours_with(message, self.details()));
            }
            self.devtools.keep_up();
            thread::sleep(PERIOD);
        }
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

    /// Takes the news in. Returns whether a test began.
    fn take(&mut self, news: News) -> Result<bool, Failure> {
        let mut began = false;
        self.events += news.events.len();
        for event in news.events {
            let mut event: Event = serde_json::from_str(&event).map_err(|error| {
                Failure::ours_with(
                    format!("an event of the page cannot be read: {error}"),
                    event,
                )
            })?;
            began |= matches!(event, Event::TestStarted { .. });
            self.devtools.explain(&mut event);
            let lines = lines(&event);
            say(&lines);
            self.told.extend(lines.lines().map(ToOwned::to_owned));
            self.tally.record(&event);
        }
        if let Some(text) = news.text {
            self.text = text;
            self.length = news.length;
        }
        Ok(began)
    }

    fn end(mut self) -> Result<Tally, Failure> {
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
        Ok(self.tally)
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
        Failure::ours_with(
            format!("the browser is gone {}: {error}", self.tally.place()),
            self.unexplained(),
        )
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

fn say(text: &str) {
    // Somebody may have closed our stdout; the exit code still tells.
    let _ = io::stdout().write_all(text.as_bytes());
    let _ = io::stdout().flush();
}

fn sum(limits: &Limits) -> Duration {
    limits.pulled + limits.preprocessing + limits.running + limits.postprocessing + limits.finished
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
