//! The `Content-Disposition` of a part, as Python's `email` package reads it.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// The names in a `Content-Disposition`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Disposition {
    /// The name of the form's field.
    pub(super) name: Option<String>,
    /// The file's name, if it is a file.
    pub(super) file_name: Option<String>,
}

impl Disposition {
    pub(super) fn read(header: &[u8]) -> Self {
        let (mut found, mut extended) = (Self::default(), None);
        for parameter in parameters(header).skip(1) {
            let Some(at) = parameter.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            let key = parameter[..at].trim_ascii().to_ascii_lowercase();
            let value = unquoted(parameter[at + 1..].trim_ascii());
            match &key[..] {
                b"name" => found.name = Some(text(&value)),
                b"filename" => found.file_name = Some(text(last_name(&value))),
                // RFC 2231. The charset does not count: the text is UTF-8 or else Latin-1.
                b"filename*" => extended = Some(text(last_name(&decoded(&value)))),
                _ => {}
            }
        }
        found.file_name = extended.or(found.file_name);
        found
    }
}

/// The parts between semicolons that are in no quotes.
fn parameters(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    header.split(move |byte| {
        match byte {
            b'"' if !escaped => quoted = !quoted,
            b';' if !quoted => return true,
            _ => {}
        }
        escaped = *byte == b'\\' && !escaped;
        false
    })
}

/// A value without its quotes, and without the backslashes before quotes and backslashes.
fn unquoted(value: &[u8]) -> Cow<'_, [u8]> {
    let inside = value
        .strip_prefix(b"\"")
        .and_then(|v| v.strip_suffix(b"\""));
    let Some(inside) = inside else {
        return value.into();
    };
    let mut plain = Vec::new();
    let mut bytes = inside.iter().peekable();
    while let Some(byte) = bytes.next() {
        let escaped = bytes.next_if(|next| *byte == b'\\' && matches!(next, b'"' | b'\\'));
        plain.push(*escaped.unwrap_or(byte));
    }
    plain.into()
}

/// The value of `charset'language'value`, percent-decoded.
fn decoded(value: &[u8]) -> Vec<u8> {
    let value: Vec<u8> = percent_decode(value).collect();
    let parts: Vec<_> = value.splitn(3, |byte| *byte == b'\'').collect();
    match parts[..] {
        [_, _, value] => value.to_vec(),
        _ => value,
    }
}

/// The last part of a path as Windows has it: some browsers send it whole.
fn last_name(name: &[u8]) -> &[u8] {
    if name.get(1..3) == Some(b":\\") || name.starts_with(b"\\\\") {
        return name.rsplit(|byte| *byte == b'\\').next().unwrap_or(name);
    }
    name
}

fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Each byte of Latin-1 is the character of that number.
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(header: &[u8]) -> (String, String) {
        let found = Disposition::read(&[b"form-data; ", header].concat());
        let shown = |name: Option<String>| name.unwrap_or_else(|| "-".into());
        (shown(found.name), shown(found.file_name))
    }

    #[test]
    fn names_are_read_as_python_reads_them() {
        for (header, name, file_name) in [
            (&b"name=\"file\"; filename=\"a.txt\""[..], "file", "a.txt"),
            (b"NAME=file;FILENAME = a.txt", "file", "a.txt"),
            (b"name=\"file\"", "file", "-"),
            (b"filename=\"\"", "-", ""),
            (b"filename=\"a;b.txt\"", "-", "a;b.txt"),
            (b"filename=\"a\\\"b.txt\"", "-", "a\"b.txt"),
            (b"filename=\"a\\\\b.txt\"", "-", "a\\b.txt"),
            (b"filename=\"a\\b.txt\"", "-", "a\\b.txt"),
            (b"filename=\"C:\\dir\\b.txt\"", "-", "b.txt"),
            (b"filename=\"n\xc3\xa9\"", "-", "n\u{e9}"),
            (b"filename=\"n\xe9\"", "-", "n\u{e9}"),
            (b"filename=\"\xc3\xa9\xe9\"", "-", "\u{c3}\u{a9}\u{e9}"),
            (b"filename*=UTF-8''n%20%C3%A9", "-", "n \u{e9}"),
            (b"filename*=ISO-8859-1''n%E9", "-", "n\u{e9}"),
            (b"filename*=UTF-8''a%FF", "-", "a\u{ff}"),
            (b"filename*=abc", "-", "abc"),
            (b"filename*=\"UTF-8''q.txt\"", "-", "q.txt"),
            (b"filename*=UTF-8''ext; filename=plain", "-", "ext"),
            (b"filename=plain; filename*=UTF-8''ext", "-", "ext"),
        ] {
            let expected = (name.to_owned(), file_name.to_owned());
            assert_eq!(names(header), expected, "{}", header.escape_ascii());
        }
        assert_eq!(Disposition::read(b"name=\"file\""), Disposition::default());
    }

    proptest! {
        #[test]
        fn any_name_comes_back_as_a_browser_writes_it(name in r#"[^"\\\x00-\x1f\x7f]{0,12}"#) {
            let header = format!("name=\"file\"; filename=\"{name}\"");
            prop_assert_eq!(names(header.as_bytes()), ("file".to_owned(), name));
        }

        #[test]
        fn any_header_is_read(header in proptest::collection::vec(any::<u8>(), 0..60)) {
            Disposition::read(&header);
        }
    }
}
