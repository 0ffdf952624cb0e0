//! Text of unknown origin, as it can stand in a message of one line.

/// How many characters of it are shown.
const LONGEST: usize = 200;

/// `text` without line breaks and other control characters; its middle is left out if it is long.
pub(crate) fn line(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let length = text.chars().count();
    if length <= LONGEST {
        return text.chars().map(clean).collect();
    }
    let half = LONGEST / 2;
    let beginning = text.chars().take(half).map(clean);
    let end = text.chars().skip(length - half).map(clean);
    beginning.chain(['…']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_one_line() {
        assert_eq!(line("a\r\nb\u{1b}[0m"), "a\u{fffd}\u{fffd}b\u{fffd}[0m");
        let long = line(&format!("{}{}", "a".repeat(1000), "é".repeat(1000)));
        assert_eq!(long, format!("{}…{}", "a".repeat(100), "é".repeat(100)));
    }
}
