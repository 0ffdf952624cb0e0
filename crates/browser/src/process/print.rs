//! The one writer of lines for the standard output and the standard error.
//!
//! GitHub Actions takes some lines of either for [workflow commands], whoever wrote them. Lines may
//! hold the text of a service, so where that runs, none of them is a command.
//!
//! [workflow commands]: https://docs.github.com/actions/reference/workflow-commands-for-github-actions

use std::{
    borrow::Cow,
    env,
    fmt::Display,
    io::{self, Write},
};

/// Whether this runs in GitHub Actions.
#[must_use]
pub fn in_github_actions() -> bool {
    env::var_os("GITHUB_ACTIONS").is_some()
}

/// Prints `text` and a line feed to the standard output.
pub fn out(text: impl Display) {
    print(&mut io::stdout(), &text.to_string());
}

/// Prints `text` and a line feed to the standard error.
pub fn err(text: impl Display) {
    print(&mut io::stderr(), &text.to_string());
}

/// Prints `text` to the standard output as it stands: a prompt, or workflow commands of our own.
pub fn raw(text: impl Display) {
    let mut out = io::stdout();
    // A closed pipe is not a failure: the exit code still tells the result.
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

fn print(to: &mut impl Write, text: &str) {
    let text = if in_github_actions() {
        without_commands(text)
    } else {
        Cow::from(text)
    };
    let _ = writeln!(to, "{text}").and_then(|()| to.flush());
}

/// `text` with an invisible character in whatever would be a workflow command: `::` at the start of a
/// line, where white space before it does not count, and the older `##[` anywhere.
fn without_commands(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##[") {
        return text.into();
    }
    let lines = text.split_inclusive(['\n', '\r']);
    let lines = lines.map(|line| match line.trim_start().strip_prefix("::") {
        Some(rest) => format!("{}:\u{200b}:{rest}", &line[..line.len() - rest.len() - 2]),
        None => line.to_owned(),
    });
    lines
        .collect::<String>()
        .replace("##[", "##\u{200b}[")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_any_text_is_a_workflow_command() {
        for (text, safe) in [
            ("::error::a", ":\u{200b}:error::a"),
            ("  \t::error::a", "  \t:\u{200b}:error::a"),
            ("a\n    ::add-mask::b\nc", "a\n    :\u{200b}:add-mask::b\nc"),
            // The runner ends a line at a carriage return, too.
            (
                "a\r::stop-commands::b\r\n::c",
                "a\r:\u{200b}:stop-commands::b\r\n:\u{200b}:c",
            ),
            ("job ##[error]a", "job ##\u{200b}[error]a"),
            ("::::", ":\u{200b}:::"),
        ] {
            assert_eq!(without_commands(text), safe);
        }
        for text in ["files::browse: a", "a ::b", ": :", "# [a]", ""] {
            assert_eq!(without_commands(text), text);
        }
    }
}
