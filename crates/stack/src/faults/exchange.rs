//! A request and the answer to it, as rules see them.

use axum::http::{Method, StatusCode, header, request::Parts};

use crate::endpoint::{Endpoint, Service};

/// Which exchanges a rule is about.
#[derive(Clone)]
pub(super) enum When {
    Any,
    /// Any answer of the service, preflights included.
    From(Service),
    /// An answer of the service to a request with this method.
    Method(Service, Method),
    /// An answer of the service with this status.
    HasStatus(Service, u16),
    /// Any error of the service.
    Refusal(Service),
    /// The service's answer to a preflight.
    Preflight(Service),
    /// Any answer to the call.
    Call(Endpoint),
    /// An answer to the call with this status.
    Answers(Endpoint, u16),
    /// The call succeeded.
    Done(Endpoint),
    If(fn(&Exchange) -> bool),
}

impl When {
    pub(super) fn matches(&self, exchange: &Exchange) -> bool {
        let status = exchange.status;
        match self {
            Self::Any => true,
            Self::From(service) => exchange.is_from(*service),
            Self::Method(service, method) => {
                exchange.is_answer(*service) && exchange.method == *method
            }
            Self::HasStatus(service, wanted) => exchange.is_answer(*service) && status == *wanted,
            Self::Refusal(service) => {
                exchange.is_answer(*service)
                    && (status.is_client_error() || status.is_server_error())
            }
            Self::Preflight(service) => exchange.is_from(*service) && exchange.is_preflight,
            Self::Call(endpoint) => exchange.is(*endpoint),
            Self::Answers(endpoint, wanted) => exchange.is(*endpoint) && status == *wanted,
            Self::Done(endpoint) => exchange.is_done(*endpoint),
            Self::If(condition) => condition(exchange),
        }
    }
}

/// A request and what is about to be answered to it.
pub(super) struct Exchange {
    pub(super) service: Service,
    pub(super) is_preflight: bool,
    pub(super) method: Method,
    pub(super) path: String,
    /// Whether nobody can have asked for the address before: the suite adds such a parameter.
    pub(super) is_unrepeated: bool,
    /// The method that a preflight asks for.
    pub(super) asks_for: Option<String>,
    /// The length of the request's body.
    pub(super) length: Option<u64>,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) status: StatusCode,
}

impl Exchange {
    /// The exchange as far as it is known from the request; the answer completes it.
    pub(super) fn of(service: Service, request: &Parts) -> Self {
        let text = |name| {
            request
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let asks_for = text(header::ACCESS_CONTROL_REQUEST_METHOD).map(str::to_owned);
        Self {
            service,
            is_preflight: request.method == Method::OPTIONS && asks_for.is_some(),
            method: request.method.clone(),
            path: request.uri.path().to_owned(),
            is_unrepeated: (request.uri.query()).is_some_and(|query| query.contains("nonce=")),
            asks_for,
            length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            endpoint: None,
            status: StatusCode::OK,
        }
    }

    pub(super) fn is_from(&self, service: Service) -> bool {
        self.service == service
    }

    /// An answer of the service, to anything but a preflight.
    pub(super) fn is_answer(&self, service: Service) -> bool {
        self.is_from(service) && !self.is_preflight
    }

    /// An answer to this call.
    pub(super) fn is(&self, endpoint: Endpoint) -> bool {
        self.endpoint == Some(endpoint)
    }

    /// The call succeeded.
    pub(super) fn is_done(&self, endpoint: Endpoint) -> bool {
        self.is(endpoint) && self.status.is_success()
    }
}
