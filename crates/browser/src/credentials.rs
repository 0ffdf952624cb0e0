//! The user name and the password in a URL.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use opencloud_model::redact;
use percent_encoding::percent_decode_str;
use url::Url;

/// Makes the password a known secret, in both forms in which it may be written.
pub(crate) fn learn_password(url: &Url) {
    if let Some(password) = url.password() {
        redact::learn(password);
        redact::learn(&decoded(password));
    }
}

/// The credentials for a header `authorization` or `proxy-authorization` (RFC 7617), if there are any.
pub(crate) fn basic(url: &Url) -> Option<String> {
    let user = decoded(url.username());
    let password = decoded(url.password().unwrap_or_default());
    let has_user = !user.is_empty() || !password.is_empty();
    has_user.then(|| {
        let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
        format!("Basic {credentials}")
    })
}

/// A part of a URL as its user wrote it before it was escaped.
fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}
