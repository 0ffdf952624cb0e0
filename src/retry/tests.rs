use super::*;

fn now() -> Timestamp {
    "2026-01-31T09:30:00Z".parse().unwrap()
}

fn busy(retry_after: Option<&str>) -> Transient {
    Transient::of_answer(503, retry_after, now()).unwrap()
}

#[test]
fn only_a_service_that_is_busy_or_away_gets_a_retry() {
    let transient: Vec<u16> = (100..600)
        .filter(|status| Transient::of_answer(*status, None, now()).is_some())
        .collect();
    assert_eq!(transient, [429, 502, 503, 504, 520, 521, 522, 523, 524]);
}

#[test]
fn a_request_is_sent_four_times_at_most() {
    let delays = |random| [1, 2, 3, 4, 5].map(|attempt| delay(attempt, &Transient::Lost, random));
    let ms = |ms| Some(Duration::from_millis(ms));
    assert_eq!(delays(1.0), [None, ms(400), ms(800), ms(1600), None]);
    assert_eq!(delays(0.25), [None, ms(100), ms(200), ms(400), None]);
    assert_eq!(delays(0.0), [None, ms(0), ms(0), ms(0), None]);
}

#[test]
fn retry_after_is_kept_up_to_a_limit() {
    let delay = |retry_after| delay(2, &busy(Some(retry_after)), 0.5);
    let seconds = |seconds| Some(Duration::from_secs_f64(seconds));
    assert_eq!(delay("2"), seconds(2.2));
    assert_eq!(delay("Sat, 31 Jan 2026 09:30:03 GMT"), seconds(3.2));
    assert_eq!(delay("Sat, 31 Jan 2026 09:29:00 GMT"), seconds(0.2));
    assert_eq!(delay("soon"), seconds(0.2));
    assert_eq!(delay("-1"), seconds(0.2));
    assert_eq!(delay("3600"), None);
    assert_eq!(delay("99999999999999999999"), seconds(0.2));
    assert_eq!(delay(&u64::MAX.to_string()), None);
}

/// The service that is unresponsive after these endings.
fn unresponsive(endings: &[(Service, Ending)]) -> Option<Service> {
    let mut unresponsive = Unresponsive::default();
    for (service, ending) in endings {
        unresponsive.record(*service, *ending);
    }
    unresponsive.first()
}

/// A timeout of a request that was sent in this second, after a deadline of one second.
fn timeout_from(second: u64) -> Ending {
    Ending::TimedOut {
        from: Duration::from_secs(second),
        until: Duration::from_secs(second + 1),
    }
}

#[test]
fn requests_that_wait_at_the_same_time_count_once() {
    let timeouts = |seconds: &[u64]| {
        let timeouts = seconds
            .iter()
            .map(|second| (Service::UserApi, timeout_from(*second)));
        unresponsive(&timeouts.collect::<Vec<_>>())
    };
    assert_eq!(timeouts(&[5, 5, 5, 5, 6, 6, 6]), None);
    assert_eq!(timeouts(&[5, 5, 6, 6, 7]), Some(Service::UserApi));
}

#[test]
fn a_service_is_unresponsive_after_three_timeouts_in_a_row() {
    let timeouts = [1, 2, 3].map(|second| (Service::UserApi, timeout_from(second)));
    assert_eq!(unresponsive(&timeouts[..2]), None);
    assert_eq!(unresponsive(&timeouts), Some(Service::UserApi));
    let [first, second, third] = timeouts;
    // An answer of another service proves nothing.
    let of_others = [
        first,
        (Service::Page, Ending::Answered),
        second,
        (Service::S3, timeout_from(2)),
        third,
    ];
    assert_eq!(unresponsive(&of_others), Some(Service::UserApi));
}

#[test]
fn any_answer_resets_the_count_of_timeouts() {
    let timeout = |second| (Service::UserApi, timeout_from(second));
    for ending in [Ending::Answered, Ending::Blocked] {
        let answer = (Service::UserApi, ending);
        let endings = [timeout(1), timeout(2), answer, timeout(3), timeout(4)];
        assert_eq!(unresponsive(&endings), None, "{ending:?}");
        let endings = [timeout(1), timeout(2), timeout(3), answer];
        assert_eq!(unresponsive(&endings), None, "{ending:?}");
    }
}

#[test]
fn a_dead_stack_uses_the_budget_up() {
    let mut budget = RetryBudget::new();
    let retries = (0..1000).take_while(|_| budget.spend()).count();
    assert_eq!(retries, 20);
    for _ in 0..4 {
        assert!(!budget.spend());
        budget.earn();
    }
    assert!(budget.spend() && !budget.spend());
}

#[test]
fn a_network_that_loses_one_request_in_ten_never_uses_it_up() {
    let mut budget = RetryBudget::new();
    for request in 0..100_000 {
        match request % 10 {
            0 => assert!(budget.spend(), "{request}"),
            _ => budget.earn(),
        }
    }
}
