//! A request's body, which must not be too long nor come too slowly.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Limits;

/// Why a body is not read on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body has more than {0} bytes")]
    TooLong(u64),
    #[error("the body comes too slowly")]
    TooSlow,
    #[error(transparent)]
    Broken(hyper::Error),
}

/// The body. Only the time in which we wait for the client counts against it.
pub(super) struct Arriving {
    body: Incoming,
    limits: Limits,
    received: u64,
    waited: Duration,
    wait: Option<Wait>,
}

struct Wait {
    since: Instant,
    end: Pin<Box<Sleep>>,
}

impl Arriving {
    pub(super) fn new(body: Incoming, limits: Limits) -> Self {
        Self {
            body,
            limits,
            received: 0,
            waited: Duration::ZERO,
            wait: None,
        }
    }

    /// How much longer we wait.
    fn patience(&self) -> Duration {
        let Limits {
            idle, body_rate, ..
        } = self.limits;
        let earned = Duration::from_secs(self.received / u64::from(body_rate));
        idle.min((idle + earned).saturating_sub(self.waited))
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            if self.wait.is_none() {
                let since = Instant::now();
                let end = Box::pin(sleep_until(since + self.patience()));
                self.wait = Some(Wait { since, end });
            }
            if let Some(wait) = &mut self.wait {
                ready!(wait.end.as_mut().poll(context));
            }
            return Poll::Ready(Some(Err(BodyError::TooSlow)));
        };
        if let Some(wait) = self.wait.take() {
            self.waited += wait.since.elapsed();
        }
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                self.received += length as u64;
                Some(if self.received > self.limits.body {
                    Err(BodyError::TooLong(self.limits.body))
                } else {
                    Ok(frame)
                })
            }
            Some(Err(error)) => Some(Err(BodyError::Broken(error))),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
