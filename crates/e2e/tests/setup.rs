//! Set-up on a machine that lacks something.

#![cfg(target_os = "linux")]

use std::{
    env, fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use crate::common::E2e;

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The first directory of `PATH` that has `program`.
fn directory_of(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap();
    let found = env::split_paths(&path).find(|directory| directory.join(program).exists());
    found.unwrap_or_else(|| panic!("{program} is on PATH"))
}

/// A machine without a browser, whose apt-get puts one there that does not work.
#[test]
fn a_missing_browser_is_installed_through_apt() {
    let machine = tempfile::tempdir().unwrap();
    let programs = machine.path();
    let here = programs.display();
    symlink(directory_of("env").join("env"), programs.join("env")).unwrap();
    // Whoever runs this test may be root or not.
    script(&programs.join("sudo"), "shift; exec \"$@\"");
    script(
        &programs.join("apt-get"),
        &format!(
            "echo \"$@\" >> {here}/calls\n\
             case \"$*\" in *install*)\n\
             for program in chromium chromedriver; do\n\
             printf '#!/bin/sh\\nexit 7\\n' > {here}/$program; /bin/chmod 755 {here}/$program\n\
             done;; esac"
        ),
    );
    let path = [programs, &directory_of("cargo")];
    let ended = E2e::new(&[], "").with_only(&path).run();
    let calls = fs::read_to_string(programs.join("calls")).unwrap();
    assert!(
        calls.contains("install -y --no-install-recommends chromium chromium-driver"),
        "{calls}"
    );
    let announced = "set-up: apt-get install chromium chromium-driver";
    ended.tells(announced);
    // It was used: this is how it ends.
    ended.assert_code(3);
    ended.tells("exit status: 7");
    ended.assert_nothing_left();
}

/// As on Ubuntu.
#[test]
fn where_apt_has_no_driver_another_way_is_named() {
    let machine = tempfile::tempdir().unwrap();
    let programs = machine.path();
    script(&programs.join("sudo"), "exit 0");
    script(&programs.join("apt-get"), "exit 0");
    script(&programs.join("apt-cache"), "exit 0");
    let path = [programs, &directory_of("cargo")];
    let ended = E2e::new(&[], "").with_only(&path).run();
    let parts = [
        "apt has no chromium-driver",
        "npx @puppeteer/browsers install chromedriver@stable",
    ];
    ended.refused(&parts).assert_nothing_left();
    let ended = E2e::new(&["--browser", "webkit"], "")
        .with_only(&path)
        .run();
    let parts = ["apt has no webkit2gtk-driver: use a distribution"];
    ended.refused(&parts).assert_nothing_left();
}

/// The port that chromedriver takes may be free with one version of the Internet Protocol only.
#[test]
fn a_driver_that_finds_no_port_is_started_again() {
    let directory = tempfile::tempdir().unwrap();
    let driver = directory.path().join("chromedriver");
    script(
        &driver,
        "if mkdir \"$0.tried\" 2> /dev/null; then\n\
         echo 'IPv4 port not available. Exiting...'; exit 1\n\
         fi\n\
         exec chromedriver \"$@\"",
    );
    let e2e = E2e::new(&["--filter", "access::"], "");
    let ended = e2e.env("CHROMEDRIVER", driver.to_str().unwrap()).run();
    ended.assert_code(0);
    assert!(directory.path().join("chromedriver.tried").exists());
    ended.assert_nothing_left();
}

/// A machine with a Firefox and without its driver, which no package manager has.
#[test]
fn a_missing_geckodriver_is_built_by_cargo_once() {
    let machine = tempfile::tempdir().unwrap();
    let programs = machine.path();
    let here = programs.display();
    symlink(directory_of("env").join("env"), programs.join("env")).unwrap();
    script(&programs.join("firefox"), "exit 7");
    // It builds a driver that does not work, and nothing else.
    script(
        &programs.join("cargo"),
        &format!(
            "echo \"$@\" >> {here}/calls\n\
             [ \"$1\" = install ] || exit 1\n\
             /bin/mkdir -p {here}/drivers/bin\n\
             printf '#!/bin/sh\\nexit 7\\n' > {here}/drivers/bin/geckodriver\n\
             /bin/chmod 755 {here}/drivers/bin/geckodriver"
        ),
    );
    // What is built lies beside the command, if that is in no target directory.
    let command = programs.join("opencloud-e2e");
    fs::copy(env!("CARGO_BIN_EXE_opencloud-e2e"), &command).unwrap();
    let path = env::join_paths([programs, &directory_of("rustc")]).unwrap();
    let run = |args: &[&str]| {
        let mut process = Command::new(&command);
        process
            .args(args)
            .env("PATH", &path)
            .env("CARGO", programs.join("cargo"))
            .env("TMPDIR", programs);
        for key in ["FIREFOX", "GECKODRIVER", "GECKOWEBDRIVER", "ENGINE"] {
            process.env_remove(key);
        }
        let output = process.output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let told = run(&["--browser", "firefox", "--no-install"]);
    assert!(
        told.contains("geckodriver (run cargo install --locked geckodriver@"),
        "{told}"
    );
    let told = run(&["--browser", "firefox"]);
    assert!(
        told.contains("set-up: cargo install --locked geckodriver@")
            && told.contains(&format!(" --root {here}/drivers (it takes")),
        "{told}"
    );
    assert!(!run(&["--browser", "firefox"]).contains("set-up: cargo install"));
    let calls = fs::read_to_string(programs.join("calls")).unwrap();
    assert_eq!(
        calls.matches("install --locked geckodriver@").count(),
        1,
        "{calls}"
    );
}
