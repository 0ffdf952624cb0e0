//! The one writer: everything that leaves the page as text goes through here.

use super::{Event, Timed, lines};
use crate::{page, redact};

/// Tells `event` to machines and to people, without any secret.
///
/// # Panics
/// If the event cannot be written as JSON, which its type rules out.
pub fn write(event: &Event) {
    let timed = Timed {
        at: page::wall_clock(),
        event: event.clone(),
    };
    let json = serde_json::to_string(&timed).expect("events are plain data");
    page::queue(&redact::clean(&json));
    let lines = lines(event);
    if !lines.is_empty() {
        page::say(&redact::clean(&lines));
    }
}
