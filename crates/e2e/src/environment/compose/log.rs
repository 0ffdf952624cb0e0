//! The logs of services: made safe to show, and searched for the reason of a failure.

/// How many lines of a log are shown. A traceback's first line may stand farther above its error.
const SHOWN: usize = 30;

/// The first line of Python's output for an exception that nothing catches.
const TRACEBACK: &str = "Traceback (most recent call last):";

/// `text` without anything that would change a terminal or what it shows: control sequences, control
/// characters, and those that reverse the direction of writing.
pub(super) fn plain(text: &str) -> String {
    let is_safe = |c: &char| *c == '\t' || !(c.is_control() || is_direction(*c));
    // A sequence that is not closed must not swallow more than its own line.
    text.lines()
        .flat_map(|line| {
            let line = anstream::adapter::strip_str(line).to_string();
            let line: String = line.trim_end().chars().filter(is_safe).collect();
            [line, "\n".into()]
        })
        .collect()
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The lines of a log that matter, without those of requests that were answered (health checks and
/// the suite's own): first the warnings, errors and tracebacks that stand too far above to be among
/// the last lines, then the last lines.
pub(super) fn relevant(log: &str) -> String {
    let lines: Vec<_> = log.lines().filter(|line| !is_answered(line)).collect();
    let (above, last) = lines.split_at(lines.len().saturating_sub(SHOWN));
    let mut in_traceback = false;
    let serious = above.iter().copied().filter(|line| {
        let is_part = in_traceback;
        // A traceback ends with the line that names its exception.
        in_traceback =
            line.starts_with(TRACEBACK) || in_traceback && line.starts_with(char::is_whitespace);
        in_traceback || is_part || is_serious(line)
    });
    let serious: Vec<_> = serious.collect();
    let serious = &serious[serious.len().saturating_sub(SHOWN / 2)..];
    if serious.is_empty() {
        return last.join("\n");
    }
    let last = &last[serious.len()..];
    [serious, &["…"], last].concat().join("\n")
}

/// Whether a line is an entry of the levels above `INFO`.
fn is_serious(line: &str) -> bool {
    ["WARNING", "ERROR", "CRITICAL"]
        .iter()
        .any(|level| line.contains(level))
}

/// Whether a line is that of an access log, about an answer that is not an error of the server's.
fn is_answered(line: &str) -> bool {
    let answer = line.split_once(" HTTP/").map(|(_, answer)| answer);
    let status = answer.and_then(|answer| answer.split_whitespace().nth(1)?.parse().ok());
    status.is_some_and(|status: u16| status < 500)
}

/// The line that names the exception of the last traceback.
pub(super) fn exception(log: &str) -> Option<&str> {
    let (_, after) = log.rsplit_once(TRACEBACK)?;
    let mut lines = after.lines();
    lines.find(|line| !line.is_empty() && !line.starts_with(char::is_whitespace))
}

/// Whether a program has ended with a traceback, although another of its threads may go on. A thread
/// that ends so says that it is one; a program that goes on writes more.
pub(super) fn has_died(log: &str) -> bool {
    let lines: Vec<_> = log.lines().filter(|line| !line.is_empty()).collect();
    let rest = lines.iter().rposition(|line| is_entry(line)).unwrap_or(0);
    lines.iter().enumerate().skip(rest).any(|(number, line)| {
        let before = number.checked_sub(1).map_or("", |before| lines[before]);
        line.starts_with(TRACEBACK) && !(is_thread(before) || is_chained(before))
    })
}

/// Whether a line begins an entry of a log: with its time, or with its level.
fn is_entry(line: &str) -> bool {
    let levels = ["INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"];
    line.starts_with(|c: char| c.is_ascii_digit())
        || levels.iter().any(|level| line.starts_with(level))
}

fn is_thread(line: &str) -> bool {
    line.starts_with("Exception in thread ")
}

/// Python's sentence between a traceback and that of the exception that it has led to.
fn is_chained(line: &str) -> bool {
    line.starts_with("During handling of") || line.starts_with("The above exception was")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: &str = "  File \"main.py\", line 1\n";

    #[test]
    fn control_sequences_are_left_out_and_text_stays() {
        for (text, expected) in [
            ("\u{1b}[2K\u{1b}[31mred\u{1b}[0m\r\n", "red\n"),
            ("a\tb  c é\n\nd", "a\tb  c é\n\nd\n"),
            ("\u{1b}]0;title\u{7}a\u{1b}]8;;x\u{1b}\\b", "ab\n"),
            ("\u{1b}]not closed\nnext", "\nnext\n"),
            ("a\u{8}\u{9b}2K\u{202e}b\u{7f}", "a2Kb\n"),
            ("", ""),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn what_matters_is_shown_although_it_stands_far_above() {
        let lines: Vec<_> = (0..100)
            .map(|number| format!("INFO: line {number}"))
            .collect();
        let chatter = lines.join("\n") + "\n";
        let polled = "INFO: 1.2.3.4 - \"GET /jobs/1 HTTP/1.1\" 200 OK\n".repeat(50);
        let traceback = format!("{TRACEBACK}\n{FRAME}ValueError: a\n");
        let log = format!("{traceback}{chatter}WARNING: slow\n{chatter}{polled}");
        let shown = relevant(&log);
        let shown: Vec<_> = shown.lines().collect();
        assert_eq!(
            shown[..6],
            [
                TRACEBACK,
                FRAME.trim_end(),
                "ValueError: a",
                "WARNING: slow",
                "…",
                "INFO: line 74"
            ]
        );
        assert_eq!(
            (shown.len(), shown[shown.len() - 1]),
            (SHOWN + 1, "INFO: line 99")
        );
        assert_eq!(
            relevant(&format!("{traceback}{polled}")),
            traceback.trim_end()
        );
    }

    #[test]
    fn a_program_that_ends_with_a_traceback_has_died_and_one_that_goes_on_has_not() {
        let traceback = format!("{TRACEBACK}\n{FRAME}ValueError: a\nof two lines\n");
        let entry = "2026-11-28 12:00:00.123 | INFO | a job\n";
        let chained =
            format!("{traceback}\nDuring handling of the above exception, x:\n\n{traceback}");
        for dead in [
            traceback.clone(),
            format!("{entry}{traceback}"),
            format!("{entry}{chained}"),
            format!("{entry}Exception in thread Thread-3 (a):\n{traceback}{traceback}"),
        ] {
            assert!(has_died(&dead), "{dead}");
            assert_eq!(exception(&dead), Some("ValueError: a"));
        }
        for alive in [
            String::from(entry),
            format!("{traceback}{entry}"),
            format!("Exception in thread Thread-3 (a):\n{traceback}"),
            format!("{entry}Exception in thread Thread-3 (a):\n{chained}"),
        ] {
            assert!(!has_died(&alive), "{alive}");
        }
        assert_eq!(exception(entry), None);
    }
}
