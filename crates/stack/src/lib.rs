//! OpenCloud in one program, to test against: the UserAPI, Cognito's public client, S3 with
//! pre-signed requests, and a worker.
//!
//! It answers as the real services do (their recorded exchanges are its tests) and it is stricter
//! than the emulators that are commonly used in their place: signatures, expiry and every
//! condition of a POST policy are verified, and a bucket's CORS rules are honoured.

mod applications;
pub mod cli;
pub mod cognito;
pub mod config;
mod data_directory;
pub mod database;
mod endpoint;
mod env_file;
mod expired_credentials;
pub mod faults;
mod file_mode;
mod files;
mod http;
pub mod jobs;
mod listen;
mod mailbox;
mod multipart;
mod prefill;
mod random;
pub mod s3;
mod server;
mod shared_body;
pub mod stack;
mod start_error;
mod urls;
mod user_api;
mod worker;
mod worker_environment;

pub use config::Config;
pub use faults::{Disturbance, Family, Fault, Faults};
pub use jobs::{JobStatus, StateChange};
pub use stack::Stack;
pub use start_error::StartError;
pub use urls::Urls;
