//! What the browser's engine says of the requests behind a failure.
//!
//! The page asks for it before it draws its conclusion. A failing step also gets the engine's own words,
//! in a member that tells where the two do not agree.

use jiff::fmt::rfc2822;
use opencloud_browser::traffic::{Exchange, Recorder};
use opencloud_model::{
    event::{EngineReason, Event},
    observation::Observation,
    redact,
};
use opencloud_reports::Progress;

/// Adds the reason of the engine called `engine` to the failure of a step that rests on a request.
pub(super) fn explain(
    event: &mut Event,
    progress: &Progress,
    engine: &str,
    recorder: &mut Recorder<'_>,
) {
    let Event::StepFinished {
        failure: Some(failure),
        ..
    } = event
    else {
        return;
    };
    let Some(failed) = progress.culprit(&failure.message) else {
        return;
    };
    let observation = recorder.observation(&failed.method, &failed.url, failed.started_at);
    // The page could read this answer, so one that was withheld was to another test's request.
    let observation = observation.filter(|seen| failed.status.is_none() || is_without_answer(seen));
    let (agrees, reason) = if let Some(observation) = observation {
        let agrees = match &failed.diagnosis {
            Some(cause) => cause.agrees_with(&observation),
            None => is_without_answer(&observation),
        };
        (agrees, observation.words)
    } else {
        let answer = recorder.exchange(&failed.method, &failed.url, failed.started_at);
        let Some(remark) = answer.as_ref().and_then(clock) else {
            return;
        };
        (true, remark)
    };
    failure.engine = Some(EngineReason {
        engine: engine.into(),
        agrees,
        reason: redact::clean(&reason),
    });
}

/// How far the clock is off that the answer tells of in its header `date`, which a page cannot read. Clocks
/// that are set by themselves agree within a second; the header has whole ones, and an answer may take time.
fn clock(exchange: &Exchange) -> Option<String> {
    const AGREE_WITHIN: f64 = 60.0;
    let date = exchange.response_headers.get("date")?;
    let told = rfc2822::parse(date).ok()?.timestamp().as_second();
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
    let told = told as f64;
    let sent = exchange.sent_at / 1000.0;
    let took = exchange.ended.map_or(0.0, |ended| ended - exchange.sent);
    let (ahead, behind) = (told - (sent + took), sent - told);
    let (off, side) = if ahead > behind {
        (ahead, "ahead of")
    } else {
        (behind, "behind")
    };
    // An answer that something has stored has its old date.
    let is_stored = exchange.response_headers.contains_key("age");
    (off > AGREE_WITHIN && !is_stored).then(|| {
        format!(
            "the answer's date is {date}: the server's clock is {off:.0} s {side} this machine's"
        )
    })
}

/// Whether the observation fits a failure for which there is no cause: nothing answers, or the browser
/// itself failed.
fn is_without_answer(observation: &Observation) -> bool {
    observation.about.is_without_answer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told() {
        let dated = |date: &str| {
            let mut exchange = Exchange {
                sent_at: 1_795_867_200_000.0,
                ..Exchange::default()
            };
            let headers = &mut exchange.response_headers;
            headers.insert("date".into(), date.into());
            clock(&exchange)
        };
        assert_eq!(dated("Sat, 28 Nov 2026 12:00:03 GMT"), None);
        assert_eq!(dated("yesterday"), None);
        let behind = dated("Sat, 28 Nov 2026 11:55:00 GMT").expect("a remark");
        assert!(
            behind.ends_with("the server's clock is 300 s behind this machine's"),
            "{behind}"
        );
        let ahead = dated("Sat, 28 Nov 2026 14:00:00 GMT").expect("a remark");
        assert!(ahead.contains("7200 s ahead of"), "{ahead}");
        assert_eq!(clock(&Exchange::default()), None);
    }
}
