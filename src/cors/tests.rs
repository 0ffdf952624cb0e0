use super::*;

const OK: Option<Seen> = Some(Seen::Readable);
const NO: Option<Seen> = Some(Seen::Refused);

/// The cause found for a PUT with two headers, after `change` to evidence that shows no fault.
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
fn nothing_readable_means_the_origin_is_not_allowed() {
    assert_eq!(put(|seen| seen.simple = NO), Cause::NoAllowOrigin);
    let cause = put(|seen| {
        seen.simple = NO;
        seen.known_good = NO;
        seen.allowed_origins = vec!["http://127.0.0.1:8080".into()];
    });
    let allowed = "http://127.0.0.1:8080".into();
    assert_eq!(cause, Cause::OtherOrigin { allowed });
}

#[test]
fn readable_success_means_errors_lack_headers() {
    let cause = put(|seen| {
        seen.simple = NO;
        seen.known_good = OK;
    });
    assert_eq!(cause, Cause::ErrorWithoutHeaders);
}

#[test]
fn a_refused_preflight_is_traced_to_method_header_or_all() {
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
fn a_control_distinguishes_one_header_from_every_preflight() {
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
fn a_control_distinguishes_one_method_from_every_preflight() {
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
fn the_answer_lacks_headers_if_every_probe_is_readable() {
    assert_eq!(put(|_| {}), Cause::AnswerWithoutHeaders);
    let sent = put(|seen| seen.method = Some(Seen::Sent));
    assert_eq!(sent, Cause::AnswerWithoutHeaders);
}

#[test]
fn earlier_successes_narrow_the_cause_down() {
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
fn a_form_is_refused_for_its_method() {
    let evidence = Evidence {
        simple: NO,
        simple_get: OK,
        ..Evidence::default()
    };
    let method = "POST".into();
    assert_eq!(conclude("POST", &evidence), Cause::Method { method });
}

#[test]
fn only_probes_that_are_refused_show_a_refusal() {
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
