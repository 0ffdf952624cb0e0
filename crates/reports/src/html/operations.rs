//! The operations of the UserAPI, called or not.

use maud::{Markup, html};

use super::super::{
    model::{Operation, Run},
    words,
};

/// Which operations the tests called.
pub(super) fn operations(run: &Run) -> Markup {
    if run.operations.is_empty() {
        return Markup::default();
    }
    let (called, others): (Vec<_>, Vec<_>) = run.operations.iter().partition(|one| one.calls > 0);
    let (not_for_pages, missing): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|one| one.not_for_pages.is_some());
    html! {
        section id="operations" {
            h2 { "Operations of the UserAPI" }
            (list("Never called", &missing))
            (list("Called", &called))
            (list("Not for pages", &not_for_pages))
            p.note { "Statuses, parameters and members: " code { "cargo e2e coverage" } }
        }
    }
}

fn list(title: &str, operations: &[&Operation]) -> Markup {
    if operations.is_empty() {
        return Markup::default();
    }
    html! {
        h3 { (title) ": " (operations.len()) }
        dl.facts {
            @for operation in operations {
                dt { code { (operation.name) } }
                dd {
                    @if operation.calls > 0 { (words::count(operation.calls, "call")) }
                    @else { (operation.not_for_pages.as_deref().unwrap_or("no call")) }
                }
            }
        }
    }
}
