//! The table of disturbances: in which ways the stack can be awkward and still right. A suite has to
//! cope with them.

use super::named::{Row, UnknownName, named};
use crate::file_mode::FileMode;

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
