//! Where pages come from: the test runner's server and the gateway before it, a directory of files, and
//! the listener that answers http and https.

pub mod page_server;

mod gateway;
mod localhost;
mod relay;
mod request_head;
mod site;
mod tls;

pub use gateway::{Cookie, PageGateway};
pub(crate) use localhost::check_name;
pub use localhost::listen_on_localhost;
pub use site::Site;
pub use tls::TlsListener;
