//! The one writer: everything that leaves the page as text goes through here.

use opencloud_model::{
    event::{Event, Timed},
    lines::lines,
    redact,
};

use crate::page;

/// Tells `event` to machines and to people, without any secret.
///
/// # Panics
/// If the event cannot be written as JSON and read again, which its type rules out.
pub fn write(event: &Event) {
    let timed = Timed {
        at: page::wall_clock(),
        event: event.clone(),
    };
    let mut json = serde_json::to_value(&timed).expect("events are plain data");
    redact::clean_json(&mut json, &Timed::FIXED);
    page::queue(&json.to_string());
    let clean: Timed = serde_json::from_value(json).expect("what is fixed was left as it is");
    let lines = lines(&clean.event);
    if !lines.is_empty() {
        page::say(&lines);
    }
}
