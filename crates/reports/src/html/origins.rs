//! The table of calls and origins.

use maud::{Markup, html};
use opencloud_model::origin_table::{Cell, OriginTable};

use super::{
    super::{model::Run, words},
    table::{origin_heads, wide},
};

/// Which pages could read which answers.
pub(super) fn origins(run: &Run) -> Markup {
    if run.origins.is_empty() {
        return Markup::default();
    }
    html! {
        section id="origins" {
            h2 { "Who may read" }
            @for table in &run.origins { (table_of(table)) }
            p.note {
                "✓ readable by a page of that origin, – kept from it by the browser, ? not checked; "
                "a marked cell is not as it should be."
            }
        }
    }
}

fn table_of(table: &OriginTable) -> Markup {
    let wrong = table
        .rows
        .iter()
        .flat_map(|row| &row.cells)
        .filter(|cell| cell.is_wrong())
        .count();
    let rows = html! {
        @for row in &table.rows {
            tr {
                th scope="row" { (row.call) }
                @for cell in &row.cells { (self::cell(*cell)) }
            }
        }
    };
    html! {
        p {
            @if wrong == 0 { "Every answer can be read by the pages that may, and by no others." }
            @else { strong { (words::count(wrong, "answer")) " not as it should be." } }
        }
        (wide("Calls and origins", Some("origins"), &origin_heads(&table.origins), &rows))
    }
}

fn cell(cell: Cell) -> Markup {
    let (sign, words) = match (cell.readable, cell.is_wrong()) {
        (Some(true), false) => ("✓", "readable"),
        (Some(false), false) => ("–", "refused"),
        (Some(true), true) => ("✓!", "readable, but should not be"),
        (Some(false), true) => ("–!", "refused, but should be readable"),
        (None, _) => ("?", "not checked"),
    };
    let class = match (cell.is_wrong(), cell.readable) {
        (true, _) => "wrong",
        (false, Some(true)) => "readable",
        (false, _) => "refused",
    };
    html! {
        td.(class) title=(words) { span aria-hidden="true" { (sign) } span.spoken { (words) } }
    }
}
