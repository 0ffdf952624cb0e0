//! How two names differ that look alike.

use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};

/// Among `shown`, a name that looks like `sent` without being the same, and how the two differ. `None` if
/// there is none.
pub fn look_alike<'a>(sent: &str, mut shown: impl Iterator<Item = &'a str>) -> Option<String> {
    shown.find_map(|shown| Some(format!("{shown}: {}", difference(sent, shown)?)))
}

/// How two names differ that look alike; `None` if they are the same or do not look alike.
fn difference(sent: &str, shown: &str) -> Option<String> {
    if sent == shown {
        return None;
    }
    let codes = || {
        format!(
            "sent {}, shown {}",
            code_points(sent, shown),
            code_points(shown, sent)
        )
    };
    let composer = ComposingNormalizer::new_nfc();
    if composer.normalize(sent) == composer.normalize(shown) {
        let (sent_form, shown_form) = (form(sent), form(shown));
        return Some(format!(
            "the same letters in another Unicode form, {sent_form} was sent and {shown_form} came back \
             ({})",
            codes()
        ));
    }
    if visible(sent) == visible(shown) {
        return Some(format!("it differs in invisible characters ({})", codes()));
    }
    if sent.to_lowercase() == shown.to_lowercase() {
        return Some("it differs in upper and lower case".into());
    }
    let decoded = percent_encoding::percent_decode_str(shown).decode_utf8();
    if decoded.is_ok_and(|decoded| decoded == sent) {
        return Some("it is percent-encoded".into());
    }
    if sent.replace('+', " ") == shown {
        return Some("its plus signs became spaces, as in the text of a form".into());
    }
    if sent.bytes().map(char::from).eq(shown.chars()) {
        return Some("its UTF-8 was read as Latin-1".into());
    }
    let has_lost = shown.contains(char::REPLACEMENT_CHARACTER);
    (has_lost && sent.is_ascii() == shown.is_ascii() && ascii(sent) == ascii(shown))
        .then(|| "letters beyond ASCII are lost, so the answer is not in UTF-8".into())
}

/// The text without what is beyond ASCII.
fn ascii(text: &str) -> String {
    text.chars().filter(char::is_ascii).collect()
}

/// The Unicode normalization form of a text.
fn form(text: &str) -> &'static str {
    let composed = ComposingNormalizer::new_nfc().normalize(text) == text;
    let decomposed = DecomposingNormalizer::new_nfd().normalize(text) == text;
    match (composed, decomposed) {
        (true, _) => "NFC",
        (_, true) => "NFD",
        _ => "a mixture of NFC and NFD",
    }
}

/// The text as it looks: each kind of white space is a space, and what has no width is left out.
fn visible(text: &str) -> String {
    let has_width = |c: &char| {
        !(c.is_control()
            || matches!(
                c,
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
            ))
    };
    let text: String = text
        .chars()
        .filter(has_width)
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}

/// The media type that a browser gives a file of this name, which it takes from the extension. Empty for
/// one that it does not know; a form then says `application/octet-stream`.
#[must_use]
pub fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("txt") => "text/plain",
        Some("tif" | "tiff") => "image/tiff",
        Some("yaml" | "yml") => "application/yaml",
        _ => "",
    }
}

/// The code points of `text` from the first to the last that it does not share with `other`.
fn code_points(text: &str, other: &str) -> String {
    let (text, other): (Vec<_>, Vec<_>) = (text.chars().collect(), other.chars().collect());
    let same = |(a, b): &(&char, &char)| a == b;
    let start = text.iter().zip(&other).take_while(same).count();
    let most = text.len().min(other.len()) - start;
    let end = text.iter().rev().zip(other.iter().rev()).take_while(same);
    let end = text.len() - end.count().min(most);
    let codes: Vec<_> = text[start..end]
        .iter()
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    match codes.join(" ") {
        codes if codes.is_empty() => "nothing".into(),
        codes => codes,
    }
}

#[cfg(test)]
mod tests;
