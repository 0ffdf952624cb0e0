//! The secrets that are known by their values: one store for the whole process.

use std::{
    cell::RefCell,
    fmt::Write as _,
    ops::Range,
    sync::{PoisonError, RwLock},
};

use memchr::memmem::Finder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::form_urlencoded;

use super::{
    json,
    kinds::{self, MASK},
};

/// Shorter values are no secrets anyone could keep, and replacing them would garble every text.
const SHORTEST: usize = 4;

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

/// Those of the process: a thread that prints knows what any other has learnt.
static SECRETS: Secrets = Secrets(RwLock::new(Vec::new()));

thread_local! {
    /// What this thread has learnt within [`forget_after`].
    static PASSING: RefCell<Option<Vec<Form>>> = const { RefCell::new(None) };
}

/// A set of secrets.
#[derive(Debug, Default)]
pub struct Secrets(RwLock<Vec<Secret>>);

/// A form in which a secret may stand somewhere.
#[derive(Clone, Debug)]
struct Form {
    text: String,
    /// Whether it is a secret only where no letter and no digit is next to it.
    alone: bool,
}

#[derive(Debug)]
struct Secret {
    finder: Finder<'static>,
    alone: bool,
    /// How often it was learnt and not forgotten.
    count: usize,
}

impl Secret {
    fn has(&self, form: &Form) -> bool {
        self.finder.needle() == form.text.as_bytes() && self.alone == form.alone
    }
}

/// The secrets of this process.
#[must_use]
pub fn known() -> &'static Secrets {
    &SECRETS
}

/// From now on, [`clean`] replaces `secret` in every form: as it is, as in JSON and as in a URL.
pub fn learn(secret: &str) {
    learn_forms(forms(secret));
}

/// From now on, [`clean`] replaces a one-time code. It has six digits, as parts of times and ids have, so
/// only where it stands alone.
pub fn learn_code(code: &str) {
    learn_forms(vec![alone(code)]);
}

fn learn_forms(forms: Vec<Form>) {
    SECRETS.learn_forms(&forms);
    PASSING.with_borrow_mut(|passing| {
        if let Some(passing) = passing {
            passing.extend(forms);
        }
    });
}

/// Does `work`, and forgets at its end the secrets that this thread learnt meanwhile. Of many runs
/// in a row, each has secrets of its own, and looking for all of them would take ever longer.
pub fn forget_after<T>(work: impl FnOnce() -> T) -> T {
    let outer = PASSING.replace(Some(Vec::new()));
    let done = work();
    let passing = PASSING.replace(outer);
    SECRETS.forget(&passing.unwrap_or_default());
    done
}

/// `text` without any secret: none that was learnt, nothing that looks like a JSON Web Token,
/// nothing under a secret's usual name or in a URL's user info; e-mail addresses are shortened. A
/// text that is clean stays as it is.
#[must_use]
pub fn clean(text: &str) -> String {
    SECRETS.clean(text)
}

/// Takes the secrets out of every string in `value`, as [`clean`] does, and masks those that stand
/// under a secret's name. A name or a number is never changed, and neither is the value of a member
/// in `fixed`, which has few values, all of them ours: even a password that is a word of JSON's own
/// leaves it readable.
pub fn clean_json(value: &mut Value, fixed: &[&str]) {
    SECRETS.clean_json(value, fixed);
}

impl Secrets {
    /// Learns `secret`, for this set alone.
    pub fn learn(&self, secret: &str) {
        self.learn_forms(&forms(secret));
    }

    fn learn_forms(&self, forms: &[Form]) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for form in forms {
            if let Some(secret) = known.iter_mut().find(|secret| secret.has(form)) {
                secret.count += 1;
            } else {
                known.push(Secret {
                    finder: Finder::new(&form.text).into_owned(),
                    alone: form.alone,
                    count: 1,
                });
            }
        }
    }

    fn forget(&self, forms: &[Form]) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for form in forms {
            if let Some(secret) = known.iter_mut().find(|secret| secret.has(form)) {
                secret.count -= 1;
            }
        }
        known.retain(|secret| secret.count > 0);
    }

    /// `text` without any secret, as [`clean`] has it.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        kinds::without_kinds(&self.masked(text))
    }

    /// `value` without any secret, as [`clean_json`] has it.
    pub fn clean_json(&self, value: &mut Value, fixed: &[&str]) {
        json::clean(value, fixed, &|text| self.clean(text));
    }

    /// `text` without the values of secrets. What only looks like one stays: a recording has
    /// placeholders in the places of secrets. Where secrets overlap, all of them are masked.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let places = known.iter().flat_map(|secret| {
            let mut places = places(text, &secret.finder);
            places.retain(|place| !secret.alone || stands_alone(text, place));
            places
        });
        let mut places: Vec<_> = places.collect();
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
}

fn alone(code: &str) -> Form {
    Form {
        text: code.to_owned(),
        alone: true,
    }
}

/// Every form of `secret`, each once; none if it is too short to be one.
fn forms(secret: &str) -> Vec<Form> {
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let json = Value::from(secret).to_string();
    let json = &json[1..json.len() - 1];
    let mut forms = vec![
        secret.to_owned(),
        json.to_owned(),
        ascii(json),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(secret, COMPONENT).to_string(),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    ];
    forms.sort_unstable();
    forms.dedup();
    let forms = forms.into_iter();
    forms.map(|text| Form { text, alone: false }).collect()
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

/// Whether neither a letter nor a digit is next to this place.
fn stands_alone(text: &str, place: &Range<usize>) -> bool {
    let before = text[..place.start].chars().next_back();
    let after = text[place.end..].chars().next();
    !before.into_iter().chain(after).any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_replaced_in_every_form() {
        let secrets = Secrets::default();
        secrets.learn("p\"ss/word");
        secrets.learn("p\"ss/word-and-more");
        for (text, cleaned) in [
            ("a p\"ss/word b", "a [redacted] b"),
            (r#"{"a":"p\"ss/word"}"#, r#"{"a":"[redacted]"}"#),
            ("?p=p%22ss%2Fword&x", "?p=[redacted]&x"),
            ("p\"ss/word-and-more", "[redacted]"),
        ] {
            assert_eq!(secrets.clean(text), cleaned);
        }
    }

    #[test]
    fn a_code_is_replaced_where_it_stands_alone() {
        let secrets = Secrets::default();
        secrets.learn_forms(&[alone("123456")]);
        for (text, cleaned) in [
            ("the code 123456.", "the code [redacted]."),
            (r#"{"code":"123456"}"#, r#"{"code":"[redacted]"}"#),
            ("123456", "[redacted]"),
            (
                "at 1712345678, a123456, 123456Z",
                "at 1712345678, a123456, 123456Z",
            ),
        ] {
            assert_eq!(secrets.clean(text), cleaned);
        }
    }

    #[test]
    fn every_thread_knows_what_one_has_learnt() {
        learn("learnt by the first thread");
        let cleaned = std::thread::spawn(|| clean("learnt by the first thread")).join();
        assert_eq!(cleaned.unwrap(), MASK);
    }

    #[test]
    fn what_is_learnt_for_a_while_is_forgotten_unless_somebody_else_knows_it() {
        learn("a lasting secret");
        let meanwhile = forget_after(|| {
            learn("a passing secret");
            learn("a lasting secret");
            clean("a lasting secret, a passing secret")
        });
        assert_eq!(meanwhile, "[redacted], [redacted]");
        let text = "a lasting secret, a passing secret";
        assert_eq!(clean(text), "[redacted], a passing secret");

        let meanwhile = forget_after(|| {
            learn_code("918273");
            clean("918273")
        });
        assert_eq!((&*meanwhile, &*clean("918273")), (MASK, "918273"));
    }

    #[test]
    fn what_is_too_short_to_be_secret_stays() {
        let secrets = Secrets::default();
        secrets.learn("abc");
        assert_eq!(secrets.clean("abcd"), "abcd");
    }

    #[test]
    fn only_what_json_says_is_cleaned() {
        let secrets = Secrets::default();
        for password in ["test", "name", "2026", "passed"] {
            secrets.learn(password);
        }
        let mut value = json!({
            "test": "test",
            "result": "passed",
            "at": 2026,
            "name": ["the name", { "policy": "abc", "policies": "eyJ" }],
        });
        secrets.clean_json(&mut value, &["result"]);
        assert_eq!(
            value,
            json!({
                "test": MASK,
                "result": "passed",
                "at": 2026,
                "name": ["the [redacted]", { "policy": MASK, "policies": "eyJ" }],
            })
        );
    }
}
