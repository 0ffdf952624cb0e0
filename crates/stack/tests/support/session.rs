//! A signed-in user of a stack.

use std::time::{Duration, Instant};

use opencloud_stack::{JobStatus, Stack, StateChange};
use serde_json::{Value, json};

use super::http::{Answer, Request};

pub struct Session {
    pub url: String,
    pub token: String,
}

impl Session {
    /// The account in `users` and `workers`.
    pub async fn first(stack: &Stack) -> Self {
        Self::of(stack, |groups| groups.len() == 2).await
    }

    /// The account in `users` alone.
    pub async fn second(stack: &Stack) -> Self {
        Self::of(stack, |groups| groups == ["users"]).await
    }

    async fn of(stack: &Stack, wanted: impl Fn(&[String]) -> bool) -> Self {
        let accounts = stack.accounts();
        let account = accounts.iter().find(|a| wanted(&a.groups)).unwrap();
        let (urls, client) = (stack.urls(), &stack.ids().client);
        let (email, password) = (&account.email, &account.password);
        Self::sign_in(&urls.user_api, &urls.cognito, client, email, password).await
    }

    pub async fn sign_in(
        user_api: &str,
        cognito: &str,
        client: &str,
        email: &str,
        password: &str,
    ) -> Self {
        let body = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": client,
            "AuthParameters": {"USERNAME": email, "PASSWORD": password},
        });
        let answer = Request::new("POST", cognito)
            .header("Content-Type", "application/x-amz-json-1.1")
            .header(
                "X-Amz-Target",
                "AWSCognitoIdentityProviderService.InitiateAuth",
            )
            .body(body.to_string())
            .send()
            .await;
        let answer = answer.json();
        let token = answer["AuthenticationResult"]["IdToken"].as_str();
        Self {
            url: user_api.to_owned(),
            token: token.expect("an ID token").to_owned(),
        }
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, &format!("{}{path}", self.url))
            .header("Authorization", &format!("Bearer {}", self.token))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send().await
    }

    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.request(method, path)
            .header("Content-Type", "application/json")
            .body(body.to_string())
            .send()
            .await
    }

    /// Uploads a file in two steps, as a page does.
    pub async fn upload(&self, directory: &str, name: &str, content: &[u8]) -> Answer {
        let form = self
            .request("POST", &format!("/files/{directory}/url"))
            .send()
            .await;
        assert_eq!(form.status / 100, 2, "{}", form.text());
        filled(&form.json(), file(name, content)).send().await
    }

    /// Uploads a file through the UserAPI, which takes it in both modes.
    pub async fn upload_here(&self, directory: &str, name: &str, content: &[u8]) -> Answer {
        self.request("POST", &format!("/files/{directory}/upload"))
            .header("Content-Type", FORM)
            .body([file(name, content), END.into()].concat())
            .send()
            .await
    }

    /// Downloads a file in two steps, as a page does.
    pub async fn download(&self, path: &str) -> Answer {
        let wanted = self.get(&format!("/files/{path}/url")).await;
        if wanted.status / 100 != 2 {
            return wanted;
        }
        presigned("GET", &wanted.json()).send().await
    }

    /// The paths in a listing of everything below `directory`.
    pub async fn paths(&self, directory: &str) -> Vec<String> {
        let path = format!("/files/{directory}/?recursive=true&show_dirs=false");
        let listing = self.get(&path).await;
        if listing.status == 404 {
            return Vec::new();
        }
        let listing = listing.json();
        let entries = listing.as_array().unwrap().iter();
        entries
            .map(|entry| entry["path"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Puts a parameter file and a calibration where [`job`] expects them.
    pub async fn upload_inputs(&self) {
        for (directory, name, content) in [
            ("config/exp", "param_run_in.yaml", PARAMETERS),
            ("data/exp", "spline_calibration_3dcal.mat", b"MATLAB 5.0"),
        ] {
            let uploaded = self.upload(directory, name, content).await;
            assert!(matches!(uploaded.status, 201 | 204), "{}", uploaded.text());
        }
    }

    /// Starts a job and returns its id.
    pub async fn submit(&self, job: &Value) -> i64 {
        let created = self.json("POST", "/jobs", job).await;
        assert_eq!(created.status / 100, 2, "{}", created.text());
        created.json()["id"].as_i64().unwrap()
    }

    pub async fn job(&self, id: i64) -> Value {
        self.get(&format!("/jobs/{id}")).await.json()
    }
}

pub const PARAMETERS: &[u8] =
    b"Camera:\n  baseline: 398.6 # counts\nHyperParameter:\n  epochs: 1\n";

/// The media type of a form whose parts are [`part`]s.
pub const FORM: &str = "multipart/form-data; boundary=xx";

/// The end of such a form.
pub const END: &[u8] = b"--xx--\r\n";

pub fn part(disposition: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--xx\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// The part that is a file.
pub fn file(name: &str, content: &[u8]) -> Vec<u8> {
    part(&format!("name=\"file\"; filename=\"{name}\""), content)
}

/// The parts of a pre-signed form, but for its file.
pub fn fields(form: &Value) -> Vec<u8> {
    let fields = form["data"].as_object().unwrap().iter();
    let parts = fields.map(|(name, value)| {
        part(
            &format!("name=\"{name}\""),
            value.as_str().unwrap().as_bytes(),
        )
    });
    parts.collect::<Vec<_>>().concat()
}

/// The request that a pre-signed URL or form is for, without a body and its type.
pub fn presigned(method: &str, wanted: &Value) -> Request {
    let headers = wanted["headers"].as_object().unwrap().iter();
    let headers = headers.filter(|(name, _)| *name != "content-type");
    headers.fold(
        Request::new(method, wanted["url"].as_str().unwrap()),
        |request, (name, value)| request.header(name, value.as_str().unwrap()),
    )
}

/// The request that sends a pre-signed form with this file.
pub fn filled(form: &Value, file: Vec<u8>) -> Request {
    presigned("POST", form)
        .header("Content-Type", FORM)
        .body([fields(form), file, END.into()].concat())
}

/// A job that trains DECODE on the files of [`Session::upload_inputs`].
pub fn job(name: &str) -> Value {
    json!({
        "job_name": name,
        "environment": "local",
        "priority": 0,
        "application": {"application": "decode", "version": "v0_10_1", "entrypoint": "train"},
        "attributes": {
            "files_down": {"config_id": "exp", "data_ids": ["exp"], "artifact_ids": []},
            "env_vars": {},
        },
        "hardware": {},
    })
}

/// Waits until the stack's history of states satisfies `done`.
pub async fn wait_for(stack: &Stack, done: impl Fn(&[StateChange]) -> bool) -> Vec<StateChange> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let changes = stack.state_changes();
        if done(&changes) {
            return changes;
        }
        assert!(Instant::now() < deadline, "waited in vain: {changes:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The states that a job went through.
pub fn states(changes: &[StateChange], job_name: &str) -> Vec<JobStatus> {
    let of_job = changes.iter().filter(|change| change.job_name == job_name);
    of_job.map(|change| change.status).collect()
}

/// The states of a job that succeeds.
pub fn success() -> Vec<JobStatus> {
    let all = JobStatus::ALL.iter().copied();
    all.filter(|state| *state != JobStatus::Error).collect()
}

/// The names of states, in one line.
pub fn names(states: &[JobStatus]) -> String {
    let names: Vec<_> = states.iter().map(|state| state.name()).collect();
    names.join(" ")
}
