//! Tables that are wider than a narrow screen.

use maud::{Markup, html};
use opencloud_model::origin_table::Origin;

/// A table that scrolls by itself, with a label for screen readers.
pub(super) fn wide(label: &str, class: Option<&str>, heads: &Markup, rows: &Markup) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(label) {
            table class=[class] {
                thead { tr { (heads) } }
                tbody { (rows) }
            }
        }
    }
}

/// The heads of columns with these names.
pub(super) fn heads(names: &[&str]) -> Markup {
    html! { @for name in names { th scope="col" { (name) } } }
}

/// The heads of a table of calls and origins.
pub(super) fn origin_heads(origins: &[Origin]) -> Markup {
    html! {
        th scope="col" { "Call" }
        @for origin in origins {
            th scope="col" { span.origin { code { (origin.origin) } small { (origin.difference) } } }
        }
    }
}
