//! The embedded stack in a process of its own, as a deployment to test against.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A stack that ends with this.
pub(crate) struct Stack {
    process: Child,
    directory: TempDir,
}

impl Stack {
    pub(crate) fn start(args: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_opencloud-e2e"))
            .args([
                "stack",
                "--user-api-port",
                "0",
                "--cognito-port",
                "0",
                "--s3-port",
                "0",
            ])
            .arg("--write-env")
            .arg(directory.path().join(".env"))
            .args(args)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let stack = Self { process, directory };
        let deadline = Instant::now() + Duration::from_secs(60);
        while stack.settings().is_empty() {
            assert!(Instant::now() < deadline, "the stack does not start");
            thread::sleep(Duration::from_millis(10));
        }
        stack
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// The text of the `.env` that it has written; empty until then.
    pub(crate) fn settings(&self) -> String {
        fs::read_to_string(self.directory.path().join(".env")).unwrap_or_default()
    }

    /// The same, with the account under the keys that `--dev` reads.
    pub(crate) fn settings_of_dev(&self) -> String {
        let settings = self.settings().replace("\nEMAIL=", "\nTEST_EMAIL=");
        settings.replace("\nPASSWORD=", "\nTEST_PASSWORD=")
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The inputs of real jobs, as if they had been fetched: the bundled ones in a zip.
pub(crate) fn inputs_zip(path: &Path) {
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let bundled = project.join("tests/applications/decode_v0_10_1_train");
    let mut zip = ZipWriter::new(fs::File::create(path).unwrap());
    for file in ["param_run_in.yaml", "spline_calibration_3dcal.mat"] {
        let member = format!("decode_cloud_train_experimental/{file}");
        zip.start_file(member, SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&fs::read(bundled.join(file)).unwrap())
            .unwrap();
    }
    zip.finish().unwrap();
}
