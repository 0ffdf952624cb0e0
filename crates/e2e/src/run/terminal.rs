//! The output of a run while it happens: a live line on a terminal, plain lines everywhere else.

use opencloud_browser::process::print;
use std::{
    env,
    io::{self, IsTerminal},
    time::Duration,
};

use console::style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use opencloud_model::{event::Event, lines::lines};

use crate::options::Verbosity;

/// The place to which a run writes its progress.
pub(crate) struct Terminal {
    verbosity: Verbosity,
    /// Whether marks have colours.
    is_coloured: bool,
    /// The line of the step that is running, where there is somebody to see it move.
    live: Option<ProgressBar>,
}

impl Terminal {
    /// A live line needs a terminal that can draw it, and somebody who did not ask for silence. In
    /// CI lines are plain, whatever they are written to.
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        let term = env::var_os("TERM").filter(|term| !term.is_empty());
        let can_draw = io::stdout().is_terminal()
            && term.is_some_and(|term| term != "dumb")
            && env::var_os("CI").is_none();
        let live = (can_draw && verbosity != Verbosity::Quiet).then(spinner);
        Self {
            verbosity,
            is_coloured: can_draw && console::colors_enabled(),
            // A hidden bar would swallow the lines above it, too.
            live: live.filter(|live| !live.is_hidden()),
        }
    }

    /// Shows an event.
    pub(crate) fn show(&self, event: &Event) {
        if let Some(live) = &self.live {
            follow(live, event);
            // Its own line tells what a step waits for.
            if matches!(event, Event::StepWaiting { .. }) {
                return;
            }
        }
        let text = match (self.verbosity, event) {
            (Verbosity::Verbose, Event::Request { .. }) => request(event),
            (Verbosity::Quiet, event) if !is_failure(event) => return,
            _ => lines(event),
        };
        for line in text.lines() {
            self.say(&coloured(line, self.is_coloured));
        }
    }

    /// Says a line.
    pub(crate) fn say(&self, line: &str) {
        if let Some(spinner) = &self.live {
            spinner.println(line);
        } else {
            print::out(line);
        }
    }

    /// Says a line unless only failures are asked for.
    pub(crate) fn note(&self, line: &str) {
        if self.verbosity != Verbosity::Quiet {
            self.say(line);
        }
    }

    /// The run is over.
    pub(crate) fn end(&mut self) {
        if let Some(live) = self.live.take() {
            live.finish_and_clear();
        }
    }
}

fn spinner() -> ProgressBar {
    let target = ProgressDrawTarget::stdout();
    let live = ProgressBar::with_draw_target(None, target).with_finish(ProgressFinish::AndClear);
    let style = ProgressStyle::with_template("  {spinner} {elapsed:>7}  {wide_msg}");
    live.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    live.enable_steady_tick(Duration::from_millis(100));
    live.set_message("opening the page");
    live
}

/// Lets the live line tell of the step that is running.
fn follow(live: &ProgressBar, event: &Event) {
    match event {
        Event::StepStarted { step } => {
            live.reset_elapsed();
            live.set_message(step.clone());
        }
        Event::StepExpects { waiting_for, limit } => {
            live.set_message(format!(
                "waiting for {waiting_for}, for {limit:.0} s at most"
            ));
        }
        Event::StepWaiting {
            step,
            limit: None,
            waiting_for,
            ..
        } => live.set_message(format!("{step}: waiting for {waiting_for}")),
        Event::TestStarted { test, .. } => live.set_message(test.clone()),
        _ => {}
    }
}

fn is_failure(event: &Event) -> bool {
    matches!(
        event,
        Event::StepFinished {
            failure: Some(_),
            ..
        } | Event::TestFinished {
            failure: Some(_),
            ..
        }
    )
}

fn request(event: &Event) -> String {
    let Event::Request {
        name,
        method,
        url,
        seconds,
        status,
        problem,
        ..
    } = event
    else {
        return String::new();
    };
    let status = status.map_or_else(|| String::from("---"), |status| status.to_string());
    let problem = problem
        .as_ref()
        .map_or(String::new(), |problem| format!(": {problem}"));
    format!("        {seconds:7.2} s  {status} {method} {url} ({name}){problem}\n")
}

/// A step's mark in its colour.
fn coloured(line: &str, is_coloured: bool) -> String {
    let style = |mark| style(mark).force_styling(is_coloured);
    let mark = |mark: &str| line.strip_prefix(mark);
    if let Some(rest) = mark("  ok  ") {
        return format!("  {}  {rest}", style("ok").green());
    }
    if let Some(rest) = mark("  FAILED") {
        return format!("  {}{rest}", style("FAILED").red().bold());
    }
    if let Some(rest) = mark("  retry ") {
        return format!("  {} {rest}", style("retry").yellow());
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gets_no_control_characters() {
        for line in [
            "  ok       0.02 s  sign in",
            "  FAILED   0.02 s  sign in",
            "  other",
        ] {
            assert_eq!(coloured(line, false), line);
        }
        assert!(coloured("  ok       0.02 s  sign in", true).contains("\u{1b}["));
    }

    #[test]
    fn the_live_line_tells_what_a_step_waits_for() {
        let live = ProgressBar::hidden();
        follow(
            &live,
            &Event::StepStarted {
                step: "wait for running".into(),
            },
        );
        assert_eq!(live.message(), "wait for running");
        follow(
            &live,
            &Event::StepExpects {
                waiting_for: "job 1 to be running".into(),
                limit: 600.0,
            },
        );
        assert_eq!(
            live.message(),
            "waiting for job 1 to be running, for 600 s at most"
        );
    }

    #[test]
    fn a_request_is_told_in_a_line() {
        let event = Event::Request {
            name: "list".into(),
            method: "GET".into(),
            url: "http://a/files".into(),
            body: None,
            started_at: 0.0,
            seconds: 0.012,
            status: None,
            problem: Some("nothing answers".into()),
            cause: None,
        };
        assert_eq!(
            request(&event),
            "           0.01 s  --- GET http://a/files (list): nothing answers\n"
        );
    }
}
