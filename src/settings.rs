//! What a run is told: which environment, whose account, which limits.
//!
//! Settings reach the page at run time, as the text of `.env`; nothing of them is compiled in.
//! `cargo e2e` reads the same keys on the host, so both judge them alike.

pub mod dotenv;

use std::{fmt, time::Duration};

use secrecy::SecretString;
use url::Url;

/// Which OpenCloud is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The stack that this project brings along.
    Embedded,
    /// The four real services on this machine.
    Local,
    /// The deployment that developers share.
    Dev,
    /// The deployment that users work with.
    Prod,
}

/// Which workers a job asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// Workers that their owners run (`environment: "local"` in a job).
    Local,
    /// Workers in the cloud (`environment: "cloud"` in a job).
    Cloud,
}

/// What a job trains on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// The processor.
    Cpu,
    /// A CUDA device.
    Gpu,
}

/// A value of a closed set, as it is written in `.env`.
trait Choice: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];
}

impl Choice for Environment {
    const ALL: &'static [(&'static str, Self)] = &[
        ("embedded", Self::Embedded),
        ("local", Self::Local),
        ("dev", Self::Dev),
        ("prod", Self::Prod),
    ];
}

impl Choice for Worker {
    const ALL: &'static [(&'static str, Self)] = &[("local", Self::Local), ("cloud", Self::Cloud)];
}

impl Choice for Device {
    const ALL: &'static [(&'static str, Self)] = &[("cpu", Self::Cpu), ("gpu", Self::Gpu)];
}

/// Something that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    On,
    Off,
}

impl Switch {
    fn is_on(self) -> bool {
        self == Self::On
    }
}

impl Choice for Switch {
    const ALL: &'static [(&'static str, Self)] = &[("yes", Self::On), ("no", Self::Off)];
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::Local => "local",
            Self::Dev => "dev",
            Self::Prod => "prod",
        })
    }
}

impl Environment {
    /// Where its UserAPI listens unless `USERFACING_API_URL` says otherwise.
    #[must_use]
    pub fn default_user_api(self) -> &'static str {
        match self {
            Self::Embedded | Self::Local => "http://localhost:8000",
            Self::Dev => "https://dev.api.decode.arthur-jaques.de",
            Self::Prod => "https://prod.api.decode.arthur-jaques.de",
        }
    }

    /// The keys that hold its account: e-mail address and password.
    #[must_use]
    pub fn account_keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Embedded | Self::Local => ("EMAIL", "PASSWORD"),
            Self::Dev | Self::Prod => ("TEST_EMAIL", "TEST_PASSWORD"),
        }
    }
}

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

/// How long each of the five waits of the lifecycle may take.
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
}

impl Limits {
    /// The keys of the five limits with their defaults in minutes.
    const KEYS: [(&'static str, u64); 5] = [
        ("TIME_LIMIT_PULLED", 10),
        ("TIME_LIMIT_PREPROCESSING", 10),
        ("TIME_LIMIT_RUNNING", 10),
        ("TIME_LIMIT_POSTPROCESSING", 30),
        ("TIME_LIMIT_FINISHED", 10),
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
    /// Who signs in (`EMAIL`, `PASSWORD`, or `TEST_EMAIL`, `TEST_PASSWORD`); `None` only in the
    /// embedded environment, whose account is made when its stack starts.
    pub account: Option<Account>,
    /// What some checks need beside the account, and do without where it is not there.
    pub extras: Extras,
    /// How long the waits may take (`TIME_LIMIT_…`).
    pub limits: Limits,
    /// The size of the file that goes up and down once, in megabytes (`TRANSFER_MEGABYTES`).
    pub transfer_megabytes: u32,
}

/// What is wrong with the settings, which key, and what to do. Never holds a secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file is not a `.env` file.
    #[error(".env, {0}")]
    Syntax(#[from] dotenv::DotenvError),
    /// There is no `.env` and the environment cannot do without.
    #[error(
        "there is no .env file, and environment {environment} needs an account: copy .env.example \
         to .env and fill in {email} and {password}"
    )]
    NoFile {
        /// The environment asked for.
        environment: Environment,
        /// The key of its account's e-mail address.
        email: &'static str,
        /// The key of its account's password.
        password: &'static str,
    },
    /// A key is missing or its value is empty.
    #[error("{key} is missing or empty in .env: environment {environment} needs it")]
    Missing {
        /// The key.
        key: &'static str,
        /// The environment that needs it.
        environment: Environment,
    },
    /// A value is none of those that the key can have.
    #[error("{key}={value} is unknown: it can be {expected}")]
    Unknown {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
        /// Those it can have.
        expected: String,
    },
    /// The local stack has one worker, on this machine's processor.
    #[error(
        "environment local cannot be tested with {key}={value}: its one worker runs on this \
         machine, without a GPU; use dev or prod"
    )]
    LocalOnly {
        /// The key that asks for more.
        key: &'static str,
        /// What it asks for.
        value: &'static str,
    },
    /// A URL cannot be used.
    #[error("{key}={value} is no usable URL: {problem}")]
    BadUrl {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A size cannot be read.
    #[error("{key}={value} is no size: write a whole number of megabytes from 0 to 2000")]
    BadSize {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
    },
    /// A time limit cannot be read.
    #[error("{key}={value} is no duration: write it as 90s, 10m or 1h 30m")]
    BadDuration {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
    },
}

/// The settings as keys and values: those of `.env` with what overrides them.
#[derive(Clone, Debug, Default)]
pub struct Values(Vec<(String, String)>);

impl Values {
    /// Takes `pairs`; the last of several with one key wins, an empty value counts as not given.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.0.iter().rev().find(|(k, _)| k == key)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// Passwords count as they stand, white space and all.
    fn get_secret(&self, key: &str) -> Option<SecretString> {
        let (_, value) = self.0.iter().rev().find(|(k, _)| k == key)?;
        Some(SecretString::from(value.as_str())).filter(|_| !value.is_empty())
    }

    fn account(&self, email: &str, password: &str) -> Option<Account> {
        Some(Account {
            email: self.get(email)?.into(),
            password: self.get_secret(password)?,
        })
    }

    fn choice<T: Choice>(&self, key: &'static str) -> Result<Option<T>, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match T::ALL
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(value))
        {
            Some((_, choice)) => Ok(Some(*choice)),
            None => Err(SettingsError::Unknown {
                key,
                value: value.into(),
                expected: list(T::ALL.iter().map(|(name, _)| *name)),
            }),
        }
    }

    fn url(&self, key: &'static str) -> Result<Option<Url>, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let bad = |problem: String| SettingsError::BadUrl {
            key,
            value: if value.contains('@') { "…" } else { value }.into(),
            problem,
        };
        if !value.starts_with("http://") && !value.starts_with("https://") {
            return Err(bad("it must start with http:// or https://".into()));
        }
        let url = Url::parse(value).map_err(|error| bad(error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("it must hold no user name or password".into()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it must end before any ? or #".into()));
        }
        Ok(Some(url))
    }

    fn base_url(&self, key: &'static str) -> Result<Option<String>, SettingsError> {
        Ok(self
            .url(key)?
            .map(|url| url.as_str().trim_end_matches('/').to_owned()))
    }

    fn origin(&self, key: &'static str) -> Result<Option<String>, SettingsError> {
        let Some(url) = self.url(key)? else {
            return Ok(None);
        };
        if url.path() != "/" {
            return Err(SettingsError::BadUrl {
                key,
                value: self.get(key).unwrap_or_default().into(),
                problem: "an origin is scheme, host and port, without a path".into(),
            });
        }
        Ok(Some(url.origin().ascii_serialization()))
    }

    fn limit(&self, (key, minutes): (&'static str, u64)) -> Result<Duration, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(Duration::from_secs(60 * minutes));
        };
        value
            .parse()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .or_else(|| humantime::parse_duration(value).ok())
            .filter(|limit| !limit.is_zero())
            .ok_or_else(|| SettingsError::BadDuration {
                key,
                value: value.into(),
            })
    }

    fn megabytes(&self, key: &'static str, default: u32) -> Result<u32, SettingsError> {
        let Some(value) = self.get(key) else {
            return Ok(default);
        };
        value
            .parse()
            .ok()
            .filter(|size| *size <= 2000)
            .ok_or_else(|| SettingsError::BadSize {
                key,
                value: value.into(),
            })
    }
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
        let [pulled, preprocessing, running, postprocessing, finished] = Limits::KEYS;
        Ok(Self {
            environment,
            worker,
            device,
            user_api: values
                .base_url("USERFACING_API_URL")?
                .unwrap_or_else(|| environment.default_user_api().into()),
            frontend: values
                .origin("FRONTEND_URL")?
                .unwrap_or_else(|| "http://localhost:8080".into()),
            cognito_endpoint: values.base_url("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")?,
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
            },
            transfer_megabytes: values.megabytes("TRANSFER_MEGABYTES", 5)?,
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

/// `a, b or c`.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests;
