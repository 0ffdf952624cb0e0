//! An OpenCloud that outlives a run: to the run, one of the real services.

use std::{fs, path::Path, time::Duration};

use opencloud_stack::{
    Config, Disturbance, Stack,
    config::{FileMode, WorkerConfig},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{E2e, Running, stack::inputs_zip};

/// The deployment. Its jobs stay in their first state for longer than any test takes.
pub(crate) struct Deployment {
    runtime: Runtime,
    stack: Stack,
    settings: Vec<(String, String)>,
    data: TempDir,
}

impl Deployment {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// A deployment that is awkward in these ways.
    pub(crate) fn with(disturbances: &[Disturbance]) -> Self {
        let runtime = Runtime::new().unwrap();
        let data = tempfile::tempdir().unwrap();
        let config = Config {
            files: FileMode::Local,
            data_dir: Some(data.path().to_owned()),
            worker: WorkerConfig {
                seconds_per_state: Duration::from_secs(600),
                fail: false,
            },
            disturbances: disturbances.to_vec(),
            ..Config::default()
        };
        let stack = runtime.block_on(Stack::start(config)).unwrap();
        let settings = runtime.block_on(stack.env_file());
        Self {
            runtime,
            stack,
            settings,
            data,
        }
    }

    /// Starts a run of the lifecycle and waits until a line of its stdout contains `part`.
    pub(crate) fn run(&self, part: &str) -> Running {
        self.run_with(part, "")
    }

    /// Like [`Deployment::run`], with more settings.
    pub(crate) fn run_with(&self, part: &str, settings: &str) -> Running {
        let inputs = self.data.path().join("inputs.zip");
        inputs_zip(&inputs);
        let dotenv = format!(
            "{}INPUTS_SOURCE={}\nINPUTS_DIRECTORY={}\n{settings}\n",
            self.as_dev(),
            inputs.display(),
            self.data.path().join("inputs").display()
        );
        E2e::new(&["--dev", "--filter", "lifecycle::"], &dotenv).start_until(part)
    }

    /// The settings that make it the deployment of `--dev`.
    pub(crate) fn as_dev(&self) -> String {
        let quoted = |(key, value): &(String, String)| {
            let of_account = ["EMAIL", "PASSWORD"].contains(&key.as_str());
            let prefix = if of_account { "TEST_" } else { "" };
            format!("{prefix}{key}='{value}'\n")
        };
        self.settings.iter().map(quoted).collect()
    }

    /// Stops answering, with all that is under way.
    pub(crate) fn die(self) {
        drop(self.stack);
        self.runtime.shutdown_background();
    }

    fn setting(&self, key: &str) -> &str {
        let found = self.settings.iter().find(|(name, _)| name == key);
        found.map_or("", |(_, value)| value)
    }

    /// The jobs and files of integration tests that are there.
    pub(crate) fn left(&self) -> Vec<String> {
        let mut left = self.content();
        left.retain(|name| name.starts_with("integration_test_"));
        left
    }

    /// The names of all jobs and files that are there.
    pub(crate) fn content(&self) -> Vec<String> {
        let mut content = self.jobs();
        collect(self.data.path(), &mut content);
        content.sort();
        content
    }

    /// The only job that is there.
    pub(crate) fn only_job(&self) -> Value {
        let [job] = <[Value; 1]>::try_from(self.list_jobs()).unwrap();
        job
    }

    /// Deletes a job, and creates another as `name` on the same inputs, which gets its id.
    pub(crate) fn replace(&self, job: &Value, name: &str) {
        let url = format!("{}/jobs", self.stack.urls().user_api);
        let authorization = format!("Bearer {}", self.token());
        let deleted = ureq::delete(format!("{url}/{}", job["id"]))
            .header("Authorization", &authorization)
            .call();
        assert_eq!(deleted.unwrap().status(), 204);
        let mut another = job.clone();
        another["job_name"] = json!(name);
        let created = ureq::post(url)
            .header("Authorization", &authorization)
            .content_type("application/json")
            .send(another.to_string());
        let created: Value = created.unwrap().body_mut().read_json().unwrap();
        assert_eq!(created["id"], job["id"]);
    }

    /// Makes an empty directory.
    pub(crate) fn make_directory(&self, path: &str) {
        let made = ureq::post(format!("{}/files/{path}/", self.stack.urls().user_api))
            .header("Authorization", format!("Bearer {}", self.token()))
            .send_empty();
        assert_eq!(made.unwrap().status(), 201);
    }

    fn jobs(&self) -> Vec<String> {
        let jobs = self.list_jobs();
        let names = jobs.iter().map(|job| job["job_name"].as_str().unwrap());
        names.map(ToOwned::to_owned).collect()
    }

    fn list_jobs(&self) -> Vec<Value> {
        let mut answer = ureq::get(format!("{}/jobs?limit=1000", self.stack.urls().user_api))
            .header("Authorization", format!("Bearer {}", self.token()))
            .call()
            .unwrap();
        answer.body_mut().read_json().unwrap()
    }

    fn token(&self) -> String {
        let body = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": self.setting("COGNITO_CLIENT_ID"),
            "AuthParameters": {
                "USERNAME": self.setting("EMAIL"),
                "PASSWORD": self.setting("PASSWORD"),
            },
        });
        let operation = "AWSCognitoIdentityProviderService.InitiateAuth";
        let mut answer = ureq::post(&self.stack.urls().cognito)
            .header("X-Amz-Target", operation)
            .content_type("application/x-amz-json-1.1")
            .send(body.to_string())
            .unwrap();
        let tokens: Value = answer.body_mut().read_json().unwrap();
        let token = tokens["AuthenticationResult"]["IdToken"].as_str().unwrap();
        token.to_owned()
    }
}

/// The names of all that is below a directory.
fn collect(directory: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            collect(&entry.path(), names);
        }
    }
}
