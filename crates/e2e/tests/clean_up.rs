//! Leftovers of earlier runs are listed, and removed on demand; nothing else is ever removed.

use crate::common::{Deployment, E2e};
use opencloud_stack::Disturbance;

/// What the stack calls the run that crashed.
const CRASHED: &str = "integration_test_20260101T000000Z_0000beef";

#[test]
fn only_what_earlier_runs_have_left_is_removed_and_only_when_told_so() {
    let deployment = Deployment::with(&[Disturbance::Leftovers, Disturbance::CrowdedAccount]);
    let own = || {
        let mut names = deployment.content();
        names.retain(|name| name.starts_with("old_") || name.starts_with("file_"));
        names
    };
    let (before, left_before) = (own(), deployment.left());
    assert!(before.len() > 1120 && left_before.len() == 5);
    let clean_up = |args: &[&str]| {
        let args = [&["--dev"], args].concat();
        let ended = E2e::subcommand("clean-up", &args, &deployment.as_dev()).run();
        ended.assert_code(0).assert_nothing_left();
        ended.stdout
    };

    let said = clean_up(&[]);
    for line in [
        format!("job 121 {CRASHED}"),
        format!("config/{CRASHED}/"),
        format!("artifact/{CRASHED}/"),
        "to remove it, add --yes".into(),
    ] {
        assert!(said.contains(&line), "{line}:\n{said}");
    }
    let said = clean_up(&["--only", "integration_test_2027", "--yes"]);
    assert!(said.contains("nothing is left"), "{said}");
    assert_eq!(deployment.left(), left_before);

    let said = clean_up(&["--yes"]);
    assert!(said.contains("removed: 5"), "{said}");
    assert_eq!(deployment.left(), [""; 0]);
    // The 120 jobs and 1,000 files of the user's own.
    assert!(own() == before, "{} of {}", own().len(), before.len());
    assert!(clean_up(&["--all"]).contains("nothing is left"));
}

#[test]
fn what_came_after_the_list_is_not_removed() {
    let deployment = Deployment::with(&[Disturbance::Leftovers]);
    let args = ["--dev", "--all", "--yes"];
    let running = E2e::subcommand("clean-up", &args, &deployment.as_dev());
    let running = running.start_until("left of earlier runs");
    deployment.make_directory("config/integration_test_of_another_run");
    let ended = running.wait();
    ended.assert_code(0);
    ended.says("removed: 5");
    assert_eq!(deployment.left(), ["integration_test_of_another_run"]);
}

#[test]
fn a_name_without_the_prefix_is_no_choice() {
    for name in ["config", "all", "integration_test_", "old_job"] {
        let ended = E2e::subcommand("clean-up", &["--only", name], "").run();
        ended.refused(&["integration_test_"]);
    }
}
