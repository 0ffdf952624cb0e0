//! The set-up, the page's server and the browser that several runs of the suite share.

use std::{
    cell::{Cell, RefCell},
    path::Path,
    thread,
};

use anyhow::Context;
use opencloud_browser::{
    driver::WebDriver,
    engine::Engine,
    page::Start,
    process::{self, Failure, Interrupt, Resources},
    serve::PageDirectory,
};
use opencloud_model::{event::Timed, settings::Settings};
use opencloud_reports::Progress;
use tokio::runtime::{Handle, Runtime};

use crate::{
    environment::{
        compose::{CheckedStack, LocalStack},
        embedded::EmbeddedStack,
        proxy,
    },
    options::RunArgs,
    plan::Plan,
    run::{
        browser_session::{Assignment, BrowserSession},
        reports, services, suite_build,
    },
};

/// A browser on which the suite can be run as often as one likes.
pub(crate) struct RunSession<'a> {
    plan: &'a Plan,
    filter: Option<&'a str>,
    browser: BrowserSession<'a>,
    runtime: &'a Handle,
    directory: &'a Path,
    /// The first stack, which was started while the browser was.
    first: RefCell<Option<EmbeddedStack>>,
    stacks: Cell<usize>,
}

/// What is to be run, and in which browser.
#[derive(Clone, Copy)]
pub(crate) struct Order<'a> {
    /// The command line.
    pub(crate) args: &'a RunArgs,
    /// The plan that was made of it.
    pub(crate) plan: &'a Plan,
    /// The browser's engine.
    pub(crate) engine: &'static dyn Engine,
    /// Ends the work.
    pub(crate) interrupt: &'a Interrupt,
    /// The directory for the reports; a new one without it.
    pub(crate) report: Option<&'a Path>,
}

/// Sets all up for runs of `order`, lets `work` be done, and takes it down again. Logs of services lie with
/// the reports of the run `id`.
pub(crate) fn open<T>(
    order: Order<'_>,
    id: &str,
    work: impl FnOnce(&RunSession<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Order {
        args,
        plan,
        engine,
        interrupt,
        report,
    } = order;
    if let Some(directory) = report {
        reports::prepare(directory)?;
    }
    let local = plan.local.clone();
    let local = local
        .map(|local| CheckedStack::new(local, interrupt))
        .transpose()?;
    if let Some(inputs) = &plan.inputs {
        inputs.ensure(false, interrupt)?;
    }
    let webdriver = find_browser(order)?;
    if plan.embedded.is_none() && matches!(webdriver, WebDriver::Installed(_)) {
        proxy::judge(&plan.settings, interrupt)?;
    }

    // Ends after the processes: it waits for what its threads are at, such as asking one of them.
    let runtime = Runtime::new().context("cannot start threads for the servers")?;
    // From here on there is something to end.
    let resources = Resources::new()?;
    // The browser and the stack start while cargo looks whether there is something to compile.
    let start = Start::new(&resources, interrupt, engine, &webdriver, args.headed)?;
    let frontend = [&*plan.settings.frontend];
    let data = resources.directory().join("stack");
    let (page, first, browser) = thread::scope(|scope| {
        let page = scope.spawn(|| {
            let wasm = suite_build::build(&resources, interrupt)?;
            if let Some(filter) = &args.filter {
                judge_filter(filter, &suite_build::test_names(&wasm)?)?;
            }
            make_page(plan, &resources, interrupt, &wasm)
        });
        let first = scope.spawn(|| plan.start_embedded(&data, runtime.handle()));
        let (runtime, location) = (runtime.handle(), &plan.location);
        let user_api = &plan.settings.user_api;
        let browser =
            BrowserSession::open(start, runtime, location, &frontend, user_api, "profile")?;
        Ok::<_, Failure>((process::join(page)?, process::join(first)?, browser))
    })?;
    let local = local
        .map(|local| {
            let directory = reports::directory(id, report)?;
            local.start(&resources, interrupt, &directory)
        })
        .transpose()?;
    browser.serve(&page);
    let done = work(&RunSession {
        plan,
        filter: args.filter.as_deref(),
        browser,
        runtime: runtime.handle(),
        directory: resources.directory(),
        first: RefCell::new(first),
        stacks: Cell::new(0),
    })?;
    local.map_or(Ok(()), LocalStack::end)?;
    Ok(done)
}

/// Finds what starts the browser, and installs it where it is missing.
pub(crate) fn find_browser(order: Order<'_>) -> Result<WebDriver, Failure> {
    let Order { plan, engine, .. } = order;
    judge_engine(engine, &plan.settings)?;
    let installs = !order.args.no_install;
    plan.location.webdriver(engine, installs, order.interrupt)
}

/// Makes the page of the suite's wasm.
fn make_page(
    plan: &Plan,
    resources: &Resources,
    interrupt: &Interrupt,
    wasm: &Path,
) -> Result<PageDirectory, Failure> {
    let page = suite_build::page_directory(resources)?;
    if let Some(inputs) = &plan.inputs {
        page.add("inputs", &inputs.directory, &inputs.folders()?)?;
    }
    page.add_page(resources, interrupt, wasm)?;
    Ok(page)
}

/// Whether pages of the engine can ask the services at all.
fn judge_engine(engine: &dyn Engine, settings: &Settings) -> Result<(), Failure> {
    let is_mixed =
        settings.frontend.starts_with("https:") && settings.user_api.starts_with("http:");
    if !is_mixed || engine.trusts_loopback() {
        return Ok(());
    }
    Err(Failure::Input(format!(
        "{} lets no page of https ask services of plain http, not even on this machine: with the \
         frontend's origin {} (FRONTEND_URL), choose another browser",
        engine.name(),
        settings.frontend
    )))
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

impl<'a> RunSession<'a> {
    /// The plan.
    pub(crate) fn plan(&self) -> &Plan {
        self.plan
    }

    /// The browser.
    pub(crate) fn browser(&self) -> &BrowserSession<'a> {
        &self.browser
    }

    /// A new embedded stack without any data; `None` if another environment is tested.
    pub(crate) fn stack(&self) -> Result<Option<EmbeddedStack>, Failure> {
        let first = self.first.take();
        if first.is_some() {
            return Ok(first);
        }
        let number = self.stacks.get();
        self.stacks.set(number + 1);
        let data = self.directory.join(format!("stack-{number}"));
        self.plan.start_embedded(&data, self.runtime)
    }

    /// The settings of a run on `stack`, or on the environment that the plan names; `more` wins.
    pub(crate) fn pairs(
        &self,
        stack: Option<&EmbeddedStack>,
        more: &[(&str, &str)],
    ) -> Vec<(String, String)> {
        let mut pairs = self.plan.pairs.clone();
        pairs.extend(stack.into_iter().flat_map(EmbeddedStack::pairs).cloned());
        let more = more.iter();
        pairs.extend(more.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        pairs
    }

    /// The assignment of a run with these settings, on `stack` if it is the embedded one.
    pub(crate) fn assignment<'b>(
        &'b self,
        pairs: &'b [(String, String)],
        stack: Option<&EmbeddedStack>,
    ) -> Assignment<'b> {
        Assignment {
            settings: &self.plan.settings,
            pairs,
            services: services::hosts(&self.plan.settings, pairs, stack),
            filter: self.filter,
        }
    }

    /// Runs the suite with these settings. Passes every event to `show` when it comes.
    pub(crate) fn run(
        &self,
        pairs: &[(String, String)],
        stack: Option<&EmbeddedStack>,
        show: &mut dyn FnMut(&Timed),
    ) -> Result<Progress, Failure> {
        let ended = self.browser.run(self.assignment(pairs, stack), show);
        ended.ending?.completed()?;
        Ok(ended.progress)
    }
}
