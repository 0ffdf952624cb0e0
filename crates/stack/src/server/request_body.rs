//! The limits of a request's body. Its length and the time between two of its frames could be left
//! to `tower-http`, but not its rate: a client that sends one byte a second would never time out.

use std::time::Duration;

use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout};

use super::limits::Limits;

/// Why the rest of a body is not read.
#[derive(Debug, thiserror::Error)]
enum BodyError {
    #[error("the body has more than {0} bytes")]
    TooLong(u64),
    #[error("the body comes too slowly")]
    TooSlow,
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

/// The body, which fails once it is too long or too slow. Only the time in which the server waits
/// for the client counts.
pub(super) fn limited(body: Incoming, limits: Limits) -> Body {
    let begin = (body.into_data_stream(), 0_u64, Duration::ZERO);
    Body::from_stream(stream::try_unfold(
        begin,
        move |(mut body, mut received, mut waited)| async move {
            let earned = Duration::from_secs(received / u64::from(limits.body_rate));
            let left = (limits.idle + earned).saturating_sub(waited);
            let start = Instant::now();
            let chunk = timeout(left.min(limits.idle), body.next()).await;
            waited += start.elapsed();
            let Some(chunk) = chunk.map_err(|_| BodyError::TooSlow)?.transpose()? else {
                return Ok(None);
            };
            received += chunk.len() as u64;
            if received > limits.body {
                return Err(BodyError::TooLong(limits.body));
            }
            Ok(Some((chunk, (body, received, waited))))
        },
    ))
}
