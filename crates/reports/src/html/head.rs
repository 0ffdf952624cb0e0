//! The head of a page.

use maud::{Markup, PreEscaped, html};

/// A page's head.
pub(super) fn head(title: &str, style: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            link rel="icon" href="data:,";
            style { (PreEscaped(style)) }
        }
    }
}
