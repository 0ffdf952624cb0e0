//! Where pages come from: the test runner that makes them, the directory of their files and its server, and
//! the listener that answers http and https.

pub mod runner;

mod gateway;
mod localhost;
mod page_directory;
mod relay;
mod request_head;
mod site;
mod tls;

pub use gateway::{Cookie, PageGateway};
pub(crate) use localhost::check_name;
pub use localhost::{listen_on_localhost, serve_at};
pub use page_directory::PageDirectory;
pub use site::Site;
pub use tls::TlsListener;
