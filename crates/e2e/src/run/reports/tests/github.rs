//! What GitHub Actions shows.

use opencloud_reports::github_actions;

use super::super::samples;

#[test]
fn a_failed_step_is_annotated_in_one_line() {
    let run = samples::failing();
    let annotations = github_actions(&run).unwrap().annotations;
    let steps = run.tests.iter().flat_map(|test| &test.steps);
    let failed = steps.filter(|step| step.failure.is_some()).count();
    assert_eq!(annotations.lines().count(), failed);
    assert!(
        annotations.starts_with("::error title=files%3A%3Arename"),
        "{annotations}"
    );
    assert!(annotations.contains("%0AChrome: "), "{annotations}");
}

#[test]
fn a_test_that_failed_between_two_steps_is_annotated_too() {
    let mut run = samples::failing();
    for step in &mut run.tests[2].steps {
        step.failure = None;
    }
    let annotations = github_actions(&run).unwrap().annotations;
    assert!(
        annotations.starts_with("::error title=files%3A%3Arename_and_move::rename"),
        "{annotations}"
    );
}

#[test]
fn the_summary_tells_what_is_wrong_and_where() {
    let summary = github_actions(&samples::failing()).unwrap().summary;
    for part in [
        "## Failed: OpenCloud is wrong",
        "the preflight is refused: method PUT is not in access-control-allow-methods",
        "- `files::rename_and_move`, step `rename`",
        "<details><summary>Advice (1)</summary>",
    ] {
        assert!(summary.contains(part), "{part}:\n{summary}");
    }
}
