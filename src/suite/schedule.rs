//! Runs tests at the same time, and shows them one after the other.
//!
//! The test runner runs one test at a time. While that test waits for an answer, others run ahead. What
//! these report is kept until the runner comes to them, so output and reports are those of tests that
//! ran one after the other.

use std::{
    cell::{Cell, OnceCell, RefCell},
    fmt,
    future::poll_fn,
    mem, panic,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{
    future::LocalBoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use opencloud_model::event::{Event, Failure};
use tokio::sync::oneshot;

use crate::{
    page::{self, Instant},
    report::Outlet,
};

/// How many tests run at once. A browser sends six requests to a host at a time, and not every request is to
/// the same host.
const AT_ONCE: usize = 8;

/// A test that failed. The reason has been reported already.
#[derive(Clone, Copy)]
pub struct Failed;

/// The runner prints this.
impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lines of its steps say why")
    }
}

/// A test, for the list of all tests.
pub struct Test {
    name: String,
    start: fn() -> LocalBoxFuture<'static, Result<(), Failed>>,
    runs_alone: bool,
}

impl Test {
    /// The test `name`, which `start` starts as the test runner does.
    #[must_use]
    pub fn new(name: String, start: fn() -> LocalBoxFuture<'static, Result<(), Failed>>) -> Self {
        Self {
            name,
            start,
            runs_alone: false,
        }
    }

    /// The same test, which runs while no other does.
    #[must_use]
    pub fn alone(self) -> Self {
        let runs_alone = true;
        Self { runs_alone, ..self }
    }
}

thread_local! {
    static SCHEDULE: OnceCell<Schedule> = const { OnceCell::new() };
}

struct Schedule {
    tests: Vec<Test>,
    runs: RefCell<Vec<Run>>,
    running: Cell<Running>,
    /// Lets the test go on that waits until those that run alone have ended.
    go_on: RefCell<Option<oneshot::Sender<()>>>,
    /// The test that has panicked. Those that ran beside it are lost with all that they held, such as the
    /// turn to create a job.
    panicked: RefCell<Option<String>>,
}

type Running = FuturesUnordered<LocalBoxFuture<'static, (usize, Result<(), Failed>)>>;

/// What has become of a test.
enum Run {
    Waiting,
    Running {
        outlet: Rc<Outlet>,
        since: Instant,
    },
    Ended {
        outlet: Rc<Outlet>,
        result: Result<(), Failed>,
    },
}

/// Runs the test `name` to its end, and shows it. Meanwhile lets other tests of the list of `all` run ahead,
/// in its order, if that `may_go_ahead`.
pub(super) async fn run(
    all: fn() -> Vec<Test>,
    name: &str,
    may_go_ahead: impl Fn() -> bool,
) -> Result<(), Failed> {
    let shown = SCHEDULE.with(|schedule| {
        let mut tests = schedule.get_or_init(|| Schedule::of(all())).tests.iter();
        let place = tests.position(|test| test.name == name);
        place.unwrap_or_else(|| panic!("{name} is missing in the list of its module's tests"))
    });
    end_runs_on_panic();
    poll_fn(|context| with_schedule(|schedule| schedule.poll(shown, &may_go_ahead, context))).await
}

/// Lets the tests that run alone go first, if the test `name` is none of these. It has set up what all share.
pub(super) async fn let_those_alone_go_first(name: &str) {
    let ended = with_schedule(|schedule| {
        let test = schedule.tests.iter().find(|test| test.name == name)?;
        let is_due = schedule.is_whole() && schedule.next(|test| test.runs_alone).is_some();
        (is_due && !test.runs_alone).then(|| {
            let (go_on, ended) = oneshot::channel();
            schedule.go_on.replace(Some(go_on));
            ended
        })
    });
    let Some(ended) = ended else { return };
    // The schedule looks again at what is due.
    page::sleep(Duration::ZERO).await;
    // An error says that the schedule is gone, and this test with it.
    let _ = ended.await;
}

/// Why no further test can run, if one has panicked.
pub(super) fn panicked() -> Option<String> {
    let name = with_schedule(|schedule| schedule.panicked.borrow().clone())?;
    Some(format!("{name} has panicked, so no further test runs"))
}

fn with_schedule<T>(use_it: impl FnOnce(&Schedule) -> T) -> T {
    SCHEDULE.with(|schedule| use_it(schedule.get().expect("a test is running")))
}

impl Schedule {
    fn of(tests: Vec<Test>) -> Self {
        Self {
            runs: RefCell::new(tests.iter().map(|_| Run::Waiting).collect()),
            tests,
            running: Cell::default(),
            go_on: RefCell::default(),
            panicked: RefCell::default(),
        }
    }

    fn poll(
        &self,
        shown: usize,
        may_go_ahead: &dyn Fn() -> bool,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Failed>> {
        loop {
            let mut running = self.running.take();
            self.start_due(shown, may_go_ahead, &running);
            self.show(shown);
            // A panic ends the poll here. Then the tests that were running are lost.
            let next = running.poll_next_unpin(context);
            self.running.set(running);
            match next {
                Poll::Ready(Some((place, result))) => self.end(place, result),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        match self.runs.borrow()[shown] {
            Run::Ended { result, .. } => Poll::Ready(result),
            _ => Poll::Pending,
        }
    }

    /// Starts the test that is shown, and those that may run ahead of it.
    fn start_due(&self, shown: usize, may_go_ahead: &dyn Fn() -> bool, running: &Running) {
        let may_go_ahead = may_go_ahead() && self.is_whole();
        if may_go_ahead && let Some(alone) = self.next(|test| test.runs_alone) {
            // All of these come first, so that the others wait for them once.
            let waiting = usize::from(self.go_on.borrow().is_some());
            if running.len() == waiting {
                self.start(alone, running);
            }
            return;
        }
        if !self.one_runs_alone()
            && let Some(go_on) = self.go_on.take()
        {
            let _ = go_on.send(());
        }
        if self.is_waiting(shown) && self.may_join(&self.tests[shown], running) {
            self.start(shown, running);
        }
        while may_go_ahead
            && running.len() < AT_ONCE
            && let Some(next) = self.next(|test| self.may_join(test, running))
        {
            self.start(next, running);
        }
    }

    /// Whether a test may run beside those that are running.
    fn may_join(&self, test: &Test, running: &Running) -> bool {
        running.is_empty() || !(test.runs_alone || self.one_runs_alone())
    }

    fn one_runs_alone(&self) -> bool {
        let runs = self.runs.borrow();
        let mut tests = self.tests.iter().zip(&*runs);
        tests.any(|(test, run)| test.runs_alone && matches!(run, Run::Running { .. }))
    }

    fn is_waiting(&self, place: usize) -> bool {
        matches!(self.runs.borrow()[place], Run::Waiting)
    }

    /// The first test of that kind that is still to start.
    fn next(&self, is_meant: impl Fn(&Test) -> bool) -> Option<usize> {
        (0..self.tests.len()).find(|place| {
            let test = &self.tests[*place];
            is_meant(test) && self.is_waiting(*place) && page::asks_for(&test.name)
        })
    }

    /// Whether the runner will come to every test: it may have been given names of its own. A test to which
    /// it does not come is never shown, and may not even end.
    fn is_whole(&self) -> bool {
        page::count_of_tests() == self.tests.len()
    }

    fn start(&self, place: usize, running: &Running) {
        let outlet = Rc::new(Outlet::closed());
        let test = (self.tests[place].start)();
        let test = outlet.clone().capture(test);
        running.push(Box::pin(async move { (place, test.await) }));
        let since = Instant::now();
        self.runs.borrow_mut()[place] = Run::Running { outlet, since };
    }

    fn show(&self, place: usize) {
        if let Run::Running { outlet, .. } | Run::Ended { outlet, .. } = &self.runs.borrow()[place]
        {
            outlet.open();
        }
    }

    fn end(&self, place: usize, result: Result<(), Failed>) {
        let mut runs = self.runs.borrow_mut();
        let run = mem::replace(&mut runs[place], Run::Waiting);
        if let Run::Running { outlet, .. } = run {
            runs[place] = Run::Ended { outlet, result };
        }
    }

    /// Ends all tests that are running, because one of them panics. That one reports no end.
    fn end_all(&self, panicking: &Rc<Outlet>) {
        for place in 0..self.tests.len() {
            let Run::Running { outlet, since } = &self.runs.borrow()[place] else {
                continue;
            };
            let name = &self.tests[place].name;
            if Rc::ptr_eq(outlet, panicking) {
                self.panicked.replace(Some(name.clone()));
            } else {
                outlet.write(&Event::TestFinished {
                    test: name.clone(),
                    seconds: since.elapsed().as_secs_f64(),
                    failure: Some(Failure::ourselves(
                        "it was running while another test panicked, which ends both",
                    )),
                });
            }
        }
        for place in 0..self.tests.len() {
            self.end(place, Err(Failed));
        }
    }
}

/// A panic is not an end of the page: the runner goes on with the next test, which must say that it cannot run.
fn end_runs_on_panic() {
    thread_local! {
        static IS_SET: Cell<bool> = const { Cell::new(false) };
    }
    if IS_SET.replace(true) {
        return;
    }
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        report(panic);
        if let Some(panicking) = Outlet::leave() {
            with_schedule(|schedule| schedule.end_all(&panicking));
        }
    }));
}
