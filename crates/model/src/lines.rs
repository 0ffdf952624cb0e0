//! Events as lines of text.

use crate::event::Event;

/// `event` as lines of text, each ended by a line feed; empty for an event that is not shown.
#[must_use]
pub fn lines(event: &Event) -> String {
    match event {
        Event::TestStarted { test, about } => format!("{test}: {about}\n"),
        // A step is shown when it has ended, and the runner shows that a test has passed.
        Event::StepStarted { .. }
        | Event::StepExpects { .. }
        | Event::Request { .. }
        | Event::Tried { .. }
        | Event::TestFinished { failure: None, .. } => String::new(),
        Event::StepWaiting {
            step,
            seconds,
            limit,
            waiting_for,
        } => {
            let limit = limit.map_or(String::new(), |limit| format!(" of {limit:.0} s"));
            format!("  …     {seconds:7.1} s{limit}  {step}: waiting for {waiting_for}\n")
        }
        Event::JobState {
            job,
            state,
            seconds,
            ..
        } => {
            format!("        {seconds:7.2} s  job {job} is {state}\n")
        }
        Event::JobRequeued { job, details } => {
            format!(
                "                   job {job} was queued again, because its worker timed out: {details}\n"
            )
        }
        Event::StepFinished {
            step,
            seconds,
            failure: None,
        } => format!("  ok    {seconds:7.2} s  {step}\n"),
        Event::StepFinished {
            step,
            seconds,
            failure: Some(failure),
        } => format!(
            "  FAILED{seconds:7.2} s  {step}\n{}",
            indented(&failure.text())
        ),
        Event::TestFinished {
            test,
            failure: Some(failure),
            ..
        } => {
            let summary = failure.message.lines().next().unwrap_or_default();
            format!("{test} failed: {summary}\n")
        }
        Event::TestSkipped { test, why } => {
            format!(
                "{test} skipped: {}\n",
                why.lines().next().unwrap_or_default()
            )
        }
        Event::Repeated {
            name, attempt, why, ..
        } => format!("  retry            {name}, attempt {attempt}: {why}\n"),
        Event::Origins { table } => indented(&table.to_string()),
        Event::Advice { what, fix } => format!("  advice           {what}\n{}", indented(fix)),
        Event::Leftovers { found, remedy } => {
            let found = found.join("\n");
            format!("  leftovers        {remedy}\n{}", indented(&found))
        }
        Event::NotChecked { what, why } => format!("  not checked      {what}: {why}\n"),
        Event::Measured { what, value } => format!("        {what}: {value:.3}\n"),
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .flat_map(|line| ["        ", line, "\n"])
        .collect()
}
