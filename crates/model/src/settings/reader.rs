//! Reads the settings.

use secrecy::SecretString;

use super::{
    account::{Account, Extras, Part},
    applications::ApplicationChoice,
    choice::{Device, Environment, Switch, Worker},
    dotenv,
    error::SettingsError,
    table,
    values::Values,
};
use crate::{
    job_state::JobState,
    leftovers::{Removal, Which},
    origins,
};
use std::time::Duration;

/// How long each wait of the lifecycle may take, and an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In the order of the states; nothing for the first, in which a new job is at once.
    waits: [Duration; JobState::ALL.len()],
    /// From a request to the end of its answer; a transfer may take a multiple of it. The slowest
    /// answer on record from the real UserAPI, a job created while a worker polls, took 10 s.
    pub answer: Duration,
}

/// A state may be over before it is waited for.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);
/// A sound service that is busy would be told as one that hangs.
const SHORTEST_ANSWER: Duration = Duration::from_secs(1);

impl Limits {
    /// From a job's creation to the first state that is waited for, and from each to the next.
    pub fn waits(&self) -> impl Iterator<Item = (JobState, Duration)> {
        let states = JobState::ALL.into_iter().zip(self.waits);
        states.filter(|(state, _)| state.time_limit().is_some())
    }

    fn read(values: Values<'_>) -> Result<Self, SettingsError> {
        let mut waits = [Duration::ZERO; JobState::ALL.len()];
        for (wait, state) in waits.iter_mut().zip(JobState::ALL) {
            if let Some(setting) = state.time_limit() {
                *wait = values.duration(setting.key, SHORTEST_WAIT)?;
            }
        }
        Ok(Self {
            waits,
            answer: values.duration("TIME_LIMIT_ANSWER", SHORTEST_ANSWER)?,
        })
    }
}

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which OpenCloud is under test (`ENVIRONMENT`).
    pub environment: Environment,
    /// Which workers a job asks for (`WORKER`).
    pub worker: Worker,
    /// What a job trains on (`DEVICE`).
    pub device: Device,
    /// Which application files are tested (`APPLICATIONS`).
    pub applications: ApplicationChoice,
    /// The UserAPI's base URL, without a trailing slash (`USERFACING_API_URL`).
    pub user_api: String,
    /// The frontend's origin, which the page takes (`FRONTEND_URL`).
    pub frontend: String,
    /// Cognito's endpoint where it is not AWS's own (`AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER`).
    pub cognito_endpoint: Option<String>,
    /// The user pool's client that the UserAPI should name, where that is known
    /// (`COGNITO_CLIENT_ID`).
    pub client_id: Option<String>,
    /// The account that signs in (`EMAIL`, `PASSWORD`, or `TEST_EMAIL`, `TEST_PASSWORD`); `None` only in the
    /// embedded environment, whose account is made when its stack starts.
    pub account: Option<Account>,
    /// Settings that some checks need besides the account.
    pub extras: Extras,
    /// How long the waits may take (`TIME_LIMIT_…`).
    pub limits: Limits,
    /// The size of the file that is uploaded and downloaded once, in megabytes (`TRANSFER_MEGABYTES`).
    pub transfer_megabytes: u32,
    /// Which leftovers of earlier runs are looked for (`LEFTOVERS`).
    pub leftovers: Which,
    /// Which of them are removed (`REMOVE_LEFTOVERS`).
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
            &extras.scratch,
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
    /// which take precedence.
    pub fn read(
        dotenv: Option<&str>,
        overrides: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut pairs = dotenv.map(dotenv::parse).transpose()?.unwrap_or_default();
        pairs.extend(overrides);
        Self::of(&pairs, dotenv.is_some())
    }

    /// Reads the settings from keys and values, the last of which count.
    pub fn of(pairs: &[(String, String)], has_file: bool) -> Result<Self, SettingsError> {
        let pairs = pairs.iter();
        let pairs: Vec<_> = pairs
            .filter(|(key, _)| table::is_for_page(key))
            .cloned()
            .collect();
        Self::from_values(Values(&pairs), has_file)
    }

    fn from_values(values: Values<'_>, has_file: bool) -> Result<Self, SettingsError> {
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
        let settings = Self {
            environment,
            worker,
            device,
            applications: ApplicationChoice::read(values.get("APPLICATIONS"), environment),
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
                second: values.account(Part::Second.keys(environment))?,
                worker: values.account(Part::Worker.keys(environment))?,
                no_group: values.account(Part::NoGroup.keys(environment))?,
                scratch: values.account(Part::Scratch.keys(environment))?,
                expired_token: values.token("EXPIRED_TOKEN")?,
                other_client_token: values.token("OTHER_CLIENT_TOKEN")?,
                expired_upload: values.get_secret("EXPIRED_UPLOAD"),
                // No account is made on a deployment, whatever its settings say.
                mailbox: values
                    .base_url("MAILBOX_URL")?
                    .filter(|_| environment == Environment::Embedded),
                https_page: values
                    .choice::<Switch>("HTTPS_PAGE")?
                    .is_some_and(Switch::is_on),
                strict: values
                    .choice::<Switch>("STRICT")?
                    .is_some_and(Switch::is_on),
            },
            limits: Limits::read(values)?,
            transfer_megabytes: values.megabytes("TRANSFER_MEGABYTES")?,
            leftovers: values.leftovers("LEFTOVERS")?,
            removal: values.removal("REMOVE_LEFTOVERS")?,
        };
        settings.check_accounts()?;
        settings.check_addresses()?;
        Ok(settings)
    }

    /// The account that has this part, if there is one.
    #[must_use]
    pub fn account_of(&self, part: Part) -> Option<&Account> {
        let extras = &self.extras;
        match part {
            Part::User => self.account.as_ref(),
            Part::Second => extras.second.as_ref(),
            Part::Worker => extras.worker.as_ref(),
            Part::NoGroup => extras.no_group.as_ref(),
            Part::Scratch => extras.scratch.as_ref(),
        }
    }

    /// What one account may do, another must not, and all files of one are deleted.
    fn check_accounts(&self) -> Result<(), SettingsError> {
        let mut earlier: Vec<(&'static str, &Account)> = Vec::new();
        for part in Part::ALL {
            let Some(account) = self.account_of(part) else {
                continue;
            };
            let [key, _] = part.keys(self.environment);
            let email = account.email.trim();
            let same = earlier
                .iter()
                .find(|(_, other)| other.email.trim().eq_ignore_ascii_case(email));
            if let Some((other, _)) = same {
                return Err(SettingsError::SameAccount { key, other });
            }
            earlier.push((key, account));
        }
        Ok(())
    }

    /// The test page is served in the frontend's place. The embedded stack takes ports that are free.
    fn check_addresses(&self) -> Result<(), SettingsError> {
        if self.environment == Environment::Embedded {
            return Ok(());
        }
        let addresses = [
            ("USERFACING_API_URL", Some(&self.user_api)),
            (
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
                self.cognito_endpoint.as_ref(),
            ),
        ];
        for (key, address) in addresses {
            if address.is_some_and(|address| origins::is_taken(&self.frontend, address)) {
                return Err(SettingsError::TakenOrigin {
                    key,
                    frontend: self.frontend.clone(),
                });
            }
        }
        Ok(())
    }
}

fn account(
    values: Values<'_>,
    environment: Environment,
    has_file: bool,
) -> Result<Option<Account>, SettingsError> {
    let keys = Part::User.keys(environment);
    let [email, password] = keys;
    match (values.get(email), values.get_secret(password)) {
        (None, None) if environment == Environment::Embedded => Ok(None),
        (None, None) if !has_file => Err(SettingsError::NoFile {
            environment,
            email,
            password,
        }),
        (Some(_), Some(_)) => values.account(keys),
        (None, _) => Err(SettingsError::Missing {
            key: email,
            environment,
        }),
        (Some(_), None) => Err(SettingsError::Missing {
            key: password,
            environment,
        }),
    }
}
