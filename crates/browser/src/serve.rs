//! Where the page comes from: the test runner's server, the gateway before it, and the listener
//! that answers http and https.

pub mod page_server;

mod gateway;
mod tls;

pub use gateway::{Cookie, PageGateway};
pub use tls::TlsListener;
