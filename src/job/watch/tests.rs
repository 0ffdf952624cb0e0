use super::*;
use crate::job::PathsOut;

fn job(status: &str, details: Option<&str>) -> Job {
    Job {
        id: 1,
        job_name: "N".into(),
        environment: None,
        status: status.into(),
        date_created: String::new(),
        date_started: None,
        date_finished: None,
        runtime_details: details.map(Into::into),
        paths_out: PathsOut::of("N"),
    }
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
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
fn a_state_is_reached_in_it_or_past_it() {
    let mut watch = Watch::new("N");
    let mut see = |state, second| watch.see(Some(&job(state, None)), at(second)).unwrap();
    assert_eq!(see("queued", 0), Seen::Changed);
    assert_eq!(see("queued", 1), Seen::Same);
    assert_eq!(see("running", 2), Seen::Changed);
    assert!(!Watch::new("N").has_reached(JobState::Queued));
    let queued = watched(&["queued"]);
    assert!(queued.has_reached(JobState::Queued) && !queued.has_reached(JobState::Pulled));
    assert!(watch.has_reached(JobState::Pulled) && watch.has_reached(JobState::Running));
    assert!(!watch.has_reached(JobState::Postprocessing));
}

#[test]
fn each_end_has_its_own_message() {
    let problem = |next: Option<Job>| {
        let mut watch = watched(&["queued", "running"]);
        let problem = watch.see(next.as_ref(), at(4)).unwrap_err();
        problem.to_string()
    };
    assert!(problem(Some(job("paused", None))).starts_with("the job's status is \"paused\""));
    assert!(
        problem(Some(job("preprocessing", None)))
            .contains("went back from running to preprocessing")
    );
    let another = Job {
        job_name: "M".into(),
        ..job("finished", None)
    };
    assert_eq!(
        problem(Some(another)),
        "under the job's id there is now another, \"M\": ids are used again; seen so far: \
         queued at 0.0 s, running at 1.0 s"
    );
    assert_eq!(
        problem(None),
        "the job vanished: the UserAPI answers 404 for it; seen so far: queued at 0.0 s, \
         running at 1.0 s"
    );
    assert_eq!(
        watched(&["queued"])
            .too_late(JobState::Pulled, at(600))
            .to_string(),
        "the job was not pulled within 600.0 s; seen so far: queued at 0.0 s"
    );
}

#[test]
fn an_error_ends_the_watch_when_its_details_are_complete() {
    // As the real worker has it: error, postprocessing, error.
    let mut watch = watched(&["running"]);
    watch
        .see(Some(&job("error", Some("\nTrace"))), at(2))
        .unwrap();
    assert!(watch.has_failed() && !watch.has_reached(JobState::Queued));
    assert_eq!(watch.end(ms(2200)), None);
    watch
        .see(Some(&job("postprocessing", Some("\nTrace"))), ms(2400))
        .unwrap();
    assert_eq!(watch.end(at(4)), None, "it is still uploading");
    watch
        .see(
            Some(&job("error", Some("\nTrace\nLogs: out of memory"))),
            at(5),
        )
        .unwrap();
    assert_eq!(
        watch.end(at(5)).unwrap().to_string(),
        "the job ended in error: Trace\nLogs: out of memory; seen so far: running at 0.0 s, \
         error at 2.0 s, postprocessing at 2.4 s, error at 5.0 s"
    );
}

#[test]
fn an_error_of_which_nothing_more_is_heard_ends_the_watch_soon() {
    let mut watch = watched(&["running"]);
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
fn an_error_is_an_end_whatever_comes_after_it_and_for_no_longer_than_it_may_take() {
    let mut watch = watched(&["running", "error", "finished"]);
    assert!(!watch.has_reached(JobState::Finished));
    assert_eq!(watch.end(ms(5900)), None);
    let problem = watch.end(at(6)).unwrap().to_string();
    assert!(
        problem.ends_with("error at 1.0 s, finished at 2.0 s"),
        "{problem}"
    );
    assert!(watch.see(None, at(3)).is_err());
    assert_eq!(watch.period(at(600)), SHORTEST_PERIOD);
}

#[test]
fn a_silent_worker_puts_the_job_back_into_the_queue() {
    let mut watch = watched(&["running"]);
    let first = "\ntimeout 1 (workers tried: ;w)";
    assert_eq!(
        watch.see(Some(&job("queued", Some(first))), at(300)),
        Ok(Seen::Requeued("timeout 1 (workers tried: ;w)".into()))
    );
    assert!(!watch.has_reached(JobState::Pulled));
    assert_eq!(
        watch.see(Some(&job("queued", Some(first))), at(301)),
        Ok(Seen::Same)
    );
    assert_eq!(
        watch.see(Some(&job("running", Some(first))), at(302)),
        Ok(Seen::Changed)
    );
    // The second time nobody saw it queued.
    let second = format!("{first}\ntimeout 2 (workers tried: ;w;w)");
    assert_eq!(
        watch.see(Some(&job("pulled", Some(&second))), at(600)),
        Ok(Seen::Requeued("timeout 2 (workers tried: ;w;w)".into()))
    );
}

#[test]
fn an_old_silence_or_the_word_alone_excuses_no_step_back() {
    for details in [
        "\ntimeout 1 (workers tried: ;w)",
        "\nread timeout 30 in a library",
    ] {
        let mut watch = watched(&["running"]);
        let _ = watch.see(Some(&job("queued", Some(details))), at(300));
        let _ = watch.see(Some(&job("running", Some(details))), at(301));
        let back = watch.see(Some(&job("queued", Some(details))), at(302));
        assert!(
            matches!(back, Err(WatchProblem::WentBack { .. })),
            "{details}"
        );
    }
}

#[test]
fn looks_grow_rare_while_nothing_changes_and_start_over_at_a_change() {
    let mut watch = watched(&["queued"]);
    assert_eq!(watch.period(at(0)), SHORTEST_PERIOD);
    assert_eq!(watch.period(at(20)), at(2));
    assert_eq!(watch.period(at(3600)), LONGEST_PERIOD);
    watch.see(Some(&job("running", None)), at(3600)).unwrap();
    assert_eq!(watch.period(at(3600)), SHORTEST_PERIOD);
}

#[test]
fn an_hour_costs_twelve_looks_a_minute_once_the_state_is_a_minute_old() {
    let watch = watched(&["running"]);
    let mut now = Duration::ZERO;
    let mut looks = 0;
    while now < at(3600) {
        now += watch.period(now);
        looks += u32::from(now > at(60) && now < at(3600));
    }
    assert!(looks <= 12 * 59, "{looks}");
}
