//! Serves HTTP, and lets no client take more than its share: of connections, of memory for a
//! request's head, of bytes for its body, and of time for any of it.

mod arriving;
mod patient;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, response::IntoResponse as _};
use hyper::{Request, StatusCode, body::Incoming, header::CONNECTION, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tower_service::Service as _;

use arriving::Arriving;
use patient::Patient;

/// What a client may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many connections are served at a time; more of them wait.
    connections: usize,
    /// How many bytes a request's line and headers may have.
    head: usize,
    /// How long they may take, counted from the end of the request before.
    head_time: Duration,
    /// How many bytes a body may have.
    body: u64,
    /// How long a body may make us wait for its next bytes, and a client before it takes some of
    /// its answer.
    idle: Duration,
    /// How many bytes of a body must arrive for each second of waiting, beyond the first `idle`.
    body_rate: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            head: 64 * 1024,
            head_time: Duration::from_secs(30),
            // What S3 takes in one upload, and some for the form around it.
            body: (5 << 30) + (1 << 20),
            idle: Duration::from_secs(30),
            body_rate: 1024,
        }
    }
}

/// Accepts connections until `stop`, and then lets those that are open end their request. Header
/// names are written in lower case, or `capitalised`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    capitalised: bool,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            // Never closed, so there is always a permit in the end.
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            Some(_) = connections.join_next() => continue,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = converse(
                    stream,
                    peer,
                    router.clone(),
                    limits,
                    capitalised,
                    stop.clone(),
                );
                connections.spawn(async move {
                    let _permit = permit;
                    connection.await;
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            // Out of file descriptors, most likely: some will be given back.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether the client gave up before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Serves one connection to its end.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    capitalised: bool,
    stop: CancellationToken,
) {
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        answer(router.clone(), request, limits)
    });
    let stream = TokioIo::new(Patient::new(stream, limits.idle));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head)
        .title_case_headers(capitalised)
        .serve_connection(stream, service);
    let mut connection = std::pin::pin!(connection);
    // How a connection ends is its client's concern: it learns it before we do.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    limits: Limits,
) -> Result<axum::response::Response, Infallible> {
    let announced = hyper::body::Body::size_hint(request.body()).lower();
    if announced > limits.body {
        let answer = (StatusCode::PAYLOAD_TOO_LARGE, [(CONNECTION, "close")]);
        return Ok(answer.into_response());
    }
    let request = request.map(|body| Body::new(Arriving::new(body, limits)));
    router.call(request).await
}

#[cfg(test)]
mod tests;
