//! All settings, a row each. `.env.example`, the keys that the page reads, what is secret and the
//! options of `cargo e2e` that set one follow from it.

use super::setting::{
    Audience::{Page, PageAndServices, Services},
    Kind::{self, Choice, Duration, Origin, Path, Secret, Size, Text, Url},
    Setting, command, option, page, services, shared,
};
use crate::{job_state::JobState, redact};

/// The settings in the groups of `.env.example`, each with what stands above it.
static GROUPS: [(&str, &[Setting]); 9] = [
    ("", &RUN),
    ("", &BROWSERS),
    ("", &ACCOUNTS),
    ("", &ADDRESSES),
    (
        "Accounts and tokens for further checks; where the keys are empty, the check is reported as not made.",
        &CHECKS,
    ),
    ("", &TIME_LIMITS),
    ("", &TRANSFERS),
    ("", &INPUTS),
    (
        "What follows is for the local stack. Docker Compose reads this file too, and takes a $ for the
start of a variable unless the value is in single quotes; `cargo e2e --local` does not.",
        &SERVICES,
    ),
];

/// All settings.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|(_, settings)| *settings)
}

/// The setting of this key, if there is one.
#[must_use]
pub fn find(key: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.key == key)
}

/// Whether the page reads this key.
#[must_use]
pub fn is_for_page(key: &str) -> bool {
    find(key).is_some_and(|setting| matches!(setting.audience, Page | PageAndServices))
}

/// The settings that the services of `--local` read.
pub fn for_services() -> impl Iterator<Item = &'static Setting> {
    all().filter(|setting| matches!(setting.audience, Services | PageAndServices))
}

/// Whether the value of this key is secret. Other programs keep theirs in `.env` too.
#[must_use]
pub fn is_secret(key: &str) -> bool {
    find(key).map_or_else(
        || redact::is_secret_setting(key),
        |setting| setting.kind == Kind::Secret,
    )
}

/// The text of `.env.example`.
#[must_use]
pub fn example() -> String {
    let mut text = String::from(
        "\
# Copy to .env and fill in what your environment needs. Values are taken as they stand: nothing is
# expanded, 'single' and \"double\" quotes work, and a # after white space starts a comment.
# A variable of the environment wins over the line of the same name here.
",
    );
    let comment = |lines: &str| {
        lines
            .lines()
            .flat_map(|line| ["# ", line, "\n"])
            .collect::<String>()
    };
    for (heading, settings) in GROUPS {
        text.push('\n');
        text += &comment(heading);
        for setting in settings {
            text += &comment(setting.comment);
            text.extend([setting.key, "=", setting.default, "\n"]);
        }
    }
    text
}

#[rustfmt::skip]
const RUN: [Setting; 4] = [
    page("ENVIRONMENT", Choice, "embedded",
        "What is tested: embedded (started by `cargo e2e`), local (four services on this machine), dev or prod.").set_by(&[
            option("embedded", "embedded", "Test an OpenCloud that this command starts (default)"),
            option("local", "local", "Test the four services, started with docker compose"),
            option("dev", "dev", "Test the deployment that developers share"),
            option("prod", "prod", "Test the deployment that users work with"),
        ]),
    page("WORKER", Choice, "local",
        "Which workers a job asks for: local (run by users) or cloud; environment local has no cloud.").set_by(&[
            option("cloud", "cloud", "Let jobs ask for workers in the cloud"),
        ]),
    page("DEVICE", Choice, "cpu",
        "What a job trains on: cpu or gpu; environment local has no gpu.").set_by(&[
            option("gpu", "gpu", "Let jobs train on a GPU"),
        ]),
    page("APPLICATIONS", Text, "",
        "Which files of tests/applications are tested: their names with commas between them, or all; empty: all
on the embedded OpenCloud, elsewhere decode_v0_10_1_train alone, because the others cost GPU time."),
];

#[rustfmt::skip]
const BROWSERS: [Setting; 3] = [
    command("ENGINE", Text, "",
        "The browsers in which the suite runs: their names, which `cargo e2e --help` lists, with commas between
them, or all; empty: the usual one."),
    command("WEBDRIVER_URL", Url, "",
        "The WebDriver that starts the browsers, such as http://grid.example.org:4444 of a Selenium Grid; user name
and password may stand before its host. Empty: a driver on this machine."),
    command("PAGE_HOST", Text, "",
        "The address of this machine at which those browsers reach the test page and the embedded OpenCloud; empty:
the one on the way to WEBDRIVER_URL, where both are private, or loopback."),
];

#[rustfmt::skip]
const ACCOUNTS: [Setting; 4] = [
    shared("EMAIL", Text, "",
        "The account of environments embedded and local; `cargo e2e` makes up its own for embedded."),
    shared("PASSWORD", Secret, "", ""),
    page("TEST_EMAIL", Text, "",
        "The account of environments dev and prod."),
    page("TEST_PASSWORD", Secret, "", ""),
];

#[rustfmt::skip]
const ADDRESSES: [Setting; 3] = [
    page("USERFACING_API_URL", Url, "",
        "The UserAPI; empty: http://localhost:8000, or the address of the dev or prod deployment."),
    page("FRONTEND_URL", Origin, "",
        "The frontend's origin, which the test page takes; empty: http://localhost:8080, for dev and prod
https://ries-lab.github.io. The page is served from this machine, whatever the origin."),
    shared("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", Url, "",
        "Cognito's endpoint; empty: AWS's own, in the region that the UserAPI names."),
];

#[rustfmt::skip]
const CHECKS: [Setting; 14] = [
    page("SECOND_EMAIL", Text, "",
        "Another user."),
    page("SECOND_PASSWORD", Secret, "", ""),
    page("WORKER_EMAIL", Text, "",
        "A user who is in some group, but not in `users`."),
    page("WORKER_PASSWORD", Secret, "", ""),
    page("NOGROUP_EMAIL", Text, "",
        "A user in no group."),
    page("NOGROUP_PASSWORD", Secret, "", ""),
    page("SCRATCH_EMAIL", Text, "",
        "EVERY RUN DELETES ALL FILES OF THIS ACCOUNT: name one that nobody uses."),
    page("SCRATCH_PASSWORD", Secret, "", ""),
    page("EXPIRED_TOKEN", Secret, "",
        "An ID token of the account that has expired, and one that was made for another client."),
    page("OTHER_CLIENT_TOKEN", Secret, "", ""),
    page("EXPIRED_UPLOAD", Secret, "",
        "What the UserAPI answered for an upload (JSON), once that has expired."),
    page("MAILBOX_URL", Url, "",
        "The mailbox of the embedded OpenCloud, in which the codes for new accounts and passwords arrive."),
    page("HTTPS_PAGE", Choice, "no",
        "Whether the page is served over https as well, which `cargo e2e` does: yes or no."),
    page("STRICT", Choice, "no",
        "Whether advice counts as failure: yes or no.").set_by(&[
            option("strict", "yes", "Let advice count as failure"),
        ]),
];

/// The waits for each state of a job but the first.
const TIME_LIMITS: [Setting; JobState::ALL.len() - 1] = {
    let mut rows = [RUN[0]; JobState::ALL.len() - 1];
    let mut at = 0;
    while at < rows.len() {
        rows[at] = JobState::ALL[at + 1]
            .time_limit()
            .expect("all states but the first are waited for");
        at += 1;
    }
    rows
};

#[rustfmt::skip]
const TRANSFERS: [Setting; 4] = [
    page("TIME_LIMIT_ANSWER", Duration, "30s",
        "How long an answer may take, or its body stand still; an upload or a download may take 20 times as long."),
    page("TRANSFER_MEGABYTES", Size, "5",
        "The size of the file that goes up and comes down once, in megabytes: 2 at least, because a
smaller one does not show whether files pass through wasm memory."),
    page("LEFTOVERS", Text, "day",
        "Which leftovers of earlier runs are looked for: day (older than a day), all, or the start of their
names. `cargo e2e clean-up` sets this and the next."),
    page("REMOVE_LEFTOVERS", Text, "no",
        "Whether they are removed: yes or no."),
];

#[rustfmt::skip]
const INPUTS: [Setting; 3] = [
    command("INPUTS_SOURCE", Url, "",
        "The zip with the inputs of real jobs, an address or a file; empty: the address that the
application's file names."),
    command("APPLICATION_INPUTS", Url, "",
        "The inputs of real jobs for application files that name no address: a zip (an address or a file) or a
directory, with the folder that the application's file names."),
    command("INPUTS_DIRECTORY", Path, "inputs",
        "Where these inputs are kept; under plain wasm-pack it must be inputs."),
];

/// Most of them are for docker-compose.yaml.
#[rustfmt::skip]
const SERVICES: [Setting; 10] = [
    services("COGNITO_USER_POOL_ID", Text, "",
        "The user pool that its services use."),
    services("COGNITO_REGION", Text, "",
        "Its AWS region."),
    shared("COGNITO_CLIENT_ID", Text, "",
        "Its public client; a run checks that the UserAPI names the same."),
    services("COGNITO_SECRET", Secret, "",
        "The secret of its confidential client; the test page never sees it."),
    services("USERFACING_API_PATH", Path, "../DECODE_Cloud_UserAPI",
        "Where the UserAPI's repository is checked out, for the local stack."),
    services("WORKERFACING_API_PATH", Path, "../DECODE_Cloud_WorkerAPI",
        "Where the WorkerAPI's is."),
    services("JOB_FETCHER_PATH", Path, "../DECODE_Cloud_JobFetcher",
        "Where the JobFetcher's is."),
    services("FRONTEND_PATH", Path, "../DECODE_Cloud_UserFrontend",
        "Where the frontend's is."),
    services("ACCESS_TOKEN", Secret, "",
        "A worker's access token, with which the job fetcher signs in instead of EMAIL and PASSWORD."),
    services("AWS_CREDENTIALS", Path, "",
        "The file with the credentials of an AWS account, if the services need one; empty:
~/.aws/credentials. `docker compose` alone wants /dev/null here where there is no such file."),
];
