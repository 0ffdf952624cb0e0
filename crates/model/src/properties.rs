//! What holds for any input, however hostile, of the rooms that read what people write.
//!
//! Each property is tried with 256 inputs; `PROPTEST_CASES` says how many it shall be.

mod applications;
mod leftovers;
mod redaction;
mod settings;

use proptest::{prelude::*, string::string_regex};

/// Text made of what means something to one of the readers, among any other characters.
fn text() -> impl Strategy<Value = String> {
    let pieces = string_regex(
        r#"(['"\\#=\n\r\t {}\[\]:,&*!|>%@$`?~.-]|\r\n|: |- |export |KEY=|\\n|\\u00|---|\.inf|1e9|é|𝄞|\u{feff}|\u{0}|\u{85}|\u{2028}|[a-zA-Z0-9]{1,4}|\PC|.){0,40}"#,
    );
    pieces.expect("a regular expression")
}

/// One line that a terminal shows as it is, and a person can read.
#[track_caller]
fn assert_one_clear_line(message: &str) {
    assert!(
        !message.chars().any(char::is_control),
        "not one line: {message:?}"
    );
    let length = message.chars().count();
    assert!(
        (1..=400).contains(&length),
        "{length} characters: {message}"
    );
}
