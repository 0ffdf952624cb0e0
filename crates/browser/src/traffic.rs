//! A page's requests as the engine reports them, in one form for all engines.

mod exchange;
mod network_log;
mod reason;
mod recorder;

pub use exchange::{
    EARLIER, Exchange, Headers, Kind, Received, Timing, bare, clean_headers, without_values,
};
pub use network_log::NetworkLog;
pub use reason::{About, Reason};
pub use recorder::{Recorder, Traffic};
