//! What a run made is removed however it ends, and nothing else is.

use std::time::{Duration, Instant};

use crate::common::{
    Deployment, E2e,
    stack::{Stack, inputs_zip},
};
use rustix::process::Signal;

#[test]
fn a_lifecycle_that_runs_out_of_time_leaves_nothing() {
    let deployment = Deployment::start();
    let limits = "TIME_LIMIT_PULLED=3s\nTIME_LIMIT_PREPROCESSING=1s";
    let running = deployment.run_with("is queued", limits);
    assert!(!deployment.left().is_empty());
    let ended = running.wait();
    ended.assert_code(1);
    ended.says("the job was not ");
    assert_eq!(deployment.left(), [""; 0]);
}

#[test]
fn a_lifecycle_whose_token_is_refused_leaves_nothing() {
    let deployment = Deployment::start();
    let running = deployment.run("is queued");
    // From here on, whoever looks at the job is not known.
    running.evaluate(
        r"{ const send = fetch; window.fetch = (request) => {
            if (request.method === 'GET' && /\/jobs\/\d+$/.test(request.url)) {
                request = new Request(request);
                request.headers.set('authorization', 'Bearer nonsense');
            }
            return send(request);
        } }",
    );
    let ended = running.wait();
    ended.assert_code(1);
    let part = "answered 401 instead of 2xx";
    ended.says(part);
    assert_eq!(deployment.left(), [""; 0]);
}

#[test]
fn what_no_listing_shows_is_removed() {
    for listing in [
        "new Response('')",
        "new Response('Internal Server Error', { status: 500 })",
    ] {
        let deployment = Deployment::start();
        let limits = "TIME_LIMIT_PULLED=3s\nTIME_LIMIT_PREPROCESSING=1s";
        let running = deployment.run_with("is queued", limits);
        let script = format!(
            r"{{ const send = fetch; window.fetch = (request) =>
                request.method === 'GET' && /\/jobs\?|\/files\/.*\?/.test(request.url)
                    ? Promise.resolve({listing}) : send(request) }}"
        );
        running.evaluate(&script);
        let ended = running.wait();
        ended.assert_code(1);
        let part = "it was deleted, but whether it is gone is not known";
        ended.says(part);
        assert_eq!(deployment.left(), [""; 0], "{listing}");
    }
}

#[test]
fn a_job_whose_id_is_text_is_removed() {
    let deployment = Deployment::start();
    let running = deployment.run("is queued");
    running.evaluate(
        r"{ const send = fetch; window.fetch = async (request) => {
            const answer = await send(request);
            if (request.method !== 'GET' || !/\/jobs[/?]/.test(request.url)) return answer;
            const text = (await answer.text()).replace(/\x22id\x22:(\d+)/g, '\x22id\x22:\x22$1\x22');
            return new Response(text, { status: answer.status });
        } }",
    );
    let ended = running.wait();
    ended.assert_code(1);
    assert_eq!(deployment.left(), [""; 0]);
}

#[test]
fn another_job_under_the_id_of_ours_is_told_and_stays() {
    let deployment = Deployment::start();
    let running = deployment.run("is queued");
    // The page must not see that there is no job for a moment.
    running.evaluate(
        "{ const send = fetch, held = new Promise((open) => { window.release = open }); \
         window.fetch = async (...request) => { await held; return send(...request) } }",
    );
    deployment.replace(&deployment.only_job(), "of_somebody_else");
    running.evaluate("release()");
    let ended = running.wait();
    ended.assert_code(1);
    let part = "another job now has the job's id, \"of_somebody_else\"";
    ended.says(part);
    assert_eq!(deployment.only_job()["job_name"], "of_somebody_else");
    assert_eq!(deployment.left(), [""; 0]);
}

#[test]
fn an_open_cloud_that_falls_silent_is_told_within_seconds() {
    let stack = Stack::start(&[]);
    let inputs = tempfile::tempdir().unwrap();
    let zip = inputs.path().join("inputs.zip");
    inputs_zip(&zip);
    let account = stack.settings_of_dev();
    let settings = format!(
        "{account}\nTIME_LIMIT_ANSWER=2s\nINPUTS_SOURCE={}\nINPUTS_DIRECTORY={}\n",
        zip.display(),
        inputs.path().join("inputs").display()
    );
    let running = E2e::new(&["--dev"], &settings).start_until("s  sign in");
    stack.signal(Signal::STOP);
    let begin = Instant::now();
    let ended = running.wait();
    ended.assert_code(1);
    let part = "failed: UserAPI no longer answers";
    ended.says(part);
    // Were each of the tests to find that out for itself, it would take minutes. A transfer alone may
    // take 40 s.
    let taken = begin.elapsed();
    assert!(taken < Duration::from_secs(90), "{taken:?}");
}
