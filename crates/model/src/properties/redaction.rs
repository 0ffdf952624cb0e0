use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::*;
use crate::redact::{COMPONENT, Secrets};

/// A secret as somebody may write it down.
fn written(secret: &str, way: usize) -> String {
    match way % 6 {
        0 => secret.to_owned(),
        1 => serde_json::Value::from(secret).to_string(),
        2 => utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        // As `URLSearchParams` and Python's `quote_plus` do.
        3 => url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        // As JavaScript's `encodeURIComponent` does.
        4 => utf8_percent_encode(secret, COMPONENT).to_string(),
        // As Python's `json.dumps` does.
        _ => {
            let mut ascii = String::new();
            for c in serde_json::Value::from(secret).to_string().chars() {
                if c.is_ascii() {
                    ascii.push(c);
                } else {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(ascii, "\\u{unit:04x}");
                    }
                }
            }
            ascii
        }
    }
}

/// `text` as it is written where just these secrets are known.
fn cleaned(known: &[String], text: &str) -> String {
    let secrets = Secrets::default();
    for secret in known {
        secrets.learn(secret);
    }
    secrets.clean(text)
}

proptest! {
    #[test]
    fn no_secret_stays_however_it_is_written(
        secrets in prop::collection::vec("[a-zA-Z0-9 '\"\\\\/+=&%é𝄞\n-]{8,20}", 1..4),
        ways in prop::collection::vec(any::<usize>(), 1..6),
        between in text(),
    ) {
        let mut said = String::new();
        for (at, way) in ways.iter().enumerate() {
            said += &written(&secrets[at % secrets.len()], *way);
            said += &between;
        }
        let clean = cleaned(&secrets, &said);
        for secret in &secrets {
            for way in 0..6 {
                let written = written(secret, way);
                let written = written.trim_matches('"');
                prop_assert!(!clean.contains(written), "{written:?} in {clean:?}");
            }
        }
    }

    #[test]
    fn no_part_of_overlapping_secrets_stays(
        (a, b, c) in ("[a-z]{8}", "[0-9]{8}", "[A-Z]{8}"),
    ) {
        let clean = cleaned(&[format!("{a}{b}"), format!("{b}{c}")], &format!("<{a}{b}{c}>"));
        for part in [a, b, c] {
            prop_assert!(!clean.contains(&part), "{part} in {clean}");
        }
        prop_assert!(clean.starts_with('<') && clean.ends_with('>'));
    }

    #[test]
    fn no_json_web_token_stays(
        before in text(),
        parts in prop::collection::vec("[A-Za-z0-9_-]{10,30}", 2..4),
        after in text(),
    ) {
        let token = format!("eyJ{}", parts.join("."));
        let clean = cleaned(&[], &format!("{before} {token} {after}"));
        prop_assert!(!clean.contains(&token), "{clean}");
    }
}
