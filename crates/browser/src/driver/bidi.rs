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

use crate::endpoint::Endpoint;

/// How often a thread looks whether another one has left the socket.
const PERIOD: Duration = Duration::from_millis(5);

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
    /// Connects to `url`, the capability `webSocketUrl` of a session at `endpoint`.
    pub(super) fn connect(
        url: &str,
        endpoint: &Endpoint,
        limit: Duration,
    ) -> Result<Self, BidiError> {
        let parsed = Url::parse(url).map_err(io::Error::other)?;
        let addresses = parsed.socket_addrs(|| Some(80))?;
        let tcp = TcpStream::connect(&addresses[..])?;
        tcp.set_read_timeout(Some(limit))?;
        tcp.set_nodelay(true)?;
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

    #[test]
    fn events_wait_until_they_are_taken() {
        const LIMIT: Duration = Duration::from_secs(20);
        let bidi = Bidi::connect(&browser(), &Endpoint::of_port(1).unwrap(), LIMIT).unwrap();
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
        let bidi = Bidi::connect(&browser(), &Endpoint::of_port(1).unwrap(), SHORT).unwrap();
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
