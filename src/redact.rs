//! Keeps secrets out of everything that is written.
//!
//! Whoever learns a secret (a password, a token, a pre-signed signature) tells it here; the one
//! writer of the report passes every text through [`clean`] and so replaces each by its value,
//! wherever it turns up.

use std::cell::RefCell;

/// Shorter values are no secrets anyone could keep, and replacing them would garble every text.
const SHORTEST: usize = 4;

const MASK: &str = "[redacted]";

thread_local! {
    static SECRETS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// From now on, `secret` is replaced wherever it turns up, as it is, as it stands in JSON and as
/// it stands in a URL.
pub fn learn(secret: &str) {
    if secret.len() < SHORTEST {
        return;
    }
    let json = serde_json::Value::from(secret).to_string();
    let url = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC);
    SECRETS.with_borrow_mut(|secrets| {
        for form in [secret, &json[1..json.len() - 1], &url.to_string()] {
            if !secrets.iter().any(|known| known == form) {
                secrets.push(form.to_owned());
            }
        }
        // A secret that holds another one is replaced as a whole.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    });
}

/// `text` without any secret that was learnt, and without anything that looks like a JSON Web
/// Token, learnt or not.
#[must_use]
pub fn clean(text: &str) -> String {
    let text = SECRETS.with_borrow(|secrets| {
        secrets.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret.as_str(), MASK)
        })
    });
    without_tokens(&text)
}

/// Masks every run of token characters that starts as each JSON Web Token does: with the Base64
/// of `{"`.
fn without_tokens(text: &str) -> String {
    const START: &str = "eyJ";
    const SHORTEST_TOKEN: usize = 20;
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(START) {
        let (before, token) = rest.split_at(start);
        let end = token
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .unwrap_or(token.len());
        clean.push_str(before);
        clean.push_str(if end >= SHORTEST_TOKEN {
            MASK
        } else {
            &token[..end]
        });
        rest = &token[end..];
    }
    clean + rest
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
    fn tokens_are_known_by_their_look() {
        assert_eq!(
            clean("a eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.c2ln, b"),
            "a [redacted], b"
        );
        assert_eq!(clean("eyJust a word"), "eyJust a word");
    }

    #[test]
    fn what_is_too_short_to_be_secret_stays() {
        learn("abc");
        assert_eq!(clean("abcd"), "abcd");
    }
}
