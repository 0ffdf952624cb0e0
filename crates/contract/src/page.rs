//! The frame of a page for people.

use maud::{DOCTYPE, Markup, html};

/// A page that needs nothing else.
pub(crate) fn page(title: &str, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (STYLE) }
            }
            body { (content) }
        }
    };
    page.into_string()
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;\
    padding:0 1rem}pre{overflow-x:auto;background:#8881;padding:.5rem}summary{cursor:pointer}\
    .drifted>summary{font-weight:bold;color:#c33}.quiet{opacity:.7}\
    table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}";
