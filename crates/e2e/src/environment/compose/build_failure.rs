//! Why a service's image cannot be built, from the output of `BuildKit`.

use super::service::SERVICES;

/// How many lines are shown.
const SHOWN: usize = 20;

/// A step of a Dockerfile that fails.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BuildFailure<'a> {
    pub(super) service: &'a str,
    /// The instruction.
    pub(super) step: &'a str,
    /// The last output of the step, its place in the Dockerfile, and the reason.
    pub(super) lines: Vec<&'a str>,
}

/// The step that has failed, if `output` names one.
pub(super) fn build_failure(output: &str) -> Option<BuildFailure<'_>> {
    let lines: Vec<_> = output.lines().collect();
    lines
        .iter()
        .rfind(|line| line.contains("failed to solve: "))?;
    // Such as ` > [frontend builder 4/5] RUN npm run build:`.
    let start = lines.iter().rposition(|line| line.starts_with(" > ["))?;
    let (place, step) = lines[start].strip_prefix(" > [")?.split_once("] ")?;
    let mut words = place.split(' ');
    let service = words.find(|word| SERVICES.iter().any(|service| service.name == *word))?;
    let is_rule = |line: &&str| line.trim_matches('-').is_empty();
    let first = (start + 1).max(lines.len().saturating_sub(SHOWN));
    Some(BuildFailure {
        service,
        step: step.trim_end_matches(':'),
        lines: lines[first..]
            .iter()
            .copied()
            .filter(|line| !is_rule(line))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_that_fails_is_found() {
        let output = "#5 [frontend 1/2] FROM node\n------\n > [frontend builder 2/2] RUN a: b:\n\
                      0.1 no\n------\ntarget frontend: failed to solve: process did not complete\n";
        let expected = BuildFailure {
            service: "frontend",
            step: "RUN a: b",
            lines: vec![
                "0.1 no",
                "target frontend: failed to solve: process did not complete",
            ],
        };
        assert_eq!(build_failure(output), Some(expected));
        assert_eq!(build_failure("failed to solve: no such file\n"), None);
        assert_eq!(
            build_failure(" > [frontend 1/2] RUN a:\nstill at it\n"),
            None
        );
    }
}
