//! When a request is sent again, and after how long; and which services no longer answer. Pure: the
//! module `http` sends and waits.
//!
//! Only transient failures are retried: broken connections, and answers of a service that is busy or
//! away for a moment. Every other failure is a finding.

use std::{collections::HashMap, fmt, time::Duration};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use opencloud_model::{observation::is_for_a_moment, service::Service};

/// How often a request is sent at most. Of a service that loses one answer in twenty, three would fail one
/// request in 8,000, and so a whole run now and then.
pub const ATTEMPTS: u32 = 4;
/// The longest delay before the second attempt; it doubles with each further one.
const FIRST_DELAY: Duration = Duration::from_millis(400);
/// A service that asks for a longer delay than this counts as failed.
const LONGEST_DELAY: Duration = Duration::from_secs(20);

/// A failure that another attempt may avoid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transient {
    /// No answer came that the page could read, and only a broken connection explains that.
    Lost,
    /// The answer's body broke off.
    BrokenOff,
    /// Cognito received too many requests; the name of its exception.
    Throttled(String),
    /// The service, or a proxy before it, is busy or away.
    Busy {
        /// The status, such as 429 or 503.
        status: u16,
        /// The delay that it asks for (`Retry-After`), where the page can read that.
        retry_after: Option<Duration>,
    },
}

impl Transient {
    /// The transient failure that an answer with this status and `Retry-After` reports, if any.
    #[must_use]
    pub fn of_answer(status: u16, retry_after: Option<&str>, now: Timestamp) -> Option<Self> {
        is_for_a_moment(status).then(|| Self::Busy {
            status,
            retry_after: retry_after.and_then(|value| parse_retry_after(value, now)),
        })
    }
}

impl fmt::Display for Transient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost => f.write_str("no answer came that the page could read"),
            Self::BrokenOff => f.write_str("the answer's body broke off"),
            Self::Throttled(exception) => write!(f, "answered {exception}"),
            Self::Busy { status, .. } => write!(f, "answered {status}"),
        }
    }
}

/// Reads seconds or an HTTP date (RFC 9110, "Retry-After"). A date in the past means no delay; any
/// other text counts as no header.
fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::parse(value).ok()?.timestamp();
    let left = until.duration_since(now).max(SignedDuration::ZERO);
    Duration::try_from(left).ok()
}

/// The delay before attempt number `attempt` (2 is the first retry), or `None` if there is none.
/// `random` is uniform over 0 to 1, so that clients that failed together do not retry together ("full
/// jitter"). The delay that a service asks for is always kept.
#[must_use]
pub fn delay(attempt: u32, transient: &Transient, random: f64) -> Option<Duration> {
    if !(2..=ATTEMPTS).contains(&attempt) {
        return None;
    }
    let delay = (FIRST_DELAY * 2_u32.pow(attempt - 2)).mul_f64(random.clamp(0.0, 1.0));
    match transient {
        Transient::Busy {
            retry_after: Some(asked),
            ..
        } => Some(delay.saturating_add(*asked)).filter(|delay| *delay <= LONGEST_DELAY),
        _ => Some(delay),
    }
}

/// How many retries a run may still make. A retry costs one, and four answers earn one. A network that
/// loses one request in ten never uses the budget up; a dead stack does within seconds.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    /// In quarters of a retry.
    quarters: u32,
}

impl RetryBudget {
    /// A retry, in quarters.
    const RETRY: u32 = 4;
    /// The budget at the start of a run, which is also its limit.
    const FULL: u32 = 20 * Self::RETRY;

    /// The budget at the start of a run.
    #[must_use]
    pub fn new() -> Self {
        Self {
            quarters: Self::FULL,
        }
    }

    /// An answer has come.
    pub fn earn(&mut self) {
        self.quarters = (self.quarters + 1).min(Self::FULL);
    }

    /// Takes a retry out; `false` if there is none left.
    #[must_use]
    pub fn spend(&mut self) -> bool {
        let left = self.quarters.checked_sub(Self::RETRY);
        if let Some(left) = left {
            self.quarters = left;
        }
        left.is_some()
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

/// How an attempt ended that says something of its service's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With an answer.
    Answered,
    /// With an answer that the browser kept from the page.
    Blocked,
    /// Without an answer before the deadline. When it was sent, and its deadline, on any one clock.
    TimedOut {
        /// When it was sent.
        from: Duration,
        /// Its deadline.
        until: Duration,
    },
}

/// Which services have not answered lately, although each request waited until its deadline: their
/// host drops packets, or they hang.
#[derive(Clone, Debug, Default)]
pub struct Unresponsive(HashMap<Service, Timeouts>);

#[derive(Clone, Copy, Debug, Default)]
struct Timeouts {
    count: u32,
    /// When the last one that was counted ended.
    until: Duration,
}

impl Unresponsive {
    /// A service is unresponsive after this many timeouts in a row. Requests that wait at the same time
    /// count once: a service that is away for a moment fails all of them.
    const TIMEOUTS: u32 = 3;

    /// Counts a request to `service` that has ended so.
    pub fn record(&mut self, service: Service, ending: Ending) {
        match ending {
            Ending::Answered | Ending::Blocked => {
                self.0.remove(&service);
            }
            Ending::TimedOut { from, until } => {
                let timeouts = self.0.entry(service).or_default();
                if timeouts.count == 0 || from >= timeouts.until {
                    timeouts.count += 1;
                    timeouts.until = until;
                }
            }
        }
    }

    /// Whether the service is unresponsive.
    #[must_use]
    pub fn contains(&self, service: Service) -> bool {
        self.0
            .get(&service)
            .is_some_and(|timeouts| timeouts.count >= Self::TIMEOUTS)
    }

    /// An unresponsive service, if there is one.
    #[must_use]
    pub fn first(&self) -> Option<Service> {
        let mut services = self.0.keys().copied();
        services.find(|service| self.contains(*service))
    }
}

#[cfg(test)]
mod tests;
