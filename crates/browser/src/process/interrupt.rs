//! Ctrl-C and other signals, noticed at every wait.

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

use super::{failure::Failure, signal::Signal, threads::lock};

/// How often a wait looks again.
const PERIOD: Duration = Duration::from_millis(10);

/// Holds the signal that asks for an end, or the failure of a thread that watches something.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    received: Arc<AtomicUsize>,
    failure: Arc<Mutex<Option<Failure>>>,
    checks: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Catches the signals from now on. The first one ends the run in good order. A second one, of whichever
    /// kind, ends the process at once, and the guard cleans up.
    pub fn install() -> io::Result<Self> {
        let interrupt = Self::default();
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            let code = Signal(signal).exit_code();
            // In this order: the first signal arms what the second one triggers.
            flag::register_conditional_shutdown(signal, code.into(), Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
            let number = usize::try_from(signal).map_err(io::Error::other)?;
            flag::register_usize(signal, Arc::clone(&interrupt.received), number)?;
        }
        Ok(interrupt)
    }

    /// Ends the run with `failure` at its next wait. For threads that watch something.
    pub fn fail(&self, failure: Failure) {
        let mut first = lock(&self.failure);
        first.get_or_insert(failure);
    }

    /// Counts a check that has found nothing wrong. For the same threads.
    pub fn passed_check(&self) {
        self.checks.fetch_add(1, Ordering::Relaxed);
    }

    /// How many checks have found nothing wrong.
    #[must_use]
    pub fn passed_checks(&self) -> usize {
        self.checks.load(Ordering::Relaxed)
    }

    /// Fails after a signal, and once with the failure that [`fail`](Self::fail) was given.
    pub fn check(&self) -> Result<(), Failure> {
        match i32::try_from(self.received.load(Ordering::Relaxed)) {
            Ok(0) | Err(_) => {}
            Ok(signal) => return Err(Failure::Interrupted(Signal(signal))),
        }
        let mut failure = lock(&self.failure);
        failure.take().map_or(Ok(()), Err)
    }

    /// Asks `attempt` until it has an answer. `None` if it has none within `limit`.
    pub fn poll<T>(
        &self,
        limit: Duration,
        mut attempt: impl FnMut() -> Result<Option<T>, Failure>,
    ) -> Result<Option<T>, Failure> {
        let deadline = Instant::now() + limit;
        loop {
            self.check()?;
            if let Some(answer) = attempt()? {
                return Ok(Some(answer));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            thread::sleep(PERIOD);
        }
    }

    /// Does `work`, which blocks, in a thread of its own. After a signal the thread is left alone:
    /// `work` must have a deadline of its own.
    pub fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(work()));
        loop {
            self.check()?;
            match receiver.recv_timeout(PERIOD) {
                Ok(answer) => return Ok(answer),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(Failure::panicked());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_with_its_answer_its_limit_or_a_signal() {
        let interrupt = Interrupt::default();
        let mut left = 2;
        let answer = interrupt.poll(Duration::from_secs(10), || {
            left -= 1;
            Ok((left == 0).then_some("answer"))
        });
        assert!(matches!(answer, Ok(Some("answer"))));
        assert!(matches!(
            interrupt.poll::<()>(Duration::ZERO, || Ok(None)),
            Ok(None)
        ));
        assert!(matches!(interrupt.block(|| 1), Ok(1)));

        interrupt.fail(Failure::Input("first".into()));
        interrupt.fail(Failure::Input("second".into()));
        let ended = interrupt.poll::<()>(Duration::from_secs(10), || Ok(None));
        assert!(matches!(ended, Err(Failure::Input(message)) if message == "first"));
        assert!(interrupt.check().is_ok());

        interrupt.received.store(2, Ordering::Relaxed);
        let ended = interrupt.poll::<()>(Duration::from_secs(10), || Ok(None));
        assert!(matches!(ended, Err(Failure::Interrupted(signal)) if signal.exit_code() == 130));
    }
}
