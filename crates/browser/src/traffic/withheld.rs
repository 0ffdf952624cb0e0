//! An answer that the page could not read.

use opencloud_model::observation::WithheldAnswer;
use url::Url;

use super::exchange::{Exchange, Followed, Kind, sender};

/// The answer of `exchange`, if one came: that of the first redirect, if it followed one.
#[must_use]
pub fn withheld(exchange: &Exchange) -> Option<WithheldAnswer> {
    let headers = &exchange.response_headers;
    let answer = match &exchange.redirect {
        Some(redirect) => redirect.clone(),
        None => Followed::new(exchange.status?, headers),
    };
    let Followed {
        status,
        location,
        server,
    } = answer;
    Some(WithheldAnswer {
        status,
        url: exchange.bare_url.clone(),
        server,
        location,
        media_type: headers.get("content-type").cloned(),
        error_type: headers
            .get("x-amzn-errortype")
            .map(|kind| kind.as_str().into()),
        ..WithheldAnswer::default()
    })
}

/// The program that gave the answers of the origin of `url`, among those that the page could read.
#[must_use]
pub fn usual_server<'a>(
    url: &str,
    readable: impl IntoIterator<Item = &'a Exchange>,
) -> Option<String> {
    let origin_of = |url: &str| Url::parse(url).ok().map(|url| url.origin());
    let origin = origin_of(url)?;
    let mut of_origin = readable.into_iter().filter(|exchange| {
        exchange.kind == Kind::Script
            && exchange.status.is_some_and(|status| status < 400)
            && origin_of(&exchange.bare_url).as_ref() == Some(&origin)
    });
    of_origin.find_map(|exchange| sender(&exchange.response_headers))
}
