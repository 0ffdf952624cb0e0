use super::*;

fn finished() -> Job {
    serde_json::from_value(serde_json::json!({
        "id": 1,
        "date_created": "2026-11-23T06:56:18.338737",
        "date_started": "2026-11-23T06:56:19",
        "date_finished": "2026-11-23T06:56:19.000001",
        "status": JobState::Finished.name(),
        "runtime_details": null,
        "paths_out": { "output": "output/N", "log": "log/N", "artifact": "artifact/N" },
        "job_name": "N",
        "environment": "local",
        "user_email": "unused",
    }))
    .unwrap()
}

#[track_caller]
fn wrong(change: impl FnOnce(&mut Job)) -> String {
    let mut job = finished();
    change(&mut job);
    job.check_finished().unwrap_err()
}

#[test]
fn a_finished_job_has_its_dates_in_order_and_paths_named_after_it() {
    finished().check_finished().unwrap();
    assert_eq!(
        wrong(|job| job.date_started = None),
        "the finished job has no date_started"
    );
    assert_eq!(
        wrong(|job| job.date_finished = Some("2026-11-23T06:56:18".into())),
        "date_started 2026-11-23T06:56:19 comes after date_finished 2026-11-23T06:56:18"
    );
    assert!(wrong(|job| job.paths_out.log = "log/other".into()).contains("log/other"));
}

#[test]
fn a_new_job_is_queued_for_its_workers_and_dated_now() {
    let check = |change: fn(&mut Job), now: &str| {
        let mut job = finished();
        job.status = JobState::Queued.name().into();
        change(&mut job);
        job.check_created("local", now.parse().unwrap())
    };
    let now = "2026-11-23T06:58:00";
    assert_eq!(check(|_| {}, now), Ok(()));
    let wrong = |change| check(change, now).unwrap_err();
    assert_eq!(
        wrong(|job| job.status = JobState::Running.name().into()),
        format!(
            "a new job is {:?} instead of {:?}",
            JobState::Running.name(),
            JobState::Queued.name()
        )
    );
    assert!(wrong(|job| job.environment = None).contains("but has None"));
    assert!(
        check(|_| {}, "2026-11-23T07:56:18")
            .unwrap_err()
            .contains("is that local time?")
    );
}

#[test]
fn dates_are_naive() {
    for bad in [
        "2026-11-23T06:56:19Z",
        "2026-11-23T06:56:19+00:00",
        "2026-11-23 06:56:19",
        "2026-11-23",
        "1795416976",
        "",
        "ééééééééééé",
    ] {
        let error = wrong(|job| job.date_started = Some(bad.into()));
        assert!(error.contains("not a naive UTC date"), "{bad}: {error}");
    }
}

#[test]
fn states_are_in_their_order() {
    assert!(JobState::ALL.is_sorted());
}
