//! When a request is sent again, and after how long; and when no further one is worth its time.
//! Pure: the door for requests asks, waits and sends.
//!
//! Only what passes by itself is tried again: a connection that broke, and the answers of a service
//! that is busy or away for a moment. All else is a finding.

use std::{collections::HashMap, fmt, time::Duration};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use opencloud_model::cause::Service;

/// How often a request is sent at most.
pub const ATTEMPTS: u32 = 3;
/// The longest wait before the second attempt; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(400);
/// Who asks for more patience than this is told as failed.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// What came of an attempt that another one may make good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No answer came that the page could read, and nothing but a broken connection explains it.
    Lost,
    /// The answer's body broke off.
    BrokenOff,
    /// Cognito says that it was asked too often, with this exception's name.
    Throttled(String),
    /// The service, or what stands before it, is busy or away.
    Busy {
        /// The status: 429, 502, 503 or 504.
        status: u16,
        /// How long it asks to be left alone (`Retry-After`), where the page may read that.
        retry_after: Option<Duration>,
    },
}

impl Trouble {
    /// The trouble that an answer with this status and `Retry-After` tells of, if it is one.
    #[must_use]
    pub fn of_answer(status: u16, retry_after: Option<&str>, now: Timestamp) -> Option<Self> {
        matches!(status, 429 | 502 | 503 | 504).then(|| Self::Busy {
            status,
            retry_after: retry_after.and_then(|value| parse_retry_after(value, now)),
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost => f.write_str("no answer came that the page could read"),
            Self::BrokenOff => f.write_str("the answer's body broke off"),
            Self::Throttled(exception) => write!(f, "answered {exception}"),
            Self::Busy { status, .. } => write!(f, "answered {status}"),
        }
    }
}

/// Seconds, or a date as HTTP writes it (RFC 9110, "Retry-After"). A date in the past is now; what
/// is neither is not there.
fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::parse(value).ok()?.timestamp();
    let left = until.duration_since(now).max(SignedDuration::ZERO);
    Duration::try_from(left).ok()
}

/// How long to wait before attempt number `attempt` (2 is the first repeat), or `None` if there
/// shall be none. `random` is evenly spread over 0 to 1: clients that failed together do not come
/// back together ("full jitter"). Nobody is asked again sooner than they wish.
#[must_use]
pub fn wait(attempt: u32, trouble: &Trouble, random: f64) -> Option<Duration> {
    if !(2..=ATTEMPTS).contains(&attempt) {
        return None;
    }
    let wait = (FIRST_WAIT * 2_u32.pow(attempt - 2)).mul_f64(random.clamp(0.0, 1.0));
    match trouble {
        Trouble::Busy {
            retry_after: Some(asked),
            ..
        } => Some(wait.saturating_add(*asked)).filter(|wait| *wait <= LONGEST_WAIT),
        _ => Some(wait),
    }
}

/// How many repeats a run may still make. A repeat costs one; four answers earn one. So a network
/// that loses one request in ten never uses it up, and a stack that is dead does within seconds.
#[derive(Clone, Debug)]
pub struct Budget {
    /// In quarters of a repeat.
    quarters: u32,
}

impl Budget {
    /// A repeat, in quarters.
    const REPEAT: u32 = 4;
    /// The most that can be saved, and what a run begins with.
    const FULL: u32 = 20 * Self::REPEAT;

    /// What a run begins with.
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

    /// Takes a repeat out; `false` if there is none left.
    #[must_use]
    pub fn spend(&mut self) -> bool {
        let left = self.quarters.checked_sub(Self::REPEAT);
        if let Some(left) = left {
            self.quarters = left;
        }
        left.is_some()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

/// Which services have not answered lately, though their requests had all the time that answers
/// may take: a host that drops what is sent to it, or a service that hangs.
#[derive(Clone, Debug, Default)]
pub struct Silence(HashMap<Service, u32>);

impl Silence {
    /// After so many requests in a row without an answer, nobody waits for more.
    const PATIENCE: u32 = 3;

    /// The service has answered.
    pub fn heard(&mut self, service: Service) {
        self.0.remove(&service);
    }

    /// The service has let a request's time pass.
    pub fn unheard(&mut self, service: Service) {
        *self.0.entry(service).or_default() += 1;
    }

    /// Whether the service answers no more.
    #[must_use]
    pub fn holds(&self, service: Service) -> bool {
        self.0
            .get(&service)
            .is_some_and(|unheard| *unheard >= Self::PATIENCE)
    }

    /// A service that answers no more.
    #[must_use]
    pub fn of(&self) -> Option<Service> {
        self.0.keys().copied().find(|service| self.holds(*service))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-01-31T09:30:00Z".parse().unwrap()
    }

    fn busy(retry_after: Option<&str>) -> Trouble {
        Trouble::of_answer(503, retry_after, now()).unwrap()
    }

    #[test]
    fn only_a_service_that_is_busy_or_away_is_asked_again() {
        let troubled: Vec<u16> = (100..600)
            .filter(|status| Trouble::of_answer(*status, None, now()).is_some())
            .collect();
        assert_eq!(troubled, [429, 502, 503, 504]);
    }

    #[test]
    fn a_request_is_sent_three_times_at_most() {
        let waits = |random| [1, 2, 3, 4].map(|attempt| wait(attempt, &Trouble::Lost, random));
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(waits(1.0), [None, ms(400), ms(800), None]);
        assert_eq!(waits(0.25), [None, ms(100), ms(200), None]);
        assert_eq!(waits(0.0), [None, ms(0), ms(0), None]);
    }

    #[test]
    fn who_asks_for_patience_gets_it_within_reason() {
        let wait = |retry_after| wait(2, &busy(Some(retry_after)), 0.5);
        let seconds = |seconds| Some(Duration::from_secs_f64(seconds));
        assert_eq!(wait("2"), seconds(2.2));
        assert_eq!(wait("Sat, 31 Jan 2026 09:30:03 GMT"), seconds(3.2));
        assert_eq!(wait("Sat, 31 Jan 2026 09:29:00 GMT"), seconds(0.2));
        assert_eq!(wait("soon"), seconds(0.2));
        assert_eq!(wait("-1"), seconds(0.2));
        assert_eq!(wait("3600"), None);
        assert_eq!(wait("99999999999999999999"), seconds(0.2));
        assert_eq!(wait(&u64::MAX.to_string()), None);
    }

    #[test]
    fn a_service_is_silent_after_three_requests_in_a_row() {
        let mut silence = Silence::default();
        silence.unheard(Service::UserApi);
        silence.unheard(Service::UserApi);
        silence.heard(Service::UserApi);
        silence.unheard(Service::UserApi);
        silence.unheard(Service::UserApi);
        silence.unheard(Service::S3);
        // That others answer says nothing of it.
        silence.heard(Service::Page);
        assert_eq!(silence.of(), None);
        silence.unheard(Service::UserApi);
        assert_eq!(silence.of(), Some(Service::UserApi));
        assert!(!silence.holds(Service::S3));
        silence.heard(Service::UserApi);
        assert_eq!(silence.of(), None);
    }

    #[test]
    fn a_dead_stack_uses_the_budget_up() {
        let mut budget = Budget::new();
        let repeats = (0..1000).take_while(|_| budget.spend()).count();
        assert_eq!(repeats, 20);
        for _ in 0..4 {
            assert!(!budget.spend());
            budget.earn();
        }
        assert!(budget.spend() && !budget.spend());
    }

    #[test]
    fn a_network_that_loses_one_request_in_ten_never_does() {
        let mut budget = Budget::new();
        for request in 0..100_000 {
            match request % 10 {
                0 => assert!(budget.spend(), "{request}"),
                _ => budget.earn(),
            }
        }
    }
}
