//! From the recording's ids, hosts and tokens to a deployment's, and what one exchange hands to the
//! next.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::{
    deployment::{Deployment, Role},
    form,
    group::Group,
    http,
    recording::{Answer, Body, Exchange, RequestBody},
    service::Service,
    texts::Texts,
    tokens::{Forge, RecordedTokens, Substitute},
};

/// Where the services were while recording.
const USER_API: &str = "http://localhost:8000";
const WORKER_API: &str = "http://localhost:8001";
const ORIGIN: &str = "http://localhost:8080";
const REGION: &str = "eu-central-1";
/// The emulators, with Cognito and S3 in one, and their buckets: of whole exchanges, and of what the
/// frontend said.
const EMULATORS: [(&str, &str); 2] = [
    ("http://localhost:5000", "decode-user-data"),
    ("http://localhost:5100", "opencloud-user-data"),
];
/// Above the directories of all users.
const ROOT: &str = "user_data/";
/// The password of the recorded account.
const PASSWORD: &str = "Passw0rd!user";
/// No account has it.
const WRONG_PASSWORD: &str = "Wrong-passw0rd!";
/// Before the signature of a pre-signed URL.
const SIGNATURE: &str = "&X-Amz-Signature=";

/// The recorded world and a deployment's.
pub(crate) struct Translation<'d> {
    deployment: &'d Deployment,
    group: Group,
    texts: Texts,
    /// Numbers of recorded jobs, and the deployment's.
    jobs: BTreeMap<i64, i64>,
    /// Tokens that cannot be had, and why.
    missing: Vec<(String, String)>,
    /// What the UserAPI answered to the last request for an upload.
    upload: Value,
}

impl<'d> Translation<'d> {
    pub(crate) fn new(
        recordings: &Path,
        deployment: &'d Deployment,
        group: Group,
        forge: Option<Forge<'_>>,
    ) -> anyhow::Result<Self> {
        let address = &deployment.address;
        let mut texts = Texts::default();
        texts.add(USER_API, &address.user_api);
        if let Some(worker_api) = &address.worker_api {
            texts.add(WORKER_API, worker_api);
        }
        texts.add(ORIGIN, &address.origin);
        texts.add(REGION, &deployment.region);
        if let Some(s3) = &deployment.s3 {
            let (emulator, bucket) = EMULATORS[usize::from(group == Group::Frontend)];
            texts.add(&format!("{emulator}/{bucket}"), &s3.url);
            texts.add(bucket, &s3.bucket);
            texts.add(ROOT, &s3.root);
        }
        let mut missing = Vec::new();
        if group == Group::Frontend {
            add_placeholders(&mut texts, deployment);
        } else {
            let tokens = RecordedTokens::read(recordings, deployment.mode)?;
            let (pool, client) = tokens.ids();
            texts.add(pool, &deployment.pool);
            texts.add(client, &deployment.client);
            texts.add(PASSWORD, &deployment.user().login.password);
            for (role, id, email) in tokens.people() {
                if let Some(account) = deployment.account(role) {
                    texts.add(id, &account.id);
                    texts.add(email, &account.login.email);
                }
            }
            let of_claims = texts.clone();
            let translate = |claims: &Value| of_claims.json(claims);
            for (placeholder, substitute) in tokens.substitutes(deployment, forge, translate) {
                match substitute {
                    Substitute::Token(token) => texts.add(placeholder, &token),
                    Substitute::Missing(why) => missing.push((placeholder.to_owned(), why)),
                }
            }
        }
        Ok(Self {
            deployment,
            group,
            texts,
            jobs: BTreeMap::new(),
            missing,
            upload: Value::Null,
        })
    }

    /// Why the request of `exchange` cannot be made, if it cannot.
    pub(crate) fn lacks(&self, exchange: &Exchange) -> Option<String> {
        let role = role(exchange);
        if self.group == Group::Frontend && self.deployment.account(role).is_none() {
            return Some(role.needed());
        }
        let headers = exchange.request.headers.iter();
        let mut texts: Vec<_> = headers.map(|(_, value)| value.as_bytes()).collect();
        if let RequestBody::Bytes(body) = &exchange.request.body {
            texts.push(body);
        }
        let needs = |placeholder: &str| texts.iter().any(|text| contains(text, placeholder));
        let mut missing = self.missing.iter();
        let (_, why) = missing.find(|(placeholder, _)| needs(placeholder))?;
        Some(why.clone())
    }

    /// The request to send.
    pub(crate) fn request(&self, exchange: &Exchange) -> http::Request {
        let recorded = &exchange.request;
        let mut texts = self.texts.clone();
        for (emulator, _) in EMULATORS {
            if exchange.service == Service::Cognito {
                texts.add(emulator, &self.deployment.cognito);
            }
        }
        if let Some(account) = self.deployment.account(role(exchange)) {
            texts.add("{{token}}", &account.id_token);
        }
        texts.add("{{uuid}}", &self.deployment.user().id);
        if exchange.name.starts_with("sign in, wrong password") {
            // The recording has the same placeholder for any password.
            texts.add("{{password}}", WRONG_PASSWORD);
        }
        texts.add("{{boundary}}", form::BOUNDARY);
        let mut headers: Vec<_> = recorded
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), texts.text(value)))
            .collect();
        let body = match &recorded.body {
            RequestBody::None => None,
            RequestBody::Bytes(body) => Some(texts.bytes(body)),
            RequestBody::Form => Some(form::of_recorded(exchange, &self.upload)),
        };
        if let Some((_, value)) = headers.iter_mut().find(|(name, _)| name == "content-type")
            && value.starts_with("multipart/form-data")
        {
            *value = form::content_type();
        }
        http::Request {
            method: recorded.method.clone(),
            url: self.with_job_number(&texts.text(&recorded.url)),
            headers,
            body,
        }
    }

    /// `/jobs/1` with the deployment's number of that job.
    fn with_job_number(&self, url: &str) -> String {
        let Some((before, number)) = url.rsplit_once("/jobs/") else {
            return url.to_owned();
        };
        match number
            .parse()
            .ok()
            .and_then(|number: i64| self.jobs.get(&number))
        {
            Some(ours) => format!("{before}/jobs/{ours}"),
            None => url.to_owned(),
        }
    }

    /// The answer to expect.
    pub(crate) fn expected(&self, exchange: &Exchange) -> Answer {
        let recorded = &exchange.answer;
        let headers = recorded.headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), self.texts.text(value)));
        Answer {
            status: recorded.status,
            headers: headers.collect(),
            body: match &recorded.body {
                Body::Json(json) => {
                    let mut json = self.texts.json(json);
                    number_jobs(&mut json, &self.jobs);
                    self.name_groups(exchange, &mut json);
                    Body::Json(json)
                }
                Body::Bytes(bytes) => Body::Bytes(self.texts.bytes(bytes)),
                Body::Beginning(text, length) => Body::Beginning(self.texts.text(text), *length),
                Body::Length(length) => Body::Length(*length),
            },
        }
    }

    /// An account may be in other groups than the recorded one.
    fn name_groups(&self, exchange: &Exchange, json: &mut Value) {
        if exchange.request.url.ends_with("/user")
            && let Some(groups) = json.get_mut("groups")
        {
            *groups = self.deployment.user().groups.clone();
        }
    }

    /// What the deployment said, as the recording would say it.
    pub(crate) fn back(&self, ours: &[u8]) -> Vec<u8> {
        self.texts.reversed().bytes(ours)
    }

    /// As [`Self::back`].
    pub(crate) fn text_back(&self, ours: &str) -> String {
        self.texts.reversed().text(ours)
    }

    /// As [`Self::back`], with the numbers of recorded jobs.
    pub(crate) fn json_back(&self, ours: &Value) -> Value {
        let mut back = self.texts.reversed().json(ours);
        let jobs = self.jobs.iter().map(|(recorded, ours)| (*ours, *recorded));
        number_jobs(&mut back, &jobs.collect());
        back
    }

    /// Remembers the number of a job that the deployment answered with. The answer is compared later.
    pub(crate) fn learn_job(&mut self, exchange: &Exchange, answer: &http::Answer) {
        let Body::Json(recorded) = &exchange.answer.body else {
            return;
        };
        if let (Some(recorded), Some(ours)) =
            (recorded["id"].as_i64(), answer.json()["id"].as_i64())
            && !self.deployment.address.is_fresh
        {
            self.jobs.insert(recorded, ours);
        }
    }

    /// Remembers the pre-signed request that the deployment answered with, for the exchange that uses
    /// the recorded one. The answer is compared before.
    pub(crate) fn learn_signatures(&mut self, exchange: &Exchange, answer: &http::Answer) {
        let Body::Json(recorded) = &exchange.answer.body else {
            return;
        };
        let ours = answer.json();
        let refresh_token = |of: &Value| {
            Some(
                of["AuthenticationResult"]["RefreshToken"]
                    .as_str()?
                    .to_owned(),
            )
        };
        if let (Some(recorded), Some(ours)) = (refresh_token(recorded), refresh_token(&ours)) {
            self.texts.add(&recorded, &ours);
        }
        if ours["method"] == "post" {
            self.upload = ours.clone();
        }
        if let (Some(recorded), Some(ours), Group::Files | Group::Jobs) = (
            recorded["data"].as_object(),
            ours["data"].as_object(),
            self.group,
        ) {
            for (field, value) in recorded {
                if let (Some(recorded), Some(ours)) = (value.as_str(), ours.get(field)) {
                    self.texts.add(recorded, ours.as_str().unwrap_or_default());
                }
            }
        }
        let (Some(recorded), Some(url)) = (recorded["url"].as_str(), ours["url"].as_str()) else {
            return;
        };
        if let (Some((recorded_unsigned, _)), Some((unsigned, _))) =
            (recorded.split_once(SIGNATURE), url.split_once(SIGNATURE))
        {
            self.texts.add(recorded, url);
            self.texts.add(
                &format!("{recorded_unsigned}{SIGNATURE}"),
                &format!("{unsigned}{SIGNATURE}"),
            );
        }
    }
}

/// Who was signed in to a recorded page.
fn role(exchange: &Exchange) -> Role {
    match exchange.name.split(':').next() {
        Some("sign in as NOGROUP") => Role::NoGroup,
        Some("sign in as WORKER") => Role::Worker,
        _ => Role::User,
    }
}

/// What stands for the placeholders of what the frontend said. Those that need the request are put
/// in with it; answers keep theirs.
fn add_placeholders(texts: &mut Texts, deployment: &Deployment) {
    let login = &deployment.user().login;
    texts.add(&format!("{REGION}_{{{{pool}}}}"), &deployment.pool);
    texts.add("{{client}}", &deployment.client);
    texts.add("{{password}}", &login.password);
    texts.add("test@example.com", &login.email);
    // Somebody who registers is new at each time.
    let now = jiff::Timestamp::now().as_millisecond();
    texts.add("new@example.com", &format!("new-{now}-{}", login.email));
}

/// Gives each job in `value` the number that stands for its own.
fn number_jobs(value: &mut Value, numbers: &BTreeMap<i64, i64>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| number_jobs(item, numbers)),
        Value::Object(job) if job.contains_key("job_name") => {
            let number = job.get("id").and_then(Value::as_i64);
            if let Some(number) = number.and_then(|number| numbers.get(&number)) {
                job["id"] = (*number).into();
            }
        }
        _ => {}
    }
}

fn contains(text: &[u8], part: &str) -> bool {
    text.windows(part.len())
        .any(|window| window == part.as_bytes())
}
