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
            body,
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
            body,
            started_at,
            seconds,
            status,
            readable: Some(status.is_some()),
            problem,
            cause: cause.as_ref().map(name_of),
            diagnosis: cause,
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

/// The request of `own` that a failure with this message rests on: a failed one that the message
/// names, or else the last that failed, or else the last that the message names, or else the last.
pub(super) fn culprit(exchanges: &[Exchange], own: &[usize], message: &str) -> Option<usize> {
    let failed = |place: &&usize| exchanges[**place].problem.is_some();
    // The first request of a message is that of its headline.
    let mention = |place: &&usize| {
        let Exchange { method, url, .. } = &exchanges[**place];
        message.find(&format!("({method} {url})"))
    };
    let named = |place: &&usize| mention(place).is_some();
    let own = || own.iter().rev();
    let first_named = own().filter(failed).filter(named).min_by_key(mention);
    let culprit = first_named
        .or_else(|| own().find(failed))
        .or_else(|| own().find(named));
    culprit.or(own().next()).copied()
}

/// The name of a cause, as in its JSON.
fn name_of(cause: &Cause) -> String {
    let json = serde_json::to_value(cause).unwrap_or_default();
    json["cause"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_culprit_is_the_request_that_the_message_names() {
        let request = |url: &str, problem: Option<&str>| Exchange {
            method: "GET".into(),
            url: url.into(),
            problem: problem.map(Into::into),
            ..Exchange::default()
        };
        let failed = Some("nothing answers there");
        let exchanges = [
            request("http://a/1", failed),
            request("http://a/2", failed),
            request("http://a/3", None),
        ];
        let culprit = |own: &[usize], message: &str| {
            culprit(&exchanges, own, message).map(|place| &*exchanges[place].url)
        };
        let named = "list (GET http://a/1): nothing answers there";
        assert_eq!(culprit(&[0, 1, 2], named), Some("http://a/1"));
        let unnamed = "no OpenCloud answered at http://a";
        assert_eq!(culprit(&[0, 1, 2], unnamed), Some("http://a/2"));
        assert_eq!(culprit(&[2], named), Some("http://a/3"));
        assert_eq!(culprit(&[], named), None);
    }
}
