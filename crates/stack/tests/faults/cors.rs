//! CORS: which origins may read answers.

use opencloud_stack::{Family, Fault};
use serde_json::json;

use crate::{
    faults::{
        bench::{Bench, Checks, FRONTEND, cors, header},
        refusals,
    },
    support::http::Request,
};

const LET_IN: &str = "200 http://localhost:8080 true";
const METHODS: &str = "access-control-allow-methods";
const HEADERS: &str = "access-control-allow-headers";

/// The headers that the sign-in library needs.
const ASKED: [&str; 4] = [
    "cache-control",
    "content-type",
    "x-amz-target",
    "x-amz-user-agent",
];

#[tokio::test(flavor = "multi_thread")]
async fn user_api_answers() {
    let mut checks = Checks::of(Family::CorsUserApi);
    let public = async |b: &Bench| cors(&b.get("/access_info").await);
    for (fault, faulty) in [
        (Fault::CorsNoHeaders, "200 - -"),
        (Fault::CorsNoHeadersForAccessInfo, "200 - -"),
        (
            Fault::CorsAllowOriginTrailingSlash,
            "200 http://localhost:8080/ true",
        ),
        (Fault::CorsAllowOriginOtherPort, "200 - true"),
        (Fault::CorsAllowOriginNumericHost, "200 - true"),
        (Fault::CorsAllowOriginAny, "200 * true"),
        (
            Fault::CorsAllowOriginTwice,
            "200 http://localhost:8080 + http://localhost:8080 true",
        ),
        (
            Fault::CorsCredentialsCapitalised,
            "200 http://localhost:8080 True",
        ),
        (Fault::CorsCredentialsMissing, "200 http://localhost:8080 -"),
    ] {
        checks.check(fault, public, LET_IN, faulty).await;
    }
    let missing = async |b: &Bench| cors(&b.get("/nope").await);
    let sound = "404 http://localhost:8080 true";
    checks
        .check(Fault::CorsErrorsForAll, missing, sound, "404 * true")
        .await;
    let refusals = async |b: &Bench| {
        let put = b.plain("PUT", "/files/config/a").send().await;
        let delete = b.plain("DELETE", "/files/config/a").send().await;
        let missing = b.get("/nope").await;
        let query = b.user().await.request("GET", "/jobs?offset=x");
        let invalid = query.header("Origin", FRONTEND).send().await;
        let method = b.plain("PATCH", "/access_info").send().await;
        let seen = [put, delete, missing, invalid, method];
        let seen = seen.iter().map(|answer| {
            let origin = header(answer, "access-control-allow-origin");
            format!(
                "{} {}",
                answer.status,
                if origin == FRONTEND { "read" } else { "-" }
            )
        });
        seen.collect::<Vec<_>>().join(", ")
    };
    let addresses = async |b: &Bench| {
        let mut seen = Vec::new();
        for path in ["/jobs/applications", "/jobs"] {
            let url = format!("{}{path}", b.stack.urls().user_api);
            let preflight = b.preflight(&url, "GET", "authorization").await;
            for answer in [preflight, b.get(path).await] {
                let origin = header(&answer, "access-control-allow-origin");
                seen.push(if origin == FRONTEND { "read" } else { "-" });
            }
        }
        seen.join(" ")
    };
    for (fault, faulty) in [
        (Fault::CorsNoHeadersForApplications, "read - read read"),
        (Fault::CorsPreflightForJobsNoHeaders, "- read - read"),
    ] {
        checks
            .check(fault, addresses, "read read read read", faulty)
            .await;
    }
    let sound = "401 read, 401 read, 404 read, 422 read, 405 read";
    for (fault, faulty) in [
        (
            Fault::CorsNoHeadersOnErrors,
            "401 -, 401 -, 404 -, 422 -, 405 -",
        ),
        (
            Fault::CorsNoHeadersOnPut,
            "401 -, 401 read, 404 read, 422 read, 405 read",
        ),
        (
            Fault::CorsNoHeadersOnDelete,
            "401 read, 401 -, 404 read, 422 read, 405 read",
        ),
        (
            Fault::CorsNoHeadersOn401,
            "401 -, 401 -, 404 read, 422 read, 405 read",
        ),
        (
            Fault::CorsNoHeadersOn422,
            "401 read, 401 read, 404 read, 422 -, 405 read",
        ),
    ] {
        checks.check(fault, refusals, sound, faulty).await;
    }
    refusals::without_headers(&mut checks).await;
    origins(&mut checks).await;
    preflights(&mut checks).await;
    checks.complete();
}

/// A fault allows the one origin that it is about; a stack without it does not. All allow the
/// frontend.
async fn origins(checks: &mut Checks) {
    for (fault, frontend, origin) in [
        (Fault::CorsOriginReflected, FRONTEND, "https://any.example"),
        (Fault::CorsOriginNullTrusted, FRONTEND, "null"),
        (
            Fault::CorsOriginSuffixMatched,
            FRONTEND,
            "http://evillocalhost:8080",
        ),
        (
            Fault::CorsOriginSubdomainsTrusted,
            FRONTEND,
            "http://evil.localhost:8080",
        ),
        (
            Fault::CorsOriginOtherSchemeTrusted,
            FRONTEND,
            "https://localhost:8080",
        ),
        (
            Fault::CorsOriginAnyPortTrusted,
            FRONTEND,
            "http://localhost:28080",
        ),
        (
            Fault::CorsOriginOfADevelopmentServer,
            FRONTEND,
            "http://localhost:5173",
        ),
        (
            Fault::CorsOriginPrefixMatched,
            "https://ries-lab.github.io",
            "https://ries-lab.github.io.evil.test",
        ),
        (
            Fault::CorsOriginUnescapedDot,
            "https://ries-lab.github.io",
            "https://ries-labxgithub.io",
        ),
    ] {
        let look = async |b: &Bench| {
            let (ours, theirs) = (
                b.allowed_origin(frontend).await,
                b.allowed_origin(origin).await,
            );
            let other = b.allowed_origin("http://unlike.example").await;
            let other = other != "-" && fault != Fault::CorsOriginReflected;
            format!("{} {theirs} {other}", ours == frontend)
        };
        let faulty = format!("true {origin} false");
        checks
            .check_for(frontend, fault, look, "true - false", &faulty)
            .await;
    }
}

async fn preflights(checks: &mut Checks) {
    let status = async |b: &Bench| {
        let answer = b.preflight_jobs("POST").await;
        format!("{} {}", cors(&answer), header(&answer, "location"))
    };
    let sound = format!("{LET_IN} -");
    for (fault, faulty) in [
        (
            Fault::CorsPreflightUnauthorized,
            "401 http://localhost:8080 true -",
        ),
        (
            Fault::CorsPreflightNotFound,
            "404 http://localhost:8080 true -",
        ),
        (
            Fault::CorsPreflightMethodNotAllowed,
            "405 http://localhost:8080 true -",
        ),
        (
            Fault::CorsPreflightFails,
            "500 http://localhost:8080 true -",
        ),
        (
            Fault::CorsPreflightRedirects,
            "307 http://localhost:8080 true /access_info",
        ),
        (Fault::CorsPreflightNoAllowOrigin, "200 - true -"),
        (
            Fault::CorsPreflightLacksCredentials,
            "200 http://localhost:8080 - -",
        ),
    ] {
        checks.check(fault, status, &sound, faulty).await;
    }
    let methods = async |b: &Bench| header(&b.preflight_jobs("POST").await, METHODS);
    let sound = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
    for (fault, faulty) in [
        (
            Fault::CorsPreflightLacksPut,
            "DELETE, GET, HEAD, OPTIONS, PATCH, POST",
        ),
        (
            Fault::CorsPreflightLacksDelete,
            "GET, HEAD, OPTIONS, PATCH, POST, PUT",
        ),
    ] {
        checks.check(fault, methods, sound, faulty).await;
    }
    let headers = async |b: &Bench| header(&b.preflight_jobs("POST").await, HEADERS);
    for (fault, faulty) in [
        (Fault::CorsPreflightLacksAuthorization, "content-type"),
        (Fault::CorsPreflightLacksContentType, "authorization"),
        (Fault::CorsPreflightHeadersWildcard, "*"),
    ] {
        checks
            .check(fault, headers, "authorization,content-type", faulty)
            .await;
    }
    let origins = async |b: &Bench| {
        let url = format!("{}/access_info", b.stack.urls().user_api);
        let answer = Request::new("GET", &url)
            .header("Origin", FRONTEND)
            .send()
            .await;
        let preflight = b.preflight_jobs("POST").await;
        [&answer, &preflight]
            .map(|answer| header(answer, "access-control-allow-origin"))
            .join(" ")
    };
    let sound = format!("{FRONTEND} {FRONTEND}");
    let faulty = format!("- {FRONTEND}");
    checks
        .check(Fault::OriginIsNotPassedOn, origins, &sound, &faulty)
        .await;
    let odd = async |b: &Bench| b.preflight_jobs("PROPFIND").await.status.to_string();
    checks
        .check(Fault::CorsPreflightAllowsAnyMethod, odd, "400", "200")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_and_cognito_answers() {
    let mut checks = Checks::of(Family::CorsS3Cognito);
    let transfers = async |b: &Bench| {
        let url = |key: &str| format!("{}/decode-user-data{key}", b.stack.urls().s3);
        let send = async |method, key, origin| {
            let request = Request::new(method, &url(key)).header("Origin", origin);
            header(&request.send().await, "access-control-allow-origin")
        };
        let answers = [
            send("POST", "", FRONTEND).await,
            send("GET", "/key", FRONTEND).await,
            send("GET", "/key", "http://evil.localhost:8080").await,
            send("GET", "/key", "http://127.0.0.1:8080").await,
        ];
        answers
            .map(|o| if o == FRONTEND { "read".into() } else { o })
            .join(" ")
    };
    for (fault, faulty) in [
        (Fault::S3CorsNoRules, "- - - -"),
        (Fault::S3CorsLacksPost, "- read - -"),
        (Fault::S3CorsGetForAnotherOrigin, "read - - -"),
        (Fault::S3CorsWrongScheme, "- - - -"),
        (Fault::S3CorsAnyOrigin, "* * * *"),
        (
            Fault::S3CorsAnotherOriginToo,
            "read read - http://127.0.0.1:8080",
        ),
    ] {
        checks
            .check(fault, transfers, "read read - -", faulty)
            .await;
    }
    let errors = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "f", b"content").await;
        let spec = user.get("/files/data/d/f/url").await.json();
        let url = spec["url"].as_str().unwrap();
        let good = Request::new("GET", url)
            .header("Origin", FRONTEND)
            .send()
            .await;
        let bent = url.replace("/data/d/f", "/data/d/g");
        let bad = Request::new("GET", &bent)
            .header("Origin", FRONTEND)
            .send()
            .await;
        format!("{}, {}", cors(&good), cors(&bad))
    };
    let sound = "200 http://localhost:8080 true, 403 http://localhost:8080 true";
    let faulty = "200 http://localhost:8080 true, 403 - -";
    checks
        .check(Fault::S3CorsNoHeadersOnErrors, errors, sound, faulty)
        .await;

    let cognito = async |b: &Bench| {
        let good = b.user().await.token.len() > 100;
        let bad = b.cognito("GetUser", &json!({"AccessToken": "none"})).await;
        let url = &b.stack.urls().cognito;
        let preflight = b.preflight(url, "POST", "content-type").await;
        let origin = |answer| header(answer, "access-control-allow-origin");
        format!("{good} {} {}", origin(&bad), origin(&preflight))
    };
    for (fault, faulty) in [
        (Fault::CognitoCorsNoHeaders, "true - -"),
        (Fault::CognitoCorsNoHeadersOnErrors, "true - *"),
    ] {
        checks.check(fault, cognito, "true * *", faulty).await;
    }
    let exposed = async |b: &Bench| {
        let bad = b.cognito("GetUser", &json!({"AccessToken": "none"})).await;
        let exposed = header(&bad, "access-control-expose-headers").to_ascii_lowercase();
        exposed.contains("x-amzn-errortype").to_string()
    };
    checks
        .check(Fault::CognitoHidesErrorType, exposed, "true", "false")
        .await;
    let headers = async |b: &Bench| {
        let url = &b.stack.urls().cognito;
        let allowed = header(&b.preflight(url, "POST", &ASKED.join(",")).await, HEADERS);
        let has = |name: &&str| allowed.split(',').any(|allowed| allowed.trim() == *name);
        let left = ASKED.iter().filter(|name| !has(name)).copied();
        left.collect::<Vec<_>>().join(" ")
    };
    for (fault, faulty) in [
        (Fault::CognitoPreflightLacksXAmzTarget, "x-amz-target"),
        (
            Fault::CognitoPreflightLacksXAmzUserAgent,
            "x-amz-user-agent",
        ),
        (Fault::CognitoPreflightLacksCacheControl, "cache-control"),
        (Fault::CognitoPreflightLacksContentType, "content-type"),
    ] {
        checks.check(fault, headers, "", faulty).await;
    }
    checks.complete();
}
