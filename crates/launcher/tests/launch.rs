//! The launcher in a checkout of its own, with a stand-in for cargo.

#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tempfile::TempDir;

/// Says what cargo says, and compiles the command: a script that says its arguments and its variables, and
/// ends with a code of its own.
const CARGO: &str = r#"#!/bin/sh
while [ "$1" != --target-dir ]; do shift; done
echo "   Compiling opencloud-e2e" >&2
echo "    Finished dev profile" >&2
mkdir -p "$2/debug"
cat > "$2/debug/opencloud-e2e" <<'END'
#!/bin/sh
echo "$CARGO_MANIFEST_DIR"
echo "$CARGO_TARGET_DIR"
for argument; do echo "<$argument>"; done
exit 42
END
chmod +x "$2/debug/opencloud-e2e"
echo "opencloud-e2e: $(echo "$PWD/crates/e2e/src/main.rs" | sed 's/ /\\ /g')" > "$2/debug/opencloud-e2e.d"
"#;

/// A program cannot be started while a process of another test has it open, which each has for a moment
/// that is started just then.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

struct Checkout {
    _guard: MutexGuard<'static, ()>,
    directory: TempDir,
    root: PathBuf,
    launcher: PathBuf,
}

impl Checkout {
    /// A checkout whose launcher is compiled into `target`, as seen from the directory of both.
    fn new(target: &str) -> Self {
        let guard = ONE_AT_A_TIME.lock();
        let directory = tempfile::tempdir().unwrap();
        // The system's own name of it, which a program's own path has, too.
        let place = fs::canonicalize(directory.path()).unwrap();
        let root = place.join("my chéckout");
        let write = |path: &Path, text: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for file in [
            "Cargo.toml",
            "Cargo.lock",
            ".cargo/config.toml",
            "crates/e2e/Cargo.toml",
            "crates/e2e/src/main.rs",
        ] {
            write(&root.join(file), "");
        }
        let cargo = place.join("cargo");
        write(&cargo, CARGO);
        fs::set_permissions(cargo, fs::Permissions::from_mode(0o755)).unwrap();
        let launcher = place.join(target).join("debug/opencloud-launcher");
        fs::create_dir_all(launcher.parent().unwrap()).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_opencloud-launcher"), &launcher).unwrap();
        Self {
            _guard: guard.unwrap_or_else(PoisonError::into_inner),
            directory,
            root,
            launcher,
        }
    }

    fn launch(&self) -> Output {
        Command::new(&self.launcher)
            .args(["--filter", "two words"])
            .env("CARGO", self.directory.path().join("cargo"))
            .env("CARGO_MANIFEST_DIR", self.root.join("crates/launcher"))
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .unwrap()
    }
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_first_time_is_told_later_ones_are_quiet_and_the_code_is_the_commands() {
    let checkout = Checkout::new("my chéckout/target");
    let first = checkout.launch();
    let line = "compiling cargo e2e for the first time, which takes a few minutes\n";
    assert!(told(&first).starts_with(line), "{}", told(&first));
    // Cargo itself speaks to the user.
    assert!(told(&first).contains("Finished"));
    let again = checkout.launch();
    assert_eq!(told(&again), "");
    fs::write(checkout.root.join("crates/e2e/src/main.rs"), "new").unwrap();
    let changed = checkout.launch();
    assert_eq!(told(&changed), "   Compiling opencloud-e2e\n");
    let manifest = checkout.root.join("crates/e2e");
    for output in [first, again, changed] {
        assert_eq!(output.status.code(), Some(42));
        let said = String::from_utf8(output.stdout).unwrap();
        let expected = format!("{}\n\n<--filter>\n<two words>\n", manifest.display());
        assert_eq!(said, expected);
    }
}

#[test]
fn in_a_shared_directory_the_command_is_compiled_into_one_of_its_own() {
    let checkout = Checkout::new("shared");
    let output = checkout.launch();
    assert_eq!(output.status.code(), Some(42));
    let said = String::from_utf8(output.stdout).unwrap();
    let target = said.lines().nth(1).unwrap();
    assert!(target.contains("/shared/checkouts/"), "{said}");
    assert!(Path::new(target).join("debug/opencloud-e2e").exists());
}

#[test]
fn what_does_not_compile_is_a_failure_of_the_suites_own() {
    let checkout = Checkout::new("shared");
    let cargo = checkout.directory.path().join("cargo");
    fs::write(cargo, "#!/bin/sh\nexit 101\n").unwrap();
    let output = checkout.launch();
    assert_eq!(output.status.code(), Some(3));
    let told = told(&output);
    let line = "error: cargo e2e does not compile, see above\n";
    assert!(told.ends_with(line), "{told}");
}
