//! One run, from the command line to the verdict.

use std::{collections::BTreeSet, process::ExitCode, time::Instant};

use anyhow::Context;
use opencloud_suite::redact;
use tokio::runtime::Runtime;
use url::Url;

use crate::{
    capabilities::{Capabilities, page_origins},
    cli::RunArgs,
    delay,
    door::Door,
    driver::Driver,
    embedded::EmbeddedStack,
    failure::Failure,
    front::Front,
    interrupt::Interrupt,
    page::{self, PageDirectory, PageServer},
    plan::Plan,
    resources::Resources,
    setup::{self, Browser},
    suite_build,
    verdict::Tally,
    watch::Watch,
    webdriver::{Session, WebDriverError},
};

/// Runs the suite as `args` say.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let plan = Plan::new(args)?;
    let interrupt = Interrupt::install().context("cannot catch signals")?;
    let browser = setup::ensure(!args.no_install)?;
    interrupt.check()?;

    // Ends after the processes: it waits for what its threads are at, such as asking one of them.
    let runtime = Runtime::new().context("cannot start threads for the servers")?;
    // From here on there is something to end.
    let mut resources = Resources::new()?;
    let wasm = suite_build::build(&mut resources, &interrupt)?;
    if let Some(filter) = &args.filter {
        let names = interrupt.block({
            let wasm = wasm.clone();
            move || page::test_names(&wasm)
        })??;
        judge_filter(filter, &names)?;
    }

    let directory = PageDirectory::new(resources.directory().join("page"))?;
    let server = PageServer::start(&mut resources, &directory, &wasm, args.filter.as_deref())?;
    let driver = Driver::start(&mut resources, &browser.driver)?;
    let data = resources.directory().join("stack");
    let stack = EmbeddedStack::start(&plan, &data, runtime.handle())?;
    let front = Front::start(runtime.handle()).context("cannot listen on loopback")?;
    let mut pairs = plan.pairs.clone();
    pairs.extend(stack.iter().flat_map(EmbeddedStack::pairs).cloned());
    directory.write_settings(&pairs)?;
    learn_secrets(&pairs);

    let hosts = hosts(&plan.settings.frontend);
    let door = Door::open(runtime.handle(), front.address(), hosts)?;
    let port = driver.port(&mut resources, &interrupt)?;
    let capabilities = Capabilities {
        browser: &browser.program,
        profile: &resources.directory().join("profile"),
        headed: args.headed,
        frontend: &plan.settings.frontend,
        door: &door,
    }
    .to_json();
    let session = interrupt
        .block(move || Session::open(port, &capabilities))?
        .map_err(|error| no_browser(&error, &browser, &driver))?;

    front.show(server.address(&mut resources, &interrupt)?);
    let started = Instant::now();
    let tally = open_and_watch(&session, &interrupt, &plan)?;
    let changes = stack.iter().flat_map(EmbeddedStack::state_changes);
    let changes: Vec<_> = changes.collect();
    if let Some((median, count)) = delay::median(&changes, tally.sightings()) {
        let seconds = median.as_secs_f64();
        println!("job states were seen {seconds:.2} s after their change (median of {count})");
    }
    println!(
        "{}",
        tally.verdict(started.elapsed().as_secs_f64(), &plan.summary())
    );
    if tally.exit_code() > 1
        && let Some(failure) = tally.gravest()
    {
        eprintln!("error: {}", failure.message);
    }
    Ok(tally.exit_code().into())
}

/// The hosts that the page is served for.
fn hosts(frontend: &str) -> Vec<String> {
    let urls = page_origins(frontend).filter_map(|origin| Url::parse(&origin).ok());
    let hosts: BTreeSet<_> = urls
        .filter_map(|url| Some(url.host_str()?.to_owned()))
        .collect();
    hosts.into_iter().collect()
}

/// Keeps the page's secrets out of whatever is shown of its output.
fn learn_secrets(pairs: &[(String, String)]) {
    for (key, value) in pairs {
        if ["PASSWORD", "_TOKEN", "_UPLOAD"]
            .iter()
            .any(|end| key.ends_with(end))
        {
            redact::learn(value);
        }
    }
}

fn judge_filter(filter: &str, names: &[String]) -> Result<(), Failure> {
    if names.iter().any(|name| name.contains(filter)) {
        return Ok(());
    }
    Err(Failure::Input(format!(
        "--filter {filter} matches no test; the tests are {}",
        names.join(", ")
    )))
}

fn open_and_watch(session: &Session, interrupt: &Interrupt, plan: &Plan) -> Result<Tally, Failure> {
    let opened = interrupt.block({
        let session = session.clone();
        let url = format!("{}/", plan.settings.frontend);
        move || session.navigate(&url)
    })?;
    opened.with_context(|| format!("cannot open the test page at {}", plan.settings.frontend))?;
    Watch::new(session, interrupt, &plan.settings).run()
}

fn no_browser(error: &WebDriverError, browser: &Browser, driver: &Driver) -> Failure {
    let message = error.to_string();
    if message.contains("only supports Chrome version") {
        return Failure::Input(format!(
            "{} and {} are of different versions ({message}): install a matching pair, or name one \
             in CHROME and CHROMEDRIVER",
            browser.driver.display(),
            browser.program.display(),
        ));
    }
    Failure::ours_with(
        format!("{} does not start: {message}", browser.program.display()),
        driver.output(),
    )
}
