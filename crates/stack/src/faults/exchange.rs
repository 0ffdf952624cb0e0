//! A request and the answer to it, as rules see them.

use axum::http::{Method, StatusCode, header, request::Parts};

use crate::endpoint::{Endpoint, Service};

/// Whether a rule is about an exchange.
pub(super) type When = fn(&Exchange) -> bool;

/// A request and what is about to be answered to it.
pub(super) struct Exchange {
    pub(super) service: Service,
    pub(super) is_preflight: bool,
    pub(super) method: Method,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) status: StatusCode,
}

impl Exchange {
    /// The exchange as far as it is known from the request; the answer completes it.
    pub(super) fn of(service: Service, request: &Parts) -> Self {
        let preflight = header::ACCESS_CONTROL_REQUEST_METHOD;
        Self {
            service,
            is_preflight: request.method == Method::OPTIONS
                && request.headers.contains_key(preflight),
            method: request.method.clone(),
            endpoint: None,
            status: StatusCode::OK,
        }
    }

    pub(super) fn is_from(&self, service: Service) -> bool {
        self.service == service
    }

    pub(super) fn is_preflight(&self, service: Service) -> bool {
        self.is_from(service) && self.is_preflight
    }

    /// An answer of the service, to anything but a preflight.
    pub(super) fn is_answer(&self, service: Service) -> bool {
        self.is_from(service) && !self.is_preflight
    }

    /// An answer of the service with this status.
    pub(super) fn has_status(&self, service: Service, status: u16) -> bool {
        self.is_answer(service) && self.status == status
    }

    pub(super) fn is_refusal(&self, service: Service) -> bool {
        self.is_answer(service) && (self.status.is_client_error() || self.status.is_server_error())
    }

    /// An answer to this call.
    pub(super) fn is(&self, endpoint: Endpoint) -> bool {
        self.endpoint == Some(endpoint)
    }

    /// An answer to this call with this status.
    pub(super) fn answers(&self, endpoint: Endpoint, status: u16) -> bool {
        self.is(endpoint) && self.status == status
    }

    /// The call succeeded.
    pub(super) fn is_done(&self, endpoint: Endpoint) -> bool {
        self.is(endpoint) && self.status.is_success()
    }

    /// The answer holds a single job.
    pub(super) fn shows_a_job(&self) -> bool {
        self.is_done(Endpoint::CreateJob) || self.is_done(Endpoint::ShowJob)
    }
}
