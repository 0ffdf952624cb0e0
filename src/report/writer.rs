//! Writes events. All text that leaves the page goes through here, where secrets are removed.

use opencloud_model::{
    event::{Event, Timed},
    lines::lines,
    redact,
};

use crate::page;

/// Queues `event` as JSON and prints it as lines, without secrets.
///
/// # Panics
/// If the event cannot be written as JSON and read again. Its type rules that out.
pub fn write(event: &Event) {
    let timed = Timed {
        at: page::wall_clock(),
        event: event.clone(),
    };
    let mut json = serde_json::to_value(&timed).expect("events are plain data");
    redact::clean_json(&mut json, &Timed::FIXED);
    page::queue(&json.to_string());
    let clean: Timed = serde_json::from_value(json).expect("a redacted event is an event");
    let lines = lines(&clean.event);
    if !lines.is_empty() {
        page::print(&lines);
    }
}
