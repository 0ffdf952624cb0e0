//! Runs as large, and as long, as any.

use opencloud_browser::{engine::ENGINES, traffic::Traffic};
use opencloud_model::event::Failure;
use opencloud_reports::model::Run;

use super::{START, Script, TEARDOWN, origins, request, run, state};

/// An hour of a real job: requests of a few milliseconds, minutes apart.
pub(in crate::run::reports) fn hour() -> Run {
    let name = "lifecycle::decode_v0_10_1_train";
    let url = "http://localhost:8000/jobs/1";
    let mut script = Script::default().test(1.0, name, "");
    for (number, (wanted, began)) in WAITS.into_iter().enumerate() {
        let ends = WAITS.get(number + 1).map_or(3590.0, |(_, began)| *began);
        let mut within = vec![state(wanted, began)];
        let mut at = began;
        while at < ends {
            within.push(request("show job", "GET", url, at, None));
            at += 5.0;
        }
        let step = format!("wait for what follows {wanted}");
        script = script.step(began, &step, ends - began, None, &within);
    }
    let script = script
        .step(3590.0, TEARDOWN, 0.01, None, &[])
        .end(3591.0, name, 3590.0, None);
    let run = run(0, 3600.0, "passed: 1 test, 6 steps in 3600.0 s", None);
    script.complete(run, &Traffic::default())
}

/// When the job of [`hour`] came into each state.
const WAITS: [(&str, f64); 5] = [
    ("queued", 2.0),
    ("preprocessing", 600.0),
    ("running", 1200.0),
    ("postprocessing", 3000.0),
    ("finished", 3580.0),
];

const STATES: [&str; 5] = [
    "queued",
    "preprocessing",
    "running",
    "postprocessing",
    "finished",
];

/// A run as large as any: 200 steps with ten requests each, of which every tenth step fails;
/// a job each test, and tables of origins.
pub(in crate::run::reports) fn large() -> Run {
    let mut script = Script::default();
    let mut run_traffic = String::new();
    for test in 0..20 {
        let name = format!("tests::number_{test}");
        let begin = f64::from(test) * 3.0;
        script = script.test(begin, &name, "integration_test_20261123T124101Z_9c1f7a52");
        let mut last = None;
        for step in 0..10_usize {
            let after = begin + 0.3 * f64::from(u8::try_from(step).unwrap());
            let requests: Vec<_> = (0..10)
                .map(|number| {
                    let at = after + f64::from(number) * 0.02;
                    let url = format!("http://localhost:8000/files/data/{test}/{step}/{number}");
                    run_traffic += &entries(&url, at);
                    request(&format!("look at file {number}"), "GET", &url, at, None)
                })
                .collect();
            last = (step == 9)
                .then(|| Failure::stack(format!("file {test} is gone (UserAPI, its disk)")));
            let mut within = requests;
            within.push(state(STATES[step % STATES.len()], after));
            script = script.step(after, &format!("step {step}"), 0.3, last.clone(), &within);
        }
        script = script.end(begin + 3.0, &name, 3.0, last);
    }
    for _ in 0..2 {
        script = script.then(60.0, origins(true));
    }
    let run = run(1, 60.0, "failed: tests::number_0 and 19 more", None);
    script.complete(run, &Traffic::recorded(ENGINES[0], &run_traffic))
}

/// What Chrome tells of a request, with headers as there are in a real one.
fn entries(url: &str, after: f64) -> String {
    let headers = serde_json::json!({
        "accept": "*/*", "accept-encoding": "gzip, deflate, br, zstd", "accept-language": "en-US,en;q=0.9",
        "connection": "keep-alive", "host": "localhost:8000", "origin": "http://localhost:8080",
        "referer": "http://localhost:8080/", "sec-fetch-dest": "empty", "sec-fetch-mode": "cors",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
        "authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    });
    let answered = serde_json::json!({
        "access-control-allow-credentials": "true", "content-type": "application/json",
        "access-control-allow-origin": "http://localhost:8080", "vary": "Origin", "content-length": "46",
    });
    let entry = |method: &str, params: serde_json::Value| serde_json::json!({ "message": { "method": format!("Network.{method}"), "params": params } });
    let at = START / 1000.0 + after;
    let events = [
        entry(
            "requestWillBeSent",
            serde_json::json!({
                "requestId": url, "type": "Fetch", "timestamp": after, "wallTime": at,
                "request": { "method": "GET", "url": url, "headers": headers },
            }),
        ),
        entry(
            "responseReceivedExtraInfo",
            serde_json::json!({
                "requestId": url, "statusCode": 200, "headers": answered,
            }),
        ),
        entry(
            "loadingFinished",
            serde_json::json!({
                "requestId": url, "timestamp": after + 0.01, "encodedDataLength": 300.0,
            }),
        ),
    ];
    events.map(|event| event.to_string() + "\n").concat()
}
