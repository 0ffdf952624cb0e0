//! S3: POST Object with policy verification, pre-signed GET, per-bucket CORS.
//!
//! Addressed path style (`http://host:port/<bucket>/<key>`) and spoken only by pre-signed requests,
//! because that is all a page ever sends.

pub mod sign;
pub mod store;

pub use sign::{PostForm, Signer};
pub use store::{ObjectMeta, ObjectStore};
