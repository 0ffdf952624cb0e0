//! How soon the suite sees that a job's state has changed: the embedded stack knows when it did.

use std::time::{Duration, UNIX_EPOCH};

use opencloud_stack::StateChange;

/// A state as the page saw it for the first time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sighting {
    /// The job's id.
    pub(crate) job: i64,
    /// The state.
    pub(crate) state: String,
    /// When, in milliseconds since 1970.
    pub(crate) seen_at: f64,
}

/// The median of the times from a change to its sighting, with their number. States too short to
/// be seen do not count.
pub(crate) fn median(changes: &[StateChange], sightings: &[Sighting]) -> Option<(Duration, usize)> {
    let mut delays: Vec<_> = sightings
        .iter()
        .filter_map(|sighting| delay(changes, sighting))
        .collect();
    delays.sort();
    Some((*delays.get(delays.len() / 2)?, delays.len()))
}

/// Ids are used again, so the last change before the sighting counts. A new job's first state is
/// told by the answer that created it, not by a look at it.
fn delay(changes: &[StateChange], sighting: &Sighting) -> Option<Duration> {
    // One millisecond more: the page's clock shows whole ones.
    let seen_at = Duration::try_from_secs_f64((sighting.seen_at + 1.0) / 1000.0).ok()?;
    let seen_at = UNIX_EPOCH + seen_at;
    changes
        .iter()
        .rev()
        .find(|change| {
            change.job_id == sighting.job
                && change.status.name() == sighting.state
                && change.at <= seen_at
        })
        .filter(|change| change.status.name() != "queued")
        .and_then(|change| seen_at.duration_since(change.at).ok())
}

#[cfg(test)]
mod tests {
    use opencloud_stack::JobStatus;

    use super::*;

    #[test]
    fn the_last_change_before_a_sighting_counts() {
        let change = |status, milliseconds| StateChange {
            job_id: 1,
            job_name: "N".into(),
            status,
            at: UNIX_EPOCH + Duration::from_millis(milliseconds),
        };
        let sighting = |state: &str, seen_at| Sighting {
            job: 1,
            state: state.into(),
            seen_at,
        };
        let changes = [
            change(JobStatus::Queued, 100),
            change(JobStatus::Running, 200),
            change(JobStatus::Finished, 300),
            change(JobStatus::Running, 1000),
        ];
        let sightings = [
            sighting("queued", 101.0),
            sighting("running", 249.0),
            sighting("finished", 329.0),
            sighting("running", 1099.0),
        ];
        let median = median(&changes, &sightings);
        assert_eq!(median, Some((Duration::from_millis(50), 3)));
        assert_eq!(super::median(&changes, &[]), None);
    }
}
