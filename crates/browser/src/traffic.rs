//! A page's requests as the engine reports them, in one form for all engines.

mod exchange;
mod network_log;
mod recorder;
mod withheld;

pub use exchange::{
    EARLIER, Exchange, Followed, Headers, Kind, Received, Timing, bare, clean_headers, find_sent,
    sender, without_values,
};
pub use network_log::NetworkLog;
pub use recorder::{Recorder, Traffic};
pub use withheld::{usual_server, withheld};
