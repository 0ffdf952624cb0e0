//! What the browser's engine says of the requests behind a failure.
//!
//! The page asks for it before it draws its conclusion. A failing step also gets the engine's own words,
//! in a member that tells where the two do not agree.

use opencloud_browser::traffic::Recorder;
use opencloud_model::{
    event::{EngineReason, Event},
    observation::{About, Observation},
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
    failure.engine = observation.map(|observation| EngineReason {
        engine: engine.into(),
        agrees: match &failed.diagnosis {
            Some(cause) => cause.agrees_with(&observation),
            None => is_without_answer(&observation),
        },
        reason: redact::clean(&observation.words),
    });
}

/// Whether the observation fits a failure for which there is no cause: nothing answers, or the browser
/// itself failed.
fn is_without_answer(observation: &Observation) -> bool {
    matches!(
        observation.about,
        About::Network | About::CutShort | About::Certificate | About::Tls | About::Browser
    )
}
