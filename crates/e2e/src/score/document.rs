//! `docs/faults.md`: every fault and disturbance, for readers.

use std::fmt::Write as _;

use opencloud_browser::{engine::ENGINES, process::Failure};
use opencloud_stack::{Disturbance, Family, Fault, config::FileMode};

use super::{differences, expectations::Expectations};

/// Where it is, from the project's root.
pub(crate) const PATH: &str = "docs/faults.md";

/// The text of the document.
pub(crate) fn write(expectations: &Expectations) -> Result<String, Failure> {
    let mut lines = vec![
        "# Faults and disturbances".into(),
        String::new(),
        "What the embedded OpenCloud can do wrong on purpose, what a user of the frontend would \
         suffer, and which test of the suite must notice it with which words. Where that is not a test \
         but the start, it is a step that every run begins with. `cargo e2e faults` tries them all; \
         `cargo e2e faults --document` writes this file from `crates/stack/src/faults`, \
         `tests/faults.yaml` and `tests/engines.yaml`."
            .into(),
    ];
    for family in Family::ALL {
        let of_family = Fault::ALL.iter().filter(|fault| fault.family() == family);
        lines.extend([
            String::new(),
            format!("## {}", title(family)),
            String::new(),
            "| fault | what a user suffers | noticed by | in these words |".into(),
            "|---|---|---|---|".into(),
        ]);
        for fault in of_family {
            lines.push(row(*fault, expectations)?);
        }
    }
    lines.extend([
        String::new(),
        "## Disturbances".into(),
        String::new(),
        "Awkward, but right: under each of these the whole suite must pass, with one chain of \
         applications."
            .into(),
        String::new(),
        "| disturbance | what happens |".into(),
        "|---|---|".into(),
    ]);
    lines.extend(
        Disturbance::ALL
            .iter()
            .map(|d| format!("| `{}` | {}{} |", d.name(), d.about(), only(d.only_in()))),
    );
    lines.push(
        "| `second-suite` | A second suite runs at the same time, with the same account. |".into(),
    );
    lines.extend([
        String::new(),
        "## In other browsers".into(),
        String::new(),
        format!(
            "Faults that show in other words there than in {}. *Not tried* are faults that a page cannot \
             notice there, and disturbances that the suite cannot tolerate there.",
            ENGINES[0].name()
        ),
        String::new(),
        "| browser | fault or disturbance | why it differs | in these words |".into(),
        "|---|---|---|---|".into(),
    ]);
    for engine in ENGINES {
        let mut add = |name: &str, because: &str, says: Option<&Vec<String>>| {
            let says = says.map_or("not tried".into(), |says| words(says));
            lines.push(format!(
                "| {} | `{name}` | {because} | {says} |",
                engine.name()
            ));
        };
        let all = differences::read(engine.id())?;
        for (fault, difference) in &all.faults {
            add(fault, &difference.because, difference.says.as_ref());
        }
        for (disturbance, because) in &all.not_tolerated {
            add(disturbance, because, None);
        }
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

fn title(family: Family) -> &'static str {
    match family {
        Family::CorsUserApi => "CORS of the UserAPI",
        Family::CorsS3Cognito => "CORS of S3 and Cognito",
        Family::SignIn => "Sign-in",
        Family::Accounts => "Registration, confirmation and forgotten passwords",
        Family::Files => "Files",
        Family::Jobs => "Jobs",
        Family::Between => "What stands between the page and the services",
        Family::Behind => "What stands behind the UserAPI",
        Family::Transport => "Transport, and the form of answers",
        Family::Frontend => "The frontend's own words",
        Family::Applications => "Applications, and what one job passes on to the next",
    }
}

fn row(fault: Fault, expectations: &Expectations) -> Result<String, Failure> {
    let mut about = fault.about().to_owned() + only(fault.only_in());
    let expectation = expectations.of(fault)?;
    if let Some(frontend) = &expectation.frontend {
        let _ = write!(about, " (With the frontend at {frontend}.)");
    }
    if expectation.hangs {
        about += " (Only a time limit ends it.)";
    }
    let words = words(&expectation.says);
    let (name, noticed_by) = (fault.name(), code(&expectation.to_string()));
    Ok(format!("| `{name}` | {about} | {noticed_by} | {words} |"))
}

/// The file mode that has it, where the other has not.
fn only(mode: Option<FileMode>) -> &'static str {
    match mode {
        None => "",
        Some(FileMode::S3) => " (Files in S3 only.)",
        Some(FileMode::Local) => " (Files on the UserAPI's disk only.)",
    }
}

fn words(says: &[String]) -> String {
    let words: Vec<_> = says.iter().map(|words| code(words)).collect();
    words.join(", ")
}

/// Code in a cell of a table, where a bar would end the cell, and a backtick the code.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    if text.contains('`') {
        return format!("`` {text} ``");
    }
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::project;

    #[test]
    fn the_document_is_up_to_date() {
        let expectations = Expectations::read(None).unwrap();
        let written = fs::read_to_string(project::root().join(PATH)).unwrap_or_default();
        assert!(
            written == write(&expectations).unwrap(),
            "{PATH} is stale: run cargo e2e faults --document"
        );
    }
}
