//! Addresses to which no page can send a request.

use opencloud_model::bad_port::is_bad_port;
use url::{ParseError, Url};

/// Why no page can send a request to `url`, for the end of a sentence; `None` if one can, as far as the address
/// itself shows.
#[must_use]
pub fn obstacle(url: &str) -> Option<String> {
    // A browser ignores what stands around an address.
    let url = url.trim_matches(|c| c <= ' ');
    if user_info(url).is_some() {
        return Some(
            "with a user name or a password before its host: fetch sends nothing to such an address, and each user \
             can read what stands there"
                .into(),
        );
    }
    let parsed = Url::parse(url);
    if parsed == Err(ParseError::InvalidPort) {
        return Some("whose port is not one: it is a number up to 65535".into());
    }
    // With a single slash, a browser takes the rest for a path of the page's own origin.
    let is_web = |url: &Url| ["http", "https"].contains(&url.scheme());
    let rest = url.split_once(':').map_or("", |(_, rest)| rest);
    let names_one = parsed.as_ref().is_ok_and(is_web) && slashes(rest) >= 2;
    if !names_one {
        return Some(
            "which does not begin with http:// or https:// and a host: a page asks its own origin for such an address, \
             or nobody"
                .into(),
        );
    }
    let port = parsed.ok()?.port()?;
    is_bad_port(port).then(|| format!("and browsers send no request to port {port}"))
}

/// `url` without its query, which may hold a signature, and without a user name and a password.
#[must_use]
pub fn shown(url: &str) -> String {
    let address = url.split(['?', '#']).next().unwrap_or_default();
    match user_info(address) {
        Some(secret) => address.replacen(&format!("{secret}@"), "", 1),
        None => address.to_owned(),
    }
}

/// What stands before the host of `url` and an `@`, whether or not it is a URL.
#[must_use]
pub fn user_info(url: &str) -> Option<&str> {
    let is_scheme = |scheme: &str| scheme.chars().all(|c| c.is_ascii_alphanumeric());
    let rest = match url.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) && slashes(rest) > 0 => rest,
        _ => url,
    };
    let rest = &rest[slashes(rest)..];
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let (user_info, _) = authority.rsplit_once('@')?;
    // Without a name and a password, a browser takes none from there.
    Some(user_info).filter(|user_info| !matches!(*user_info, "" | ":"))
}

/// How many slashes `text` begins with; browsers take `\` for one.
fn slashes(text: &str) -> usize {
    text.len() - text.trim_start_matches(['/', '\\']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_to_which_a_page_can_send_a_request() {
        for url in [
            "http://localhost:9000/b/a@b.txt?X-Amz-Signature=a@b",
            "HTTPS://S3.eu-central-1.amazonaws.com/b",
            " http://localhost/b\n",
            "http://localhost:80/",
            "http://@localhost/b",
        ] {
            assert_eq!(obstacle(url), None, "{url}");
            assert_eq!(user_info(url), None, "{url}");
        }
        for (url, why, shown_as) in [
            ("/decode/b?a=b", "does not begin with", "/decode/b"),
            ("s3://bucket/key", "does not begin with", "s3://bucket/key"),
            (
                "localhost:9000/b",
                "does not begin with",
                "localhost:9000/b",
            ),
            (
                "http:/localhost:9000/b",
                "does not begin with",
                "http:/localhost:9000/b",
            ),
            (
                "http://localhost:90000/b",
                "whose port",
                "http://localhost:90000/b",
            ),
            (
                "http://localhost:10080/b",
                "to port 10080",
                "http://localhost:10080/b",
            ),
            (
                "http://a:b@localhost:9000/b@c?d",
                "user name",
                "http://localhost:9000/b@c",
            ),
            ("http:/a:b@localhost/b", "user name", "http:/localhost/b"),
            ("a:b@localhost:9000/b", "user name", "localhost:9000/b"),
            (
                "http://a:b@localhost:90000/",
                "user name",
                "http://localhost:90000/",
            ),
        ] {
            let said = obstacle(url).expect("an obstacle");
            assert!(said.contains(why), "{url}: {said}");
            assert_eq!(shown(url), shown_as);
        }
        assert_eq!(user_info("http://a:b@localhost/"), Some("a:b"));
    }
}
