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
        "priority": 0,
        "application": { "application": "decode", "version": "v0_10_1", "entrypoint": "train" },
        "attributes": {
            "files_down": { "config_id": "exp", "data_ids": ["exp"], "artifact_ids": [] },
            "env_vars": {},
        },
        "hardware": {
            "cpu_cores": null, "memory": null, "gpu_model": null, "gpu_archi": null, "gpu_mem": null,
        },
        "user_id": "u",
        "user_email": "user@example.com",
    }))
    .unwrap()
}

/// A minute after the job has finished.
const NOW: &str = "2026-11-23T06:58:00";

#[track_caller]
fn wrong(change: impl FnOnce(&mut Job)) -> String {
    let mut job = finished();
    change(&mut job);
    job.check_finished(NOW.parse().unwrap()).unwrap_err()
}

#[test]
fn a_finished_job_has_its_dates_in_order_and_paths_named_after_it() {
    finished().check_finished(NOW.parse().unwrap()).unwrap();
    for (ahead, meaning) in [
        ("2026-11-23T08:56:25", "is that local time?"),
        ("2026-11-23T07:09:25", "is the UserAPI's clock wrong?"),
    ] {
        let error = wrong(|job| job.date_finished = Some(ahead.into()));
        assert!(
            error.starts_with(&format!("date_finished {ahead} is yet to come")),
            "{error}"
        );
        assert!(error.ends_with(meaning), "{error}");
    }
    assert_eq!(
        wrong(|job| job.date_started = None),
        "the job is finished, but has no date_started (UserAPI, PUT /_job_status)"
    );
    assert_eq!(
        wrong(|job| job.date_finished = Some("2026-11-23T06:56:18".into())),
        "date_started 2026-11-23T06:56:19 comes after date_finished 2026-11-23T06:56:18 (UserAPI, what sets these \
         dates, and the clocks of its instances)"
    );
}

#[test]
fn a_date_that_is_set_stays() {
    let mut before = finished();
    before.date_finished = None;
    let mut now = before.clone();
    now.check_still(&before).unwrap();
    now.date_started = Some("2026-11-23T06:57:00".into());
    assert_eq!(
        now.check_still(&before).unwrap_err(),
        "job 1: date_started was 2026-11-23T06:56:19, and is 2026-11-23T06:57:00 now, but stays once it is set"
    );
    // It is set when a worker pulls the job.
    let mut queued = before.clone();
    queued.date_started = None;
    before.check_still(&queued).unwrap();
}

#[test]
fn numbers_are_read_as_javascript_reads_them() {
    let with_id = |id: &str| {
        let text = serde_json::to_string(&finished()).unwrap();
        assert!(text.contains("\"id\":1,"), "{text}");
        serde_json::from_str::<Job>(&text.replace("\"id\":1,", &format!("\"id\":{id},")))
    };
    for (id, read) in [("2", 2), ("2.0", 2), ("-3e2", -300)] {
        assert_eq!(with_id(id).unwrap().id, read, "{id}");
    }
    for id in ["2.5", "1e300", "\"2\"", "null", "18446744073709551615"] {
        let error = with_id(id).unwrap_err().to_string();
        assert!(error.contains("expected i64"), "{id}: {error}");
    }
}

#[test]
fn a_new_job_is_queued_for_its_workers_and_dated_now() {
    let check = |change: fn(&mut Job), now: &str| {
        let mut job = finished();
        job.status = JobState::Queued.name().into();
        (job.date_started, job.date_finished) = (None, None);
        change(&mut job);
        job.check_created(&asked(), now.parse().unwrap())
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
    for (change, message) in [
        (
            (|job| job.environment = None) as fn(&mut Job),
            "job 1: environment is null in the new job, but \"local\" was asked for or is the default",
        ),
        (|job| job.priority = 3, "priority is 3"),
        (
            |job| job.application.version.clear(),
            "application.version is \"\"",
        ),
        (
            |job| job.attributes.files_down.data_ids.clear(),
            "attributes.files_down.data_ids is []",
        ),
        (
            |job| job.paths_out.log = "log/M".into(),
            "paths_out.log is \"log/M\"",
        ),
        (
            |job| job.date_finished = Some("x".into()),
            "date_finished is \"x\"",
        ),
    ] {
        let found = wrong(change);
        assert!(found.contains(message), "{found}");
    }
    assert!(
        check(|_| {}, "2026-11-23T07:56:18")
            .unwrap_err()
            .contains("is that local time?")
    );
}

fn asked() -> NewJob {
    let job = finished();
    NewJob {
        job_name: job.job_name,
        environment: Some("local"),
        priority: None,
        application: job.application,
        attributes: job.attributes,
        hardware: job.hardware,
    }
}

#[test]
fn a_job_is_shown_alike_wherever_it_is_shown() {
    let mut listed = finished();
    assert_eq!(
        finished().check_same("by its id", &listed, "in the list"),
        Ok(())
    );
    listed.status = "queued".into();
    assert_eq!(finished().check_still(&listed), Ok(()));
    assert_eq!(
        finished()
            .check_same("by its id", &listed, "in the list")
            .unwrap_err(),
        "job 1: status is \"finished\" by its id, but \"queued\" in the list"
    );
    listed.hardware.memory = Some(1);
    assert_eq!(
        finished().check_still(&listed).unwrap_err(),
        "job 1: hardware.memory is null now, but 1 before"
    );
}

#[test]
fn a_job_has_the_dates_of_its_state() {
    let check = |state: &str, started: bool, ended: bool, details: Option<&str>| {
        let mut job = finished();
        state.clone_into(&mut job.status);
        job.runtime_details = details.map(Into::into);
        job.date_started = job.date_started.filter(|_| started);
        job.date_finished = job.date_finished.filter(|_| ended);
        job.check_dates().err().unwrap_or_default()
    };
    for (state, started, ended) in [
        ("queued", false, false),
        ("pulled", true, false),
        ("postprocessing", true, false),
        ("finished", true, true),
        ("error", true, true),
    ] {
        assert_eq!(check(state, started, ended, None), "");
    }
    assert!(check("queued", true, false, None).contains("date_started is 2026"));
    assert!(check("running", false, false, None).contains("no date_started"));
    assert!(check("running", true, true, None).contains("date_finished is 2026"));
    assert_eq!(
        check("queued", true, false, Some("timeout 1 (workers tried: ;w)")),
        ""
    );
    // The worker uploads what a failed container has left.
    for details in [None, Some("Logs: it failed")] {
        assert_eq!(check("postprocessing", true, true, details), "");
    }
}

#[test]
fn a_list_holds_only_the_users_own_jobs() {
    let owner = Owner {
        id: "u".into(),
        email: "user@example.com".into(),
    };
    assert_eq!(owner.check(&[finished()]), Ok(()));
    // One that the user created under a former address.
    let mut older = finished();
    older.user_email = Some("former@example.com".into());
    assert_eq!(owner.check(&[older.clone()]), Ok(()));
    older.job_name = "integration_test_x".into();
    let error = owner.check(&[older]).unwrap_err();
    assert!(
        error.contains("has user_email former@example.com"),
        "{error}"
    );
    let mut other = finished();
    other.user_id = "v".into();
    other.user_email = Some("other@example.com".into());
    let error = owner.check(&[finished(), other]).unwrap_err();
    assert!(
        error.contains("job 1 (N) of another user, other@example.com (id v;"),
        "{error}"
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
