//! Details that help to find out why a run has ended without a verdict.

use opencloud_model::redact;

use super::Watch;

impl Watch<'_> {
    /// What helps to find the cause of a failure that no test tells.
    pub(super) fn details(&self) -> String {
        self.unexplained() + &self.console()
    }

    /// The lines of the page that repeat no event.
    pub(super) fn unexplained(&self) -> String {
        let lines: String = self
            .text
            .lines()
            .filter(|line| !self.event_lines.contains(*line) && !is_noise(line))
            .flat_map(|line| [without_place(line), "\n"])
            .collect();
        redact::clean(&lines)
    }

    /// The errors of the console. A browser that hangs does not delay the end of the run.
    pub(super) fn console(&self) -> String {
        let engine = self.browser.engine;
        let errors = match self.ask(move |session| engine.console_errors(session)) {
            Ok(errors) => errors.unwrap_or_default(),
            Err(failure) => {
                // For the next one who waits.
                self.browser.interrupt.fail(failure);
                Vec::new()
            }
        };
        let lines: String = errors
            .iter()
            .filter(|message| !message.contains("/favicon.ico "))
            .map(|message| without_queries(message))
            .fold(String::new(), |lines, message| {
                lines + "console: " + &message + "\n"
            });
        redact::clean(&lines)
    }
}

/// A line of a stack trace without the place in the wasm, which is of no use.
fn without_place(line: &str) -> &str {
    match line.split_once(" (http") {
        Some((function, _)) if function.trim_start().starts_with("at ") => function,
        _ => line,
    }
}

/// The console names the addresses of requests that failed, and the query of a pre-signed one is
/// a secret.
fn without_queries(message: &str) -> String {
    let words: Vec<_> = message
        .split(' ')
        .map(|word| match word.split_once('?') {
            Some((address, _)) if address.contains("://") => format!("{address}?…"),
            _ => word.to_owned(),
        })
        .collect();
    words.join(" ")
}

/// The test runner's own lines that say nothing new.
fn is_noise(line: &str) -> bool {
    line.trim().is_empty()
        || line.starts_with("Loading ")
        || line.starts_with("running ")
        || (line.starts_with("test ") && line.ends_with(" ... ok"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helps_is_shown_without_noise_and_without_queries() {
        assert!(is_noise("test lifecycle::decode ... ok"));
        assert!(!is_noise("test lifecycle::decode ... FAIL"));
        assert_eq!(
            without_place(
                "    at suite::panics (http://localhost:8080/x_bg.wasm:wasm-function[1]:0x2)"
            ),
            "    at suite::panics"
        );
        assert_eq!(
            without_place("GET (http://a) failed"),
            "GET (http://a) failed"
        );
        assert_eq!(
            without_queries("http://localhost:1/b/k?X-Amz-Signature=abc - Failed to load?"),
            "http://localhost:1/b/k?… - Failed to load?"
        );
    }
}
