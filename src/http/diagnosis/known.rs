//! What is known of the services from earlier requests.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use futures_util::lock::Mutex;
use opencloud_model::service::Service;

use crate::http::request::{Kind, Method};

/// What earlier answers of a run have shown of the services.
#[derive(Debug, Default)]
pub(in crate::http) struct Known {
    /// Which methods have succeeded at which service.
    pub(in crate::http) succeeded: RefCell<HashSet<(Service, Method)>>,
    /// Which kinds of requests have succeeded, by their method and the pattern of their path.
    pub(in crate::http) kinds: RefCell<HashSet<Kind>>,
    /// A public address of a service, which answers every GET with success.
    pub(in crate::http) public: RefCell<HashMap<Service, String>>,
    /// Where answers to requests of these methods came from, if a redirect led there.
    pub(in crate::http) redirects: RefCell<HashMap<Method, String>>,
    /// Held while trials are made, whose short deadlines leave no time for those of other diagnoses.
    pub(super) trials: Mutex<()>,
    /// The other origins that can read a service, where a diagnosis has found out.
    pub(super) allowed_origins: RefCell<HashMap<(Service, Method), Vec<String>>>,
}
