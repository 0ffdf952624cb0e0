//! S3: POST Object with policy verification, pre-signed GET, per-bucket CORS.
//!
//! Addressed path style (`http://host:port/<bucket>/<key>`) and spoken only by pre-signed requests,
//! because that is all a page ever sends.

mod bucket;
mod conditions;
mod cors;
mod credential;
mod error;
mod faulty;
mod form;
mod get;
mod policy;
mod post;
mod presigned;
mod range;
mod service;
pub mod sign;
pub mod store;

pub use bucket::Bucket;
pub use cors::CorsRule;
pub use service::router;
pub use sign::{PostForm, Signer};
pub use store::{ObjectMeta, ObjectStore};
