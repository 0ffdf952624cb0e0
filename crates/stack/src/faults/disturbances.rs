//! All disturbances: what is awkward, but no fault, so that a suite must put up with it.

use std::{fmt, str::FromStr, time::Duration};

use axum::http::{
    HeaderName, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        CONNECTION, CONTENT_TYPE,
    },
};
use jiff::SignedDuration;
use serde_json::json;

use super::{
    UnknownName,
    answers::{Bend, Often, Rule, rule},
    bodies::Edit,
    endpoint::{
        Endpoint::{
            AccessInfo, Applications, DeleteJob, Download, InitiateAuth, List, ListJobs, ShowJob,
            Upload,
        },
        Exchange,
        Service::{Cognito, S3},
    },
    rewritten::{
        for_people, in_another_order, in_ascii, rewritten, shifted, with_a_member, with_dates,
        without_fraction,
    },
    transport::{NO_CONTENT, UNAVAILABLE},
};
use crate::file_mode::FileMode;

/// What the table holds of a disturbance.
struct Entry {
    name: &'static str,
    only_in: &'static [FileMode],
    about: &'static str,
}

macro_rules! disturbances {
    ($(#[doc = $about:literal] $disturbance:ident = $name:literal $(in $mode:ident)?;)+) => {
        /// A way in which the stack can be awkward on purpose, and still be right.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Disturbance {
            $(#[doc = $about] $disturbance,)+
        }

        impl Disturbance {
            /// All disturbances.
            pub const ALL: &[Self] = &[$(Self::$disturbance,)+];
        }

        /// In the order of the variants.
        const TABLE: &[Entry] = &[$(Entry {
            name: $name,
            only_in: &[$(FileMode::$mode)?],
            about: $about,
        },)+];
    };
}

impl Disturbance {
    /// The name, such as `slow-bodies`.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE[self as usize].name
    }

    /// A line on what is awkward.
    #[must_use]
    pub fn about(self) -> &'static str {
        TABLE[self as usize].about.trim()
    }

    /// The one file mode in which it is anything out of the ordinary; `None`: it is so in both.
    #[must_use]
    pub fn only_in(self) -> Option<FileMode> {
        TABLE[self as usize].only_in.first().copied()
    }

    /// Whether it is anything out of the ordinary in a file mode.
    #[must_use]
    pub fn exists_in(self, mode: FileMode) -> bool {
        self.only_in().is_none_or(|only| only == mode)
    }

    /// Whether the stack's seed decides when it shows.
    #[must_use]
    pub fn is_random(self) -> bool {
        rule_of(self).is_some_and(|rule| matches!(rule.often, Often::OneIn(_)))
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Disturbance {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let all = Self::ALL.iter().copied();
        let mut same = all.clone().filter(|other| other.name() == name);
        same.next()
            .ok_or_else(|| UnknownName::new("disturbance", name, all.map(Self::name)))
    }
}

disturbances! {
    /// Every answer comes 300 ms later.
    Latency = "latency";
    /// Every body comes in pieces, with pauses.
    SlowBodies = "slow-bodies";
    /// The first answer of each service takes 2 s: it has to wake up.
    SlowStart = "slow-start";
    /// No answer tells its length.
    ChunkedBodies = "chunked-bodies";
    /// Every connection is closed after one answer.
    ConnectionsNotKept = "connections-not-kept";
    /// Answers carry headers that a proxy added.
    ExtraHeaders = "extra-headers";
    /// The names of headers begin with capitals, as HTTP/1.1 lets them.
    HeaderNamesCapitalised = "header-names-capitalised";
    /// JSON objects have members that nobody has heard of.
    UnknownJsonFields = "unknown-json-fields";
    /// JSON comes with line breaks and blanks.
    JsonForPeople = "json-for-people";
    /// The members of JSON objects come in the opposite order.
    JsonInAnotherOrder = "json-in-another-order";
    /// JSON holds no letter beyond ASCII: all others are escaped.
    JsonInAscii = "json-in-ascii";
    /// The content type of JSON names its charset.
    JsonWithCharset = "json-with-charset";
    /// Uploads are answered 200.
    UploadAnswers200 = "upload-answers-200";
    /// Uploads are answered 201.
    UploadAnswers201 = "upload-answers-201" in S3;
    /// Uploads are answered 204.
    UploadAnswers204 = "upload-answers-204" in Local;
    /// Preflights are answered 204.
    PreflightsAnswer204 = "preflights-answer-204";
    /// No preflight may be remembered.
    PreflightsNotRemembered = "preflights-not-remembered";
    /// Preflights allow headers that nobody asked for.
    PreflightsAllowMore = "preflights-allow-more";
    /// Pages may read more headers than they need.
    MoreHeadersExposed = "more-headers-exposed";
    /// The content type of Cognito's answers is that of the emulator.
    CognitoAsTheEmulator = "cognito-as-the-emulator";
    /// The first listing answers 503.
    One503OnAListing = "one-503-on-a-listing";
    /// The first look at a job answers 503.
    One503OnAJob = "one-503-on-a-job";
    /// The first look for the access info answers 503.
    One503OnAccessInfo = "one-503-on-access-info";
    /// The first download answers 503.
    One503OnADownload = "one-503-on-a-download";
    /// The first deletion of a job answers 503, although the job is gone.
    One503OnDeletingAJob = "one-503-on-deleting-a-job";
    /// The first look at a job answers 401: for once its token is refused.
    One401OnAJob = "one-401-on-a-job";
    /// The first sign-in is throttled.
    OneThrottledSignIn = "one-throttled-sign-in";
    /// The first download breaks off in the middle.
    OneCutDownload = "one-cut-download";
    /// The connection of the first listing is dropped.
    OneDropOnAListing = "one-drop-on-a-listing";
    /// The connection of the first look at a job is dropped.
    OneDropOnAJob = "one-drop-on-a-job";
    /// The connection of the first download is dropped.
    OneDropOnADownload = "one-drop-on-a-download";
    /// A job is pulled and preprocessed in one go: nobody sees it pulled.
    PulledInvisible = "pulled-invisible";
    /// A job stays in no state for more than 5 ms.
    ShortStates = "short-states";
    /// A job stays in the queue for 3 s: a minute in the scale of these runs.
    LongQueue = "long-queue";
    /// The first worker falls silent, and the job is queued again.
    QueuedAgain = "queued-again";
    /// The dates of a job have no fraction, as when that is nought.
    DatesWithoutFraction = "dates-without-fraction";
    /// The worker says something about jobs that go well.
    TalkativeWorker = "talkative-worker";
    /// The groups in a token come in the opposite order.
    GroupsInAnotherOrder = "groups-in-another-order";
    /// Tokens are good for 5 s.
    TokensOf5Seconds = "tokens-of-5-seconds";
    /// Tokens are good for 3 s.
    TokensOf3Seconds = "tokens-of-3-seconds";
    /// The clock of Cognito and the UserAPI is 5 min fast.
    ClockFast = "clock-fast";
    /// The clock of Cognito and the UserAPI is 5 min slow.
    ClockSlow = "clock-slow";
    /// One answer in twenty is lost: its connection is dropped. No request loses three in a row.
    DroppedConnections = "dropped-connections";
    /// One answer in twenty is 503 instead. No request gets three in a row.
    BusyServices = "busy-services";
    /// The first account has 120 old jobs and 1,000 files.
    CrowdedAccount = "crowded-account";
    /// The first account has inputs, outputs and a job of a run that crashed.
    Leftovers = "leftovers";
}

/// How a disturbance bends answers.
pub(super) fn rule_of(disturbance: Disturbance) -> Option<Rule> {
    let json: fn(&Exchange) -> bool =
        |x| !(x.is_preflight || x.is_from(S3) || x.endpoint == Some(Download));
    let (when, bend): (fn(&Exchange) -> bool, Bend) = match disturbance {
        Disturbance::Latency => (|_| true, Bend::Late(Duration::from_millis(300))),
        Disturbance::SlowBodies => (|x| !x.is_preflight, Bend::Slow),
        Disturbance::SlowStart => return Some(once(|_| true, Bend::Late(Duration::from_secs(2)))),
        Disturbance::ChunkedBodies => (|x| x.endpoint.is_some(), Bend::Chunked),
        Disturbance::ConnectionsNotKept => (|_| true, Bend::With(CONNECTION, "close")),
        Disturbance::ExtraHeaders => (
            |_| true,
            Bend::With(HeaderName::from_static("x-cache"), "Miss from cloudfront"),
        ),
        Disturbance::UnknownJsonFields => (
            |x| {
                let other = [Some(Applications), Some(Download)].contains(&x.endpoint);
                !(x.is_preflight || x.is_from(S3) || other)
            },
            Bend::Json("", Edit::To(with_a_member)),
        ),
        Disturbance::JsonForPeople => (json, Bend::Body(|body| rewritten(body, for_people))),
        Disturbance::JsonInAnotherOrder => (json, Bend::Json("", Edit::To(in_another_order))),
        Disturbance::JsonInAscii => (json, Bend::Body(|body| rewritten(body, in_ascii))),
        Disturbance::JsonWithCharset => (
            json,
            Bend::Value(CONTENT_TYPE, |value| {
                value.replace("/json", "/json; charset=utf-8")
            }),
        ),
        Disturbance::UploadAnswers200 => (|x| x.is_done(Upload), Bend::Status(StatusCode::OK)),
        Disturbance::UploadAnswers201 => (|x| x.is_done(Upload), Bend::Status(StatusCode::CREATED)),
        Disturbance::UploadAnswers204 => (|x| x.is_done(Upload), NO_CONTENT),
        Disturbance::PreflightsAnswer204 => {
            (|x| x.is_preflight && x.status == StatusCode::OK, NO_CONTENT)
        }
        Disturbance::PreflightsNotRemembered => {
            (|x| x.is_preflight, Bend::Without(ACCESS_CONTROL_MAX_AGE))
        }
        Disturbance::PreflightsAllowMore => (
            |x| x.is_preflight,
            Bend::Value(ACCESS_CONTROL_ALLOW_HEADERS, |list| {
                format!("x-requested-with, {list}, range")
            }),
        ),
        Disturbance::MoreHeadersExposed => (
            |x| !x.is_preflight,
            Bend::With(ACCESS_CONTROL_EXPOSE_HEADERS, "Content-Disposition, ETag"),
        ),
        Disturbance::CognitoAsTheEmulator => (
            |x| x.is_answer(Cognito),
            Bend::With(CONTENT_TYPE, "text/html; charset=utf-8"),
        ),
        Disturbance::One503OnAListing => return Some(once(|x| x.is_done(List), UNAVAILABLE)),
        Disturbance::One503OnAJob => return Some(once(|x| x.is_done(ShowJob), UNAVAILABLE)),
        Disturbance::One503OnAccessInfo => {
            return Some(once(|x| x.is_done(AccessInfo), UNAVAILABLE));
        }
        Disturbance::One503OnADownload => return Some(once(|x| x.is_done(Download), UNAVAILABLE)),
        Disturbance::One503OnDeletingAJob => {
            return Some(once(|x| x.is_done(DeleteJob), UNAVAILABLE));
        }
        Disturbance::One401OnAJob => return Some(once(|x| x.is_done(ShowJob), NOT_VERIFIED)),
        Disturbance::OneThrottledSignIn => {
            return Some(once(|x| x.is_done(InitiateAuth), THROTTLED));
        }
        Disturbance::OneCutDownload => return Some(once(|x| x.is_done(Download), Bend::Cut)),
        Disturbance::OneDropOnAListing => return Some(once(|x| x.is_done(List), Bend::Drop)),
        Disturbance::OneDropOnAJob => return Some(once(|x| x.is_done(ShowJob), Bend::Drop)),
        Disturbance::OneDropOnADownload => return Some(once(|x| x.is_done(Download), Bend::Drop)),
        Disturbance::DroppedConnections => return Some(now_and_then(Bend::Drop)),
        Disturbance::BusyServices => return Some(now_and_then(UNAVAILABLE)),
        Disturbance::ClockFast => (
            |x| x.tells_a_job() || x.is_done(ListJobs),
            Bend::Json(
                "",
                Edit::To(|jobs| with_dates(jobs, &|date| shifted(date, CLOCK_OFF))),
            ),
        ),
        Disturbance::ClockSlow => (
            |x| x.tells_a_job() || x.is_done(ListJobs),
            Bend::Json(
                "",
                Edit::To(|jobs| with_dates(jobs, &|date| shifted(date, -CLOCK_OFF))),
            ),
        ),
        Disturbance::DatesWithoutFraction => (
            |x| x.tells_a_job() || x.is_done(ListJobs),
            Bend::Json("", Edit::To(|jobs| with_dates(jobs, &without_fraction))),
        ),
        Disturbance::TalkativeWorker => (
            Exchange::tells_a_job,
            Bend::Json(
                "/runtime_details",
                Edit::To(|_| json!("\nworker w: all is well")),
            ),
        ),
        _ => return None,
    };
    Some(rule(when, bend))
}

/// What the UserAPI answers to a token that it does not take.
const NOT_VERIFIED: Bend = Bend::Instead(
    StatusCode::UNAUTHORIZED,
    "application/json",
    r#"{"detail":"Not verified"}"#,
);

/// What Cognito answers to who asks too often.
const THROTTLED: Bend = Bend::Instead(
    StatusCode::BAD_REQUEST,
    "application/x-amz-json-1.1",
    r#"{"__type":"TooManyRequestsException","message":"Rate exceeded"}"#,
);

/// By how much a clock is off.
pub(super) const CLOCK_OFF: SignedDuration = SignedDuration::from_mins(5);

/// A rule for the first answer only of which `when` is true.
fn once(when: fn(&Exchange) -> bool, bend: Bend) -> Rule {
    Rule {
        often: Often::Once,
        ..rule(when, bend)
    }
}

/// A rule for one answer in twenty, preflights among them. Whoever tries three times gets an answer,
/// whatever the rules of this kind do together ([`Losses`](super::losses::Losses)).
fn now_and_then(bend: Bend) -> Rule {
    Rule {
        often: Often::OneIn(20),
        ..rule(|_| true, bend)
    }
}
