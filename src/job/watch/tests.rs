use super::*;
use crate::job::{ApplicationId, Attributes, Hardware, PathsOut};

const QUEUED: &str = JobState::Queued.name();
const PULLED: &str = JobState::Pulled.name();
const PREPROCESSING: &str = JobState::Preprocessing.name();
const RUNNING: &str = JobState::Running.name();
const POSTPROCESSING: &str = JobState::Postprocessing.name();
const FINISHED: &str = JobState::Finished.name();

fn job(status: &str, details: Option<&str>) -> Job {
    let date = |is_set: bool| is_set.then(|| "2026-11-23T06:56:18".to_owned());
    Job {
        id: 1,
        job_name: "N".into(),
        environment: None,
        priority: 0,
        application: ApplicationId::default(),
        attributes: Attributes::default(),
        hardware: Hardware::default(),
        status: status.into(),
        date_created: String::new(),
        date_started: date(status != QUEUED),
        date_finished: date(status == FINISHED),
        runtime_details: details.map(Into::into),
        paths_out: PathsOut::of("N"),
        user_id: String::new(),
        user_email: None,
    }
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn an_earlier_state_is_an_earlier_answer_unless_the_worker_timed_out() {
    let watch = watched(&[QUEUED, PULLED, RUNNING]);
    assert!(watch.is_before(&job(PULLED, None)));
    assert!(!watch.is_before(&job(RUNNING, None)));
    assert!(!watch.is_before(&job(FINISHED, None)));
    assert!(!watch.is_before(&job(QUEUED, Some("timeout 1 (workers tried: ;w)"))));
}

/// A job that was seen in these states, a second apart.
fn watched(states: &[&str]) -> Watch {
    let mut watch = Watch::new("N");
    for (second, state) in states.iter().enumerate() {
        let second = u64::try_from(second).unwrap();
        watch.see(Some(&job(state, None)), at(second)).unwrap();
    }
    watch
}

#[test]
fn a_state_is_reached_in_that_state_or_a_later_one() {
    let mut watch = Watch::new("N");
    let mut see = |state, second| watch.see(Some(&job(state, None)), at(second)).unwrap();
    assert_eq!(see(QUEUED, 0), Seen::Changed);
    assert_eq!(see(QUEUED, 1), Seen::Same);
    assert_eq!(see(RUNNING, 2), Seen::Changed);
    assert!(!Watch::new("N").has_reached(JobState::Queued));
    let queued = watched(&[QUEUED]);
    assert!(queued.has_reached(JobState::Queued) && !queued.has_reached(JobState::Pulled));
    assert!(watch.has_reached(JobState::Pulled) && watch.has_reached(JobState::Running));
    assert!(!watch.has_reached(JobState::Postprocessing));
}

#[test]
fn each_problem_has_its_own_message() {
    let problem = |next: Option<Job>| {
        let mut watch = watched(&[QUEUED, RUNNING]);
        let problem = watch.see(next.as_ref(), at(4)).unwrap_err();
        problem.to_string()
    };
    assert!(problem(Some(job("paused", None))).starts_with("the job's status is \"paused\""));
    assert!(
        problem(Some(job(PREPROCESSING, None)))
            .contains(&format!("went back from {RUNNING} to {PREPROCESSING}"))
    );
    let another = Job {
        job_name: "M".into(),
        ..job(FINISHED, None)
    };
    assert_eq!(
        problem(Some(another)),
        format!(
            "another job now has the job's id, \"M\": the UserAPI reuses ids; seen so far: \
             {QUEUED} at 0.0 s, {RUNNING} at 1.0 s"
        )
    );
    assert_eq!(
        problem(None),
        format!(
            "the job vanished: the UserAPI answers 404 for it; seen so far: {QUEUED} at 0.0 s, \
             {RUNNING} at 1.0 s"
        )
    );
}

#[test]
fn a_job_that_does_not_go_on_is_told_with_what_to_look_at() {
    let too_late = |states: &[&str], goal| watched(states).too_late(goal, at(600)).to_string();
    let never = too_late(&[QUEUED], JobState::Pulled);
    let expected = format!(
        "the job was not {PULLED} within 600.0 s; seen so far: {QUEUED} at 0.0 s (the workers, "
    );
    assert!(never.starts_with(&expected), "{never}");
    let order = [
        "runs and is in the group `workers`",
        "whether the WorkerAPI answers it",
        "the job's runtime_details",
    ];
    let places = order.map(|part| never.find(part).expect(part));
    assert!(places.is_sorted(), "{never}");
    let stuck = too_late(&[QUEUED, PREPROCESSING], JobState::Running);
    let expected = format!(
        "(the workers, the log of the one that has pulled the job and left it in {PREPROCESSING}"
    );
    assert!(stuck.contains(&expected), "{stuck}");
}

#[test]
fn an_error_ends_the_watch_once_its_details_are_complete() {
    // The real worker reports: error, postprocessing, error.
    let mut watch = watched(&[RUNNING]);
    watch
        .see(Some(&job("error", Some("\nTrace"))), at(2))
        .unwrap();
    assert!(watch.has_failed() && !watch.has_reached(JobState::Queued));
    assert_eq!(watch.end(ms(2200)), None);
    watch
        .see(Some(&job(POSTPROCESSING, Some("\nTrace"))), ms(2400))
        .unwrap();
    assert_eq!(
        watch.end(at(4)),
        None,
        "its outputs are still being uploaded"
    );
    watch
        .see(
            Some(&job("error", Some("\nTrace\nLogs: out of memory"))),
            at(5),
        )
        .unwrap();
    assert_eq!(
        watch.end(at(5)).unwrap().to_string(),
        format!(
            "the job ended in error: Trace\nLogs: out of memory; seen so far: {RUNNING} at 0.0 s, \
             error at 2.0 s, {POSTPROCESSING} at 2.4 s, error at 5.0 s"
        )
    );
}

#[test]
fn an_error_that_does_not_change_ends_the_watch_soon() {
    let mut watch = watched(&[RUNNING]);
    for (millisecond, details) in [
        (1000, None),
        (1200, Some("\nmissing")),
        (1400, Some("\nmissing")),
    ] {
        watch
            .see(Some(&job("error", details)), ms(millisecond))
            .unwrap();
    }
    assert_eq!(watch.end(ms(2100)), None);
    let problem = watch.end(ms(2200)).unwrap().to_string();
    assert!(problem.contains("in error: missing"), "{problem}");
    assert!(
        watched(&["error"])
            .end(at(9))
            .unwrap()
            .to_string()
            .contains("(no details)")
    );
}

#[test]
fn an_error_is_final_and_its_details_are_awaited_for_a_limited_time() {
    let mut watch = watched(&[RUNNING, "error", FINISHED]);
    assert!(!watch.has_reached(JobState::Finished));
    assert_eq!(watch.end(ms(5900)), None);
    let problem = watch.end(at(6)).unwrap().to_string();
    assert!(
        problem.ends_with(&format!("error at 1.0 s, {FINISHED} at 2.0 s")),
        "{problem}"
    );
    assert!(watch.see(None, at(3)).is_err());
    assert_eq!(watch.period(at(600)), SHORTEST_PERIOD);
}

#[test]
fn a_job_is_queued_again_when_its_worker_times_out() {
    let mut watch = watched(&[RUNNING]);
    let first = "\ntimeout 1 (workers tried: ;w)";
    assert_eq!(
        watch.see(Some(&job(QUEUED, Some(first))), at(300)),
        Ok(Seen::Requeued("timeout 1 (workers tried: ;w)".into()))
    );
    assert!(!watch.has_reached(JobState::Pulled));
    assert_eq!(
        watch.see(Some(&job(QUEUED, Some(first))), at(301)),
        Ok(Seen::Same)
    );
    assert_eq!(
        watch.see(Some(&job(RUNNING, Some(first))), at(302)),
        Ok(Seen::Changed)
    );
    // The second time it was not seen in the queue.
    let second = format!("{first}\ntimeout 2 (workers tried: ;w;w)");
    assert_eq!(
        watch.see(Some(&job(PULLED, Some(&second))), at(600)),
        Ok(Seen::Requeued("timeout 2 (workers tried: ;w;w)".into()))
    );
}

#[test]
fn an_old_timeout_or_the_mere_word_excuses_no_earlier_state() {
    for details in [
        "\ntimeout 1 (workers tried: ;w)",
        "\nread timeout 30 in a library",
    ] {
        let mut watch = watched(&[RUNNING]);
        let _ = watch.see(Some(&job(QUEUED, Some(details))), at(300));
        let _ = watch.see(Some(&job(RUNNING, Some(details))), at(301));
        let back = watch.see(Some(&job(QUEUED, Some(details))), at(302));
        assert!(
            matches!(back.unwrap_err().problem, Problem::WentBack(..)),
            "{details}"
        );
    }
}

#[test]
fn polls_become_rarer_until_the_state_changes() {
    let mut watch = watched(&[QUEUED]);
    assert_eq!(watch.period(at(0)), SHORTEST_PERIOD);
    assert_eq!(watch.period(at(20)), at(2));
    assert_eq!(watch.period(at(3600)), LONGEST_PERIOD);
    watch.see(Some(&job(RUNNING, None)), at(3600)).unwrap();
    assert_eq!(watch.period(at(3600)), SHORTEST_PERIOD);
}

#[test]
fn a_state_older_than_a_minute_costs_twelve_polls_a_minute() {
    let watch = watched(&[RUNNING]);
    let mut now = Duration::ZERO;
    let mut polls = 0;
    while now < at(3600) {
        now += watch.period(now);
        polls += u32::from(now > at(60) && now < at(3600));
    }
    assert!(polls <= 12 * 59, "{polls}");
}

#[test]
fn an_end_while_postprocessing_is_a_failure_that_nobody_saw_or_too_early() {
    let mut ended = job(POSTPROCESSING, None);
    ended.date_finished = Some("2026-11-23T06:56:20".into());
    let watch = || {
        let mut watch = watched(&[QUEUED, RUNNING]);
        watch.see(Some(&ended), at(2)).unwrap();
        watch
    };
    // The error between was not seen, and its details are lost.
    let mut failed = watch();
    failed.see(Some(&job("error", None)), at(3)).unwrap();
    let end = failed.end(at(30)).unwrap();
    assert_eq!(end.problem, Problem::Failed(None));

    let mut finished = watch();
    let early = finished.see(Some(&job(FINISHED, None)), at(3)).unwrap_err();
    let said = "the job was postprocessing, but date_finished was 2026-11-23T06:56:20 already";
    assert_eq!(early.problem, Problem::Inconsistent(said.into()));
}
