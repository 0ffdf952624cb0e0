//! Losses that a patient client survives: whatever is lost now and then, no request is lost as often
//! in a row as a client tries it.

use std::collections::HashMap;

use axum::http::{Method, header::ACCESS_CONTROL_REQUEST_METHOD, request::Parts};

/// The losses of late, by request.
#[derive(Debug, Default)]
pub(super) struct Losses(HashMap<Request, Vec<usize>>);

/// What tells requests apart. A preflight counts as the request that it announces, since either's
/// loss fails the attempt; uploads to one bucket are all alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Request {
    method: String,
    address: String,
}

impl Request {
    pub(super) fn of(parts: &Parts) -> Self {
        let announced = parts
            .headers
            .get(ACCESS_CONTROL_REQUEST_METHOD)
            .filter(|_| parts.method == Method::OPTIONS)
            .and_then(|method| method.to_str().ok());
        Self {
            method: announced.unwrap_or(parts.method.as_str()).to_owned(),
            address: parts.uri.to_string(),
        }
    }
}

impl Losses {
    /// One less than the attempts of a client.
    const MOST: usize = 2;
    /// Of so many answers to requests that look alike, `MOST` may be lost: three attempts and their
    /// preflights, and what others send meanwhile that cannot be told from them.
    const AMONG: usize = 16;

    /// Another answer to `request` is due.
    pub(super) fn answer(&mut self, request: &Request) {
        let Some(ages) = self.0.get_mut(request) else {
            return;
        };
        for age in &mut *ages {
            *age += 1;
        }
        ages.retain(|age| *age < Self::AMONG);
        if ages.is_empty() {
            self.0.remove(request);
        }
    }

    /// Whether that answer may be lost; if so, it is.
    pub(super) fn lose(&mut self, request: &Request) -> bool {
        let ages = self.0.entry(request.clone()).or_default();
        let may = ages.len() < Self::MOST;
        if may {
            ages.push(0);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &Method, headers: &[(&str, &str)]) -> Request {
        let mut request = axum::http::Request::builder()
            .method(method)
            .uri("/files/a?b=c");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Request::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_request_is_not_lost_three_times_in_a_row() {
        let mut losses = Losses::default();
        let (get, put) = (request(&Method::GET, &[]), request(&Method::PUT, &[]));
        let mut lost = |request| {
            losses.answer(request);
            losses.lose(request)
        };
        assert!(lost(&get) && lost(&get));
        for _ in 2..Losses::AMONG {
            assert!(!lost(&get));
        }
        assert!(lost(&put), "another request");
        assert!(lost(&get), "the first loss is long ago");
        assert!(lost(&get), "and so is the second");
        assert!(!lost(&get));
    }

    #[test]
    fn a_preflight_counts_as_its_request() {
        let announced = [("access-control-request-method", "PUT")];
        let put = request(&Method::PUT, &[]);
        assert_eq!(request(&Method::OPTIONS, &announced), put);
        assert_ne!(request(&Method::OPTIONS, &[]), put);
        assert_ne!(request(&Method::GET, &announced), put);
    }

    #[test]
    fn what_was_lost_long_ago_is_forgotten() {
        let mut losses = Losses::default();
        let get = request(&Method::GET, &[]);
        assert!(losses.lose(&get));
        for _ in 0..Losses::AMONG {
            losses.answer(&get);
        }
        assert!(losses.0.is_empty());
    }
}
