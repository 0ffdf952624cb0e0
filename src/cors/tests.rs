use super::*;

const OK: Option<Seen> = Some(Seen::Readable);
const NO: Option<Seen> = Some(Seen::Refused);

/// A PUT with two headers that is refused for a reason yet to be told.
fn put(change: impl FnOnce(&mut Evidence)) -> Cause {
    let mut evidence = Evidence {
        simple: OK,
        method: OK,
        headers: vec![
            ("authorization".into(), Seen::Readable),
            ("content-type".into(), Seen::Readable),
        ],
        ..Evidence::default()
    };
    change(&mut evidence);
    conclude("PUT", &evidence)
}

#[test]
fn the_origin_is_at_fault_where_nothing_can_be_read() {
    assert_eq!(put(|seen| seen.simple = NO), Cause::NoAllowOrigin);
    let cause = put(|seen| {
        seen.simple = NO;
        seen.known_good = NO;
        seen.let_in = vec!["http://127.0.0.1:8080".into()];
    });
    let allowed = "http://127.0.0.1:8080".into();
    assert_eq!(cause, Cause::OtherOrigin { allowed });
}

#[test]
fn errors_are_at_fault_where_only_success_can_be_read() {
    let cause = put(|seen| {
        seen.simple = NO;
        seen.known_good = OK;
    });
    assert_eq!(cause, Cause::ErrorWithoutHeaders);
}

#[test]
fn the_preflight_is_at_fault_by_method_header_or_as_a_whole() {
    let method = "PUT".into();
    assert_eq!(
        put(|seen| seen.method = NO),
        Cause::PreflightMethod { method }
    );
    let headers = vec!["authorization".into()];
    assert_eq!(
        put(|seen| seen.headers[0].1 = Seen::Refused),
        Cause::PreflightHeader { headers }
    );
    let all = |seen: &mut Evidence| {
        seen.method = NO;
        seen.headers
            .iter_mut()
            .for_each(|header| header.1 = Seen::Refused);
    };
    assert_eq!(put(all), Cause::PreflightRefused);
    assert_eq!(
        put(|seen| seen.simple = Some(Seen::Redirected)),
        Cause::Redirected
    );
}

#[test]
fn one_header_alone_is_told_from_the_whole_by_a_control() {
    let get = |control| {
        let evidence = Evidence {
            simple: OK,
            headers: vec![("authorization".into(), Seen::Refused)],
            control,
            ..Evidence::default()
        };
        conclude("GET", &evidence)
    };
    let headers = vec!["authorization".into()];
    assert_eq!(get(OK), Cause::PreflightHeader { headers });
    assert_eq!(get(NO), Cause::PreflightRefused);
}

#[test]
fn one_method_alone_is_told_from_the_whole_by_a_control() {
    let propfind = |control| {
        let evidence = Evidence {
            simple: OK,
            method: NO,
            control,
            ..Evidence::default()
        };
        conclude("PROPFIND", &evidence)
    };
    let method = "PROPFIND".into();
    assert_eq!(propfind(OK), Cause::PreflightMethod { method });
    assert_eq!(propfind(NO), Cause::PreflightRefused);
}

#[test]
fn the_answer_is_at_fault_where_all_else_is_well() {
    assert_eq!(put(|_| {}), Cause::AnswerWithoutHeaders);
    let sent = put(|seen| seen.method = Some(Seen::Sent));
    assert_eq!(sent, Cause::AnswerWithoutHeaders);
}

#[test]
fn what_succeeded_before_tells_where_to_look() {
    let get = |change: fn(&mut Evidence)| {
        let mut evidence = Evidence {
            simple: NO,
            other_method: OK,
            ..Evidence::default()
        };
        change(&mut evidence);
        conclude("GET", &evidence)
    };
    let method = "GET".into();
    assert_eq!(get(|_| {}), Cause::Method { method });
    assert_eq!(get(|seen| seen.known_good = OK), Cause::ErrorWithoutHeaders);
}

#[test]
fn a_form_is_refused_by_its_method() {
    let evidence = Evidence {
        simple: NO,
        simple_get: OK,
        ..Evidence::default()
    };
    let method = "POST".into();
    assert_eq!(conclude("POST", &evidence), Cause::Method { method });
}

#[test]
fn a_lost_answer_looks_like_a_refusal_only_where_nothing_else_is_refused() {
    let sound = || Evidence {
        simple: OK,
        method: OK,
        headers: vec![("authorization".into(), Seen::Readable)],
        ..Evidence::default()
    };
    assert!(!sound().shows_refusal());
    assert_eq!(conclude("PUT", &sound()), Cause::AnswerWithoutHeaders);
    let changes: [fn(&mut Evidence); 4] = [
        |seen| seen.simple = NO,
        |seen| seen.simple = Some(Seen::Redirected),
        |seen| seen.method = Some(Seen::Sent),
        |seen| seen.headers[0].1 = Seen::Refused,
    ];
    for change in changes {
        let mut evidence = sound();
        change(&mut evidence);
        assert!(evidence.shows_refusal());
    }
}
