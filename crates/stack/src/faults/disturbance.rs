//! The table of disturbances: difficult but correct behaviour of the stack. A suite has to cope
//! with it.

use std::time::Duration;

use axum::http::{
    HeaderName,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_EXPOSE_HEADERS as EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE, CONNECTION, CONTENT_TYPE,
    },
};

use super::{
    between::{BAD_GATEWAY, FIREWALL, SLOW_DOWN, WITH_DOTS},
    change::{
        Change::{Body, Chunked, Cut, Delay, Drop, Json, Remove, Rewrite, Set, Slow, Status},
        NO_CONTENT, UNAVAILABLE,
    },
    edits::{
        CLOCK_OFF, DELETED, JOBS, JSON, NOT_VERIFIED, THROTTLED, in_capitals, is_json,
        with_a_message, with_charset, with_form_type, with_more_names, with_shifted_dates,
    },
    exchange::When::{Any, Done, If},
    json::{
        Edit::To, for_people, in_another_order, in_ascii, rewritten, with_a_member, with_dates,
        without_fraction,
    },
    named::{Row, UnknownName, named},
    rule::{
        Frequency::{Always, First, OneIn},
        Rule,
    },
};
use crate::{
    endpoint::{
        Endpoint::{
            AccessInfo, Applications, DeleteFile, DeleteJob, Download, InitiateAuth, List, ShowJob,
            Upload, UploadUrl, User,
        },
        Service::{Cognito, UserApi},
    },
    file_mode::FileMode,
};

/// What Cognito exposes, and more.
const MORE_EXPOSED: &str = "x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date, ETag";

macro_rules! rule {
    () => {
        None
    };
    ($frequency:expr, $when:expr, $change:expr) => {
        Some(Rule::new($frequency, $when, $change))
    };
}

macro_rules! disturbances {
    ($(
        #[doc = $about:literal] $disturbance:ident = $name:literal $(in $mode:ident)?
        $(=> $frequency:expr, $when:expr, $change:expr)?;
    )+) => {
        /// A difficulty that the stack makes on purpose, while it stays correct.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Disturbance {
            $(#[doc = $about] $disturbance,)+
        }

        impl Disturbance {
            /// All disturbances.
            pub const ALL: &[Self] = &[$(Self::$disturbance,)+];

            /// Which answers it changes, and how; `None` if it is a service's own.
            pub(super) fn rule(self) -> Option<Rule> {
                match self {
                    $(Self::$disturbance => rule!($($frequency, $when, $change)?),)+
                }
            }

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

impl Disturbance {
    /// Whether the stack's seed decides which answers it changes.
    #[must_use]
    pub fn is_random(self) -> bool {
        let rule = self.rule();
        rule.is_some_and(|rule| matches!(rule.frequency, OneIn(_)))
    }
}

disturbances! {
    /// Every answer comes 300 ms later.
    Latency = "latency" => Always, Any, Delay(Duration::from_millis(300));
    /// Every body comes in pieces, with pauses.
    SlowBodies = "slow-bodies" => Always, If(|x| !x.is_preflight), Slow;
    /// The first answer of each service takes 2 s, as after a cold start.
    SlowStart = "slow-start" => First, Any, Delay(Duration::from_secs(2));
    /// No answer has a Content-Length.
    ChunkedBodies = "chunked-bodies" => Always, If(|x| x.endpoint.is_some()), Chunked;
    /// Every connection is closed after one answer.
    ConnectionsNotKept = "connections-not-kept" => Always, Any, Set(CONNECTION, "close");
    /// Answers carry headers that a proxy added.
    ExtraHeaders = "extra-headers"
        => Always, Any, Set(HeaderName::from_static("x-cache"), "Miss from cloudfront");
    /// The names of headers begin with capitals, as HTTP/1.1 lets them.
    HeaderNamesCapitalised = "header-names-capitalised";
    /// JSON objects have members that the page does not know.
    UnknownJsonFields = "unknown-json-fields"
        => Always, If(|x| is_json(x) && !x.is(Applications)), Json("", To(with_a_member));
    /// JSON comes with line breaks and spaces.
    JsonForPeople = "json-for-people" => Always, JSON, Body(|body| rewritten(body, for_people));
    /// The members of JSON objects come in reverse order.
    JsonInAnotherOrder = "json-in-another-order" => Always, JSON, Json("", To(in_another_order));
    /// JSON has no letter beyond ASCII: all others are escaped.
    JsonInAscii = "json-in-ascii" => Always, JSON, Body(|body| rewritten(body, in_ascii));
    /// The content type of JSON names its charset.
    JsonWithCharset = "json-with-charset" => Always, JSON, Rewrite(CONTENT_TYPE, with_charset);
    /// Uploads are answered 200.
    UploadAnswers200 = "upload-answers-200" => Always, Done(Upload), Status(200);
    /// Uploads are answered 201.
    UploadAnswers201 = "upload-answers-201" in S3 => Always, Done(Upload), Status(201);
    /// Uploads are answered 204.
    UploadAnswers204 = "upload-answers-204" in Local => Always, Done(Upload), NO_CONTENT;
    /// The headers for an upload name the type of a form, without a boundary.
    UploadHeadersNameAType = "upload-headers-name-a-type"
        => Always, Done(UploadUrl), Json("/headers", To(with_form_type));
    /// The UserAPI has a path before its own ones, which leads elsewhere without it.
    PathPrefix = "path-prefix";
    /// The list of jobs is at another address of the UserAPI, to which it redirects.
    JobsElsewhere = "jobs-elsewhere";
    /// Whatever is created is answered 200.
    CreationsAnswer200 = "creations-answer-200"
        => Always, If(|x| x.is_answer(UserApi) && x.status == 201), Status(200);
    /// Deletions are answered 200, with a body.
    DeletionsAnswer200 = "deletions-answer-200"
        => Always, If(|x| x.is_done(DeleteFile) || x.is_done(DeleteJob)), DELETED;
    /// Every success that is usually answered 200 is answered 202.
    SuccessesAnswer202 = "successes-answer-202"
        => Always, If(|x| x.endpoint.is_some() && x.status == 200), Status(202);
    /// Preflights are answered 204.
    PreflightsAnswer204 = "preflights-answer-204"
        => Always, If(|x| x.is_preflight && x.status == 200), NO_CONTENT;
    /// No preflight may be cached.
    PreflightsNotRemembered = "preflights-not-remembered"
        => Always, If(|x| x.is_preflight), Remove(ACCESS_CONTROL_MAX_AGE);
    /// Preflights allow headers that the page did not ask for.
    PreflightsAllowMore = "preflights-allow-more"
        => Always, If(|x| x.is_preflight), Rewrite(ACCESS_CONTROL_ALLOW_HEADERS, with_more_names);
    /// Pages may read more headers than they need.
    MoreHeadersExposed = "more-headers-exposed"
        => Always, If(|x| !x.is_preflight), Set(EXPOSE_HEADERS, MORE_EXPOSED);
    /// The content type of Cognito's answers is that of the emulator.
    CognitoAsTheEmulator = "cognito-as-the-emulator"
        => Always, If(|x| x.is_answer(Cognito)), Set(CONTENT_TYPE, "text/html; charset=utf-8");
    /// Pages of the frontend alone may read Cognito's answers.
    CognitoForTheFrontendAlone = "cognito-for-the-frontend-alone";
    /// A firewall refuses addresses with two dots, in a page of its own.
    DotsRefusedByAFirewall = "dots-refused-by-a-firewall" => Always, WITH_DOTS, FIREWALL;
    /// A listing fails if one of its files is deleted or renamed meanwhile.
    ListingsRaceWithChanges = "listings-race-with-changes" in Local;
    /// The first listing answers 503.
    One503OnAListing = "one-503-on-a-listing" => First, Done(List), UNAVAILABLE;
    /// The first request for a job answers 503.
    One503OnAJob = "one-503-on-a-job" => First, Done(ShowJob), UNAVAILABLE;
    /// The first request for the access info answers 503.
    One503OnAccessInfo = "one-503-on-access-info" => First, Done(AccessInfo), UNAVAILABLE;
    /// The first download answers 503.
    One503OnADownload = "one-503-on-a-download" => First, Done(Download), UNAVAILABLE;
    /// The first deletion of a job answers 503, although the job is deleted.
    One503OnDeletingAJob = "one-503-on-deleting-a-job" => First, Done(DeleteJob), UNAVAILABLE;
    /// The first listing is answered by a gateway whose service is being replaced.
    One502FromAGateway = "one-502-from-a-gateway" => First, Done(List), BAD_GATEWAY;
    /// S3 asks once for fewer requests, in an answer that no page can read.
    OneSlowDownOfS3 = "one-slow-down-of-s3" in S3 => First, Done(Download), SLOW_DOWN;
    /// The first request for a job answers 401: its token is refused once.
    One401OnAJob = "one-401-on-a-job" => First, Done(ShowJob), NOT_VERIFIED;
    /// The first sign-in is throttled.
    OneThrottledSignIn = "one-throttled-sign-in" => First, Done(InitiateAuth), THROTTLED;
    /// The first download breaks off in the middle.
    OneCutDownload = "one-cut-download" => First, Done(Download), Cut;
    /// The connection of the first listing is dropped.
    OneDropOnAListing = "one-drop-on-a-listing" => First, Done(List), Drop;
    /// The connection of the first request for a job is dropped.
    OneDropOnAJob = "one-drop-on-a-job" => First, Done(ShowJob), Drop;
    /// The connection of the first download is dropped.
    OneDropOnADownload = "one-drop-on-a-download" => First, Done(Download), Drop;
    /// The list of jobs has no more than 100 at a time.
    ListOfJobsIsLimited = "list-of-jobs-is-limited";
    /// Users are told their address in capital letters.
    EmailInCapitals = "email-in-capitals"
        => Always, If(|x| x.is_done(User)), Json("/email", To(in_capitals));
    /// A job is pulled and preprocessed in one step: no client sees it pulled.
    PulledInvisible = "pulled-invisible";
    /// A job stays in no state for more than 5 ms.
    ShortStates = "short-states";
    /// A job stays in the queue for 3 s, a minute on the scale of these runs.
    LongQueue = "long-queue";
    /// The first worker stops responding, and the job is queued again.
    QueuedAgain = "queued-again";
    /// The dates of a job have no fraction, as when it is zero.
    DatesWithoutFraction = "dates-without-fraction"
        => Always, JOBS, Json("", To(|jobs| with_dates(jobs, &without_fraction)));
    /// The worker adds a message to jobs that succeed.
    TalkativeWorker = "talkative-worker"
        => Always, JOBS, Json("", To(with_a_message));
    /// The groups in a token come in reverse order.
    GroupsInAnotherOrder = "groups-in-another-order";
    /// No answer of Cognito's tells which accounts exist.
    AccountsHidden = "accounts-hidden";
    /// Only an administrator makes accounts: registration is refused.
    RegistrationClosed = "registration-closed";
    /// Tokens are valid for 5 s.
    TokensOf5Seconds = "tokens-of-5-seconds";
    /// Tokens are valid for 3 s.
    TokensOf3Seconds = "tokens-of-3-seconds";
    /// The clock of Cognito and the UserAPI is 5 min fast.
    ClockFast = "clock-fast"
        => Always, JOBS, Json("", To(|jobs| with_shifted_dates(jobs, CLOCK_OFF)));
    /// The clock of Cognito and the UserAPI is 5 min slow.
    ClockSlow = "clock-slow"
        => Always, JOBS, Json("", To(|jobs| with_shifted_dates(jobs, -CLOCK_OFF)));
    /// One answer in twenty is dropped with its connection, never three in a row to a request.
    DroppedConnections = "dropped-connections" => OneIn(20), Any, Drop;
    /// One answer in twenty is 503 instead, never three in a row to a request.
    BusyServices = "busy-services" => OneIn(20), Any, UNAVAILABLE;
    /// The first account has 120 old jobs and 1,000 files.
    CrowdedAccount = "crowded-account";
    /// The first account has inputs, outputs and a job of a run that crashed.
    Leftovers = "leftovers";
}
