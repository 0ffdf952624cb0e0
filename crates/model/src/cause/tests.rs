use super::*;

const REFUSED: Cause = Cause::PreflightRefused {
    here_alone: false,
    flaw: None,
};
const PAGE: &str = "http://localhost:8080";

fn answer(status: u16) -> WithheldAnswer {
    WithheldAnswer {
        status,
        url: "http://api.test/files".into(),
        ..WithheldAnswer::default()
    }
}

/// The explanation of an answer that the engine saw.
fn seen(service: Service, answer: &WithheldAnswer) -> Option<String> {
    let cause = Cause::of_answer(service, &withheld(answer.clone()))?;
    Some(cause.explain(service, PAGE))
}

/// An answer that carries no CORS headers.
fn withheld(answer: WithheldAnswer) -> Observation {
    Observation {
        about: About::AllowOrigin {
            preflight: answer.to_preflight,
        },
        words: String::new(),
        answer: Some(answer),
    }
}

fn agrees(cause: &Cause, about: About) -> bool {
    cause.agrees_with(&Observation {
        about,
        words: String::new(),
        answer: None,
    })
}

#[test]
fn the_explanation_names_cause_service_and_setting() {
    let cause = Cause::PreflightMethod {
        method: "PUT".into(),
    };
    assert_eq!(
        cause.explain(Service::UserApi, PAGE),
        "the preflight is refused: method PUT is not in access-control-allow-methods (UserAPI, \
         CORSMiddleware allow_methods)"
    );
    let cause = Cause::NoAllowOrigin.explain(Service::S3, PAGE);
    assert!(
        cause.ends_with("(S3, AllowedOrigins in the bucket's CORS rules)"),
        "{cause}"
    );
}

#[test]
fn a_status_is_told_only_where_it_was_seen() {
    for unseen in [
        Cause::ErrorWithoutHeaders { status: None },
        Cause::AnswerWithoutHeaders { status: None },
        REFUSED,
    ] {
        let said = unseen.explain(Service::UserApi, PAGE);
        assert!(!said.contains("(5") && !said.contains("(4"), "{said}");
    }
    let seen = Cause::AnswerWithoutHeaders { status: Some(204) };
    let said = seen.explain(Service::UserApi, PAGE);
    assert!(said.contains("(here 204)"), "{said}");
}

#[test]
fn gateways_firewalls_and_limits_are_told_from_the_service() {
    let by = |status, server: &str| WithheldAnswer {
        server: Some(server.into()),
        ..answer(status)
    };
    let html = |status| WithheldAnswer {
        media_type: Some("text/html; charset=utf-8".into()),
        ..answer(status)
    };
    let text = |status| WithheldAnswer {
        media_type: Some("text/plain".into()),
        ..answer(status)
    };
    for (service, answer, parts) in [
        (
            Service::UserApi,
            by(502, "nginx"),
            [
                "502 from nginx, which stands before UserAPI: the service does not answer behind it",
                "(502 from nginx before UserAPI, whether the UserAPI runs behind it",
            ],
        ),
        (
            Service::UserApi,
            html(413),
            ["413 from something that stands", "client_max_body_size"],
        ),
        (
            Service::Cognito,
            html(403),
            ["as a firewall does", "(403 from before Cognito, the rules"],
        ),
        (
            Service::UserApi,
            html(200),
            ["a page for people came", "USERFACING_API_URL"],
        ),
        (
            Service::S3,
            by(503, "AmazonS3"),
            ["503 from S3: S3 asks for fewer requests", "(503 from S3, "],
        ),
        (
            Service::S3,
            html(503),
            [
                "the service does not answer behind it",
                "whether S3 answers behind it",
            ],
        ),
        (
            Service::UserApi,
            text(404),
            ["404 from something that stands", "USERFACING_API_URL"],
        ),
        (
            Service::Cognito,
            WithheldAnswer {
                server: Some("nginx".into()),
                ..html(400)
            },
            ["400 from nginx", "before Cognito"],
        ),
        (
            Service::UserApi,
            answer(500),
            ["UserAPI failed (500)", "(500 from UserAPI, its log)"],
        ),
    ] {
        let said = seen(service, &answer).expect("a cause");
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    let said = seen(Service::UserApi, &by(403, "Amazon API Gateway")).expect("a cause");
    assert!(said.contains("403 from Amazon API Gateway"), "{said}");
    let own = WithheldAnswer {
        usual_server: Some("nginx".into()),
        ..by(404, "nginx")
    };
    assert_eq!(seen(Service::UserApi, &own), None);
    let other = WithheldAnswer {
        server: Some("waf".into()),
        usual_server: Some("uvicorn".into()),
        ..answer(404)
    };
    let said = seen(Service::UserApi, &other).expect("a cause");
    assert!(said.contains("404 from waf, which stands before"), "{said}");
}

#[test]
fn the_services_own_answers_are_left_to_the_pages_trials() {
    for status in [200, 204, 400, 401, 404, 422] {
        assert_eq!(seen(Service::UserApi, &answer(status)), None);
    }
    // A host that is not allowed, and what has failed.
    for status in [400, 500] {
        let text = WithheldAnswer {
            media_type: Some("text/plain; charset=utf-8".into()),
            ..answer(status)
        };
        let said = seen(Service::UserApi, &text).unwrap_or_default();
        assert!(!said.contains("before UserAPI"), "{said}");
    }
    let emulator = WithheldAnswer {
        media_type: Some("text/html".into()),
        ..answer(200)
    };
    assert_eq!(seen(Service::Cognito, &emulator), None);
    let json = WithheldAnswer {
        media_type: Some("application/x-amz-json-1.1".into()),
        ..answer(400)
    };
    assert_eq!(seen(Service::Cognito, &json), None);
    for status in [400, 403, 404] {
        let xml = WithheldAnswer {
            media_type: Some("application/xml".into()),
            ..answer(status)
        };
        assert_eq!(seen(Service::S3, &xml), None);
    }
}

#[test]
fn what_is_not_of_s3_or_cognito_is_known_by_its_type() {
    let of = |status, media_type: &str, server: Option<&str>| WithheldAnswer {
        media_type: Some(media_type.into()),
        server: server.map(Into::into),
        ..answer(status)
    };
    let slow_down = of(503, "application/xml", Some("WasabiS3/7.14"));
    for (service, answer, parts) in [
        (
            Service::S3,
            of(404, "text/plain; charset=utf-8", None),
            [
                "404 from something that is not S3: S3 itself refuses in XML",
                "(404 at S3's address, what stands before it, with its routes and rules; the endpoint",
            ],
        ),
        (
            Service::S3,
            of(404, "application/json", Some("uvicorn")),
            [
                "404 from uvicorn, which is not S3",
                "(404 from uvicorn at S3's address, ",
            ],
        ),
        (
            Service::S3,
            of(405, "text/html", Some("AmazonS3")),
            [
                "405 from S3: it refuses in HTML",
                "not that of the bucket's website",
            ],
        ),
        (
            Service::S3,
            WithheldAnswer {
                usual_server: Some("AmazonS3".into()),
                ..of(403, "text/plain", Some("istio-envoy"))
            },
            [
                "403 from istio-envoy, which stands before S3",
                "rules of the firewall",
            ],
        ),
        (
            Service::S3,
            WithheldAnswer {
                usual_server: slow_down.server.clone(),
                ..slow_down.clone()
            },
            ["503 from S3: S3 asks for fewer requests", "(503 from S3, "],
        ),
        (
            Service::S3,
            WithheldAnswer {
                usual_server: Some("AmazonS3".into()),
                ..slow_down
            },
            [
                "503 from WasabiS3/7.14, which stands before S3",
                "before S3, ",
            ],
        ),
        (
            Service::Cognito,
            of(400, "text/html", None),
            [
                "400 from something that stands before Cognito",
                "(400 from before Cognito, ",
            ],
        ),
        (
            Service::Cognito,
            WithheldAnswer {
                to_preflight: true,
                ..of(404, "text/plain", None)
            },
            [
                "404 from something that stands before Cognito to the preflight",
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
            ],
        ),
    ] {
        let said = seen(service, &answer).expect("a cause");
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}

#[test]
fn a_redirect_names_its_target_and_its_purpose() {
    let to = |location: &str| WithheldAnswer {
        location: Some(location.into()),
        ..answer(307)
    };
    for (service, location, parts) in [
        (
            Service::S3,
            "https://bucket.s3.eu-west-1.amazonaws.com/",
            [
                "S3 redirects the request (307) to https://bucket.s3.eu-west-1.amazonaws.com/: the URL \
                 was signed for another endpoint or region",
                "(307 from S3, the bucket's region",
            ],
        ),
        (
            Service::UserApi,
            "http://inner/files",
            [
                "redirects the request (307) to http://inner/files: it builds addresses",
                "--proxy-headers",
            ],
        ),
        (
            Service::UserApi,
            "http://status.test/maintenance",
            ["as for maintenance", "USERFACING_API_URL"],
        ),
        (
            Service::UserApi,
            "/files/",
            [
                "the same address but for its slashes",
                "the rules for redirects",
            ],
        ),
        (
            Service::UserApi,
            "http://api.test/files",
            ["so it may never end", "the rules for redirects"],
        ),
        (
            Service::UserApi,
            "/v2/files",
            ["at another address", "the rules for redirects"],
        ),
        (
            Service::S3,
            "http://localhost:8080/files",
            ["success_action_redirect", "the fields of the form"],
        ),
        (
            Service::UserApi,
            "https://api.test/files",
            ["it wants https", "USERFACING_API_URL with https"],
        ),
        (
            Service::UserApi,
            "http://:8000/files",
            [
                "(307) to http://:8000/files: that is not an address of http or https",
                "the Host and the X-Forwarded-Host that a proxy before it passes on",
            ],
        ),
        (
            Service::S3,
            "ftp://files.test/a",
            [
                "that is not an address of http or https",
                "(307 from S3, what redirects there",
            ],
        ),
        (
            Service::UserApi,
            "https://id.test/oauth2/authorize",
            ["a sign-in of its own", "what stands before the service"],
        ),
    ] {
        let said = seen(service, &to(location)).expect("a cause");
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    let by_nginx = WithheldAnswer {
        server: Some("nginx".into()),
        ..to("/files/")
    };
    let said = seen(Service::UserApi, &by_nginx).expect("a cause");
    assert!(
        said.starts_with("nginx, which stands before UserAPI, redirects the request"),
        "{said}"
    );
    assert!(said.contains("(307 from nginx before UserAPI, "), "{said}");
}

#[test]
fn the_observation_agrees_with_the_cause_or_not() {
    let put = Cause::PreflightMethod {
        method: "PUT".into(),
    };
    assert!(agrees(&put, About::Method("PUT".into())));
    assert!(!agrees(&Cause::NoAllowOrigin, About::Method("PUT".into())));
    assert!(!agrees(&put, About::Network));
}

#[test]
fn a_preflight_that_is_refused_as_a_whole_may_lack_one_method_or_header() {
    let header = Cause::PreflightHeader {
        headers: vec!["content-type".into()],
        method: None,
    };
    for about in [
        About::PreflightStatus,
        About::AllowOrigin { preflight: true },
    ] {
        assert!(agrees(&header, about.clone()), "{about:?}");
        assert!(agrees(&REFUSED, about.clone()));
        let passed = Cause::AnswerWithoutHeaders { status: None };
        assert!(!agrees(&passed, about));
    }
    let other = About::Header("authorization".into());
    assert!(!agrees(&header, other.clone()));
    assert!(!agrees(&REFUSED, other));
}

/// A server that refuses a method or a header as a whole does not answer with success.
#[test]
fn a_preflight_that_succeeds_without_headers_says_nothing_of_a_method() {
    let lacks = withheld(WithheldAnswer {
        to_preflight: true,
        ..answer(204)
    });
    let header = Cause::PreflightHeader {
        headers: vec!["authorization".into()],
        method: None,
    };
    assert!(!header.agrees_with(&lacks));
    let seen = Cause::of_observation(&lacks, "GET").expect("a cause");
    assert!(seen.agrees_with(&lacks));
    let here = Cause::PreflightRefused {
        here_alone: true,
        flaw: Some(PreflightFlaw::AllowOrigin),
    };
    let said = here.explain(Service::UserApi, PAGE);
    assert!(said.contains("for this address is refused"), "{said}");
    assert!(said.contains("a location of the proxy"), "{said}");
}

#[test]
fn a_proxy_that_answers_preflights_by_itself_is_judged_by_its_lists() {
    let by_proxy = Observation {
        about: About::Method("PUT".into()),
        ..withheld(WithheldAnswer {
            server: Some("haproxy".into()),
            usual_server: Some("uvicorn".into()),
            to_preflight: true,
            ..answer(200)
        })
    };
    assert_eq!(Cause::of_answer(Service::UserApi, &by_proxy), None);
}

#[test]
fn a_link_of_plain_http_is_told_from_a_rule_of_the_browser() {
    let because = |reason: &str| {
        let reason = format!("the request is blocked ({reason})");
        Cause::NotCors { reason }.explain(Service::S3, "https://a.test")
    };
    let mixed = because("mixed-content");
    assert!(
        mixed.contains("may not ask an address of plain http"),
        "{mixed}"
    );
    assert!(
        mixed.contains("(S3, UserAPI, https in the endpoint"),
        "{mixed}"
    );
    assert!(because("csp").contains("the browser's own rules"));
}

#[test]
fn a_gateway_that_wants_a_length_says_so() {
    let by_gateway = withheld(WithheldAnswer {
        media_type: Some("text/html".into()),
        ..answer(411)
    });
    let cause = Cause::of_answer(Service::UserApi, &by_gateway).expect("a cause");
    let said = cause.explain(Service::UserApi, PAGE);
    assert!(said.contains("it wants the length of a body"), "{said}");
    assert!(said.contains("its rules for Content-Length"), "{said}");
}

#[test]
fn a_gateway_that_gives_all_answers_is_known_by_its_kind_of_error() {
    let of = |error_type: Option<&str>, service| {
        let observation = withheld(WithheldAnswer {
            server: Some("Amazon API Gateway".into()),
            usual_server: Some("Amazon API Gateway".into()),
            media_type: Some("application/json".into()),
            error_type: error_type.map(Into::into),
            ..answer(403)
        });
        Cause::of_answer(service, &observation)
    };
    assert_eq!(of(None, Service::UserApi), None);
    let cause = of(Some("IncompleteSignatureException"), Service::UserApi);
    let said = cause.expect("a cause").explain(Service::UserApi, PAGE);
    assert!(
        said.starts_with(
            "403 from Amazon API Gateway, which stands before UserAPI: it has no route"
        ),
        "{said}"
    );
    assert!(said.contains("(IncompleteSignatureException)"), "{said}");
}

#[test]
fn credentials_and_the_wildcard_are_told_apart() {
    for about in [
        About::Credentials { preflight: false },
        About::Header("authorization".into()),
    ] {
        assert!(agrees(&Cause::Credentials, about));
    }
    let wildcard = About::Wildcard { preflight: false };
    assert!(!agrees(&Cause::Credentials, wildcard.clone()));
    assert!(agrees(&Cause::Wildcard, wildcard));
    let mismatch = About::AllowOrigin { preflight: false };
    assert!(!agrees(&Cause::Credentials, mismatch));
}
