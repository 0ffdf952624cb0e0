//! How soon the suite sees that a job's state has changed: the embedded stack knows when it did.

use std::time::{Duration, UNIX_EPOCH};

use opencloud_model::job_state::JobState;
use opencloud_reports::model::{Job, State};
use opencloud_stack::StateChange;

/// The median of the times from a change of state until the page saw the new state, with their
/// number. States too short to be seen do not count.
pub(crate) fn median(changes: &[StateChange], jobs: &[Job]) -> Option<(Duration, usize)> {
    let states = jobs
        .iter()
        .flat_map(|job| job.states.iter().map(|state| (job.id, state)));
    let mut delays: Vec<_> = states
        .filter_map(|(job, state)| delay(changes, job, state))
        .collect();
    delays.sort();
    Some((*delays.get(delays.len() / 2)?, delays.len()))
}

/// Ids are used again, so the last change before the state was seen counts. The first state comes
/// with the answer that creates the job, so it says nothing about delays.
fn delay(changes: &[StateChange], job: i64, state: &State) -> Option<Duration> {
    // One millisecond more: the page's clock shows whole ones.
    let seen_at = Duration::try_from_secs_f64((state.seen_at + 1.0) / 1000.0).ok()?;
    let seen_at = UNIX_EPOCH + seen_at;
    changes
        .iter()
        .rev()
        .find(|change| {
            change.job_id == job && change.status.name() == state.name && change.at <= seen_at
        })
        .filter(|change| change.status.name() != JobState::ALL[0].name())
        .and_then(|change| seen_at.duration_since(change.at).ok())
}

#[cfg(test)]
mod tests {
    use opencloud_stack::JobStatus;

    use super::*;

    #[test]
    fn the_last_change_before_a_state_was_seen_counts() {
        let change = |status, milliseconds| StateChange {
            job_id: 1,
            job_name: "N".into(),
            status,
            at: UNIX_EPOCH + Duration::from_millis(milliseconds),
        };
        let state = |name: &str, seen_at| State {
            name: name.into(),
            seen_at,
            seconds: 0.0,
        };
        let changes = [
            change(JobStatus::Queued, 100),
            change(JobStatus::Running, 200),
            change(JobStatus::Finished, 300),
            change(JobStatus::Running, 1000),
        ];
        let states = [
            state("queued", 101.0),
            state("running", 249.0),
            state("finished", 329.0),
            state("running", 1099.0),
        ];
        let job = Job {
            id: 1,
            test: "lifecycle".into(),
            states: states.into(),
            requeued: Vec::new(),
            until: 1100.0,
        };
        let median = median(&changes, &[job]);
        assert_eq!(median, Some((Duration::from_millis(50), 3)));
        assert_eq!(super::median(&changes, &[]), None);
    }
}
