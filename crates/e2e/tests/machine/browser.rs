//! A browser that does not start.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use crate::common::{E2e, Ended};

/// A secret of the settings, which the browser writes into its log.
const SECRET: &str = "secret-of-the-settings-4d2a";

/// A run whose browser fails the first `failures` times.
fn run(directory: &Path, failures: usize) -> Ended {
    let browser = directory.join("browser");
    let count = directory.join("count");
    let script = format!(
        "#!/bin/sh\necho x >> '{0}'\nif [ $(wc -l < '{0}') -le {failures} ]; then\n\
         echo 'last words of the browser: {SECRET}' >&2\nexit 7\nfi\n\
         exec \"$(command -v chromium || command -v google-chrome)\" \"$@\"\n",
        count.display()
    );
    fs::write(&browser, script).unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let settings = format!("TEST_PASSWORD={SECRET}\n");
    let ended = E2e::new(&["--filter", "access::"], &settings)
        .env("CHROME", &browser.display().to_string())
        .run();
    let told = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!told.contains(SECRET), "{told}");
    ended.assert_nothing_left();
    ended
}

fn attempts(directory: &Path) -> usize {
    let count = fs::read_to_string(directory.join("count")).unwrap();
    count.lines().count()
}

#[test]
fn it_is_started_again_and_that_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let ended = run(directory.path(), 1);
    ended.assert_code(0);
    let said = ended.stderr.lines().find(|line| line.starts_with("info: "));
    let said = said.unwrap_or_else(|| panic!("{}", ended.stderr));
    assert!(
        said.contains("does not start: session not created"),
        "{said}"
    );
    assert!(said.ends_with("another attempt follows"), "{said}");
    assert_eq!(attempts(directory.path()), 2);
}

#[test]
fn its_last_words_are_in_the_message_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let ended = run(directory.path(), 3);
    ended.assert_code(3);
    ended.tells("    last words of the browser: ");
    assert_eq!(attempts(directory.path()), 3);
}
