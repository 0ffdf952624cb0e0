//! The disturbances that change answers.

use std::time::Duration;

use axum::http::{
    HeaderName,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        CONNECTION, CONTENT_TYPE,
    },
};
use serde_json::json;

use crate::{
    endpoint::{
        Endpoint::{
            AccessInfo, Applications, DeleteJob, Download, InitiateAuth, List, ListJobs, ShowJob,
            Upload,
        },
        Service::{Cognito, S3},
    },
    faults::{
        change::{
            Change::{
                self, Body, Chunked, Cut, Delay, Drop, Json, Remove, Replace, Rewrite, Set, Slow,
                Status,
            },
            NO_CONTENT, UNAVAILABLE,
        },
        disturbance::Disturbance,
        exchange::{Exchange, When},
        json::{
            Edit::To, for_people, in_another_order, in_ascii, rewritten, shifted, with_a_member,
            with_dates, without_fraction,
        },
        registry::CLOCK_OFF,
        rule::{
            Frequency::{Always, First, OneIn},
            Rule,
        },
    },
};

/// The rule of a disturbance, if it changes answers.
pub(super) fn rule_of(disturbance: Disturbance) -> Option<Rule> {
    match disturbance {
        Disturbance::DroppedConnections => Some(Rule::new(OneIn(20), |_| true, Drop)),
        Disturbance::BusyServices => Some(Rule::new(OneIn(20), |_| true, UNAVAILABLE)),
        other => first(other).or_else(|| always(other)),
    }
}

/// Rules for a single answer.
fn first(disturbance: Disturbance) -> Option<Rule> {
    let (when, change): (When, Change) = match disturbance {
        Disturbance::SlowStart => (|_| true, Delay(Duration::from_secs(2))),
        Disturbance::One503OnAListing => (|x| x.is_done(List), UNAVAILABLE),
        Disturbance::One503OnAJob => (|x| x.is_done(ShowJob), UNAVAILABLE),
        Disturbance::One503OnAccessInfo => (|x| x.is_done(AccessInfo), UNAVAILABLE),
        Disturbance::One503OnADownload => (|x| x.is_done(Download), UNAVAILABLE),
        Disturbance::One503OnDeletingAJob => (|x| x.is_done(DeleteJob), UNAVAILABLE),
        Disturbance::One401OnAJob => (|x| x.is_done(ShowJob), NOT_VERIFIED),
        Disturbance::OneThrottledSignIn => (|x| x.is_done(InitiateAuth), THROTTLED),
        Disturbance::OneCutDownload => (|x| x.is_done(Download), Cut),
        Disturbance::OneDropOnAListing => (|x| x.is_done(List), Drop),
        Disturbance::OneDropOnAJob => (|x| x.is_done(ShowJob), Drop),
        Disturbance::OneDropOnADownload => (|x| x.is_done(Download), Drop),
        _ => return None,
    };
    Some(Rule::new(First, when, change))
}

/// Rules for all answers.
fn always(disturbance: Disturbance) -> Option<Rule> {
    let job: When = |x| x.shows_a_job() || x.is_done(ListJobs);
    let json: When = |x| !(x.is_preflight || x.is_from(S3) || x.is(Download));
    let (when, change): (When, Change) = match disturbance {
        Disturbance::Latency => (|_| true, Delay(Duration::from_millis(300))),
        Disturbance::SlowBodies => (|x| !x.is_preflight, Slow),
        Disturbance::ChunkedBodies => (|x| x.endpoint.is_some(), Chunked),
        Disturbance::ConnectionsNotKept => (|_| true, Set(CONNECTION, "close")),
        Disturbance::ExtraHeaders => (
            |_| true,
            Set(HeaderName::from_static("x-cache"), "Miss from cloudfront"),
        ),
        Disturbance::UnknownJsonFields => (
            |x| {
                let other = [Some(Applications), Some(Download)].contains(&x.endpoint);
                !(x.is_preflight || x.is_from(S3) || other)
            },
            Json("", To(with_a_member)),
        ),
        Disturbance::JsonForPeople => (json, Body(|body| rewritten(body, for_people))),
        Disturbance::JsonInAnotherOrder => (json, Json("", To(in_another_order))),
        Disturbance::JsonInAscii => (json, Body(|body| rewritten(body, in_ascii))),
        Disturbance::JsonWithCharset => (
            json,
            Rewrite(CONTENT_TYPE, |value| {
                value.replace("/json", "/json; charset=utf-8")
            }),
        ),
        Disturbance::UploadAnswers200 => (|x| x.is_done(Upload), Status(200)),
        Disturbance::UploadAnswers201 => (|x| x.is_done(Upload), Status(201)),
        Disturbance::UploadAnswers204 => (|x| x.is_done(Upload), NO_CONTENT),
        Disturbance::PreflightsAnswer204 => (|x| x.is_preflight && x.status == 200, NO_CONTENT),
        Disturbance::PreflightsNotRemembered => {
            (|x| x.is_preflight, Remove(ACCESS_CONTROL_MAX_AGE))
        }
        Disturbance::PreflightsAllowMore => (
            |x| x.is_preflight,
            Rewrite(ACCESS_CONTROL_ALLOW_HEADERS, |list| {
                format!("x-requested-with, {list}, range")
            }),
        ),
        Disturbance::MoreHeadersExposed => (
            |x| !x.is_preflight,
            Set(ACCESS_CONTROL_EXPOSE_HEADERS, "Content-Disposition, ETag"),
        ),
        Disturbance::CognitoAsTheEmulator => (
            |x| x.is_answer(Cognito),
            Set(CONTENT_TYPE, "text/html; charset=utf-8"),
        ),
        Disturbance::ClockFast => (
            job,
            Json(
                "",
                To(|jobs| with_dates(jobs, &|date| shifted(date, CLOCK_OFF))),
            ),
        ),
        Disturbance::ClockSlow => (
            job,
            Json(
                "",
                To(|jobs| with_dates(jobs, &|date| shifted(date, -CLOCK_OFF))),
            ),
        ),
        Disturbance::DatesWithoutFraction => (
            job,
            Json("", To(|jobs| with_dates(jobs, &without_fraction))),
        ),
        Disturbance::TalkativeWorker => (
            Exchange::shows_a_job,
            Json("/runtime_details", To(|_| json!("\nworker w: all is well"))),
        ),
        _ => return None,
    };
    Some(Rule::new(Always, when, change))
}

/// The UserAPI's answer to a token that it does not accept.
const NOT_VERIFIED: Change = Replace(401, "application/json", r#"{"detail":"Not verified"}"#);

/// Cognito's answer to a client that sends too many requests.
const THROTTLED: Change = Replace(
    400,
    "application/x-amz-json-1.1",
    r#"{"__type":"TooManyRequestsException","message":"Rate exceeded"}"#,
);
