//! What starts the browsers of an engine: a driver of this machine, or a `WebDriver` elsewhere.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    display,
    process::DriverProcess,
    session::{Session, WebDriverError},
};
use crate::{
    endpoint::Endpoint,
    engine::Engine,
    install::Programs,
    process::{Failure, Interrupt, Resources, print},
};

/// How long a `WebDriver` elsewhere may take to start a browser. A Selenium Grid keeps a request for five
/// minutes, if nobody has told it another limit, until one of its browsers has ended.
const REMOTE_LIMIT: Duration = Duration::from_secs(330);

/// After this time, a run says what it waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a run that is to end waits for a browser that it has already asked for.
const LAST_LIMIT: Duration = Duration::from_secs(5);

/// Where the browsers of an engine come from.
#[derive(Clone, Debug)]
pub enum WebDriver {
    /// Programs of this machine.
    Installed(Programs),
    /// A Selenium Grid, or any other `WebDriver` that runs without us.
    Remote(Endpoint),
}

/// A driver that is running, or about to.
#[derive(Debug)]
pub(crate) enum Driver {
    Process(Box<DriverProcess>),
    Remote(Endpoint),
}

impl Driver {
    /// Starts a driver of this machine, where one is needed, and a display for its browsers.
    pub(crate) fn start(
        resources: &Resources,
        interrupt: &Interrupt,
        engine: &'static dyn Engine,
        webdriver: &WebDriver,
        headed: bool,
    ) -> Result<Self, Failure> {
        let programs = match webdriver {
            WebDriver::Installed(programs) => programs,
            WebDriver::Remote(endpoint) => return Ok(Self::Remote(endpoint.clone())),
        };
        resources.check_room_for(engine.socket())?;
        let needs_display = engine.needs_display() && !headed;
        let display = needs_display.then(|| display::start(resources, interrupt));
        let process =
            DriverProcess::start(resources, engine, &programs.driver, display.transpose()?)?;
        Ok(Self::Process(Box::new(process)))
    }

    /// Starts a browser. The session ends with `resources`.
    pub(crate) fn open(
        &mut self,
        resources: &Resources,
        interrupt: &Interrupt,
        engine: &'static dyn Engine,
        capabilities: &Value,
    ) -> Result<Result<Session, WebDriverError>, Failure> {
        let (endpoint, limit) = match self {
            Self::Process(process) => {
                let port = process.port(resources, interrupt)?;
                (Endpoint::of_port(port)?, engine.start_limit())
            }
            Self::Remote(endpoint) => (endpoint.clone(), REMOTE_LIMIT),
        };
        let wanted = capabilities.clone();
        let open = move || Session::open(&endpoint, &wanted, limit);
        let opened = match self {
            Self::Process(_) => interrupt.block(open)?,
            Self::Remote(endpoint) => wait_for(open, &endpoint.name(), resources, interrupt)?,
        };
        let mut session = match opened {
            Ok(session) => session,
            Err(error) => return Ok(Err(error)),
        };
        interrupt.block(move || {
            session.connect_bidi()?;
            engine.subscribe(&session)?;
            Ok(session)
        })
    }

    /// Ends `session` and lets another one be opened. A process ends with its browsers, and another one
    /// starts: one whose browser is about to end may never start another.
    pub(crate) fn restart(
        &mut self,
        resources: &Resources,
        session: Option<&Session>,
    ) -> Result<(), Failure> {
        match (self, session) {
            (Self::Process(process), _) => process.restart(resources)?,
            (Self::Remote(_), Some(session)) => {
                // Whatever the answer is, the next session is another one.
                let _ = session.delete();
                resources.release_session(session.endpoint().secret_url())?;
            }
            (Self::Remote(_), None) => {}
        }
        Ok(())
    }

    /// The last lines of output of a driver of this machine, and of its browsers.
    pub(crate) fn output(&self) -> String {
        match self {
            Self::Process(process) => process.output(),
            Self::Remote(_) => String::new(),
        }
    }
}

/// Waits for a browser like [`Interrupt::block`], and says so if it takes long. A browser that comes when
/// the run is about to end belongs to it as well.
fn wait_for(
    open: impl FnOnce() -> Result<Session, WebDriverError> + Send + 'static,
    name: &str,
    resources: &Resources,
    interrupt: &Interrupt,
) -> Result<Result<Session, WebDriverError>, Failure> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Without a receiver, the run has ended.
        let _ = sender.send(open());
    });
    let (started, mut is_told) = (Instant::now(), false);
    // The request has the same limit, and ends first if it can.
    let limit = REMOTE_LIMIT + PATIENCE;
    let opened = interrupt.poll(limit, || match receiver.try_recv() {
        Ok(opened) => Ok(Some(opened)),
        Err(mpsc::TryRecvError::Disconnected) => Err(Failure::panicked()),
        Err(mpsc::TryRecvError::Empty) => {
            if !is_told && started.elapsed() > PATIENCE {
                is_told = true;
                print::err(format_args!("info: waiting for a browser of {name}"));
            }
            Ok(None)
        }
    });
    let opened = opened.and_then(|opened| {
        let silent = || format!("{name} has given no browser within {} s", limit.as_secs());
        opened.ok_or_else(|| Failure::ours_with(silent(), ""))
    });
    let session = match &opened {
        Ok(opened) => opened.as_ref().ok().cloned(),
        Err(_) => receiver.recv_timeout(LAST_LIMIT).ok().and_then(Result::ok),
    };
    match (&session, &opened) {
        (Some(session), _) => resources.own_session(session.endpoint().secret_url())?,
        (None, Err(_)) => print::err(format_args!(
            "info: {name} may still start a browser, until its own time limit for sessions ends it"
        )),
        (None, Ok(_)) => {}
    }
    opened
}
