//! When a run ends before its tests do, the page removes what it has made, if that outlives the run.

use opencloud_browser::process::print;
use std::{
    thread,
    time::{Duration, Instant},
};

use opencloud_model::{
    event::{Event, TEARDOWN, Timed},
    leftovers::PREFIX,
    settings::Environment,
};
use serde_json::{Value, json};

use super::{
    Watch,
    names::names_of_run,
    poll::{END, PERIOD, Polled, SCRIPT},
};

/// How long the page may take to remove what it has made.
const LIMIT: Duration = Duration::from_secs(10);
/// How long each answer of the browser may take meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends every step but the teardown.
const STOP: &str = "globalThis.opencloud?.stop?.();";

impl Watch<'_> {
    /// Lets the page end its test, as it does after a failure: the teardown is its last step. A
    /// signal ends everything at once; if it was one that has led here, a second one does.
    pub(super) fn wind_down(&mut self, by_signal: bool) {
        if !self.may_leave() {
            return;
        }
        print::err(format_args!(
            "info: the page removes what it has made, for {} s at most; {} ends at once",
            LIMIT.as_secs(),
            if by_signal {
                "another signal"
            } else {
                "Ctrl-C"
            },
        ));
        if !self.page_ends(by_signal) {
            self.tell_left();
        }
    }

    /// Whether a run that ends before its teardown may leave anything behind. The embedded
    /// OpenCloud's data go with it.
    fn may_leave(&self) -> bool {
        self.environment != Environment::Embedded && self.progress.has_started()
    }

    /// Says what may be left, and what removes it.
    pub(super) fn tell_left(&self) {
        if !self.may_leave() {
            return;
        }
        let mut tests = self.progress.tests.iter();
        let names = tests.find_map(|test| names_of_run(&test.name, &test.about));
        let which = match &names {
            Some(names) => format!("--only {names}"),
            None => "--all".into(),
        };
        let names = names.as_deref().unwrap_or(PREFIX);
        print::err(format_args!(
            "info: what the run has made may be left in the account: jobs and files whose names \
             begin with {names}; to remove it: cargo e2e clean-up --{} {which}",
            self.environment
        ));
    }

    /// Whether the page ends its tests in time.
    fn page_ends(&mut self, by_signal: bool) -> bool {
        let session = self.browser.session().within(PATIENCE);
        if session.execute::<Value>(STOP, &json!([])).is_err() {
            return false;
        }
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            if !by_signal && self.browser.interrupt.check().is_err() {
                return false;
            }
            let news = session.execute::<Polled>(SCRIPT, &self.known());
            let has_failed = |news: &Polled| {
                self.is_over && news.events.iter().any(|event| is_failed_teardown(event))
            };
            if news.as_ref().is_ok_and(has_failed) {
                return false;
            }
            let is_read = news.is_ok_and(|news| news.is_suite && self.take(news).is_ok());
            if !is_read {
                return false;
            }
            if self.text.contains(END) {
                return true;
            }
            thread::sleep(PERIOD);
        }
        false
    }
}

/// Whether an event says that the page could not remove what it has made.
fn is_failed_teardown(event: &str) -> bool {
    let event = serde_json::from_str::<Timed>(event).map(|timed| timed.event);
    matches!(
        event,
        Ok(Event::StepFinished { step, failure: Some(_), .. }) if step == TEARDOWN
    )
}
