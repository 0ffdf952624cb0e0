//! When a test may create a job: never while the job of another one runs, because the database of the real
//! services fails then.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use futures_util::lock::{Mutex, OwnedMutexGuard};
use tokio::sync::oneshot;

use crate::report::Steps;

/// What a test waits for.
const OTHER_JOB: &str = "the job of another test to end, because jobs run one at a time";

/// The turn to create a job. A test whose job a worker takes keeps it until that job has ended.
#[derive(Debug)]
#[expect(dead_code, reason = "held")]
pub struct Turn {
    free: OwnedMutexGuard<()>,
    next: Option<OwnedMutexGuard<()>>,
}

/// A place among the tests whose jobs workers take. The jobs of one place come after those of all earlier
/// places, so a test that is ready sooner does not change their order. Dropped when there are no more.
#[derive(Debug)]
pub struct Place {
    turns: Turns,
    before: Option<oneshot::Receiver<()>>,
    #[expect(dead_code, reason = "the next place waits until it is dropped")]
    end: oneshot::Sender<()>,
}

/// Hands out turns. Clones hand out the same ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    free: Arc<Mutex<()>>,
    /// Held by the one that is next for a job that no worker takes. So a place waits for one of these, and
    /// not for all.
    next: Arc<Mutex<()>>,
    /// When the last place ends.
    last: Rc<RefCell<Option<oneshot::Receiver<()>>>>,
}

impl Turns {
    /// The turn to create a job that no worker takes, for which the current one of `steps` waits.
    pub(super) async fn turn(&self, steps: &Steps) -> Turn {
        let next = self.next.clone().lock_owned();
        let next = Some(steps.wait_for_others(OTHER_JOB, next).await);
        let free = self.free(steps).await;
        Turn { free, next }
    }

    async fn free(&self, steps: &Steps) -> OwnedMutexGuard<()> {
        let free = self.free.clone().lock_owned();
        steps.wait_for_others(OTHER_JOB, free).await
    }

    /// The place after the last one.
    pub(super) fn place(&self) -> Place {
        let (end, ended) = oneshot::channel();
        let before = self.last.replace(Some(ended));
        let turns = self.clone();
        Place { turns, before, end }
    }
}

impl Place {
    /// The turn, when the jobs of all earlier places have ended. The current one of `steps` waits for it.
    pub async fn turn(&mut self, steps: &Steps) -> Turn {
        if let Some(before) = self.before.take() {
            let what =
                "the jobs of the tests before this one to end, because jobs run one at a time";
            // An error says that the place was dropped, which is what this waits for.
            let _ = steps.wait_for_others(what, before).await;
        }
        let free = self.turns.free(steps).await;
        Turn { free, next: None }
    }
}
