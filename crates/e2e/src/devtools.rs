//! Chrome's own reason for a request that failed, from its log of network events.
//!
//! To the page every refused request looks alike, and what it finds out by trying others it puts
//! into words itself. Chrome knows the reason, and tells it to whoever drives the browser. A failing
//! step gets one more line with that reason, which also says so where the two do not agree.

mod log;
mod message;
mod reason;

use std::time::{Duration, Instant};

use opencloud_model::{
    cause::Cause,
    event::{EngineReason, Event},
    redact,
};
use serde_json::json;

use self::log::Log;
pub(crate) use self::{
    log::{EARLIER, Exchange, bare},
    message::Headers,
    reason::Reason,
};
use crate::{interrupt::Interrupt, webdriver::Session};

/// How often the log is read where nothing fails, so that it does not grow in chromedriver.
const PERIOD: Duration = Duration::from_secs(1);

/// Listens to the events of a run, and adds Chrome's reasons to its failures.
pub(crate) struct Devtools<'a> {
    session: &'a Session,
    interrupt: &'a Interrupt,
    log: Log,
    read_at: Instant,
    /// The requests of the current step that failed.
    failed: Vec<Failed>,
}

/// All requests over the network, in the order in which they were sent; each with the place of its
/// preflight among them.
#[derive(Debug, Default)]
pub(crate) struct Traffic(pub(crate) Vec<(Exchange, Option<usize>)>);

#[cfg(test)]
impl Traffic {
    /// What Chrome once told, an entry a line.
    pub(crate) fn recorded(lines: &str) -> Self {
        let mut log = Log::default();
        lines.lines().for_each(|line| log.take(line));
        Self(log.exchanges())
    }
}

/// A request that failed, as the page tells it.
struct Failed {
    method: String,
    url: String,
    started_at: f64,
    problem: String,
    cause: Option<Cause>,
}

impl<'a> Devtools<'a> {
    /// Reads the log of `session`, whose page is open.
    pub(crate) fn new(session: &'a Session, interrupt: &'a Interrupt) -> Self {
        // With every request come the frames of the script that sent it, unless a browser is told
        // to keep them to itself. They make up most of the log; one that knows no such command is
        // merely slower.
        let shallow = json!({ "size": 1 });
        let command = {
            let session = session.clone();
            move || session.command("Runtime.setMaxCallStackSizeToCapture", &shallow)
        };
        if let Err(failure) = interrupt.block(command) {
            // For the next one who waits.
            interrupt.fail(failure);
        }
        Self {
            session,
            interrupt,
            log: Log::default(),
            read_at: Instant::now(),
            failed: Vec::new(),
        }
    }

    /// Reads the log where that is due. Call it often.
    pub(crate) fn keep_up(&mut self) {
        if self.read_at.elapsed() >= PERIOD {
            self.read();
        }
    }

    /// What became of the page's request that was sent at `started_at` (milliseconds since 1970) and
    /// failed: `lost`, where no answer came, `refused`, where the browser kept it, or nothing, where
    /// the log does not tell.
    pub(crate) fn fate(
        &mut self,
        method: &str,
        url: &str,
        started_at: f64,
    ) -> Option<&'static str> {
        self.read();
        let reason = self.log.reason(method, url, started_at)?;
        Some(if reason.passes_by_itself() {
            "lost"
        } else {
            "refused"
        })
    }

    /// What the page has sent and received so far.
    pub(crate) fn traffic(&mut self) -> Traffic {
        self.read();
        Traffic(self.log.exchanges())
    }

    /// Adds Chrome's reason to the failure of a step that rests on a request.
    pub(crate) fn explain(&mut self, event: &mut Event) {
        match event {
            Event::StepStarted { .. } => self.failed.clear(),
            Event::Request {
                method,
                url,
                started_at,
                problem: Some(problem),
                cause,
                ..
            } => self.failed.push(Failed {
                method: method.clone(),
                url: url.clone(),
                started_at: *started_at,
                problem: problem.clone(),
                cause: cause.clone(),
            }),
            Event::StepFinished {
                failure: Some(failure),
                ..
            } => {
                failure.engine = self.reason(&failure.message);
            }
            _ => {}
        }
    }

    fn reason(&mut self, message: &str) -> Option<EngineReason> {
        if self.failed.is_empty() {
            return None;
        }
        self.read();
        let failed = culprit(&self.failed, message)?;
        let reason = self
            .log
            .reason(&failed.method, &failed.url, failed.started_at)?;
        Some(EngineReason {
            engine: "Chrome".into(),
            reason: redact::clean(&reason.words()),
            agrees: reason.agrees_with(failed.cause.as_ref()),
        })
    }

    /// If chromedriver does not answer, the run is about to end for that reason; and so it is if
    /// somebody asks for an end.
    fn read(&mut self) {
        let session = self.session.clone();
        match self.interrupt.block(move || session.performance()) {
            Ok(Ok(entries)) => {
                for entry in &entries {
                    self.log.take(&entry.message);
                }
            }
            Ok(Err(_)) => {}
            // For the next one who waits.
            Err(failure) => self.interrupt.fail(failure),
        }
        self.read_at = Instant::now();
    }
}

/// The request that a step's failure tells of; where its message names none, the last.
fn culprit<'a>(failed: &'a [Failed], message: &str) -> Option<&'a Failed> {
    let is_told = |failed: &&Failed| {
        message.contains(&failed.problem)
            && message.contains(&format!("({} {})", failed.method, failed.url))
    };
    failed.iter().find(is_told).or(failed.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_culprit_is_the_request_that_the_message_names() {
        let failed = |url: &str| Failed {
            method: "GET".into(),
            url: url.into(),
            started_at: 0.0,
            problem: "nothing answers there".into(),
            cause: None,
        };
        let both = [failed("http://a/1"), failed("http://a/2")];
        let told = |message: &str| culprit(&both, message).map(|failed| failed.url.as_str());
        assert_eq!(
            told("list (GET http://a/1): nothing answers there"),
            Some("http://a/1")
        );
        assert_eq!(
            told("no OpenCloud answered at http://a"),
            Some("http://a/2")
        );
    }
}
