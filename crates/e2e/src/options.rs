//! The options of the command line.

use std::{path::PathBuf, time::Duration};

use clap::{
    Arg, ArgAction, ArgGroup, ArgMatches, Args, Command, FromArgMatches,
    builder::NonEmptyStringValueParser,
};
use opencloud_model::settings::{Setting, SettingOption, table};
use opencloud_stack::{Disturbance, Fault, config::FileMode};

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Failures and the verdict.
    Quiet,
    /// The steps as well.
    #[default]
    Normal,
    /// Every request, too.
    Verbose,
}

/// The options of a run.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of a command")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) settings: SettingArgs,

    /// Test this file of tests/applications, or all; may be given several times (APPLICATIONS=NAME,NAME)
    #[arg(long = "application", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) applications: Vec<String>,

    /// Run the suite in this browser: chromium, firefox, webkit or all; may be given several times
    /// (ENGINE=NAME,NAME)
    #[arg(long = "browser", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) browsers: Vec<String>,

    #[command(flatten)]
    pub(crate) location: LocationArgs,

    /// Make the embedded OpenCloud offer the applications of a deployment's configuration
    #[arg(long = "applications", value_name = "FILE")]
    pub(crate) configuration: Option<PathBuf>,

    /// Where the embedded OpenCloud keeps user files: in S3, or on the UserAPI's own disk
    /// [default: s3]
    #[arg(long, value_name = "MODE")]
    pub(crate) files: Option<FileMode>,

    /// How long a job of the embedded OpenCloud stays in each state, in seconds [default: 0.2]
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(crate) seconds_per_state: Option<Duration>,

    /// Let the embedded OpenCloud end every job in error
    #[arg(long, hide = true)]
    pub(crate) fail_jobs: bool,

    /// Make the embedded OpenCloud wrong in this way (docs/faults.md); may be given several times
    #[arg(long = "fault", value_name = "NAME")]
    pub(crate) faults: Vec<Fault>,

    /// Make the embedded OpenCloud misbehave in a way that clients must tolerate (docs/faults.md); may be given
    /// several times
    #[arg(long = "disturbance", value_name = "NAME")]
    pub(crate) disturbances: Vec<Disturbance>,

    /// Seed for the disturbances that lose answers at random, to lose the same ones again
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u16>,

    /// Leave the services of --local running
    #[arg(long)]
    pub(crate) keep_up: bool,

    /// Where a test's stand-in for the WorkerAPI of --local listens; the others may be anywhere then
    #[arg(long, value_name = "URL", hide = true)]
    pub(crate) worker_api: Option<String>,

    /// Write the reports into DIR instead of a new directory in target/e2e
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,

    /// Run only the tests whose names contain NAME
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) filter: Option<String>,

    /// Run the suite N times, and print at the end how often it passed
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100_000),
        conflicts_with_all = ["report", "quiet", "verbose"]
    )]
    pub(crate) repeat: Option<u32>,

    /// Print only failures and the verdict
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Also print every request
    #[arg(long, short, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Show the browser
    #[arg(long)]
    pub(crate) headed: bool,

    /// Install nothing: if something is missing, say what
    #[arg(long)]
    pub(crate) no_install: bool,

    /// Read the settings from PATH instead of .env
    #[arg(long, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,
}

/// The options that say where the browsers are.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LocationArgs {
    #[arg(
        long,
        value_name = "URL",
        value_parser = NonEmptyStringValueParser::new(),
        help = "Let this WebDriver, such as a Selenium Grid, start the browsers (WEBDRIVER_URL=URL)"
    )]
    webdriver: Option<String>,

    #[arg(
        long,
        value_name = "ADDRESS",
        value_parser = NonEmptyStringValueParser::new(),
        help = "Serve the test page and the embedded OpenCloud at this address of this machine, for \
                browsers on another one (PAGE_HOST=ADDRESS)"
    )]
    page_host: Option<String>,
}

impl LocationArgs {
    /// The options that were given, each with the key that it sets, and its value.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        let all = [
            ("--webdriver", "WEBDRIVER_URL", &self.webdriver),
            ("--page-host", "PAGE_HOST", &self.page_host),
        ];
        let given = all.into_iter();
        given.filter_map(|(option, key, value)| Some((option, key, value.as_deref()?)))
    }
}

impl RunArgs {
    /// How much a run says.
    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }

    /// The options that make another run like this one, as words of a command line. Which tests run, and
    /// what becomes of them, is not among them.
    pub(crate) fn again(&self) -> Vec<String> {
        let settings = self.settings.given().map(|(_, option)| option.flag);
        let flags = [(self.fail_jobs, "fail-jobs"), (self.headed, "headed")];
        let flags = flags.into_iter().filter(|(is_given, _)| *is_given);
        let flags = settings.chain(flags.map(|(_, flag)| flag));
        let mut words: Vec<_> = flags.map(|flag| format!("--{flag}")).collect();
        let path = |path: &PathBuf| path.display().to_string();
        let mut add = |option: &str, values: Vec<String>| {
            words.extend(
                values
                    .into_iter()
                    .flat_map(|value| [option.to_owned(), value]),
            );
        };
        add("--application", self.applications.clone());
        add("--browser", self.browsers.clone());
        for (option, _, value) in self.location.given() {
            add(option, vec![value.to_owned()]);
        }
        add(
            "--applications",
            self.configuration.iter().map(path).collect(),
        );
        add(
            "--files",
            self.files
                .iter()
                .map(|mode| mode.name().to_owned())
                .collect(),
        );
        let time = self.seconds_per_state.iter();
        add(
            "--seconds-per-state",
            time.map(|time| time.as_secs_f64().to_string()).collect(),
        );
        add(
            "--fault",
            self.faults.iter().map(ToString::to_string).collect(),
        );
        add(
            "--disturbance",
            self.disturbances.iter().map(ToString::to_string).collect(),
        );
        add("--env-file", self.env_file.iter().map(path).collect());
        words
    }
}

/// Options that give a setting one value: those that the table of settings names, or those of
/// `ENVIRONMENT` alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettingArgs<const ENVIRONMENT_ALONE: bool = false>(
    Vec<(&'static Setting, &'static SettingOption)>,
);

impl<const ENVIRONMENT_ALONE: bool> SettingArgs<ENVIRONMENT_ALONE> {
    /// The settings, each with the option that was given.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static Setting, &'static SettingOption)> {
        self.0.iter().copied()
    }

    fn settings() -> impl Iterator<Item = &'static Setting> {
        table::all().filter(|setting| !ENVIRONMENT_ALONE || setting.key == "ENVIRONMENT")
    }
}

impl<const ENVIRONMENT_ALONE: bool> FromArgMatches for SettingArgs<ENVIRONMENT_ALONE> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let all = Self::settings().flat_map(|setting| {
            let options = setting.options.iter();
            options.map(move |option| (setting, option))
        });
        let given = all.filter(|(_, option)| matches.get_flag(option.flag));
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<const ENVIRONMENT_ALONE: bool> Args for SettingArgs<ENVIRONMENT_ALONE> {
    /// Options of one setting exclude each other.
    fn augment_args(mut command: Command) -> Command {
        for setting in Self::settings().filter(|setting| !setting.options.is_empty()) {
            let args = setting.options.iter().map(|option| {
                let help = format!("{} ({}={})", option.help, setting.key, option.value);
                let arg = Arg::new(option.flag).long(option.flag).help(help);
                arg.action(ArgAction::SetTrue)
            });
            let flags = setting.options.iter().map(|option| option.flag);
            let group = ArgGroup::new(setting.key).args(flags).multiple(false);
            command = command.args(args).group(group);
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl From<SettingArgs<true>> for SettingArgs {
    fn from(SettingArgs(given): SettingArgs<true>) -> Self {
        Self(given)
    }
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| *duration <= Duration::from_secs(24 * 60 * 60))
        .ok_or("expected seconds, such as 0.2, and no more than a day")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: RunArgs,
    }

    #[test]
    fn a_run_is_made_again_with_the_options_that_decide_what_it_does() {
        let same = "--local --headed --application a --application b --browser webkit \
                    --webdriver http://grid:4444 --applications c.yaml --files local \
                    --seconds-per-state 0.5 --fault s3-cors-no-rules --disturbance latency \
                    --env-file my.env";
        let others = "--filter jobs --report here --quiet --no-install --keep-up --seed 1";
        let line = format!("e2e {others} {same}");
        let line = Line::parse_from(line.split_whitespace());
        assert_eq!(line.args.again().join(" "), same);
        assert!(RunArgs::default().again().is_empty());
    }
}
