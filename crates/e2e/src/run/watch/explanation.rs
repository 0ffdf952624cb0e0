//! What the browser's engine says of the requests behind a failure.
//!
//! To the page every refused request looks alike, and what it finds out by trying others it puts into
//! words itself. The engine knows the reason. A failing step gets it in a member of its own, which
//! also tells where the two do not agree.

use opencloud_browser::traffic::{About, Reason, Recorder};
use opencloud_model::{
    cause::Cause,
    event::{EngineReason, Event},
    redact,
};
use opencloud_reports::Progress;

/// What became of a request, in the words of `page.js`: `lost`, where no answer came, or `refused`,
/// where the browser kept it from the page.
pub(super) fn outcome(reason: &Reason) -> &'static str {
    if reason.passes_by_itself() {
        "lost"
    } else {
        "refused"
    }
}

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
    let reason = recorder.reason(&failed.method, &failed.url, failed.started_at);
    failure.engine = reason.map(|reason| EngineReason {
        engine: engine.into(),
        reason: redact::clean(&reason.words),
        agrees: agree(&reason, failed.diagnosis.as_ref()),
    });
}

/// Whether the engine's reason fits the cause that the page found; `None`: that nothing answers.
fn agree(reason: &Reason, cause: Option<&Cause>) -> bool {
    let about = &reason.about;
    let Some(cause) = cause else {
        return *about == About::Network;
    };
    let in_answer = matches!(
        about,
        About::AllowOrigin { preflight: false } | About::Credentials { preflight: false }
    );
    let in_preflights_headers = matches!(
        about,
        About::AllowOrigin { preflight: true }
            | About::Credentials { preflight: true }
            | About::PreflightHeaders
    );
    // A server may refuse what it does not allow as a whole, so a single method or header can be
    // behind a bad status of the preflight, too.
    let in_preflight =
        in_preflights_headers || matches!(about, About::PreflightStatus | About::PreflightRedirect);
    match cause {
        Cause::NoAllowOrigin | Cause::OtherOrigin { .. } => in_answer || in_preflights_headers,
        Cause::ErrorWithoutHeaders | Cause::Method { .. } | Cause::AnswerWithoutHeaders => {
            in_answer
        }
        Cause::PreflightMethod { method } => {
            in_preflight || matches!(about, About::Method(refused) if refused == method)
        }
        Cause::PreflightHeader { headers } => {
            in_preflight || matches!(about, About::Header(refused) if headers.contains(refused))
        }
        Cause::PreflightRefused => in_preflight,
        // With them `*` is no value.
        Cause::Credentials => matches!(
            about,
            About::Credentials { .. } | About::Method(_) | About::Header(_)
        ),
        Cause::Redirected => {
            in_answer || matches!(about, About::PreflightRedirect | About::Redirect)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees(about: About, cause: Option<&Cause>) -> bool {
        let reason = Reason {
            about,
            status: None,
            words: String::new(),
        };
        agree(&reason, cause)
    }

    #[test]
    fn the_reason_agrees_with_the_cause_or_not() {
        let put = Cause::PreflightMethod {
            method: "PUT".into(),
        };
        assert!(agrees(About::Method("PUT".into()), Some(&put)));
        assert!(!agrees(
            About::Method("PUT".into()),
            Some(&Cause::NoAllowOrigin)
        ));
        assert!(agrees(About::Network, None));
        assert!(!agrees(About::Network, Some(&put)));
    }

    #[test]
    fn a_preflight_that_is_refused_as_a_whole_may_lack_one_method_or_header() {
        let headers = vec!["content-type".into()];
        let header = Cause::PreflightHeader { headers };
        for about in [
            About::PreflightStatus,
            About::AllowOrigin { preflight: true },
        ] {
            assert!(agrees(about.clone(), Some(&header)), "{about:?}");
            assert!(agrees(about.clone(), Some(&Cause::PreflightRefused)));
            assert!(!agrees(about, Some(&Cause::AnswerWithoutHeaders)));
        }
        let other = About::Header("authorization".into());
        assert!(!agrees(other.clone(), Some(&header)));
        assert!(!agrees(other, Some(&Cause::PreflightRefused)));
    }

    #[test]
    fn credentials_rule_out_wildcards() {
        for about in [
            About::Credentials { preflight: false },
            About::Credentials { preflight: true },
            About::Header("authorization".into()),
        ] {
            assert!(agrees(about, Some(&Cause::Credentials)));
        }
        let mismatch = About::AllowOrigin { preflight: false };
        assert!(!agrees(mismatch, Some(&Cause::Credentials)));
    }
}
