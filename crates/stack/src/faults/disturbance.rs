//! The table of disturbances: difficult but correct behaviour of the stack. A suite has to cope
//! with it.

use super::named::{Row, UnknownName, named};
use crate::file_mode::FileMode;

macro_rules! disturbances {
    ($(#[doc = $about:literal] $disturbance:ident = $name:literal $(in $mode:ident)?;)+) => {
        /// A difficulty that the stack makes on purpose, while it stays correct.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Disturbance {
            $(#[doc = $about] $disturbance,)+
        }

        impl Disturbance {
            /// All disturbances.
            pub const ALL: &[Self] = &[$(Self::$disturbance,)+];

            fn row(self) -> &'static Row {
                match self {
                    $(Self::$disturbance => &Row {
                        name: $name,
                        only_in: &[$(FileMode::$mode)?],
                        about: $about,
                    },)+
                }
            }
        }
    };
}

named!(Disturbance, "disturbance");

disturbances! {
    /// Every answer comes 300 ms later.
    Latency = "latency";
    /// Every body comes in pieces, with pauses.
    SlowBodies = "slow-bodies";
    /// The first answer of each service takes 2 s, as after a cold start.
    SlowStart = "slow-start";
    /// No answer has a Content-Length.
    ChunkedBodies = "chunked-bodies";
    /// Every connection is closed after one answer.
    ConnectionsNotKept = "connections-not-kept";
    /// Answers carry headers that a proxy added.
    ExtraHeaders = "extra-headers";
    /// The names of headers begin with capitals, as HTTP/1.1 lets them.
    HeaderNamesCapitalised = "header-names-capitalised";
    /// JSON objects have members that the page does not know.
    UnknownJsonFields = "unknown-json-fields";
    /// JSON comes with line breaks and spaces.
    JsonForPeople = "json-for-people";
    /// The members of JSON objects come in reverse order.
    JsonInAnotherOrder = "json-in-another-order";
    /// JSON has no letter beyond ASCII: all others are escaped.
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
    /// No preflight may be cached.
    PreflightsNotRemembered = "preflights-not-remembered";
    /// Preflights allow headers that the page did not ask for.
    PreflightsAllowMore = "preflights-allow-more";
    /// Pages may read more headers than they need.
    MoreHeadersExposed = "more-headers-exposed";
    /// The content type of Cognito's answers is that of the emulator.
    CognitoAsTheEmulator = "cognito-as-the-emulator";
    /// The first listing answers 503.
    One503OnAListing = "one-503-on-a-listing";
    /// The first request for a job answers 503.
    One503OnAJob = "one-503-on-a-job";
    /// The first request for the access info answers 503.
    One503OnAccessInfo = "one-503-on-access-info";
    /// The first download answers 503.
    One503OnADownload = "one-503-on-a-download";
    /// The first deletion of a job answers 503, although the job is deleted.
    One503OnDeletingAJob = "one-503-on-deleting-a-job";
    /// The first request for a job answers 401: its token is refused once.
    One401OnAJob = "one-401-on-a-job";
    /// The first sign-in is throttled.
    OneThrottledSignIn = "one-throttled-sign-in";
    /// The first download breaks off in the middle.
    OneCutDownload = "one-cut-download";
    /// The connection of the first listing is dropped.
    OneDropOnAListing = "one-drop-on-a-listing";
    /// The connection of the first request for a job is dropped.
    OneDropOnAJob = "one-drop-on-a-job";
    /// The connection of the first download is dropped.
    OneDropOnADownload = "one-drop-on-a-download";
    /// A job is pulled and preprocessed in one step: no client sees it pulled.
    PulledInvisible = "pulled-invisible";
    /// A job stays in no state for more than 5 ms.
    ShortStates = "short-states";
    /// A job stays in the queue for 3 s, a minute on the scale of these runs.
    LongQueue = "long-queue";
    /// The first worker stops responding, and the job is queued again.
    QueuedAgain = "queued-again";
    /// The dates of a job have no fraction, as when it is zero.
    DatesWithoutFraction = "dates-without-fraction";
    /// The worker adds a message to jobs that succeed.
    TalkativeWorker = "talkative-worker";
    /// The groups in a token come in reverse order.
    GroupsInAnotherOrder = "groups-in-another-order";
    /// Tokens are valid for 5 s.
    TokensOf5Seconds = "tokens-of-5-seconds";
    /// Tokens are valid for 3 s.
    TokensOf3Seconds = "tokens-of-3-seconds";
    /// The clock of Cognito and the UserAPI is 5 min fast.
    ClockFast = "clock-fast";
    /// The clock of Cognito and the UserAPI is 5 min slow.
    ClockSlow = "clock-slow";
    /// One answer in twenty is dropped with its connection, never three in a row to a request.
    DroppedConnections = "dropped-connections";
    /// One answer in twenty is 503 instead, never three in a row to a request.
    BusyServices = "busy-services";
    /// The first account has 120 old jobs and 1,000 files.
    CrowdedAccount = "crowded-account";
    /// The first account has inputs, outputs and a job of a run that crashed.
    Leftovers = "leftovers";
}
