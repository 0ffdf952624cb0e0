use opencloud_model::{
    cause::PreflightFlaw,
    observation::{About, WithheldAnswer},
};

use super::*;

const OK: Option<Seen> = Some(Seen::Readable);
const NO: Option<Seen> = Some(Seen::Refused);
const REFUSED: Cause = Cause::PreflightRefused {
    here_alone: false,
    flaw: None,
};

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
    conclude(Service::UserApi, "PUT", &evidence)
}

#[test]
fn a_preflight_that_passes_at_a_fresh_address_comes_from_a_cache() {
    let stored = put(|evidence| {
        evidence.headers[1].1 = Seen::Refused;
        evidence.unrepeated = Some(Seen::Sent);
    });
    assert_eq!(stored, Cause::PreflightStored);
    let refused = put(|evidence| {
        evidence.headers[1].1 = Seen::Refused;
        evidence.unrepeated = NO;
    });
    assert_eq!(refused, of_any_method(vec!["content-type".into()]));
}

#[test]
fn one_address_is_told_from_all() {
    let get = |status, about, change: fn(&mut Evidence)| {
        let mut evidence = Evidence {
            observation: Some(observed(about, status)),
            ..Evidence::default()
        };
        change(&mut evidence);
        conclude(Service::UserApi, "GET", &evidence)
    };
    let in_answer = About::AllowOrigin { preflight: false };
    let others_are_readable = |evidence: &mut Evidence| {
        evidence.simple = NO;
        evidence.known_good = OK;
    };
    assert_eq!(
        get(200, in_answer.clone(), others_are_readable),
        Cause::AddressWithoutHeaders { status: 200 }
    );
    assert_eq!(
        get(404, in_answer.clone(), others_are_readable),
        Cause::ErrorWithoutHeaders { status: Some(404) }
    );
    let nothing_is_readable = |evidence: &mut Evidence| {
        evidence.simple = NO;
        evidence.known_good = NO;
        evidence.is_public = true;
    };
    assert_eq!(
        get(400, in_answer.clone(), nothing_is_readable),
        Cause::RefusesAll { status: 400 }
    );
    assert_eq!(
        get(200, in_answer, nothing_is_readable),
        Cause::NoAllowOrigin
    );
    let only_here = get(204, About::AllowOrigin { preflight: true }, |evidence| {
        evidence.simple = OK;
        evidence.headers = vec![("authorization".into(), Seen::Refused)];
        evidence.control = OK;
    });
    assert_eq!(
        only_here,
        Cause::PreflightRefused {
            here_alone: true,
            flaw: Some(PreflightFlaw::AllowOrigin),
        }
    );
}

fn of_any_method(headers: Vec<String>) -> Cause {
    Cause::PreflightHeader {
        headers,
        method: None,
    }
}

/// What an engine saw of an answer with this status.
fn observed(about: About, status: u16) -> Observation {
    Observation {
        about,
        words: "words".into(),
        answer: Some(WithheldAnswer {
            status,
            ..WithheldAnswer::default()
        }),
    }
}

const WITHOUT_ORIGIN: About = About::AllowOrigin { preflight: false };

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
fn a_header_that_two_layers_set_is_not_one_that_is_missing() {
    let mut seen = observed(WITHOUT_ORIGIN, 409);
    seen.answer.as_mut().unwrap().names_several = true;
    let evidence = Evidence {
        observation: Some(seen),
        simple: NO,
        known_good: OK,
        ..Evidence::default()
    };
    let cause = conclude(Service::UserApi, "POST", &evidence);
    assert_eq!(cause, Cause::SeveralOrigins { status: 409 });
}

#[test]
fn s3_refuses_whatever_the_origin_is() {
    let refused = |status| {
        let evidence = Evidence {
            observation: Some(observed(WITHOUT_ORIGIN, status)),
            simple: NO,
            ..Evidence::default()
        };
        conclude(Service::S3, "POST", &evidence)
    };
    assert_eq!(refused(404), Cause::RefusedByS3 { status: 404 });
    assert_eq!(refused(204), Cause::NoAllowOrigin);
}

#[test]
fn readable_success_means_errors_lack_headers() {
    let cause = put(|seen| {
        seen.simple = NO;
        seen.known_good = OK;
    });
    assert_eq!(cause, Cause::ErrorWithoutHeaders { status: None });
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
        of_any_method(headers)
    );
    let all = |seen: &mut Evidence| {
        seen.method = NO;
        seen.headers
            .iter_mut()
            .for_each(|header| header.1 = Seen::Refused);
    };
    assert_eq!(put(all), REFUSED);
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
        conclude(Service::UserApi, "GET", &evidence)
    };
    let headers = vec!["authorization".into()];
    assert_eq!(get(OK), of_any_method(headers));
    assert_eq!(get(NO), REFUSED);
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
        conclude(Service::UserApi, "PROPFIND", &evidence)
    };
    let method = "PROPFIND".into();
    assert_eq!(propfind(OK), Cause::PreflightMethod { method });
    assert_eq!(propfind(NO), REFUSED);
}

#[test]
fn the_answer_lacks_headers_if_every_probe_is_readable() {
    assert_eq!(put(|_| {}), Cause::AnswerWithoutHeaders { status: None });
    let sent = put(|seen| seen.method = Some(Seen::Sent));
    assert_eq!(sent, Cause::AnswerWithoutHeaders { status: None });
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
        conclude(Service::UserApi, "GET", &evidence)
    };
    let method = "GET".into();
    assert_eq!(get(|_| {}), Cause::Method { method });
    assert_eq!(
        get(|seen| seen.known_good = OK),
        Cause::ErrorWithoutHeaders { status: None }
    );
}

#[test]
fn a_form_is_refused_for_its_method() {
    let evidence = Evidence {
        simple: NO,
        simple_get: OK,
        ..Evidence::default()
    };
    let method = "POST".into();
    assert_eq!(
        conclude(Service::S3, "POST", &evidence),
        Cause::Method { method }
    );
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
    assert_eq!(
        conclude(Service::UserApi, "PUT", &sound()),
        Cause::AnswerWithoutHeaders { status: None }
    );
    let changes: [fn(&mut Evidence); 3] = [
        |seen| seen.simple = NO,
        |seen| seen.method = Some(Seen::Sent),
        |seen| seen.headers[0].1 = Seen::Refused,
    ];
    for change in changes {
        let mut evidence = sound();
        change(&mut evidence);
        assert!(evidence.shows_refusal());
    }
}

#[test]
fn a_redirect_is_the_cause_only_if_preflights_are_refused_there() {
    let propfind = |here| {
        let evidence = Evidence {
            simple: Some(Seen::Redirected),
            method: NO,
            control: OK,
            control_here: here,
            ..Evidence::default()
        };
        conclude(Service::UserApi, "PROPFIND", &evidence)
    };
    let method = "PROPFIND".into();
    assert_eq!(propfind(OK), Cause::PreflightMethod { method });
    assert_eq!(propfind(NO), Cause::Redirected);
}

#[test]
fn a_method_and_a_header_may_be_wrong_together_only() {
    let cause = put(|seen| {
        seen.together = vec![
            ("authorization".into(), Seen::Sent),
            ("content-type".into(), Seen::Refused),
        ];
    });
    let expected = Cause::PreflightHeader {
        headers: vec!["content-type".into()],
        method: Some("PUT".into()),
    };
    assert_eq!(cause, expected);
}

#[test]
fn a_header_that_was_sent_is_not_refused() {
    let cause = put(|seen| seen.headers[0].1 = Seen::Sent);
    assert_eq!(cause, Cause::AnswerWithoutHeaders { status: None });
}

#[test]
fn an_answer_that_the_engine_saw_comes_before_every_trial() {
    let refused = |status, service| {
        let evidence = Evidence {
            observation: Some(observed(WITHOUT_ORIGIN, status)),
            simple: NO,
            simple_get: OK,
            allowed_origins: vec!["null".into()],
            ..Evidence::default()
        };
        conclude(service, "POST", &evidence)
    };
    assert!(matches!(refused(502, Service::UserApi), Cause::Between(_)));
    assert!(matches!(refused(403, Service::Cognito), Cause::Between(_)));
    assert!(matches!(refused(307, Service::S3), Cause::Redirect(_)));
    assert!(matches!(refused(500, Service::Cognito), Cause::Failed(_)));
    let method = "POST".into();
    assert_eq!(refused(204, Service::S3), Cause::Method { method });
}

#[test]
fn trials_that_contradict_the_engine_do_not_count() {
    let cause = put(|seen| {
        seen.observation = Some(observed(About::Header("content-type".into()), 200));
    });
    let headers = vec!["content-type".into()];
    let method = Some("PUT".into());
    assert_eq!(cause, Cause::PreflightHeader { headers, method });
    let status = Some(422);
    let cause = put(|seen| {
        seen.method = NO;
        seen.observation = Some(observed(WITHOUT_ORIGIN, 422));
    });
    assert_eq!(cause, Cause::AnswerWithoutHeaders { status });
}

#[test]
fn a_request_that_passes_at_times_is_told_so() {
    let repeated = |readable, exact, observation| {
        let evidence = Evidence {
            repeats: Repeats {
                readable,
                succeeded: readable,
                sent: 6,
                exact,
            },
            observation,
            ..Evidence::default()
        };
        evidence.intermittent()
    };
    let times = |passed, of| {
        let refused = None;
        Some(Cause::Intermittent {
            passed,
            of,
            refused,
        })
    };
    let seen = || Some(observed(WITHOUT_ORIGIN, 200));
    assert_eq!(repeated(4, true, seen()), times(4, 7));
    assert_eq!(repeated(6, true, seen()), times(6, 7));
    assert_eq!(repeated(0, true, seen()), None);
    // Where no engine is asked, the first failure may have been a lost answer.
    assert_eq!(repeated(6, true, None), None);
    assert_eq!(repeated(4, true, None), times(4, 7));
    // The same without its token may be readable each time, while the answer itself is not.
    assert_eq!(repeated(6, false, seen()), None);
    assert_eq!(repeated(4, false, seen()), times(4, 6));
    // What was refused, and succeeds at other times, is not a matter of CORS.
    let refused = Some(Cause::Intermittent {
        passed: 4,
        of: 7,
        refused: Some(403),
    });
    assert_eq!(
        repeated(4, true, Some(observed(WITHOUT_ORIGIN, 403))),
        refused
    );
}

#[test]
fn only_the_engine_tells_the_wildcard_from_missing_credentials() {
    let cause = |observation| {
        let evidence = Evidence {
            observation,
            without_credentials: true,
            ..Evidence::default()
        };
        conclude(Service::UserApi, "GET", &evidence)
    };
    assert_eq!(cause(None), Cause::Credentials);
    let wildcard = About::Wildcard { preflight: true };
    assert_eq!(cause(Some(observed(wildcard, 200))), Cause::Wildcard);
    let missing = About::Credentials { preflight: false };
    assert_eq!(cause(Some(observed(missing, 200))), Cause::Credentials);
}
