//! Malformed requests, and many clients at once: the stack continues to answer.
//!
//! The long way, a minute of 200 clients and 10,000 malformed requests a service:
//! `cargo test --workspace --test stack hostile:: -- --ignored --nocapture`

mod malformed;
use std::time::{Duration, Instant};

use crate::support::{
    self, MODES, NEVER, Running, config, http::Request, program::Program, session::Session,
};
use malformed::Malformed;
use opencloud_stack::config::FileMode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

/// By how much the stack's memory may grow meanwhile, in kilobytes.
const MAY_GROW: u64 = 256 * 1024;

/// Sends `bytes`, says that nothing more comes, and gives the first line of the answer, if any.
async fn exchange(address: &str, bytes: &[u8]) -> String {
    let talk = async {
        let mut connection = TcpStream::connect(address).await.expect("it listens");
        let _ = connection.write_all(bytes).await;
        let _ = connection.shutdown().await;
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer).await;
        let line = answer.split(|byte| *byte == b'\r').next();
        String::from_utf8_lossy(line.unwrap_or_default()).into_owned()
    };
    let limit = Duration::from_secs(60);
    timeout(limit, talk).await.expect("the stack lets go")
}

fn hosts(stack: &Running) -> [String; 3] {
    let urls = stack.urls();
    [&urls.user_api, &urls.cognito, &urls.s3].map(|url| host(url).to_owned())
}

fn host(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split('/').next().unwrap()
}

/// Checks that every service works.
async fn assert_services_work(user: &Session, name: &str) {
    let uploaded = user.upload("config/well", name, b"content").await;
    assert!(matches!(uploaded.status, 201 | 204), "{}", uploaded.text());
    let path = format!("config/well/{name}");
    assert_eq!(user.download(&path).await.body, b"content");
    assert_eq!(user.get("/jobs").await.status, 200);
}

/// Whether the real service answers 500 too: with user files in S3 it takes the beginning of a name
/// for the name of a file, and then finds none. The stack writes failures of its own to standard
/// error, where nothing may be in the end.
fn real_service_fails(request: &str) -> bool {
    let mut words = request.lines().next().unwrap_or_default().split(' ');
    let (method, target) = (words.next(), words.next().unwrap_or_default());
    match method {
        Some("PUT") => target.starts_with("/files/"),
        Some("GET") => target.contains("/download"),
        _ => false,
    }
}

/// `count` malformed requests to each service.
async fn survives_malformed_requests(mode: FileMode, count: usize, seed: u64) {
    let program = Program::start(mode);
    let user = program.user("").await;
    assert_services_work(&user, "before").await;
    let session = program.user("SECOND_").await;
    let form = user.request("POST", "/files/data/d/url").send().await;
    let hosts = [
        host(program.setting("USERFACING_API_URL")).to_owned(),
        host(program.setting("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")).to_owned(),
        // The UserAPI's own once more, where it keeps the files.
        host(form.json()["url"].as_str().unwrap()).to_owned(),
    ];
    let mut malformed = Malformed::new(seed, &session.token);
    let before = program.memory();
    let mut statuses = std::collections::BTreeMap::<String, usize>::new();
    for host in &hosts {
        for _ in 0..count.div_ceil(16) {
            let mut requests = JoinSet::new();
            for _ in 0..16 {
                let (address, request) = (host.clone(), malformed.request(host));
                requests.spawn(async move { (exchange(&address, &request).await, request) });
            }
            for (line, request) in requests.join_all().await {
                let status = line.split(' ').nth(1).unwrap_or("none").to_owned();
                let shown =
                    String::from_utf8_lossy(&request[..request.len().min(600)]).into_owned();
                let meant = mode == FileMode::S3 && real_service_fails(&shown);
                assert!(status != "500" || meant, "{seed}: {line} to {shown:?}");
                *statuses.entry(status).or_default() += 1;
            }
        }
    }
    let grown = program.memory().saturating_sub(before);
    println!("{mode:?}: {statuses:?}, memory grew by {grown} kB");
    assert!(grown < MAY_GROW, "{grown} kB");
    assert!(statuses.len() > 4, "they are all alike: {statuses:?}");
    assert_services_work(&user, "after").await;
    assert_eq!(program.stop(), "", "{seed}");
}

/// 200 clients, each of which keeps asking for `time`.
async fn serves_many_clients(time: Duration) {
    const CLIENTS: usize = 200;
    let stack = support::start(config(FileMode::S3, NEVER)).await;
    let session = Session::first(&stack).await;
    session.upload_inputs().await;
    let end = Instant::now() + time;
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (url, token) = (session.url.clone(), session.token.clone());
        clients.spawn(async move {
            let session = Session { url, token };
            let mut answers = 0_usize;
            let mut slowest = Duration::ZERO;
            while answers == 0 || Instant::now() < end {
                let begin = Instant::now();
                let status = match (number + answers) % 4 {
                    0 => session.get("/jobs").await.status,
                    1 => session.get("/files/config/?recursive=true").await.status,
                    2 => {
                        session
                            .download("config/exp/param_run_in.yaml")
                            .await
                            .status
                    }
                    _ => session.get("/user").await.status,
                };
                assert_eq!(status, 200);
                answers += 1;
                slowest = slowest.max(begin.elapsed());
            }
            (answers, slowest)
        });
    }
    let results = clients.join_all().await;
    let answers: usize = results.iter().map(|(answers, _)| answers).sum();
    let slowest = results.iter().map(|(_, slowest)| *slowest).max();
    println!("{CLIENTS} clients got {answers} answers, the slowest after {slowest:?}");
    assert_services_work(&session, "after").await;
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_answered_or_dropped() {
    for mode in MODES {
        survives_malformed_requests(mode, 320, rand::random()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "60,000 requests take minutes"]
async fn very_many_malformed_requests() {
    for mode in MODES {
        survives_malformed_requests(mode, 10_000, rand::random()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_are_served() {
    serves_many_clients(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn many_clients_are_served_for_a_minute() {
    serves_many_clients(Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_flaws_take_little_memory() {
    let program = Program::start(FileMode::Local);
    let user = program.user("").await;
    let before = program.memory();
    let ids = "1,".repeat(480 * 1024);
    let body =
        format!(r#"{{"job_name": "a", "attributes": {{"files_down": {{"data_ids": [{ids}1]}}}}}}"#);
    let request = |body: String| {
        let request = user.request("POST", "/jobs");
        request
            .header("Content-Type", "application/json")
            .body(body)
    };
    let answer = request(body).send().await;
    assert_eq!(answer.status, 422);
    let grown = program.peak().saturating_sub(before);
    println!(
        "{} bytes of answer, memory grew by {grown} kB",
        answer.body.len()
    );
    assert!(grown < 2 * MAY_GROW, "{grown} kB");
    let answer = request("[".repeat(2 * 1024 * 1024)).send().await;
    assert_eq!(answer.status, 413);
    for depth in [128, 100_000, 1_000_000] {
        let answer = request("[".repeat(depth)).send().await;
        assert_eq!(answer.status, 400, "{depth}: {}", answer.text());
    }
    assert_services_work(&user, "after").await;
    assert_eq!(program.stop(), "");
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let stack = support::start(config(FileMode::S3, NEVER)).await;
    for host in hosts(&stack) {
        let port = host.rsplit(':').next().unwrap();
        assert!(
            TcpStream::connect(format!("127.0.0.1:{port}"))
                .await
                .is_ok()
        );
        // Another address of this machine's loopback interface, on which only a socket that
        // listens on every address answers.
        let elsewhere = TcpStream::connect(format!("127.0.0.2:{port}")).await;
        assert!(elsewhere.is_err(), "it listens on every address");
    }
    stack.stop().await;
}

#[tokio::test]
async fn it_listens_on_the_configured_address() {
    let mut config = config(FileMode::S3, NEVER);
    config.bind = "0.0.0.0".parse().unwrap();
    let stack = support::start(config).await;
    let port = hosts(&stack)[0].rsplit(':').next().unwrap().to_owned();
    let url = format!("http://127.0.0.2:{port}/access_info");
    assert_eq!(Request::new("GET", &url).send().await.status, 200);
    stack.stop().await;
}
