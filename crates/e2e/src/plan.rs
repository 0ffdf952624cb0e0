//! The plan of a run, checked before anything starts.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use opencloud_browser::{engine::Engine, process::Failure, window};
use opencloud_model::{
    application::{self, Application},
    job_state::JobState,
    settings::{ApplicationChoice, Device, Environment, Settings, Values, Worker, table},
};
use opencloud_stack::{
    Fault, Stack,
    config::{FileMode, WorkerEnvironment},
};
use tokio::runtime::Handle;

use crate::{
    browser_location::BrowserLocation,
    engines,
    environment::{
        compose::Local,
        embedded::{Embedded, EmbeddedStack},
        inputs::Inputs,
    },
    given::{Given, Source},
    options::RunArgs,
    project,
};

/// The keys that the embedded stack sets itself.
const SET_BY_STACK: [&str; 4] = [
    "USERFACING_API_URL",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    "EMAIL",
    "PASSWORD",
];

/// The plan of a run.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The settings as the page will read them, but for what the embedded stack sets at its start.
    pub(crate) settings: Settings,
    /// All that is given, with the sources.
    pub(crate) given: Given,
    /// The keys and values for the page's `.env`.
    pub(crate) pairs: Vec<(String, String)>,
    /// Where the browsers are.
    pub(crate) location: BrowserLocation,
    /// The engines in whose browsers the suite runs.
    pub(crate) engines: Vec<&'static dyn Engine>,
    /// The stack to start, if it is the embedded one that is tested.
    pub(crate) embedded: Option<Embedded>,
    /// The inputs of real jobs, unless it is the embedded stack that is tested.
    pub(crate) inputs: Option<Inputs>,
    /// The services to start, if it is those on this machine that are tested.
    pub(crate) local: Option<Local>,
    /// The options with which the same is tested again.
    pub(crate) again: Vec<String>,
}

impl Plan {
    /// Judges the command line together with `.env` and the environment.
    pub(crate) fn new(args: &RunArgs) -> Result<Self, Failure> {
        Self::of(args, Given::read(args.env_file.as_deref())?)
    }

    /// Judges the command line together with what else is given.
    pub(crate) fn of(args: &RunArgs, mut given: Given) -> Result<Self, Failure> {
        let input = |error: &dyn std::fmt::Display| Failure::Input(error.to_string());
        for (setting, option) in args.settings.given() {
            let source = Source::Option(format!("--{}", option.flag));
            given.set(setting.key, option.value, source);
        }
        // The page's listener answers both schemes.
        given.set("HTTPS_PAGE", "yes", Source::Command);
        if !args.applications.is_empty() {
            let source = Source::Option("--application".into());
            given.set("APPLICATIONS", &args.applications.join(","), source);
        }
        if !args.browsers.is_empty() {
            let source = Source::Option("--browser".into());
            given.set("ENGINE", &args.browsers.join(","), source);
        }
        given.set_by_options(args.location.given());
        let location = BrowserLocation::of(&given)?;
        let engines = engines::chosen(given.values().get("ENGINE").unwrap_or_default())
            .map_err(|problem| given.refuse_key(Some("ENGINE"), &problem))?;
        if args.headed && location.is_here() && !window::has_display() {
            let message =
                "--headed: there is no display; neither DISPLAY nor WAYLAND_DISPLAY is set";
            return Err(Failure::Input(message.into()));
        }
        if given.is_embedded() {
            for key in SET_BY_STACK {
                given.set(key, "", Source::Command);
            }
            for key in limits_of_waits() {
                if given.values().get(key).is_none() {
                    let limit = embedded_limit(args).as_secs().to_string();
                    given.set(key, &limit, Source::Command);
                }
            }
        }
        let applications = application::check_all(&project::root().join("tests/applications"))
            .map_err(|error| input(&error))?;
        let settings =
            Settings::of(given.pairs(), given.has_file).map_err(|error| given.refuse(&error))?;
        judge_applications(&settings.applications, &applications)
            .map_err(|problem| given.refuse_key(Some("APPLICATIONS"), &problem))?;
        let embedded = embedded(args, &settings, &given)?;
        if embedded.is_none() {
            judge_location(&location, &settings)?;
        }
        let local = local(args, given.values(), &settings)?;
        let inputs = Inputs::of(given.values(), settings.applications.clone());
        let not_for_the_page = keys_of_other_accounts(settings.environment);
        let mut pairs = given.pairs().to_vec();
        pairs.retain(|(key, _)| {
            table::is_for_page(key) && !not_for_the_page.contains(&key.as_str())
        });
        Ok(Self {
            settings,
            given,
            pairs,
            location,
            engines,
            inputs: embedded.is_none().then_some(inputs),
            embedded,
            local,
            again: args.again(),
        })
    }

    /// Prints what is to be known of the settings.
    pub(crate) fn print_notes(&self) {
        self.given.print_notes(|key| {
            let reaches_page = self.pairs.iter().any(|(k, _)| k == key);
            let is_for_page = table::is_for_page(key);
            reaches_page || (!is_for_page && self.embedded.is_none())
        });
        self.location.print_note();
    }

    /// Starts the embedded stack with its data in `directory`; `None` if another environment is
    /// tested.
    pub(crate) fn start_embedded(
        &self,
        directory: &Path,
        runtime: &Handle,
    ) -> Result<Option<EmbeddedStack>, Failure> {
        let embedded = self.embedded.as_ref();
        let frontend = &self.settings.frontend;
        embedded
            .map(|embedded| {
                let host = self.location.page_host();
                EmbeddedStack::start(embedded, frontend, host, directory, runtime)
            })
            .transpose()
    }

    /// The plan in a few words, for the verdict.
    pub(crate) fn summary(&self) -> String {
        if let Some(embedded) = &self.embedded {
            let files = embedded.files.place();
            return format!("embedded, files {files}");
        }
        let mut words = vec![self.settings.environment.to_string()];
        words.extend((self.settings.worker == Worker::Cloud).then(|| "cloud workers".into()));
        words.extend((self.settings.device == Device::Gpu).then(|| "GPU".into()));
        words.join(", ")
    }
}

fn limits_of_waits() -> impl Iterator<Item = &'static str> {
    let limits = JobState::ALL.iter().filter_map(|state| state.time_limit());
    limits.map(|limit| limit.key)
}

/// The page gets no other account than that of its environment.
fn keys_of_other_accounts(environment: Environment) -> Vec<&'static str> {
    [Environment::Local, Environment::Prod]
        .map(Environment::account_keys)
        .into_iter()
        .filter(|keys| *keys != environment.account_keys())
        .flat_map(|(email, password)| [email, password])
        .collect()
}

/// The embedded stack keeps its promises or is broken: no need to wait for minutes.
fn embedded_limit(args: &RunArgs) -> Duration {
    seconds_per_state(args) * 2 + Duration::from_secs(30)
}

fn seconds_per_state(args: &RunArgs) -> Duration {
    args.seconds_per_state.unwrap_or(Duration::from_millis(200))
}

fn embedded(
    args: &RunArgs,
    settings: &Settings,
    given: &Given,
) -> Result<Option<Embedded>, Failure> {
    let environment = settings.environment;
    if environment == Environment::Embedded {
        let files = args.files.unwrap_or_default();
        judge_faults(&args.faults, files)?;
        return Ok(Some(Embedded {
            files,
            applications: configuration(args)?,
            seconds_per_state: seconds_per_state(args),
            workers: vec![match settings.worker {
                Worker::Local => WorkerEnvironment::Local,
                Worker::Cloud => WorkerEnvironment::Cloud,
            }],
            fail_jobs: args.fail_jobs,
            faults: args.faults.clone(),
            disturbances: args.disturbances.clone(),
            seed: args.seed,
        }));
    }
    let only_embedded = [
        (args.files.is_some(), "--files"),
        (args.configuration.is_some(), "--applications"),
        (args.seconds_per_state.is_some(), "--seconds-per-state"),
        (args.fail_jobs, "--fail-jobs"),
        (!args.faults.is_empty(), "--fault"),
        (!args.disturbances.is_empty(), "--disturbance"),
        (args.seed.is_some(), "--seed"),
    ];
    match only_embedded.into_iter().find(|(given, _)| *given) {
        Some((_, option)) => {
            let problem = format!(
                "{option} is about the embedded OpenCloud, but the environment is {environment}"
            );
            Err(given.refuse_key(Some("ENVIRONMENT"), &problem))
        }
        None => Ok(None),
    }
}

fn local(
    args: &RunArgs,
    values: Values<'_>,
    settings: &Settings,
) -> Result<Option<Local>, Failure> {
    let environment = settings.environment;
    if environment == Environment::Local {
        return Local::of(values, settings, args).map(Some);
    }
    if args.keep_up {
        return Err(Failure::Input(format!(
            "--keep-up is about the services of --local, but the environment is {environment}"
        )));
    }
    Ok(None)
}

/// Browsers elsewhere must reach the services.
fn judge_location(location: &BrowserLocation, settings: &Settings) -> Result<(), Failure> {
    let services = [Some(&settings.user_api), settings.cognito_endpoint.as_ref()];
    let mut services = services.into_iter().flatten();
    match services.find_map(|service| location.cannot_reach(service)) {
        Some(problem) => Err(Failure::Input(problem)),
        None => Ok(()),
    }
}

/// Every name must be that of a file: a misspelt one would be tested nowhere.
fn judge_applications(
    choice: &ApplicationChoice,
    files: &[(String, Application)],
) -> Result<(), String> {
    let is_file = |name: &&String| files.iter().any(|(file, _)| file == *name);
    let Some(unknown) = choice.names().iter().find(|name| !is_file(name)) else {
        return Ok(());
    };
    let names: Vec<_> = files.iter().map(|(file, _)| file.as_str()).collect();
    Err(format!(
        "APPLICATIONS names {unknown}, but the files of tests/applications are {}; all stands for all",
        names.join(", ")
    ))
}

/// The configuration of the embedded stack's applications, which must be sound.
fn configuration(args: &RunArgs) -> Result<Option<PathBuf>, Failure> {
    if let Some(path) = &args.configuration {
        Stack::check_applications(path).map_err(|error| Failure::Input(error.to_string()))?;
    }
    Ok(args.configuration.clone())
}

fn judge_faults(faults: &[Fault], files: FileMode) -> Result<(), Failure> {
    match faults.iter().find(|fault| !fault.exists_in(files)) {
        Some(fault) => Err(Failure::Input(format!(
            "--fault {fault} is about the other mode of --files"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
