//! Which answers were dropped of late. A client that tries three times must get an answer, so no
//! request loses three answers in a row.

use std::collections::HashMap;

use axum::http::{Method, header::ACCESS_CONTROL_REQUEST_METHOD, request::Parts};

use crate::http;

/// The answers that were dropped of late, by request: how many answers came since each.
#[derive(Debug, Default)]
pub(super) struct DroppedAnswers(HashMap<Request, Vec<usize>>);

/// The key by which requests are counted. A preflight counts as the request that it announces,
/// since an attempt fails without the answer to either; all uploads to one bucket are alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Request {
    method: String,
    address: String,
}

impl Request {
    pub(super) fn of(parts: &Parts) -> Self {
        let announced = http::text(&parts.headers, ACCESS_CONTROL_REQUEST_METHOD)
            .filter(|_| parts.method == Method::OPTIONS);
        Self {
            method: announced.unwrap_or(parts.method.as_str()).to_owned(),
            address: parts.uri.to_string(),
        }
    }
}

impl DroppedAnswers {
    /// One less than the attempts of a client.
    const MOST: usize = 2;
    /// Of so many answers to requests that look alike, `MOST` may be dropped: three attempts and
    /// their preflights, and requests of other clients that look the same.
    const AMONG: usize = 16;

    /// Counts another answer to `request`.
    pub(super) fn count_answer(&mut self, request: &Request) {
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

    /// Whether that answer may be dropped; if so, it counts as dropped.
    pub(super) fn drop_answer(&mut self, request: &Request) -> bool {
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
    fn a_request_loses_no_three_answers_in_a_row() {
        let mut answers = DroppedAnswers::default();
        let (get, put) = (request(&Method::GET, &[]), request(&Method::PUT, &[]));
        let mut dropped = |request| {
            answers.count_answer(request);
            answers.drop_answer(request)
        };
        assert!(dropped(&get) && dropped(&get));
        for _ in 2..DroppedAnswers::AMONG {
            assert!(!dropped(&get));
        }
        assert!(dropped(&put), "another request");
        assert!(dropped(&get), "the first one is long ago");
        assert!(dropped(&get), "and so is the second");
        assert!(!dropped(&get));
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
    fn old_entries_are_removed() {
        let mut answers = DroppedAnswers::default();
        let get = request(&Method::GET, &[]);
        assert!(answers.drop_answer(&get));
        for _ in 0..DroppedAnswers::AMONG {
            answers.count_answer(&get);
        }
        assert!(answers.0.is_empty());
    }
}
