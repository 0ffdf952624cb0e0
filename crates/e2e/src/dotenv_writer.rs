//! Writes the `.env` that the page reads.

/// The text of a `.env` file that holds `pairs`. Every value is in single quotes, in which only
/// the quote and the backslash need an escape.
pub(crate) fn write<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        let value = value.replace('\\', r"\\").replace('\'', r"\'");
        text.extend([key, "='", &value, "'\n"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencloud_suite::settings::dotenv;

    /// Every text of up to `length` of the characters that mean something to a reader.
    fn texts(length: usize) -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut start = 0;
        for _ in 0..length {
            let end = texts.len();
            for at in start..end {
                for c in ['\'', '"', '\\', '\n', '\r', '#', ' ', '=', '$', 'n', 'é'] {
                    let text = format!("{}{c}", texts[at]);
                    texts.push(text);
                }
            }
            start = end;
        }
        texts
    }

    #[test]
    fn the_suite_reads_what_is_written() {
        for text in texts(4) {
            let written = write([("KEY", text.as_str()), ("LAST", "1")]);
            let read = dotenv::parse(&written).unwrap();
            assert_eq!(
                read,
                [("KEY".into(), text), ("LAST".into(), "1".into())],
                "{written:?}"
            );
        }
    }
}
