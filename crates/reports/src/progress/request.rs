//! Requests, as events report them.

use opencloud_model::{cause::Cause, event::Event};

use crate::model::{Exchange, Sender};

/// A request of an event.
pub(super) fn exchange(event: Event) -> Option<Exchange> {
    Some(match event {
        Event::Request {
            name,
            method,
            url,
            started_at,
            seconds,
            status,
            problem,
            cause,
        } => Exchange {
            sender: Sender::Step,
            name: Some(name),
            method,
            url,
            started_at,
            seconds,
            status,
            readable: Some(status.is_some()),
            problem,
            cause: cause.as_ref().map(name_of),
            ..Exchange::default()
        },
        Event::Tried {
            origin,
            name,
            method,
            url,
            started_at,
            seconds,
            status,
            problem,
        } => Exchange {
            sender: Sender::Trial,
            origin,
            name: Some(name),
            method,
            url,
            started_at,
            seconds,
            status,
            readable: Some(status.is_some()),
            problem: Some(problem),
            ..Exchange::default()
        },
        _ => return None,
    })
}

pub(super) fn is_same_request(one: &Exchange, other: &Exchange) -> bool {
    one.name == other.name
        && one.method == other.method
        && one.url == other.url
        && one.started_at.total_cmp(&other.started_at).is_eq()
}

/// The name of a cause, as in its JSON.
fn name_of(cause: &Cause) -> String {
    let json = serde_json::to_value(cause).unwrap_or_default();
    json["cause"].as_str().unwrap_or_default().to_owned()
}
