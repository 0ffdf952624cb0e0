//! Reads an engine's network log while a page runs.

use std::{
    sync::mpsc::{self, Receiver, Sender},
    time::{Duration, Instant},
};

use opencloud_model::observation::Observation;

use super::{
    exchange::{Exchange, find_sent},
    network_log::NetworkLog,
};
use crate::{driver::Session, engine::Engine, process::Interrupt};

/// How often the log is read where nothing fails, so that it does not grow in the driver.
const PERIOD: Duration = Duration::from_secs(1);

/// How long the driver may take for the last entries of a run that is to end.
const LAST_LIMIT: Duration = Duration::from_secs(2);

/// The requests of a page, as its engine tells of them.
#[derive(Debug)]
pub struct Recorder<'a> {
    engine: &'static dyn Engine,
    session: Session,
    interrupt: &'a Interrupt,
    log: Box<dyn NetworkLog>,
    /// Entries arrive here, also after a wait for them was cut off because the run is to end.
    entries: (Sender<Vec<String>>, Receiver<Vec<String>>),
    /// How many answers are still to come.
    pending: usize,
    /// Whether the driver answers no more.
    is_over: bool,
    read_at: Instant,
}

/// All requests over the network, in the order in which they were sent; each with the place of its
/// preflight among them.
#[derive(Debug, Default)]
pub struct Traffic(pub Vec<(Exchange, Option<usize>)>);

impl Traffic {
    /// The requests in a recorded log of `engine`, an entry a line.
    #[must_use]
    pub fn recorded(engine: &dyn Engine, lines: &str) -> Self {
        let mut log = engine.network_log();
        lines.lines().for_each(|line| log.take(line));
        Self(log.exchanges())
    }
}

impl<'a> Recorder<'a> {
    /// Reads the log of `session`, whose page is open.
    #[must_use]
    pub fn new(engine: &'static dyn Engine, session: Session, interrupt: &'a Interrupt) -> Self {
        let shorten = {
            let session = session.clone();
            move || engine.shorten_network_log(&session)
        };
        if let Err(failure) = interrupt.block(shorten) {
            // For the next wait.
            interrupt.fail(failure);
        }
        Self {
            engine,
            session,
            interrupt,
            log: engine.network_log(),
            entries: mpsc::channel(),
            pending: 0,
            is_over: false,
            read_at: Instant::now(),
        }
    }

    /// Reads the log where that is due. Call it often.
    pub fn keep_up(&mut self) {
        if self.read_at.elapsed() >= PERIOD {
            self.read();
        }
    }

    /// What the engine tells of the request that was sent at `started_at` (milliseconds since 1970),
    /// if it failed.
    pub fn observation(&mut self, method: &str, url: &str, started_at: f64) -> Option<Observation> {
        self.read();
        self.log.observation(method, url, started_at)
    }

    /// The request that was sent at `started_at` (milliseconds since 1970), as the engine tells of it.
    pub fn exchange(&mut self, method: &str, url: &str, started_at: f64) -> Option<Exchange> {
        self.read();
        let all = self.log.exchanges();
        let entries = all.iter().map(|(exchange, _)| (exchange, exchange));
        find_sent(entries, |_| true, method, url, started_at).cloned()
    }

    /// Asks no more of a driver that does not answer: what it has told so far is all.
    pub fn stop(&mut self) {
        self.is_over = true;
    }

    /// The requests of the page so far, also in a run that is to end.
    pub fn traffic(&mut self) -> Traffic {
        if !self.is_over {
            self.read_to_the_end();
        }
        Traffic(self.log.exchanges())
    }

    fn read_to_the_end(&mut self) {
        self.read();
        if self.pending > 0 {
            // The driver answers one question after the other.
            let last = self
                .engine
                .network_entries(&self.session.within(LAST_LIMIT));
            if let Ok(last) = last {
                while self.pending > 0
                    && let Ok(entries) = self.entries.1.recv_timeout(LAST_LIMIT)
                {
                    self.take(&entries);
                }
                for entry in &last {
                    self.log.take(entry);
                }
            }
        }
    }

    /// If the driver does not answer, or after a signal, the run is about to end for that reason.
    fn read(&mut self) {
        let (engine, session) = (self.engine, self.session.clone());
        let sender = self.entries.0.clone();
        let read = move || sender.send(engine.network_entries(&session).unwrap_or_default());
        self.pending += 1;
        if let Err(failure) = self.interrupt.block(read) {
            // The next wait ends the run with it.
            self.interrupt.fail(failure);
        }
        while let Ok(entries) = self.entries.1.try_recv() {
            self.take(&entries);
        }
        self.read_at = Instant::now();
    }

    fn take(&mut self, entries: &[String]) {
        self.pending -= 1;
        for entry in entries {
            self.log.take(entry);
        }
    }
}
