//! The server that the browser talks to: it passes every request on to the test runner's.
//!
//! The runner's own server may leave a new connection waiting for as long as the browser keeps
//! others open: its pool can hand two connections to one idle thread. Here each request reaches it
//! on a connection of its own, which ends with the answer, so that no thread is ever kept.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Method, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, runtime::Handle, task::spawn_blocking};
use ureq::Agent;

/// How long the runner may take to answer.
const LIMIT: Duration = Duration::from_secs(20);

/// Where the browser gets the page from. It ends with the runtime that it runs on.
#[derive(Debug)]
pub(crate) struct Front {
    address: SocketAddr,
    runner: Arc<OnceLock<SocketAddr>>,
}

#[derive(Clone)]
struct Passing {
    agent: Agent,
    runner: Arc<OnceLock<SocketAddr>>,
}

impl Front {
    /// Listens on a free port of the loopback interface.
    pub(crate) fn start(runtime: &Handle) -> io::Result<Self> {
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let runner = Arc::new(OnceLock::new());
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // It is on this machine, whatever the environment says about proxies.
            .proxy(None)
            .max_idle_connections(0)
            .timeout_global(Some(LIMIT))
            .build()
            .into();
        let router = Router::new().fallback(pass).with_state(Passing {
            agent,
            runner: Arc::clone(&runner),
        });
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, runner })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells it where the test runner serves the page. Until then it has nothing to show.
    pub(crate) fn show(&self, runner: SocketAddr) {
        // There is one runner, told once.
        let _ = self.runner.set(runner);
    }
}

async fn pass(State(passing): State<Passing>, method: Method, uri: Uri) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Some(runner) = passing.runner.get() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let url = format!("http://{runner}{uri}");
    match spawn_blocking(move || fetch(&passing.agent, &url)).await {
        Ok(Ok(answer)) => answer,
        _ => StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn fetch(agent: &Agent, url: &str) -> Result<Response, ureq::Error> {
    let answer = agent.get(url).header("connection", "close").call()?;
    let (head, mut body) = answer.into_parts();
    let body = body.with_config().limit(u64::MAX).read_to_vec()?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = head.status;
    if let Some(kind) = head.headers.get(CONTENT_TYPE) {
        response.headers_mut().insert(CONTENT_TYPE, kind.clone());
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::{TcpListener, TcpStream},
        thread,
    };

    use super::*;

    /// What `address` answers to a request for `path`.
    fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn requests_are_passed_on_while_other_connections_stay_open() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let front = Front::start(runtime.handle()).unwrap();
        assert!(ask(front.address(), "/").starts_with("HTTP/1.1 503"));

        // A runner with one thread, which serves one connection after the other.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        front.show(listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 1024];
                let length = stream.read(&mut request).unwrap();
                let line = request[..length]
                    .split(|byte| *byte == b'\r')
                    .next()
                    .unwrap();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\n";
                let answer = format!("{head}content-length: {}\r\n\r\n", line.len());
                stream.write_all(answer.as_bytes()).unwrap();
                stream.write_all(line).unwrap();
                // Like a server that keeps the connection: it ends when the other side lets go.
                let _ = stream.read(&mut request);
            }
        });
        let _idle: Vec<_> = (0..8)
            .map(|_| TcpStream::connect(front.address()).unwrap())
            .collect();
        for _ in 0..3 {
            let answer = ask(front.address(), "/.env?a=b");
            assert!(answer.contains("content-type: text/javascript"), "{answer}");
            assert!(answer.ends_with("GET /.env?a=b HTTP/1.1"), "{answer}");
        }
    }
}
