//! A comparison with the recordings.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use opencloud_browser::process::{Failure, Interrupt, Resources, print};
use opencloud_contract::{
    self as contract, Address, Deployment, Group, Login, Mode, Replay, Report, Role, SignInRefused,
};
use opencloud_model::{event::Blame, redact, settings::Values};
use opencloud_reports::count;
use opencloud_stack::config::FileMode;
use tokio::runtime::Runtime;

use super::options::ContractArgs;
use crate::{
    environment::{
        client::client,
        compose::{CheckedStack, LocalStack},
    },
    given::{Given, Source},
    options::RunArgs,
    plan::Plan,
    project,
    run::{reports, step_summary},
};

/// What was compared, the groups, and the operations.
pub(super) type Compared = (String, Vec<Replay>, contract::Operations);

/// A comparison under way.
pub(super) struct Comparison {
    pub(super) args: ContractArgs,
    given: Given,
    recordings: PathBuf,
    pub(super) interrupt: Interrupt,
}

impl Comparison {
    pub(super) fn new(args: ContractArgs) -> Result<Self, Failure> {
        let is_embedded = !args.local && args.url.is_none();
        if args.renew && is_embedded && args.recordings.is_none() {
            return Err(Failure::Input(
                "--renew: the recordings are of real services, and the embedded OpenCloud is held to \
                 them: compare --local, a deployment by --url, or other recordings by --recordings"
                    .into(),
            ));
        }
        let recordings = args.recordings.clone();
        let recordings =
            recordings.unwrap_or_else(|| project::root().join("crates/contract/recordings"));
        if !recordings.join("golden").is_dir() {
            return Err(Failure::Input(format!(
                "{} holds no recordings",
                recordings.display()
            )));
        }
        Ok(Self {
            given: Given::read(args.env_file.as_deref())?,
            recordings,
            args,
            interrupt: Interrupt::install().context("cannot catch signals")?,
        })
    }

    fn groups(&self) -> Vec<Group> {
        let wanted = &self.args.groups;
        let all = Group::ALL.into_iter();
        all.filter(|group| wanted.is_empty() || wanted.contains(group))
            .collect()
    }

    /// The embedded `OpenCloud`, a new one for each group.
    pub(super) fn embedded(&self) -> Result<Compared, Failure> {
        let runtime = Runtime::new().context("cannot start threads for the services")?;
        let resources = Resources::new()?;
        let mut replays = Vec::new();
        let mut operations = contract::Operations::default();
        for mode in Mode::ALL {
            let files = match mode {
                Mode::Local => FileMode::Local,
                Mode::S3 => FileMode::S3,
            };
            let is_wanted = match self.args.files {
                Some(wanted) => wanted == files,
                // Some faults are those of one mode.
                None => self.args.faults.iter().all(|fault| fault.exists_in(files)),
            };
            if !is_wanted {
                continue;
            }
            let args = RunArgs {
                files: Some(files),
                faults: self.args.faults.clone(),
                // No worker touches a job: the recordings had none.
                seconds_per_state: Some(Duration::from_secs(3600)),
                ..RunArgs::default()
            };
            let plan = Plan::of(&args, Given::default())?;
            for group in self.groups() {
                self.interrupt.check()?;
                let data = resources.directory().join(format!("{mode}-{group}"));
                let stack = plan.start_embedded(&data, runtime.handle())?;
                let stack = stack.context("the environment is not the embedded one")?;
                let mut address = address(Values(stack.pairs()), None)?;
                address.is_fresh = true;
                address.jobs_wait = true;
                let deployment = connect(address).map_err(unexpected)?;
                replays.push(self.replay(&deployment, group)?);
                operations = self.operations(&deployment)?;
            }
        }
        Ok(("embedded".into(), replays, operations))
    }

    /// The services of `--local`, without the job fetcher.
    pub(super) fn local(&self) -> Result<Compared, Failure> {
        self.given.print_notes(|_| true);
        let args = RunArgs {
            worker_api: self.args.worker_api.clone(),
            ..RunArgs::default()
        };
        let mut given = self.given.clone();
        given.set("ENVIRONMENT", "local", Source::Option("--local".into()));
        let mut plan = Plan::of(&args, given)?;
        let local = plan.local.take().context("no services to start")?;
        let local = CheckedStack::new(local.without_job_fetcher(), &self.interrupt)?;
        let resources = Resources::new()?;
        let directory = reports::directory(&reports::name(), self.args.report.as_deref())?;
        let local = local.start(&resources, &self.interrupt, &directory)?;
        let settings = &plan.settings;
        let worker_api = self.args.worker_api.as_deref();
        let mut address = address(self.given.values(), Some(&settings.user_api))?;
        address.worker_api = Some(worker_api.unwrap_or("http://localhost:8001").to_owned());
        address.jobs_wait = true;
        let compared = self.at(address, "local".into());
        LocalStack::end(local)?;
        compared
    }

    /// The deployment at an address.
    pub(super) fn at_url(&self, url: &str) -> Result<Compared, Failure> {
        self.given.print_notes(|_| true);
        let mut address = address(self.given.values(), Some(url))?;
        address.cognito.clone_from(&self.args.cognito);
        address.worker_api.clone_from(&self.args.worker_api);
        self.at(address, redact::shown_url(url))
    }

    /// A deployment that goes on afterwards: its account is empty before and after each group.
    fn at(&self, address: Address, name: String) -> Result<Compared, Failure> {
        let deployment = connect(address).map_err(|error| self.refused(error))?;
        let contents = contract::contents(&deployment).map_err(unexpected)?;
        if let Some(first) = contents.first() {
            if !self.args.empty_the_account {
                return Err(Failure::Input(format!(
                    "{first}, and a comparison deletes all that is there: name an empty account, or \
                     say --empty-the-account"
                )));
            }
            contract::empty(&deployment).map_err(unexpected)?;
        }
        let mut replays = Vec::new();
        for group in self.groups() {
            let replay = self.replay(&deployment, group);
            // Whatever happened: nothing of it is left.
            let emptied = contract::empty(&deployment).map_err(unexpected);
            replays.push(replay?);
            emptied?;
            self.interrupt.check()?;
        }
        let operations = self.operations(&deployment)?;
        Ok((name, replays, operations))
    }

    /// Why a deployment that already runs cannot be compared.
    fn refused(&self, error: anyhow::Error) -> Failure {
        match error.downcast_ref::<SignInRefused>() {
            Some(refused) => {
                let (email, password) = keys(refused.role);
                let message = format!("{refused} (with {email} and {password})");
                let sources = self.given.sources_of(&message);
                Failure::Input(message + &sources)
            }
            None => unexpected(error),
        }
    }

    fn replay(&self, deployment: &Deployment, group: Group) -> Result<Replay, Failure> {
        let goes_on = || self.interrupt.check().is_ok();
        contract::replay(&self.recordings, deployment, group, None, &goes_on).map_err(unexpected)
    }

    fn operations(&self, deployment: &Deployment) -> Result<contract::Operations, Failure> {
        contract::Operations::of(deployment, &self.recordings).map_err(unexpected)
    }

    /// Tells how it went, and renews the recordings if that is wanted.
    pub(super) fn end(&self, report: &Report) -> Result<ExitCode, Failure> {
        print::out(redact::clean(&report.text()));
        let directory = reports::directory(&reports::name(), self.args.report.as_deref())?;
        let mut json = serde_json::to_value(report).map_err(Failure::ours)?;
        redact::clean_json(&mut json, &["mode", "group"]);
        for (name, text) in [
            ("contract.html", redact::clean(&report.html())),
            ("contract.json", format!("{json:#}\n")),
        ] {
            write(&directory.join(name), &text)?;
        }
        step_summary::append(&redact::clean(&report.markdown()))?;
        print::err(directory.join("contract.html").display());
        if self.args.renew {
            self.renew(report)?;
        }
        Ok(if report.is_as_recorded() {
            ExitCode::SUCCESS
        } else {
            Blame::Stack.exit_code().into()
        })
    }

    fn renew(&self, report: &Report) -> Result<(), Failure> {
        let without_secrets = |text: &str| redact::known().masked(text);
        let renewed = report.replays.iter().map(|replay| {
            let text = replay.renewed.text(&without_secrets)?;
            Ok((replay.renewed.path().to_owned(), text))
        });
        let mut renewed = renewed.collect::<anyhow::Result<Vec<_>>>()?;
        renewed.extend(report.operations.renewed(&self.recordings));
        renewed.retain(|(path, text)| fs::read(path).ok().as_deref() != Some(text.as_bytes()));
        for (path, text) in &renewed {
            write(path, text)?;
        }
        print::err(match renewed.len() {
            0 => "no recording has changed".to_owned(),
            changed => format!(
                "{} changed: git diff shows how",
                count(changed, "recording")
            ),
        });
        Ok(())
    }
}

/// The settings with which an account signs in.
fn keys(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::User => ("EMAIL", "PASSWORD"),
        Role::Other => ("SECOND_EMAIL", "SECOND_PASSWORD"),
        Role::Worker => ("WORKER_EMAIL", "WORKER_PASSWORD"),
        Role::NoGroup => ("NOGROUP_EMAIL", "NOGROUP_PASSWORD"),
    }
}

/// Where a deployment is and who may sign in, by the settings.
fn address(values: Values<'_>, user_api: Option<&str>) -> Result<Address, Failure> {
    let login = |role| {
        let (email, password) = keys(role);
        let (email, password) = (values.get(email)?, values.get(password)?);
        redact::learn(password);
        Some(Login {
            email: email.to_owned(),
            password: password.to_owned(),
        })
    };
    let text = |key: &str| values.get(key).map(str::to_owned);
    let user_api = user_api
        .map(str::to_owned)
        .or_else(|| text("USERFACING_API_URL"));
    Ok(Address {
        user_api: user_api.context("no address of the UserAPI")?,
        cognito: text("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"),
        worker_api: None,
        origin: text("FRONTEND_URL").unwrap_or_else(|| "http://localhost:8080".into()),
        mailbox: text("MAILBOX_URL"),
        user: login(Role::User).ok_or_else(|| {
            Failure::Input("EMAIL and PASSWORD are missing in .env: a comparison signs in".into())
        })?,
        other: login(Role::Other),
        worker: login(Role::Worker),
        no_group: login(Role::NoGroup),
        is_fresh: false,
        jobs_wait: false,
    })
}

fn connect(address: Address) -> anyhow::Result<Deployment> {
    let deployment = Deployment::connect(address, client())?;
    for account in &deployment.accounts {
        redact::learn(&account.id_token);
        redact::learn(&account.access_token);
    }
    Ok(deployment)
}

/// The deployment does not do what is needed to compare it at all.
fn unexpected(error: impl Into<anyhow::Error>) -> Failure {
    let error = error.into();
    Failure::Stack {
        message: format!("the comparison cannot go on: {error:#}"),
        details: String::new(),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
