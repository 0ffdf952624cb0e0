//! What is known of the services from earlier requests.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use futures_util::lock::Mutex;
use opencloud_model::service::Service;

use crate::http::request::{Kind, Method, Request};

/// What earlier answers of a run have shown of the services.
#[derive(Debug, Default)]
pub(in crate::http) struct Known {
    /// Which methods have succeeded at which service.
    pub(in crate::http) succeeded: RefCell<HashSet<(Service, Method)>>,
    /// Which kinds of requests have succeeded, by their method and the pattern of their path.
    pub(in crate::http) kinds: RefCell<HashSet<Kind>>,
    /// Public addresses of a service, which answer every GET with success.
    pub(in crate::http) public: RefCell<HashMap<Service, Vec<String>>>,
    /// The last redirect that a request of this method has followed: from where to where.
    pub(in crate::http) redirects: RefCell<HashMap<Method, (String, String)>>,
    /// Held while trials are made, whose short deadlines leave no time for those of other diagnoses.
    pub(super) trials: Mutex<()>,
    /// The other origins that can read a service, where a diagnosis has found out.
    pub(super) allowed_origins: RefCell<HashMap<(Service, Method), Vec<String>>>,
}

impl Known {
    /// A public address of the service, if one is known. Not that of the request itself, if there is another: what
    /// is wrong there alone must not look as if it were so everywhere.
    pub(super) fn public_address(&self, request: &Request) -> Option<String> {
        let public = self.public.borrow();
        let addresses = public.get(&request.service)?;
        let mut others = addresses.iter().filter(|url| *url != request.bare_url());
        others.next().or_else(|| addresses.first()).cloned()
    }

    /// Whether the request is for a public address of the service.
    pub(super) fn is_public(&self, request: &Request) -> bool {
        let public = self.public.borrow();
        let mut addresses = public.get(&request.service).into_iter().flatten();
        addresses.any(|url| url == request.bare_url())
    }
}
