use std::time::Instant;

use axum::{body::to_bytes, extract::Request, routing::any};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// The limits of a server under test are small.
const LIMITS: Limits = Limits {
    connections: 2,
    head: 8192,
    head_time: Duration::from_millis(500),
    body: 100_000,
    idle: Duration::from_secs(1),
    body_rate: 1024,
};

/// A server that reads a whole body and says how long it is; under `/much` it sends a lot.
struct Server {
    address: SocketAddr,
    /// Where it listens as well.
    other_address: SocketAddr,
    _stop: tokio_util::sync::DropGuard,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let other_address = other.local_addr().unwrap();
        let router = Router::new()
            .route("/much", any(async || vec![b'x'; 64 << 20]))
            .fallback(any(async |request: Request| {
                match to_bytes(request.into_body(), usize::MAX).await {
                    Ok(body) => (StatusCode::OK, body.len().to_string()),
                    Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
                }
            }));
        let stop = CancellationToken::new();
        let listeners = vec![listener, other];
        tokio::spawn(serve(listeners, router, LIMITS, false, stop.clone()));
        Self {
            address,
            other_address,
            _stop: stop.drop_guard(),
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `request`, and returns everything that the server sends until it closes the
    /// connection.
    async fn send(&self, request: impl AsRef<[u8]>) -> String {
        let mut connection = self.connect().await;
        let _ = connection.write_all(request.as_ref()).await;
        rest(connection).await
    }
}

async fn rest(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    let end = connection.read_to_end(&mut answer);
    let ended = tokio::time::timeout(Duration::from_secs(20), end).await;
    assert!(ended.is_ok(), "the server keeps the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn the_time_for_a_head_is_limited() {
    let server = Server::start().await;
    let begin = Instant::now();
    for beginning in ["", "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
        let answer = server.send(beginning).await;
        assert!(!answer.contains("200"), "{answer}");
    }
    assert!(begin.elapsed() >= 2 * LIMITS.head_time);

    // One letter at a time does not help.
    let mut connection = server.connect().await;
    let begin = Instant::now();
    while connection.write_all(b"G").await.is_ok() {
        assert!(begin.elapsed() < Duration::from_secs(10), "still listening");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_length_of_a_head_is_limited() {
    let server = Server::start().await;
    let head = |length| {
        let value = "v".repeat(length);
        format!("GET / HTTP/1.1\r\nHost: a\r\nX: {value}\r\nConnection: close\r\n\r\n")
    };
    assert!(server.send(head(4000)).await.starts_with("HTTP/1.1 200"));
    assert!(server.send(head(20_000)).await.starts_with("HTTP/1.1 431"));
    let path = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "p".repeat(20_000));
    assert!(server.send(path).await.starts_with("HTTP/1.1 4"));
}

#[tokio::test]
async fn the_length_of_a_body_is_limited() {
    let server = Server::start().await;
    let announced = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n";
    assert!(server.send(announced).await.starts_with("HTTP/1.1 413"));

    let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\
                   Connection: close\r\n\r\n";
    let answer = server
        .send([chunked, &chunk.repeat(20), "0\r\n\r\n"].concat())
        .await;
    assert!(answer.contains("more than 100000 bytes"), "{answer}");
    let answer = server.send([chunked, &chunk, "0\r\n\r\n"].concat()).await;
    assert!(answer.ends_with("8192"), "{answer}");
}

#[tokio::test]
async fn the_rate_of_a_body_is_limited() {
    let server = Server::start().await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n";
    // The client sends nothing more.
    let answer = server.send(head).await;
    assert!(answer.contains("comes too slowly"), "{answer}");

    // Each byte comes in time, but all of them would take a minute.
    let (mut reader, mut writer) = server.connect().await.into_split();
    writer.write_all(head.as_bytes()).await.unwrap();
    let trickle = tokio::spawn(async move {
        while writer.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(12)).await;
        }
    });
    let mut answer = String::new();
    let _ = reader.read_to_string(&mut answer).await;
    trickle.abort();
    assert!(answer.contains("comes too slowly"), "{answer}");

    // A slow client that is fast enough succeeds.
    let mut connection = server.connect().await;
    connection.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..5 {
        sleep(Duration::from_millis(100)).await;
        connection.write_all(&[b'x'; 1000]).await.unwrap();
    }
    let answer = rest(connection).await;
    assert!(answer.ends_with("5000"), "{answer}");
}

#[tokio::test]
async fn a_client_that_takes_no_answer_loses_its_connection() {
    let server = Server::start().await;
    let mut stalled = Vec::new();
    for _ in 0..LIMITS.connections {
        let mut connection = server.connect().await;
        let much = "GET /much HTTP/1.1\r\nHost: a\r\n\r\n";
        connection.write_all(much.as_bytes()).await.unwrap();
        stalled.push(connection);
    }
    // The other listener has no places of its own.
    let mut connection = TcpStream::connect(server.other_address).await.unwrap();
    let begin = Instant::now();
    connection.write_all(GET.as_bytes()).await.unwrap();
    assert!(rest(connection).await.starts_with("HTTP/1.1 200"));
    assert!(
        begin.elapsed() > LIMITS.idle / 2,
        "the server did not wait for them"
    );
}
