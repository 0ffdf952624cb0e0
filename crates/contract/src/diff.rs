//! What differs between two texts, for people.

use serde_json::Value;

/// The most lines that are told.
const MOST: usize = 12;
/// The longest value that is told, in characters.
const LONGEST: usize = 300;

/// The places where two texts differ: of JSON by its pointers, of anything else as a whole.
pub(crate) fn lines(recorded: &str, now: &str) -> Vec<String> {
    let mut lines = Vec::new();
    match (serde_json::from_str(recorded), serde_json::from_str(now)) {
        (Ok(recorded), Ok(now)) => walk("", &recorded, &now, &mut lines),
        _ => lines.extend([
            format!("recorded: {}", short(recorded)),
            format!("now:      {}", short(now)),
        ]),
    }
    if lines.is_empty() {
        lines.push("only white space or the order of members differs".into());
    }
    let more = lines.len().saturating_sub(MOST);
    if more > 0 {
        lines.truncate(MOST);
        lines.push(format!("… and {more} more places"));
    }
    lines
}

fn walk(at: &str, recorded: &Value, now: &Value, lines: &mut Vec<String>) {
    match (recorded, now) {
        (Value::Object(recorded), Value::Object(now)) => {
            for (key, value) in recorded {
                let at = format!("{at}/{key}");
                match now.get(key) {
                    Some(now) => walk(&at, value, now, lines),
                    None => lines.push(format!("{at}: {} is gone", short(&value.to_string()))),
                }
            }
            for (key, value) in now.iter().filter(|(key, _)| !recorded.contains_key(*key)) {
                lines.push(format!("{at}/{key}: {} is new", short(&value.to_string())));
            }
        }
        (Value::Array(recorded), Value::Array(now)) if recorded.len() == now.len() => {
            for (index, (recorded, now)) in recorded.iter().zip(now).enumerate() {
                walk(&format!("{at}/{index}"), recorded, now, lines);
            }
        }
        (recorded, now) if recorded != now => {
            let at = if at.is_empty() {
                String::new()
            } else {
                format!("{at}: ")
            };
            lines.push(format!(
                "{at}{} is now {}",
                short(&recorded.to_string()),
                short(&now.to_string())
            ));
        }
        _ => {}
    }
}

fn short(text: &str) -> String {
    // No byte of an answer is a command to the terminal.
    let text: String = text
        .chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = (!c.is_control()).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect();
    if text.is_empty() {
        return "nothing".into();
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_differs_by_its_members() {
        let recorded = r#"{"a":{"b":[1,2]},"c":"x","d":null}"#;
        let now = r#"{"a":{"b":[1,3]},"c":"x","e":true}"#;
        assert_eq!(
            lines(recorded, now),
            ["/a/b/1: 2 is now 3", "/d: null is gone", "/e: true is new"]
        );
    }

    #[test]
    fn lists_of_other_lengths_and_other_kinds_are_told_as_a_whole() {
        assert_eq!(lines("[]", "[1]"), ["[] is now [1]"]);
        assert_eq!(lines("[1]", "{}"), ["[1] is now {}"]);
    }

    #[test]
    fn other_texts_are_told_as_a_whole() {
        assert_eq!(lines("OK", ""), ["recorded: OK", "now:      nothing"]);
    }

    #[test]
    fn control_characters_are_escaped() {
        let told = lines("a\nb", "\u{1b}[2J\u{7}");
        assert_eq!(told, ["recorded: a\\nb", "now:      \\u{1b}[2J\\u{7}"]);
    }

    #[test]
    fn an_order_of_members_is_told() {
        let told = lines(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#);
        assert_eq!(told, ["only white space or the order of members differs"]);
    }

    #[test]
    fn what_is_long_is_cut() {
        let many: Vec<_> = (0..40).collect();
        let others: Vec<_> = (1..41).collect();
        let told = lines(&format!("{many:?}"), &format!("{others:?}"));
        assert_eq!(told.len(), MOST + 1);
        assert_eq!(told[MOST], "… and 28 more places");
        assert!(lines(&"x".repeat(1000), "y")[0].chars().count() < 320);
    }
}
