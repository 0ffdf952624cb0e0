//! Serves HTTP, within limits for each client: of connections, of memory for a request's head, of
//! bytes for its body, and of time for any of it.

mod limits;
mod request_body;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo, response::IntoResponse as _};
use hyper::{Request, StatusCode, body::Incoming, header::CONNECTION, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::sleep,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower_service::Service as _;

pub(crate) use self::limits::Limits;
use self::request_body::limited;

/// Accepts connections at all `listeners` of a service until `stop`, and then lets those that are open
/// end their request. Header names are written in lower case, or `capitalised`.
pub(crate) async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    limits: Limits,
    capitalised: bool,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut all = JoinSet::new();
    for listener in listeners {
        let (places, router, stop) = (Arc::clone(&places), router.clone(), stop.clone());
        all.spawn(accept(listener, places, router, limits, capitalised, stop));
    }
    while all.join_next().await.is_some() {}
}

/// Serves the connections of one listener, each in one of the `places` that all of them share.
async fn accept(
    listener: TcpListener,
    places: Arc<Semaphore>,
    router: Router,
    limits: Limits,
    capitalised: bool,
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                // It is never closed, so this waits for a permit. A listener without connections keeps
                // none from the others.
                let permit = tokio::select! {
                    permit = Arc::clone(&places).acquire_owned() => permit,
                    () = stop.cancelled() => break,
                };
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
            // Most likely there are no file descriptors left until a connection ends.
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
    let mut stream = TimeoutStream::new(stream);
    // A client that takes nothing of its answer must not keep its connection.
    stream.set_write_timeout(Some(limits.idle));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head)
        .title_case_headers(capitalised)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let mut connection = std::pin::pin!(connection);
    // Errors of a connection are ignored: its client learns of them first.
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
    let request = request.map(|body| limited(body, limits));
    router.call(request).await
}

#[cfg(test)]
mod tests;
