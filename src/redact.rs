//! Keeps secrets out of everything that is written.
//!
//! Whoever learns a secret (a password, a token, a pre-signed signature) tells it here; the one
//! writer of the report passes every text through [`clean`] and so replaces each by its value,
//! wherever it turns up. What is secret by its kind needs nobody to learn it.

mod json;
mod kinds;

use std::{cell::RefCell, fmt::Write as _, ops::Range};

use memchr::memmem::Finder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

pub use json::clean_json;
pub use kinds::{is_secret, is_secret_setting};

/// Shorter values are no secrets anyone could keep, and replacing them would garble every text.
const SHORTEST: usize = 4;

/// What stands where a secret was.
pub const MASK: &str = "[redacted]";

thread_local! {
    static SECRETS: RefCell<Vec<Finder<'static>>> = const { RefCell::new(Vec::new()) };
}

/// What JavaScript's `encodeURIComponent` leaves as it is.
pub(crate) const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// From now on, `secret` is replaced wherever it turns up: as it is, as it stands in JSON and as
/// it stands in a URL.
pub fn learn(secret: &str) {
    if secret.len() < SHORTEST {
        return;
    }
    let json = serde_json::Value::from(secret).to_string();
    let json = &json[1..json.len() - 1];
    let forms = [
        secret.to_owned(),
        json.to_owned(),
        ascii(json),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(secret, COMPONENT).to_string(),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    ];
    SECRETS.with_borrow_mut(|secrets| {
        for form in forms {
            if secrets
                .iter()
                .all(|known| known.needle() != form.as_bytes())
            {
                secrets.push(Finder::new(&form).into_owned());
            }
        }
    });
}

/// Does `work`, and forgets at its end the secrets that were learnt meanwhile. Of many runs in a row,
/// each has secrets of its own, and looking for all of them would take ever longer.
pub fn for_a_while<T>(work: impl FnOnce() -> T) -> T {
    let known = SECRETS.with_borrow(Vec::len);
    let done = work();
    SECRETS.with_borrow_mut(|secrets| secrets.truncate(known));
    done
}

/// JSON as Python's `json.dumps` writes it.
fn ascii(json: &str) -> String {
    let mut text = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

/// `text` without any secret: none that was learnt, nothing that looks like a JSON Web Token,
/// nothing under a secret's usual name; e-mail addresses are shortened. A text that is clean stays
/// as it is.
#[must_use]
pub fn clean(text: &str) -> String {
    let text = without_secrets(text);
    let text = kinds::without_tokens(&text);
    let text = kinds::without_named(text);
    kinds::without_addresses(text)
}

/// Masks every place that belongs to a secret; where secrets overlap, all of them.
fn without_secrets(text: &str) -> String {
    let mut places = SECRETS.with_borrow(|secrets| {
        let places = secrets.iter().flat_map(|secret| places(text, secret));
        places.collect::<Vec<_>>()
    });
    places.sort_unstable_by_key(|place| place.start);
    let mut clean = String::with_capacity(text.len());
    let mut end = 0;
    for place in places {
        if place.start >= end {
            clean.push_str(&text[end..place.start]);
            clean.push_str(MASK);
        }
        end = end.max(place.end);
    }
    clean + &text[end..]
}

/// Where `secret` is, also where it overlaps itself.
fn places(text: &str, secret: &Finder) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(at) = secret.find(&text.as_bytes()[from..]) {
        let start = from + at;
        places.push(start..start + secret.needle().len());
        from = start + text[start..].chars().next().map_or(1, char::len_utf8);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_replaced_in_every_form() {
        learn("p\"ss/word");
        learn("p\"ss/word-and-more");
        assert_eq!(clean("a p\"ss/word b"), "a [redacted] b");
        assert_eq!(clean(r#"{"a":"p\"ss/word"}"#), r#"{"a":"[redacted]"}"#);
        assert_eq!(clean("?p=p%22ss%2Fword&x"), "?p=[redacted]&x");
        assert_eq!(clean("p\"ss/word-and-more"), "[redacted]");
    }

    #[test]
    fn what_is_learnt_for_a_while_is_forgotten() {
        learn("a lasting secret");
        let meanwhile = for_a_while(|| {
            learn("a passing secret");
            clean("a lasting secret, a passing secret")
        });
        assert_eq!(meanwhile, "[redacted], [redacted]");
        let text = "a lasting secret, a passing secret";
        assert_eq!(clean(text), "[redacted], a passing secret");
    }

    #[test]
    fn tokens_are_known_by_their_look() {
        assert_eq!(
            clean("a eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.c2ln, b"),
            "a [redacted], b"
        );
        assert_eq!(clean("eyJust a word"), "eyJust a word");
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for (text, cleaned) in [
            (
                "http://s3/b/k?X-Amz-Credential=AKIA%2F2026&X-Amz-Date=2026&X-Amz-Signature=1c89",
                "http://s3/b/k?X-Amz-Credential=[redacted]&X-Amz-Date=2026&X-Amz-Signature=[redacted]",
            ),
            (
                r#"{"fields":{"policy":"abc","x-amz-signature" : "1c89","key":"data/a"}}"#,
                r#"{"fields":{"policy":"[redacted]","x-amz-signature" : "[redacted]","key":"data/a"}}"#,
            ),
            (
                r#"{"message":"answered {\"RefreshToken\":\"abc\",\"ExpiresIn\":3600}"}"#,
                r#"{"message":"answered {\"RefreshToken\":\"[redacted]\",\"ExpiresIn\":3600}"}"#,
            ),
            (
                "authorization: Bearer abc def\nhost: a",
                "authorization: [redacted]\nhost: a",
            ),
            (
                r#"Invalid according to Policy: ["eq", "$key"], no PASSWORD, SECOND_PASSWORD=1"#,
                r#"Invalid according to Policy: ["eq", "$key"], no PASSWORD, SECOND_PASSWORD=[redacted]"#,
            ),
        ] {
            assert_eq!(clean(text), cleaned);
            assert_eq!(clean(cleaned), cleaned);
        }
        assert!(is_secret("Authorization") && is_secret("X-Amz-Signature") && !is_secret("Host"));
    }

    #[test]
    fn addresses_are_shortened() {
        for (text, cleaned) in [
            ("somebody@opencloud.test cannot", "s…@opencloud.test cannot"),
            ("é<a.b+c@d-e.example.org>.", "é<a…@d-e.example.org>."),
            (
                "?email=somebody%40opencloud.test",
                "?email=s…%40opencloud.test",
            ),
            (
                "@media print, a@b, gloo@0.7.1, @",
                "@media print, a@b, gloo@0.7.1, @",
            ),
        ] {
            assert_eq!(clean(text), cleaned);
            assert_eq!(clean(cleaned), cleaned);
        }
    }

    #[test]
    fn what_is_too_short_to_be_secret_stays() {
        learn("abc");
        assert_eq!(clean("abcd"), "abcd");
    }
}
