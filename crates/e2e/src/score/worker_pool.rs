//! Several browsers that share the work.

use std::{
    collections::VecDeque,
    fs,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};

use opencloud_browser::{
    driver::WebDriver,
    engine::Engine,
    page::Start,
    process::{self, Failure, Interrupt, Resources},
    serve::PageDirectory,
};
use opencloud_model::redact;
use tokio::runtime::Handle;

use super::{
    item::{Item, ItemPlans},
    judgement::Judgement,
    observed::Observed,
    summary::Row,
};
use crate::{
    browser_location::BrowserLocation,
    environment::embedded::EmbeddedStack,
    plan::Plan,
    run::{
        browser_session::{Assignment, BrowserSession},
        services,
    },
};

/// What all workers of the pool use.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    /// Owns the browsers and the stacks' directories.
    pub(crate) resources: &'a Resources,
    /// Ends the work.
    pub(crate) interrupt: &'a Interrupt,
    /// Where the servers run.
    pub(crate) runtime: &'a Handle,
    /// Which engine's browser to start.
    pub(crate) engine: &'static dyn Engine,
    /// What starts it.
    pub(crate) webdriver: &'a WebDriver,
    /// Where it is then.
    pub(crate) location: &'a BrowserLocation,
    /// The page.
    pub(crate) page: &'a PageDirectory,
    /// What to do for an item.
    pub(crate) plans: &'a ItemPlans,
    /// The origins that pages are opened at.
    pub(crate) frontends: &'a [String],
    /// Whether the whole suite runs for each fault, instead of the test meant to notice it.
    pub(crate) whole: bool,
}

/// Browsers that are ready.
pub(crate) struct WorkerPool<'a> {
    shared: Shared<'a>,
    browsers: Vec<BrowserSession<'a>>,
    /// Names profiles and directories.
    number: AtomicUsize,
}

impl<'a> WorkerPool<'a> {
    /// Starts `size` browsers.
    pub(crate) fn start(shared: Shared<'a>, size: usize) -> Result<Self, Failure> {
        let mut pool = Self {
            shared,
            browsers: Vec::new(),
            number: AtomicUsize::new(0),
        };
        let opened: Result<Vec<_>, _> = thread::scope(|scope| {
            let starting: Vec<_> = (0..size).map(|_| scope.spawn(|| pool.open())).collect();
            starting.into_iter().map(process::join).collect()
        });
        pool.browsers = opened?;
        Ok(pool)
    }

    fn next_number(&self) -> usize {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    fn open(&self) -> Result<BrowserSession<'a>, Failure> {
        let shared = self.shared;
        let start = Start::new(
            shared.resources,
            shared.interrupt,
            shared.engine,
            shared.webdriver,
            false,
        )?;
        let frontends: Vec<_> = shared.frontends.iter().map(String::as_str).collect();
        let profile = format!("profile-{}", self.next_number());
        let (runtime, location) = (shared.runtime, shared.location);
        let browser = BrowserSession::open(start, runtime, location, &frontends, "", &profile)?;
        browser.serve(shared.page);
        Ok(browser)
    }

    /// Tries the suite on all `items`. Shows `show` the rows in the order of the items, each as
    /// soon as those before it are there.
    pub(crate) fn work(
        &self,
        items: &[Item],
        mut show: impl FnMut(&Row),
    ) -> Result<Vec<Row>, Failure> {
        let queue = Queue::new(items);
        let (sender, receiver) = mpsc::channel();
        let mut rows: Vec<Option<Row>> = vec![None; items.len()];
        let mut shown = 0;
        thread::scope(|scope| {
            for (worker, browser) in self.browsers.iter().enumerate() {
                let (queue, sender) = (&queue, sender.clone());
                scope.spawn(move || {
                    while let Some(index) = queue.next(worker) {
                        let judged = redact::forget_after(|| self.judge(browser, &items[index]));
                        let failed = judged.is_err();
                        if failed {
                            queue.clear();
                        }
                        if sender.send((index, judged)).is_err() || failed {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (index, row) in receiver {
                rows[index] = Some(row?);
                while let Some(Some(row)) = rows.get(shown) {
                    show(row);
                    shown += 1;
                }
            }
            Ok(rows.into_iter().flatten().collect())
        })
    }

    fn judge(&self, browser: &BrowserSession<'_>, item: &Item) -> Result<Row, Failure> {
        let started = Instant::now();
        let plan = self.shared.plans.plan(item)?;
        let judgement = match item {
            Item::Fault(fault, expectation) => {
                let alone = if self.shared.whole {
                    None
                } else {
                    let alone = self.run(browser, &plan, item.test())?;
                    Judgement::of_meant_test(*fault, expectation, &alone)
                };
                if let Some(judgement) = alone {
                    judgement
                } else {
                    let whole = self.run(browser, &plan, None)?;
                    Judgement::of_whole_suite(*fault, expectation, &whole)
                }
            }
            Item::Sound(..) | Item::Disturbance(_) => {
                Judgement::of_sound_run(&self.run(browser, &plan, item.test())?)
            }
            Item::SecondSuite => self.run_two(browser, &plan)?,
        };
        Ok(Row {
            item: item.clone(),
            judgement,
            took: started.elapsed(),
        })
    }

    /// Runs the tests whose names contain `filter` on a fresh stack.
    fn run(
        &self,
        browser: &BrowserSession<'_>,
        plan: &Plan,
        filter: Option<&str>,
    ) -> Result<Observed, Failure> {
        self.with_stack(plan, |pairs, stack| {
            run_on(browser, plan, (pairs, stack), filter)
        })
    }

    /// Runs two whole suites on one stack at the same time.
    fn run_two(&self, browser: &BrowserSession<'_>, plan: &Plan) -> Result<Judgement, Failure> {
        let second = self.open()?;
        self.with_stack(plan, |pairs, stack| {
            thread::scope(|scope| {
                let other = scope.spawn(|| run_on(&second, plan, (pairs, stack), None));
                let mut judged =
                    Judgement::of_sound_run(&run_on(browser, plan, (pairs, stack), None)?);
                let other = process::join(other);
                if judged.is_good() {
                    judged = Judgement::of_sound_run(&other?);
                }
                Ok(judged)
            })
        })
    }

    fn with_stack<T>(
        &self,
        plan: &Plan,
        work: impl FnOnce(&[(String, String)], Option<&EmbeddedStack>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let name = format!("stack-{}", self.next_number());
        let data = self.shared.resources.directory().join(name);
        let stack = plan.start_embedded(&data, self.shared.runtime)?;
        let mut pairs = plan.pairs.clone();
        pairs.extend(stack.iter().flat_map(EmbeddedStack::pairs).cloned());
        let done = work(&pairs, stack.as_ref());
        drop(stack);
        // What is left goes with the run's directory.
        let _ = fs::remove_dir_all(data);
        done
    }
}

fn run_on(
    browser: &BrowserSession<'_>,
    plan: &Plan,
    (pairs, stack): (&[(String, String)], Option<&EmbeddedStack>),
    filter: Option<&str>,
) -> Result<Observed, Failure> {
    let assignment = Assignment {
        settings: &plan.settings,
        pairs,
        services: services::hosts(&plan.settings, pairs, stack),
        filter,
    };
    let ended = browser.run(assignment, &mut |_| {});
    Ok(Observed::new(ended.progress.tests, ended.ending?))
}

/// The items that no browser has taken yet, by their indices.
struct Queue {
    slow: Mutex<VecDeque<usize>>,
    others: Mutex<VecDeque<usize>>,
}

impl Queue {
    fn new(items: &[Item]) -> Self {
        let (slow, others): (Vec<_>, Vec<_>) =
            (0..items.len()).partition(|index| items[*index].is_slow());
        Self {
            slow: Mutex::new(slow.into()),
            others: Mutex::new(others.into()),
        }
    }

    /// The next item for a worker. The first worker begins with those that mostly wait: they take long, so that
    /// none shall come last, and beside them the others have the processors almost to themselves.
    fn next(&self, worker: usize) -> Option<usize> {
        let (first, second) = match worker {
            0 => (&self.slow, &self.others),
            _ => (&self.others, &self.slow),
        };
        take(first).or_else(|| take(second))
    }

    fn clear(&self) {
        while self.next(0).is_some() {}
    }
}

fn take(queue: &Mutex<VecDeque<usize>>) -> Option<usize> {
    process::lock(queue).pop_front()
}

#[cfg(test)]
mod tests {
    use super::{super::expectations::Expectations, *};
    use crate::score::item;
    use opencloud_stack::{Disturbance, config::FileMode};

    #[test]
    fn every_item_is_taken_once_and_one_worker_begins_with_what_is_slow() {
        let expectations = Expectations::read(None).unwrap();
        let items = item::choose(&expectations, FileMode::S3, |name| {
            name.starts_with("cors-") || name == Disturbance::Latency.name()
        });
        let items = items.unwrap();
        let queue = Queue::new(&items);
        let slow = queue.next(0).unwrap();
        assert_eq!(items[slow].name(), Disturbance::Latency.name());
        // Then that worker helps the others.
        let mut taken = vec![slow, queue.next(0).unwrap()];
        taken.extend(std::iter::from_fn(|| queue.next(1)));
        taken.sort_unstable();
        assert_eq!(taken, (0..items.len()).collect::<Vec<_>>());
        assert_eq!(queue.next(0), None);
    }
}
