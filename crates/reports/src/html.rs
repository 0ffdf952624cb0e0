//! `report.html`: a run for a person to look at. One file that needs nothing else.

mod comparison;
mod exchange;
mod head;
mod marks;
mod operations;
mod origins;
mod requests;
mod table;
mod test_list;
mod timeline;
mod top;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use opencloud_model::job_state::JobState;

use super::{model::Run, words};

pub(super) use comparison::comparison;

const STYLE: &str = include_str!("html/report.css");
const SCRIPT: &str = include_str!("html/report.js");

/// The report as HTML.
pub(super) fn html(run: &Run) -> String {
    let title = format!("{}: DECODE OpenCloud, {}", words::headline(run), run.id);
    let style = STYLE.to_owned() + &state_colors();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head::head(&title, &style))
            body data-started-at=(run.started_at) {
                (top::top(run))
                (navigation(run))
                main {
                    (timeline::timeline(run))
                    (origins::origins(run))
                    (test_list::test_list(run))
                    (advice(run))
                    (leftovers(run))
                    (operations::operations(run))
                    (requests::requests(run))
                    (environment(run))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// The colours of a job's states, by the classes that the timeline gives them. Any other state has
/// the colour of a failure (`report.css`).
fn state_colors() -> String {
    let rule = |state: JobState| {
        format!(
            ".lane .state.{} {{ fill: {}; }}\n",
            state.name(),
            state.color()
        )
    };
    JobState::ALL.into_iter().map(rule).collect()
}

fn navigation(run: &Run) -> Markup {
    let parts = [
        (!run.tests.is_empty(), "timeline", "Timeline"),
        (!run.origins.is_empty(), "origins", "Who may read"),
        (true, "tests", "Tests"),
        (has_advice(run), "advice", "Advice"),
        (!run.operations.is_empty(), "operations", "Operations"),
        (!run.exchanges.is_empty(), "requests", "Requests"),
        (true, "environment", "Environment"),
    ];
    html! {
        nav aria-label="Parts of this report" {
            @for (_, id, name) in parts.iter().filter(|(is_there, ..)| *is_there) {
                a href={ "#" (id) } { (name) }
            }
        }
    }
}

fn has_advice(run: &Run) -> bool {
    let mut tests = run.tests.iter();
    tests.any(|test| !test.advice.is_empty() || !test.not_checked.is_empty())
}

fn advice(run: &Run) -> Markup {
    if !has_advice(run) {
        return Markup::default();
    }
    let advice = run.tests.iter().flat_map(|test| &test.advice);
    let not_checked = run.tests.iter().flat_map(|test| &test.not_checked);
    html! {
        section id="advice" {
            h2 { "Advice" }
            @if advice.clone().next().is_some() {
                p.note { "Wrong, but the frontend lives with it. Advice fails a run only with --strict." }
            }
            @for advice in advice {
                div.advice {
                    p { strong { (advice.what) } }
                    p { "To fix it: " (advice.fix) }
                }
            }
            @if not_checked.clone().next().is_some() {
                h3 { "Not checked" }
                dl.facts {
                    @for gap in not_checked {
                        dt { (gap.what) }
                        dd { (gap.why) }
                    }
                }
            }
        }
    }
}

fn leftovers(run: &Run) -> Markup {
    html! {
        @for left in &run.leftovers {
            section {
                h2 { "Left by earlier runs" }
                p { (left.remedy) }
                ul { @for found in &left.found { li { code { (found) } } } }
            }
        }
    }
}

fn environment(run: &Run) -> Markup {
    let versions = &run.versions;
    let unknown = "was not started";
    html! {
        section id="environment" {
            h2 { "Environment" }
            dl.facts {
                dt { "Under test" } dd { (run.environment.about) }
                dt { "Page's origin" } dd { code { (run.environment.origin) } }
                dt { "Began" } dd { (words::instant(run.started_at)) }
                dt { "Suite" } dd { (versions.suite) }
                dt { "Browser" } dd { (versions.browser.as_deref().unwrap_or(unknown)) }
                dt { "Driver" } dd { (versions.driver.as_deref().unwrap_or(unknown)) }
                @if !versions.unknown.is_empty() {
                    dt { "Not reported by this browser" } dd { (versions.unknown.join(", ")) }
                }
                dt { "System" } dd { (versions.system) }
            }
            @if !run.environment.settings.is_empty() {
                h3 { "Settings" }
                dl.facts {
                    @for setting in &run.environment.settings {
                        dt { code { (setting.name) } }
                        dd { code { (setting.value) } " (" (setting.source) ")" }
                    }
                }
            }
        }
    }
}
