//! What a comparison with the recordings has shown: for the terminal, as a page, for GitHub.

use std::fmt::Write as _;

use maud::html;
use serde::Serialize;

use crate::{
    diff,
    openapi::Operations,
    page::page,
    replay::{Outcome, Replay},
};

/// The result of a comparison.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What was compared, in a few words.
    pub deployment: String,
    /// How each group went.
    pub replays: Vec<Replay>,
    /// The operations of the UserAPI.
    pub operations: Operations,
}

/// How many exchanges went how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// As recorded.
    pub as_recorded: usize,
    /// Different on purpose.
    pub on_purpose: usize,
    /// Different otherwise.
    pub drifted: usize,
    /// Not sent.
    pub not_applicable: usize,
}

impl Counts {
    fn of<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            let count = if outcome.not_applicable.is_some() {
                &mut counts.not_applicable
            } else if !outcome.drifted.is_empty() {
                &mut counts.drifted
            } else if !outcome.on_purpose.is_empty() {
                &mut counts.on_purpose
            } else {
                &mut counts.as_recorded
            };
            *count += 1;
        }
        counts
    }

    fn words(self) -> String {
        format!(
            "{} as recorded, {} different on purpose, {} drifted, {} not applicable",
            self.as_recorded, self.on_purpose, self.drifted, self.not_applicable
        )
    }
}

impl Report {
    /// How many exchanges went how.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(self.outcomes())
    }

    /// Whether nothing has drifted.
    #[must_use]
    pub fn is_as_recorded(&self) -> bool {
        self.counts().drifted == 0 && self.operations.are_as_recorded()
    }

    fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.replays.iter().flat_map(|replay| &replay.outcomes)
    }

    /// For the terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for replay in &self.replays {
            text += &group_line(replay);
            text.push('\n');
            for outcome in replay.outcomes.iter().filter(|o| !o.drifted.is_empty()) {
                text += &drift_text(outcome);
            }
        }
        for line in operation_lines(&self.operations) {
            text.extend(["operations: ", &line, "\n"]);
        }
        text + "\n" + &self.verdict()
    }

    /// The verdict, in a line.
    #[must_use]
    pub fn verdict(&self) -> String {
        let said = if self.is_as_recorded() {
            "as recorded"
        } else {
            "drifted"
        };
        format!("{said}: {} ({})", self.counts().words(), self.deployment)
    }

    /// For the summary of a step of GitHub Actions.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!("## Contract: {}\n\n", self.verdict());
        text += "| mode | group | as recorded | on purpose | drifted | not applicable |\n";
        text += "|---|---|---|---|---|---|\n";
        for replay in &self.replays {
            let c = Counts::of(&replay.outcomes);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} |",
                replay.mode, replay.group, c.as_recorded, c.on_purpose, c.drifted, c.not_applicable
            );
        }
        let drifted: Vec<_> = self.outcomes().filter(|o| !o.drifted.is_empty()).collect();
        if !drifted.is_empty() {
            text += "\n```\n";
            for outcome in drifted {
                text += &drift_text(outcome).replace("```", "'''");
            }
            text += "```\n";
        }
        for line in operation_lines(&self.operations) {
            let _ = writeln!(text, "- {}", line.replace('|', "\\|"));
        }
        text
    }

    /// As a page.
    #[must_use]
    pub fn html(&self) -> String {
        let verdict = self.verdict();
        let content = html! {
            h1 { (verdict) }
            @for replay in &self.replays {
                h2 { (group_line(replay)) }
                @for outcome in &replay.outcomes {
                    (exchange(outcome))
                }
            }
            h2 { "Operations of the UserAPI: " (self.operations.count) }
            ul {
                @for line in operation_lines(&self.operations) { li { (line) } }
            }
        };
        page(&format!("Contract: {verdict}"), &content)
    }
}

fn exchange(outcome: &Outcome) -> maud::Markup {
    let request = request(outcome);
    html! {
        @if let Some(why) = &outcome.not_applicable {
            p.quiet { (request) ": not applicable, " (why) }
        } @else if outcome.drifted.is_empty() && outcome.on_purpose.is_empty() {
            p.quiet { (request) ": as recorded" }
        } @else {
            details.drifted[!outcome.drifted.is_empty()] open[!outcome.drifted.is_empty()] {
                summary {
                    (request)
                    @if outcome.drifted.is_empty() { ": different on purpose" } @else { ": drifted" }
                }
                @for differing in &outcome.drifted {
                    p { (differing.part) }
                    pre { (diff::lines(&differing.recorded, &differing.now).join("\n")) }
                }
                @for (differing, reason) in &outcome.on_purpose {
                    p { (differing.part) " differs on purpose: " (reason) }
                    pre { (diff::lines(&differing.recorded, &differing.now).join("\n")) }
                }
            }
        }
    }
}

/// The exchange's name and its request, of which the names of some tell.
fn request(outcome: &Outcome) -> String {
    let Outcome {
        exchange,
        method,
        url,
        ..
    } = outcome;
    if exchange.contains(&format!(": {method} /")) {
        return exchange.clone();
    }
    format!("{exchange}: {method} {url}")
}

fn group_line(replay: &Replay) -> String {
    let counts = Counts::of(&replay.outcomes);
    format!("{} ({}): {}", replay.group, replay.mode, counts.words())
}

fn drift_text(outcome: &Outcome) -> String {
    let mut text = format!(
        "  {}: {} {}\n",
        outcome.exchange, outcome.method, outcome.url
    );
    for differing in &outcome.drifted {
        let _ = writeln!(text, "    {}", differing.part);
        for line in diff::lines(&differing.recorded, &differing.now) {
            let _ = writeln!(text, "      {line}");
        }
    }
    text
}

fn operation_lines(operations: &Operations) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(operations.unknown.clone());
    lines.extend(operations.new.iter().map(|name| format!("{name} is new")));
    lines.extend(
        operations
            .missing
            .iter()
            .map(|name| format!("{name} is missing")),
    );
    for (name, places) in &operations.changed {
        lines.push(format!(
            "{name} is described otherwise: {}",
            places.join("; ")
        ));
    }
    lines
}
