//! One stack with one fault, and what can be seen of it.

use std::time::Duration;

use opencloud_stack::{Config, Disturbance, Family, Fault, config::FileMode};
use serde_json::Value;

use crate::support::{
    self, MODES, Running, config,
    http::{Answer, Request},
    session::Session,
};

pub(crate) const FRONTEND: &str = "http://localhost:8080";

/// How long a job stays in a state.
pub(crate) const STATE: f64 = 0.01;

/// A stack and those who use it.
pub(crate) struct Bench {
    pub(crate) stack: Running,
    pub(crate) mode: FileMode,
    faults: Vec<Fault>,
}

impl Bench {
    pub(crate) async fn start(
        mode: FileMode,
        faults: &[Fault],
        disturbances: &[Disturbance],
    ) -> Self {
        Self::with_frontend(mode, faults, disturbances, FRONTEND).await
    }

    async fn with_frontend(
        mode: FileMode,
        faults: &[Fault],
        disturbances: &[Disturbance],
        frontend: &str,
    ) -> Self {
        let stack = support::start(Config {
            faults: faults.to_vec(),
            disturbances: disturbances.to_vec(),
            frontend_origin: frontend.into(),
            ..config(mode, STATE)
        })
        .await;
        let faults = faults.to_vec();
        Self {
            stack,
            mode,
            faults,
        }
    }

    /// Its faults.
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    pub(crate) async fn user(&self) -> Session {
        Session::first(&self.stack).await
    }

    pub(crate) async fn second(&self) -> Session {
        Session::second(&self.stack).await
    }

    /// A request of the UserAPI's, from the frontend, without a token.
    pub(crate) fn plain(&self, method: &str, path: &str) -> Request {
        let url = format!("{}{path}", self.stack.urls().user_api);
        Request::new(method, &url).header("Origin", FRONTEND)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.plain("GET", path).send().await
    }

    /// The origin that an answer to a page of `origin` allows.
    pub(crate) async fn allowed_origin(&self, origin: &str) -> String {
        let url = format!("{}/access_info", self.stack.urls().user_api);
        let request = Request::new("GET", &url).header("Origin", origin);
        header(&request.send().await, "access-control-allow-origin")
    }

    pub(crate) async fn preflight(&self, url: &str, method: &str, headers: &str) -> Answer {
        Request::new("OPTIONS", url)
            .header("Origin", FRONTEND)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", headers)
            .send()
            .await
    }

    pub(crate) async fn preflight_jobs(&self, method: &str) -> Answer {
        let url = format!("{}/jobs", self.stack.urls().user_api);
        self.preflight(&url, method, "authorization,content-type")
            .await
    }

    pub(crate) async fn cognito(&self, operation: &str, body: &Value) -> Answer {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        Request::new("POST", &self.stack.urls().cognito)
            .header("Origin", FRONTEND)
            .header("Content-Type", "application/x-amz-json-1.1")
            .header("X-Amz-Target", &target)
            .body(body.to_string())
            .send()
            .await
    }
}

/// A header's value; `-` if it is missing.
pub(crate) fn header(answer: &Answer, name: &str) -> String {
    let same = answer.headers.iter().filter(|(key, _)| key == name);
    let values: Vec<_> = same.map(|(_, value)| value.as_str()).collect();
    if values.is_empty() {
        "-".into()
    } else {
        values.join(" + ")
    }
}

/// Status, and the two headers that decide whether a page may read the answer.
pub(crate) fn cors(answer: &Answer) -> String {
    let origin = header(answer, "access-control-allow-origin");
    let credentials = header(answer, "access-control-allow-credentials");
    format!("{} {origin} {credentials}", answer.status)
}

/// Checks faults, and that none of a family is left out.
pub(crate) struct Checks {
    family: Family,
    done: Vec<Fault>,
}

impl Checks {
    pub(crate) fn of(family: Family) -> Self {
        let done = Vec::new();
        Self { family, done }
    }

    /// `look` must return `sound` for a stack without the fault, and `faulty` for one with it.
    pub(crate) async fn check(
        &mut self,
        fault: Fault,
        look: impl AsyncFn(&Bench) -> String,
        sound: &str,
        faulty: &str,
    ) {
        self.check_for(FRONTEND, fault, look, sound, faulty).await;
    }

    /// Like [`Checks::check`], for another frontend's origin.
    pub(crate) async fn check_for(
        &mut self,
        frontend: &str,
        fault: Fault,
        look: impl AsyncFn(&Bench) -> String,
        sound: &str,
        faulty: &str,
    ) {
        assert_eq!(fault.family(), self.family, "{fault}");
        for mode in MODES.into_iter().filter(|mode| fault.exists_in(*mode)) {
            for (faults, expected) in [(&[][..], sound), (&[fault], faulty)] {
                let bench = Bench::with_frontend(mode, faults, &[], frontend).await;
                let seen = tokio::time::timeout(Duration::from_secs(20), look(&bench)).await;
                let seen = seen.unwrap_or_else(|_| panic!("{fault} in {mode:?}: no end"));
                assert_eq!(seen, expected, "{fault} in {mode:?}, on: {faults:?}");
                drop(bench);
            }
        }
        self.done.push(fault);
    }

    /// All faults of the family were checked.
    pub(crate) fn complete(self) {
        let of_family = Fault::ALL
            .iter()
            .filter(|fault| fault.family() == self.family);
        let left: Vec<_> = of_family
            .filter(|fault| !self.done.contains(fault))
            .collect();
        assert!(left.is_empty(), "not checked: {left:?}");
    }
}
