//! What a run covers: for the terminal, and as a page.

use std::{collections::BTreeMap, fmt::Write as _};

use maud::{Markup, html};
use serde::Serialize;

use super::{
    calls::Calls,
    comparison::{self, Compared, Verdict},
    document::Document,
    operations::{self, Operation, Other},
};
use crate::page::page;

/// What a run covers.
#[derive(Debug, Serialize)]
pub struct Coverage {
    /// The documented operations of the UserAPI.
    pub operations: Vec<Operation>,
    /// What else the services were asked for.
    pub others: Vec<Other>,
    /// The archives' different calls, those first that the suite does not make; `None` without archives.
    pub compared: Option<Vec<Compared>>,
}

impl Coverage {
    /// What the calls of `suite` cover of `document` and of the calls of `archives`.
    #[must_use]
    pub fn of(document: &Document, suite: &Calls, archives: &[Calls]) -> Self {
        Self {
            operations: operations::of_document(document, suite),
            others: operations::others(document, suite),
            compared: (!archives.is_empty()).then(|| comparison::compare(archives, suite)),
        }
    }

    /// Whether every call of the archives is made; without archives, whether every operation for pages
    /// was called.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        match &self.compared {
            Some(compared) => compared.iter().all(|one| one.verdict == Verdict::Made),
            None => !self.operations.iter().any(Operation::is_missing),
        }
    }

    /// The result in a line.
    #[must_use]
    pub fn verdict(&self) -> String {
        match &self.compared {
            Some(compared) => {
                let count = |verdict| compared.iter().filter(|one| one.verdict == verdict).count();
                format!(
                    "different calls of the archives: {} made, {} made otherwise, {} never made",
                    count(Verdict::Made),
                    count(Verdict::MadeOtherwise),
                    count(Verdict::NeverMade)
                )
            }
            None => self.of_operations(),
        }
    }

    fn of_operations(&self) -> String {
        let for_pages = self
            .operations
            .iter()
            .filter(|one| one.not_for_pages.is_none());
        let called = for_pages.clone().filter(|one| one.calls > 0).count();
        format!(
            "operations of the UserAPI for pages: {called} of {} called",
            for_pages.count()
        )
    }

    /// For the terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.of_operations() + "\n";
        for operation in &self.operations {
            let _ = writeln!(text, "  {:<12} {}", state(operation), operation.name);
            for line in details(operation) {
                let _ = writeln!(text, "               {line}");
            }
        }
        text += "other requests\n";
        for other in &self.others {
            let _ = writeln!(text, "  {}: {}", other.name, answers(&other.statuses));
        }
        if let Some(compared) = &self.compared {
            text += "calls of the archives\n";
            for one in compared {
                let (verdict, call, count) = (words(one.verdict), title(one), one.count);
                let _ = writeln!(text, "  {verdict:<14} {call} ({count} x)");
                for difference in &one.differences {
                    let _ = writeln!(text, "                 {difference}");
                }
            }
        }
        text + &self.verdict()
    }

    /// As a page.
    #[must_use]
    pub fn html(&self) -> String {
        let verdict = self.verdict();
        let content = html! {
            h1 { (verdict) }
            @if let Some(compared) = &self.compared {
                h2 { "Calls of the archives" }
                @for one in compared { (call(one)) }
            }
            h2 { (self.of_operations()) }
            table {
                @for operation in &self.operations {
                    tr {
                        td { (state(operation)) }
                        th scope="row" { (operation.name) }
                        td { (details(operation).join("; ")) }
                    }
                }
            }
            h2 { "Other requests" }
            table {
                @for other in &self.others {
                    tr {
                        th scope="row" { (other.name) }
                        td { (answers(&other.statuses)) }
                    }
                }
            }
        };
        page(&format!("Coverage: {verdict}"), &content)
    }
}

fn call(one: &Compared) -> Markup {
    let is_made = one.verdict == Verdict::Made;
    html! {
        details.drifted[!is_made] open[!is_made] {
            summary { (words(one.verdict)) ": " (title(one)) " (" (one.count) " x)" }
            ul {
                @for difference in &one.differences { li { (difference) } }
            }
            p.quiet {
                @for header in &one.call.headers { (header) br; }
                (one.call.body)
            }
        }
    }
}

/// The operation, and the form of its path and query.
fn title(one: &Compared) -> String {
    let call = &one.call;
    let mut title = call.operation.to_string();
    if !call.path.is_empty() && !title.ends_with(&format!(" {}", call.path)) {
        let _ = write!(title, " as {}", call.path);
    }
    if !call.query.is_empty() && !call.path.is_empty() {
        let _ = write!(title, " ?{}", call.query.join("&"));
    }
    title
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Made => "made",
        Verdict::MadeOtherwise => "made otherwise",
        Verdict::NeverMade => "never made",
    }
}

fn state(operation: &Operation) -> &'static str {
    match (operation.calls, operation.not_for_pages) {
        (0, None) => "NEVER CALLED",
        (0, Some(_)) => "no call",
        _ => "called",
    }
}

fn details(operation: &Operation) -> Vec<String> {
    let mut details = Vec::new();
    details.extend(
        operation
            .not_for_pages
            .map(|why| format!("not for pages: {why}")),
    );
    if operation.calls == 0 {
        return details;
    }
    details.push(answers(&operation.statuses));
    let statuses = operation.statuses_not_seen.iter().map(u16::to_string);
    let statuses: Vec<_> = statuses.collect();
    for (what, which) in [
        ("documented statuses not seen", &statuses),
        ("parameters of the query seen", &operation.query_seen),
        (
            "parameters of the query not seen",
            &operation.query_not_seen,
        ),
        ("members of the body seen", &operation.members_seen),
        ("members of the body not seen", &operation.members_not_seen),
    ] {
        if !which.is_empty() {
            details.push(format!("{what}: {}", which.join(", ")));
        }
    }
    details
}

fn answers(statuses: &BTreeMap<u16, usize>) -> String {
    let answers = statuses.iter().map(|(status, count)| match status {
        0 => format!("no status {count} x"),
        status => format!("{status} {count} x"),
    });
    answers.collect::<Vec<_>>().join(", ")
}
