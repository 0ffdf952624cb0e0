//! What a run is told: which environment, whose account, which limits.
//!
//! Settings reach the page at run time, as the text of `.env`; nothing of them is compiled in.
//! `cargo e2e` reads the same keys on the host, so both judge them alike.

mod choice;
pub mod dotenv;
mod error;
mod values;

use std::time::Duration;

use secrecy::SecretString;

use crate::leftovers::{Removal, Which};
use choice::Switch;
pub use choice::{Device, Environment, Worker};
pub use error::SettingsError;
use values::Values;

/// The keys that are read here; what else is in `.env` is not for the page.
pub const KEYS: [&str; 31] = [
    "ENVIRONMENT",
    "WORKER",
    "DEVICE",
    "EMAIL",
    "PASSWORD",
    "TEST_EMAIL",
    "TEST_PASSWORD",
    "USERFACING_API_URL",
    "FRONTEND_URL",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    "COGNITO_CLIENT_ID",
    "SECOND_EMAIL",
    "SECOND_PASSWORD",
    "WORKER_EMAIL",
    "WORKER_PASSWORD",
    "NOGROUP_EMAIL",
    "NOGROUP_PASSWORD",
    "EXPIRED_TOKEN",
    "OTHER_CLIENT_TOKEN",
    "EXPIRED_UPLOAD",
    "HTTPS_PAGE",
    "STRICT",
    "TIME_LIMIT_PULLED",
    "TIME_LIMIT_PREPROCESSING",
    "TIME_LIMIT_RUNNING",
    "TIME_LIMIT_POSTPROCESSING",
    "TIME_LIMIT_FINISHED",
    "TIME_LIMIT_ANSWER",
    "TRANSFER_MEGABYTES",
    "LEFTOVERS",
    "REMOVE_LEFTOVERS",
];

/// Who signs in.
#[derive(Clone, Debug)]
pub struct Account {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: SecretString,
}

/// What some checks need beside the account. Where it is not there, they say *not checked*.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Another user (`SECOND_EMAIL`, `SECOND_PASSWORD`).
    pub second: Option<Account>,
    /// A user in some group, but not in `users` (`WORKER_EMAIL`, `WORKER_PASSWORD`).
    pub worker: Option<Account>,
    /// A user in no group (`NOGROUP_EMAIL`, `NOGROUP_PASSWORD`).
    pub no_group: Option<Account>,
    /// The account's ID token, expired (`EXPIRED_TOKEN`).
    pub expired_token: Option<SecretString>,
    /// The account's ID token, made for another client (`OTHER_CLIENT_TOKEN`).
    pub other_client_token: Option<SecretString>,
    /// The UserAPI's answer for an upload, expired (`EXPIRED_UPLOAD`, JSON).
    pub expired_upload: Option<SecretString>,
    /// Whether the page is served over https too (`HTTPS_PAGE`), as `cargo e2e` does.
    pub https_page: bool,
    /// Whether advice counts as failure (`STRICT`).
    pub strict: bool,
}

/// How long each of the five waits of the lifecycle may take, and an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the job's creation to `pulled`.
    pub pulled: Duration,
    /// From there to `preprocessing`.
    pub preprocessing: Duration,
    /// From there to `running`.
    pub running: Duration,
    /// From there to `postprocessing`.
    pub postprocessing: Duration,
    /// From there to `finished`.
    pub finished: Duration,
    /// From a request to the end of its answer; a transfer may take a multiple of it. The slowest
    /// answer on record from the real UserAPI, a job created while a worker polls, took 10 s.
    pub answer: Duration,
}

impl Limits {
    /// The keys of the limits with their defaults in seconds.
    const KEYS: [(&'static str, u64); 6] = [
        ("TIME_LIMIT_PULLED", 600),
        ("TIME_LIMIT_PREPROCESSING", 600),
        ("TIME_LIMIT_RUNNING", 600),
        ("TIME_LIMIT_POSTPROCESSING", 1800),
        ("TIME_LIMIT_FINISHED", 600),
        ("TIME_LIMIT_ANSWER", 30),
    ];
}

/// All that a run is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which OpenCloud is under test (`ENVIRONMENT`).
    pub environment: Environment,
    /// Which workers a job asks for (`WORKER`).
    pub worker: Worker,
    /// What a job trains on (`DEVICE`).
    pub device: Device,
    /// The UserAPI's base URL, without a trailing slash (`USERFACING_API_URL`).
    pub user_api: String,
    /// The frontend's origin, which the page takes (`FRONTEND_URL`).
    pub frontend: String,
    /// Cognito's endpoint where it is not AWS's own (`AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER`).
    pub cognito_endpoint: Option<String>,
    /// The user pool's client that the UserAPI should name, where that is known
    /// (`COGNITO_CLIENT_ID`).
    pub client_id: Option<String>,
    /// Who signs in (`EMAIL`, `PASSWORD`, or `TEST_EMAIL`, `TEST_PASSWORD`); `None` only in the
    /// embedded environment, whose account is made when its stack starts.
    pub account: Option<Account>,
    /// What some checks need beside the account, and do without where it is not there.
    pub extras: Extras,
    /// How long the waits may take (`TIME_LIMIT_…`).
    pub limits: Limits,
    /// The size of the file that goes up and down once, in megabytes (`TRANSFER_MEGABYTES`).
    pub transfer_megabytes: u32,
    /// Which leftovers of earlier runs are looked for (`LEFTOVERS`).
    pub leftovers: Which,
    /// What of them is removed (`REMOVE_LEFTOVERS`).
    pub removal: Removal,
}

impl Settings {
    /// Every secret among the settings.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        let extras = &self.extras;
        let accounts = [
            &self.account,
            &extras.second,
            &extras.worker,
            &extras.no_group,
        ];
        let tokens = [
            &extras.expired_token,
            &extras.other_client_token,
            &extras.expired_upload,
        ];
        let passwords = accounts
            .into_iter()
            .flatten()
            .map(|account| &account.password);
        passwords.chain(tokens.into_iter().flatten())
    }

    /// Reads the settings from the text of `.env` (`None`: there is no such file) and `overrides`,
    /// which win over it.
    pub fn read(
        dotenv: Option<&str>,
        overrides: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut pairs = dotenv.map(dotenv::parse).transpose()?.unwrap_or_default();
        pairs.extend(overrides);
        Self::from_values(&Values::new(pairs), dotenv.is_some())
    }

    fn from_values(values: &Values, has_file: bool) -> Result<Self, SettingsError> {
        let environment = values
            .choice("ENVIRONMENT")?
            .unwrap_or(Environment::Embedded);
        let worker = values.choice("WORKER")?.unwrap_or(Worker::Local);
        let device = values.choice("DEVICE")?.unwrap_or(Device::Cpu);
        if environment == Environment::Local {
            if worker == Worker::Cloud {
                return Err(SettingsError::LocalOnly {
                    key: "WORKER",
                    value: "cloud",
                });
            }
            if device == Device::Gpu {
                return Err(SettingsError::LocalOnly {
                    key: "DEVICE",
                    value: "gpu",
                });
            }
        }
        let [
            pulled,
            preprocessing,
            running,
            postprocessing,
            finished,
            answer,
        ] = Limits::KEYS;
        Ok(Self {
            environment,
            worker,
            device,
            user_api: values
                .base_url("USERFACING_API_URL")?
                .unwrap_or_else(|| environment.default_user_api().into()),
            frontend: values
                .origin("FRONTEND_URL")?
                .unwrap_or_else(|| environment.default_frontend().into()),
            cognito_endpoint: values.base_url("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")?,
            client_id: values.get("COGNITO_CLIENT_ID").map(ToOwned::to_owned),
            account: account(values, environment, has_file)?,
            extras: Extras {
                second: values.account("SECOND_EMAIL", "SECOND_PASSWORD"),
                worker: values.account("WORKER_EMAIL", "WORKER_PASSWORD"),
                no_group: values.account("NOGROUP_EMAIL", "NOGROUP_PASSWORD"),
                expired_token: values.get_secret("EXPIRED_TOKEN"),
                other_client_token: values.get_secret("OTHER_CLIENT_TOKEN"),
                expired_upload: values.get_secret("EXPIRED_UPLOAD"),
                https_page: values
                    .choice::<Switch>("HTTPS_PAGE")?
                    .is_some_and(Switch::is_on),
                strict: values
                    .choice::<Switch>("STRICT")?
                    .is_some_and(Switch::is_on),
            },
            limits: Limits {
                pulled: values.limit(pulled)?,
                preprocessing: values.limit(preprocessing)?,
                running: values.limit(running)?,
                postprocessing: values.limit(postprocessing)?,
                finished: values.limit(finished)?,
                answer: values.limit(answer)?,
            },
            transfer_megabytes: values.megabytes("TRANSFER_MEGABYTES", 5)?,
            leftovers: values.leftovers("LEFTOVERS")?,
            removal: values.removal("REMOVE_LEFTOVERS")?,
        })
    }
}

fn account(
    values: &Values,
    environment: Environment,
    has_file: bool,
) -> Result<Option<Account>, SettingsError> {
    let (email_key, password_key) = environment.account_keys();
    let missing = |key| SettingsError::Missing { key, environment };
    match (values.get(email_key), values.get_secret(password_key)) {
        (Some(email), Some(password)) => Ok(Some(Account {
            email: email.into(),
            password,
        })),
        (None, None) if environment == Environment::Embedded => Ok(None),
        (None, None) if !has_file => Err(SettingsError::NoFile {
            environment,
            email: email_key,
            password: password_key,
        }),
        (None, _) => Err(missing(email_key)),
        (Some(_), None) => Err(missing(password_key)),
    }
}

#[cfg(test)]
mod tests;
