//! `WebDriver BiDi`: commands over a web socket, on which the browser reports events as well.

use std::{
    collections::VecDeque,
    fmt,
    io::{self, Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex, MutexGuard, TryLockError},
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tungstenite::{
    Message, WebSocket,
    client::IntoClientRequest as _,
    http::{HeaderValue, header::AUTHORIZATION},
    protocol::WebSocketConfig,
};
use url::Url;

use crate::{credentials, endpoint::Endpoint, proxies::Proxies};

/// How often a thread looks whether another one has left the socket.
const PERIOD: Duration = Duration::from_millis(5);

/// How long the answer of a proxy may be, in bytes.
const LONGEST_HEAD: usize = 1 << 14;

/// A connection of a session. Events wait in it until they are taken.
#[derive(Debug)]
pub(super) struct Bidi(Mutex<Connection>);

struct Connection {
    socket: WebSocket<Box<dyn Stream>>,
    /// Under the socket, with or without TLS between them.
    tcp: TcpStream,
    last_id: u64,
    events: VecDeque<Event>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("tcp", &self.tcp)
            .finish_non_exhaustive()
    }
}

/// A connection to a server, encrypted or not.
trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// An event of the browser's.
#[derive(Debug)]
struct Event {
    method: String,
    text: String,
}

/// The members of a message that tell an answer from an event.
#[derive(Deserialize)]
struct Head {
    id: Option<u64>,
    method: Option<String>,
}

/// The answer to a command.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    result: Value,
    error: Option<String>,
    #[serde(default)]
    message: String,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum BidiError {
    /// The browser refuses it.
    #[error("{0}")]
    Refused(String),
    /// It cannot be asked through the proxy of the environment.
    #[error("{0}")]
    Proxy(String),
    /// The browser does not answer in time, or the connection has ended.
    #[error("the browser does not answer: {0}")]
    Silent(#[from] Box<tungstenite::Error>),
    /// The browser's answer is not what the protocol says.
    #[error("the browser's answer cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl From<tungstenite::Error> for BidiError {
    fn from(error: tungstenite::Error) -> Self {
        Self::Silent(Box::new(error))
    }
}

impl From<io::Error> for BidiError {
    fn from(error: io::Error) -> Self {
        tungstenite::Error::from(error).into()
    }
}

impl Bidi {
    /// Connects to `url`, the capability `webSocketUrl` of a session at `endpoint`, through the proxy that
    /// `proxies` name for it.
    pub(super) fn connect(
        url: &str,
        endpoint: &Endpoint,
        proxies: &Proxies,
        limit: Duration,
    ) -> Result<Self, BidiError> {
        let parsed = Url::parse(url).map_err(io::Error::other)?;
        let tcp = match proxies.of_url(url) {
            None => connection(&parsed, limit)?,
            Some(proxy) => tunnel(&parsed, &proxy, limit)?,
        };
        let mut request = url.into_client_request()?;
        // The user is known to that server alone.
        if parsed.host_str() == endpoint.secret_url().host_str()
            && let Some(authorization) = endpoint.authorization()
        {
            let value = HeaderValue::from_str(&authorization).map_err(io::Error::other)?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        // An event holds the headers of a request, which no limit of ours bounds.
        let config = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let stream = stream(&parsed, tcp.try_clone()?)?;
        let connected = tungstenite::client::client_with_config(request, stream, Some(config));
        let (socket, _) = connected.map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self(Mutex::new(Connection {
            socket,
            tcp,
            last_id: 0,
            events: VecDeque::new(),
        })))
    }

    /// Sends a command, and returns its result.
    pub(super) fn command(
        &self,
        method: &str,
        params: &Value,
        limit: Duration,
    ) -> Result<Value, BidiError> {
        let deadline = Instant::now() + limit;
        self.lock(deadline)?.command(method, params, deadline)
    }

    /// The events that `wanted` chooses by their methods and texts, since the last time.
    pub(super) fn take(
        &self,
        wanted: impl Fn(&str, &str) -> bool,
        limit: Duration,
    ) -> Result<Vec<String>, BidiError> {
        let deadline = Instant::now() + limit;
        let mut connection = self.lock(deadline)?;
        // Its answer comes behind the events that the browser has already sent.
        connection.command("session.status", &json!({}), deadline)?;
        let (taken, kept) = connection
            .events
            .drain(..)
            .partition(|event| wanted(&event.method, &event.text));
        connection.events = kept;
        let taken: VecDeque<Event> = taken;
        Ok(taken.into_iter().map(|event| event.text).collect())
    }

    /// Another thread may wait for a browser that hangs.
    fn lock(&self, deadline: Instant) -> Result<MutexGuard<'_, Connection>, BidiError> {
        loop {
            match self.0.try_lock() {
                Ok(connection) => return Ok(connection),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    thread::sleep(PERIOD);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::from(io::ErrorKind::TimedOut).into());
                }
            }
        }
    }
}

impl Connection {
    fn command(
        &mut self,
        method: &str,
        params: &Value,
        deadline: Instant,
    ) -> Result<Value, BidiError> {
        self.last_id += 1;
        let id = self.last_id;
        let command = json!({ "id": id, "method": method, "params": params });
        self.socket.send(Message::text(command.to_string()))?;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // No wait at all would mean one without an end.
            let left = left.max(Duration::from_millis(1));
            self.tcp.set_read_timeout(Some(left))?;
            let message = self.socket.read()?;
            let Message::Text(text) = message else {
                continue;
            };
            let head: Head = serde_json::from_str(&text)?;
            if head.id == Some(id) {
                return read(&text);
            }
            if let Some(method) = head.method {
                let text = text.to_string();
                self.events.push_back(Event { method, text });
            }
        }
    }
}

/// A connection to the server of `url`. Neither it nor anything that is written to it takes longer than `limit`.
fn connection(url: &Url, limit: Duration) -> io::Result<TcpStream> {
    let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in url.socket_addrs(|| None)? {
        result = TcpStream::connect_timeout(&address, limit);
        if result.is_ok() {
            break;
        }
    }
    let tcp = result?;
    tcp.set_read_timeout(Some(limit))?;
    tcp.set_write_timeout(Some(limit))?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

/// A connection to the server of `url` through `proxy` (RFC 9110, section 9.3.6).
fn tunnel(url: &Url, proxy: &str, limit: Duration) -> Result<TcpStream, BidiError> {
    let proxy = Url::parse(proxy).map_err(io::Error::other)?;
    let port = url.port_or_known_default().unwrap_or_default();
    let server = format!("{}:{port}", url.host_str().unwrap_or_default());
    let refused = |why: &str| {
        let name = proxy.host_str().unwrap_or_default();
        BidiError::Proxy(format!(
            "the proxy {name} of the environment does not lead to the browser's web socket at {server}: \
             {why}; no_proxy may name the host"
        ))
    };
    if proxy.scheme() != "http" {
        return Err(refused("only one whose address begins with http:// can"));
    }
    let mut tcp = connection(&proxy, limit)?;
    let user = credentials::basic(&proxy).map(|user| format!("proxy-authorization: {user}\r\n"));
    let user = user.unwrap_or_default();
    let request = format!("CONNECT {server} HTTP/1.1\r\nhost: {server}\r\n{user}\r\n");
    tcp.write_all(request.as_bytes())?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        tcp.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head);
    match head.split_whitespace().nth(1) {
        Some(status) if status.starts_with('2') => Ok(tcp),
        _ => Err(refused(head.lines().next().unwrap_or_default())),
    }
}

/// The connection for `url`: with TLS, where its scheme is `wss`.
fn stream(url: &Url, tcp: TcpStream) -> io::Result<Box<dyn Stream>> {
    if url.scheme() != "wss" {
        return Ok(Box::new(tcp));
    }
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']).to_owned();
    let host = host.try_into().map_err(io::Error::other)?;
    let tls = ClientConnection::new(Arc::new(config), host).map_err(io::Error::other)?;
    Ok(Box::new(StreamOwned::new(tls, tcp)))
}

fn read(text: &str) -> Result<Value, BidiError> {
    let answer: Answer = serde_json::from_str(text)?;
    match answer.error {
        Some(error) => Err(BidiError::Refused(format!("{error}: {}", answer.message))),
        None => Ok(answer.result),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A browser that answers each command behind an event, until it is asked to hang.
    fn browser() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/session/1", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            let mut socket = tungstenite::accept(client).unwrap();
            while let Ok(Message::Text(text)) = socket.read() {
                let command: Value = serde_json::from_str(&text).unwrap();
                let mut send = |value: Value| socket.send(Message::text(value.to_string()));
                let method = command["method"].as_str().unwrap();
                send(json!({ "method": "log.entryAdded", "params": { "text": method } })).unwrap();
                let id = &command["id"];
                match method {
                    "hang" => continue,
                    "refused" => send(json!({ "id": id, "error": "no", "message": "never" })),
                    _ => send(json!({ "id": id, "result": { "ready": true } })),
                }
                .unwrap();
            }
        });
        url
    }

    fn connect(url: &str, proxies: &Proxies, limit: Duration) -> Result<Bidi, BidiError> {
        Bidi::connect(url, &Endpoint::of_port(1).unwrap(), proxies, limit)
    }

    #[test]
    fn a_browser_is_reached_through_the_proxy_of_the_environment() {
        const LIMIT: Duration = Duration::from_secs(20);
        let browser = Url::parse(&browser()).unwrap();
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = proxy.local_addr().unwrap();
        thread::spawn(move || {
            for status in ["403 Forbidden", "200 OK"] {
                let (mut client, _) = proxy.accept().unwrap();
                let mut head = [0; 1024];
                let length = client.read(&mut head).unwrap();
                let head = String::from_utf8_lossy(&head[..length]);
                assert!(
                    head.starts_with("CONNECT grid.test:80 HTTP/1.1\r\n"),
                    "{head}"
                );
                assert!(
                    head.contains("\r\nproxy-authorization: Basic YTpi\r\n"),
                    "{head}"
                );
                write!(client, "HTTP/1.1 {status}\r\n\r\n").unwrap();
                if status != "200 OK" {
                    continue;
                }
                let mut server =
                    TcpStream::connect(&*browser.socket_addrs(|| None).unwrap()).unwrap();
                let (mut answers, mut to) =
                    (server.try_clone().unwrap(), client.try_clone().unwrap());
                thread::spawn(move || io::copy(&mut answers, &mut to));
                thread::spawn(move || io::copy(&mut client, &mut server));
            }
        });
        let url = "ws://grid.test/session/1";
        let through =
            |proxy: String| Proxies::read(move |key| (key == "http_proxy").then(|| proxy.clone()));
        let plain = through(format!("http://a:b@{address}"));
        let refused = connect(url, &plain, LIMIT).unwrap_err().to_string();
        assert!(refused.contains("403 Forbidden"), "{refused}");
        let bidi = connect(url, &plain, LIMIT).unwrap();
        assert_eq!(
            bidi.command("first", &json!({}), LIMIT).unwrap()["ready"],
            true
        );
        let socks = connect(url, &through("socks5://p.test".into()), LIMIT);
        assert!(matches!(socks, Err(BidiError::Proxy(_))));
    }

    #[test]
    fn events_wait_until_they_are_taken() {
        const LIMIT: Duration = Duration::from_secs(20);
        let bidi = connect(&browser(), &Proxies::default(), LIMIT).unwrap();
        let answer = bidi.command("first", &json!({}), LIMIT).unwrap();
        assert_eq!(answer["ready"], true);
        let error = bidi.command("refused", &json!({}), LIMIT).unwrap_err();
        assert_eq!(error.to_string(), "no: never");
        assert_eq!(
            bidi.take(|_, text| text.contains("nothing"), LIMIT)
                .unwrap()
                .len(),
            0
        );
        let taken = bidi
            .take(|method, _| method == "log.entryAdded", LIMIT)
            .unwrap();
        // Those of both commands, and of the two that fetched them.
        assert_eq!(taken.len(), 4);
        assert!(taken[0].contains("first"), "{taken:?}");
    }

    #[test]
    fn a_browser_that_hangs_delays_nobody_for_long() {
        const SHORT: Duration = Duration::from_millis(200);
        let bidi = connect(&browser(), &Proxies::default(), SHORT).unwrap();
        let started = Instant::now();
        let silent = |result| matches!(result, Err(BidiError::Silent(_)));
        thread::scope(|scope| {
            scope.spawn(|| {
                let long = Duration::from_secs(2);
                assert!(silent(bidi.command("hang", &json!({}), long)));
            });
            thread::sleep(SHORT / 4);
            assert!(silent(bidi.command("next", &json!({}), SHORT)));
            assert!(started.elapsed() < Duration::from_secs(1));
        });
    }
}
