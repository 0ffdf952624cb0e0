//! When somebody ends a run, the page removes what it has made, if that outlives the run.

use std::{
    thread,
    time::{Duration, Instant},
};

use opencloud_suite::settings::Environment;
use serde_json::{Value, json};

use super::{END, News, PERIOD, SCRIPT, Watch};

/// How long the page may take to remove what it has made.
const LIMIT: Duration = Duration::from_secs(10);
/// How long each answer of the browser may take meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends every step but the teardown.
const STOP: &str = "globalThis.opencloud?.stop?.();";

impl Watch<'_> {
    /// Lets the page end its test, as it does after a failure: the teardown is its last step. A
    /// second signal ends everything at once.
    pub(super) fn wind_down(&mut self) {
        if self.left().is_none() {
            return;
        }
        eprintln!(
            "info: the page removes what it has made, for {} s at most; the same signal again ends \
             at once",
            LIMIT.as_secs()
        );
        if !self.page_ends()
            && let Some(left) = self.left()
        {
            eprintln!("info: {left}");
        }
    }

    /// What a run may leave behind that ends before its teardown. The embedded OpenCloud's data go
    /// with it.
    pub(super) fn left(&self) -> Option<&'static str> {
        let made = self.environment != Environment::Embedded && self.tally.has_started();
        made.then_some(
            "what the run has made may be left in the account: jobs and files whose names begin \
             with integration_test_",
        )
    }

    /// Whether the page ends its tests in time.
    fn page_ends(&mut self) -> bool {
        let session = self.session.within(PATIENCE);
        if session.execute::<Value>(STOP, &json!([])).is_err() {
            return false;
        }
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            let news = session.execute::<News>(SCRIPT, &json!([self.length, self.events]));
            if news.is_err() || news.is_ok_and(|news| self.take(news).is_err()) {
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
