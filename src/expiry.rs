//! When what the UserAPI has prepared expires.

use jiff::{SignedDuration, Timestamp, fmt::strtime};

/// When the pre-signed URL expires (AWS, "Authenticating Requests: Using Query Parameters").
#[must_use]
pub fn of_url(url: &str) -> Option<Timestamp> {
    let url = url::Url::parse(url).ok()?;
    let parameter = |wanted: &str| {
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.into_owned())
    };
    // Signature version 2 names the time itself, in seconds since 1970 (AWS, "Signing and authenticating REST
    // requests").
    if parameter("x-amz-date").is_none() {
        return Timestamp::from_second(parameter("expires")?.parse().ok()?).ok();
    }
    let signed =
        strtime::parse("%Y%m%dT%H%M%S", parameter("x-amz-date")?.strip_suffix('Z')?).ok()?;
    let signed = jiff::tz::Offset::UTC
        .to_timestamp(signed.to_datetime().ok()?)
        .ok()?;
    let seconds = parameter("x-amz-expires")?.parse().ok()?;
    signed.checked_add(SignedDuration::from_secs(seconds)).ok()
}

/// Says that something expired before it arrived; `None` if it did not.
#[must_use]
pub fn explain(expires: Timestamp, arrived: Timestamp) -> Option<String> {
    let late = arrived.duration_since(expires).as_secs();
    (late > 0).then(|| {
        format!(
            "what the UserAPI returned for it had expired at {expires:.0}, {late} s before it came by this \
             machine's clock (UserAPI: its clock, or what it signs or passes on)"
        )
    })
}

#[cfg(test)]
mod tests;
