//! The server that the browser talks to: it serves the page its settings and forwards every other
//! request to the test runner's server.
//!
//! The settings never lie on a disk. Other users of the machine reach this port too, so the settings
//! need a cookie that only the run's own browser has.
//!
//! The runner's own server may leave a new connection waiting for as long as the browser keeps
//! others open: its pool can hand two connections to one idle thread. Here each request reaches it
//! on a connection of its own, which ends with the answer, so that no thread stays busy.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{
        HeaderMap, Method, StatusCode, Uri,
        header::{CONTENT_TYPE, COOKIE as COOKIE_HEADER},
    },
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, runtime::Handle, task::spawn_blocking};
use ureq::Agent;

/// The path of the settings.
const SETTINGS: &str = "/.env";
/// The name of the cookie that the run's own browser has.
const COOKIE: &str = "opencloud-e2e";

/// How long the runner may take to answer.
const LIMIT: Duration = Duration::from_secs(20);

/// Where the browser gets the page from. It ends with the runtime that it runs on.
pub struct PageGateway {
    address: SocketAddr,
    key: Arc<str>,
    content: Arc<Content>,
}

/// A cookie that is sent with requests for `path` alone and that no script can read (`HttpOnly`,
/// `SameSite=Strict`).
#[derive(Debug)]
pub struct Cookie {
    /// Its name.
    pub name: &'static str,
    /// Its value, which is secret.
    pub value: String,
    /// The address that it is for.
    pub url: String,
    /// The one path that it is sent with.
    pub path: &'static str,
}

/// The settings, and where the page comes from.
#[derive(Default)]
struct Content {
    runner: OnceLock<SocketAddr>,
    settings: Mutex<Arc<str>>,
}

#[derive(Clone)]
struct Forwarder {
    agent: Agent,
    key: Arc<str>,
    content: Arc<Content>,
}

impl PageGateway {
    /// Listens on a free port of the loopback interface.
    pub fn start(runtime: &Handle) -> io::Result<Self> {
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let content = Arc::<Content>::default();
        let key: Arc<str> = random_key()?.into();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // It is on this machine, whatever the environment says about proxies.
            .proxy(None)
            .max_idle_connections(0)
            .timeout_global(Some(LIMIT))
            .build()
            .into();
        let router = Router::new().fallback(forward).with_state(Forwarder {
            agent,
            key: Arc::clone(&key),
            content: Arc::clone(&content),
        });
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            key,
            content,
        })
    }

    /// The cookie without which a page at `origin` gets no settings.
    #[must_use]
    pub fn cookie(&self, origin: &str) -> Cookie {
        Cookie {
            name: COOKIE,
            value: self.key.to_string(),
            url: format!("{origin}{SETTINGS}"),
            path: SETTINGS,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Forwards to the test runner at this address from now on. Until then there is no page.
    pub fn serve_from(&self, runner: SocketAddr) {
        // There is one runner.
        let _ = self.content.runner.set(runner);
    }

    /// Serves these settings from now on. Until then there are none.
    pub fn set_settings(&self, settings: &str) {
        *self.content.settings() = settings.into();
    }
}

impl Content {
    fn settings(&self) -> MutexGuard<'_, Arc<str>> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn forward(
    State(gateway): State<Forwarder>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if uri.path() == SETTINGS {
        if !has_cookie(&headers, &gateway.key) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let settings = gateway.content.settings().to_string();
        if settings.is_empty() {
            return StatusCode::NOT_FOUND.into_response();
        }
        return ([(CONTENT_TYPE, "text/plain; charset=utf-8")], settings).into_response();
    }
    let Some(runner) = gateway.content.runner.get() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    // The address of a request to a proxy begins with scheme and host.
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("http://{runner}{path}");
    match spawn_blocking(move || fetch(&gateway.agent, &url)).await {
        Ok(Ok(answer)) => answer,
        _ => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// 128 random bits in hex.
fn random_key() -> io::Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(io::Error::other)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bits)))
}

fn has_cookie(headers: &HeaderMap, key: &str) -> bool {
    let cookies = headers.get_all(COOKIE_HEADER).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .any(|cookie| cookie.trim().split_once('=') == Some((COOKIE, key)))
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

    /// The answer of `address` to a request for `path`.
    fn ask(address: SocketAddr, path: &str) -> String {
        ask_with(address, path, "")
    }

    fn ask_with(address: SocketAddr, path: &str, header: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{header}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn requests_are_passed_on_while_other_connections_stay_open() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let gateway = PageGateway::start(runtime.handle()).unwrap();
        assert!(ask(gateway.address(), "/").starts_with("HTTP/1.1 503"));

        // A runner with one thread, which serves one connection after the other.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        gateway.serve_from(listener.local_addr().unwrap());
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
                // Like a server that keeps the connection: it ends when the other side closes it.
                let _ = stream.read(&mut request);
            }
        });
        let _idle: Vec<_> = (0..8)
            .map(|_| TcpStream::connect(gateway.address()).unwrap())
            .collect();
        for _ in 0..3 {
            let answer = ask(gateway.address(), "/run.js?a=b");
            assert!(answer.contains("content-type: text/javascript"), "{answer}");
            assert!(answer.ends_with("GET /run.js?a=b HTTP/1.1"), "{answer}");
        }
    }

    #[test]
    fn only_a_browser_with_the_cookie_gets_the_settings() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let gateway = PageGateway::start(runtime.handle()).unwrap();
        let settings = |header: &str| ask_with(gateway.address(), "/.env", header);
        let cookie = gateway.cookie("http://localhost:8080");
        let key = &cookie.value;
        let right = format!("cookie: a=b; opencloud-e2e={key}\r\n");
        assert!(settings(&right).starts_with("HTTP/1.1 404"));
        gateway.set_settings("EMAIL=a");
        assert!(settings(&right).ends_with("EMAIL=a"));
        let other = PageGateway::start(runtime.handle()).unwrap();
        let other = other.cookie("http://localhost:8080");
        for wrong in [
            String::new(),
            "cookie: opencloud-e2e=\r\n".into(),
            format!("cookie: opencloud-e2e={key}0\r\n"),
            format!("cookie: {key}\r\n"),
            format!("cookie: opencloud-e2e={}\r\n", other.value),
        ] {
            let answer = settings(&wrong);
            assert!(answer.starts_with("HTTP/1.1 403"), "{wrong}: {answer}");
            assert!(!answer.contains("EMAIL"), "{wrong}: {answer}");
        }
    }
}
