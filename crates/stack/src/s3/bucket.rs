//! The bucket that the service holds.

use super::{cors::CorsRule, store::ObjectStore};
use crate::faults::Faults;

/// The bucket that the service holds.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name, the first part of every path.
    pub name: String,
    /// Its objects.
    pub store: ObjectStore,
    /// Its CORS rules; without any, no page may use it.
    pub cors: Vec<CorsRule>,
    /// The faults of its service.
    pub faults: Faults,
}
