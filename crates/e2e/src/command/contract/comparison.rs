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
    self as contract, Address, Deployment, Group, Login, Mode, Replay, Report,
};
use opencloud_model::{event::Blame, redact, settings::Values};
use opencloud_stack::config::FileMode;
use tokio::runtime::Runtime;

use super::options::ContractArgs;
use crate::{
    environment::{
        client::client,
        compose::{CheckedStack, LocalStack},
    },
    given::Given,
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

    /// A plan for an environment that this command starts.
    fn plan(&self, files: Option<FileMode>) -> Result<Plan, Failure> {
        let embedded = files.is_some();
        let args = RunArgs {
            settings: self.args.environment.clone().into(),
            files,
            faults: self.args.faults.clone(),
            // No worker touches a job: the recordings had none.
            seconds_per_state: embedded.then_some(Duration::from_secs(3600)),
            worker_api: self.args.worker_api.clone(),
            ..RunArgs::default()
        };
        Plan::of(
            &args,
            if embedded {
                Given::default()
            } else {
                self.given.clone()
            },
        )
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
            let plan = self.plan(Some(files))?;
            for group in self.groups() {
                self.interrupt.check()?;
                let data = resources.directory().join(format!("{mode}-{group}"));
                let stack = plan.start_embedded(&data, runtime.handle())?;
                let stack = stack.context("the environment is not the embedded one")?;
                let mut address = address(Values(stack.pairs()), None)?;
                address.is_fresh = true;
                address.jobs_wait = true;
                let deployment = connect(address)?;
                replays.push(self.replay(&deployment, group)?);
                operations = self.operations(&deployment)?;
            }
        }
        Ok(("embedded".into(), replays, operations))
    }

    /// The services of `--local`, without the job fetcher.
    pub(super) fn local(&self) -> Result<Compared, Failure> {
        self.given.print_notes(|_| true);
        let mut plan = self.plan(None)?;
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
        let deployment = connect(address)?;
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
        let json = serde_json::to_string_pretty(report).map_err(Failure::ours)?;
        for (name, text) in [
            ("contract.html", report.html()),
            ("contract.json", json + "\n"),
        ] {
            write(&directory.join(name), &redact::clean(&text))?;
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
        for replay in &report.replays {
            let text = replay.renewed.text()?;
            write(replay.renewed.path(), &redact::known().masked(&text))?;
        }
        report.operations.renew(&self.recordings)?;
        print::err("the recordings are renewed: git diff shows what has changed");
        Ok(())
    }
}

/// Where a deployment is and who may sign in, by the settings.
fn address(values: Values<'_>, user_api: Option<&str>) -> Result<Address, Failure> {
    let login = |email: &str, password: &str| {
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
        user: login("EMAIL", "PASSWORD").ok_or_else(|| {
            Failure::Input("EMAIL and PASSWORD are missing in .env: a comparison signs in".into())
        })?,
        other: login("SECOND_EMAIL", "SECOND_PASSWORD"),
        worker: login("WORKER_EMAIL", "WORKER_PASSWORD"),
        no_group: login("NOGROUP_EMAIL", "NOGROUP_PASSWORD"),
        is_fresh: false,
        jobs_wait: false,
    })
}

fn connect(address: Address) -> Result<Deployment, Failure> {
    let deployment = Deployment::connect(address, client()).map_err(unexpected)?;
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
