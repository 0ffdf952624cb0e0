//! The problems of a run. A problem that several steps share is listed once.

use opencloud_model::{
    event::{Blame, Failure},
    leftovers,
};

use super::model::{Run, Step, Test};

/// A failure that one or more steps share.
pub(super) struct Problem<'a> {
    /// The problem in a sentence.
    pub(super) sentence: &'a str,
    /// The first failure that shows it.
    pub(super) failure: &'a Failure,
    /// The tests that show it, each with its step. A test that failed between two steps has none.
    pub(super) places: Vec<(&'a Test, Option<&'a Step>)>,
}

impl Problem<'_> {
    /// The first request that shows it.
    pub(super) fn request(&self) -> Option<&str> {
        request(&self.failure.message)
    }
}

/// The problems of `run`.
pub(super) fn problems(run: &Run) -> Vec<Problem<'_>> {
    let mut problems: Vec<Problem<'_>> = Vec::new();
    for test in &run.tests {
        for (step, failure) in test.failures() {
            let sentence = sentence(&failure.message);
            let same = |known: &&mut Problem<'_>| cause(known.sentence) == cause(sentence);
            match problems.iter_mut().find(same) {
                Some(known) => known.places.push((test, step)),
                None => problems.push(Problem {
                    sentence,
                    failure,
                    places: vec![(test, step)],
                }),
            }
        }
    }
    // The gravest first, then those with the most places.
    let gravity =
        |problem: &Problem<'_>| (problem.failure.blame != Blame::Stack, problem.places.len());
    problems.sort_by_key(|problem| std::cmp::Reverse(gravity(problem)));
    problems
}

/// A failure's first line, without the request that it names at its start.
pub(super) fn sentence(message: &str) -> &str {
    let line = message.lines().next().unwrap_or_default();
    match line.split_once("): ") {
        Some((request, rest)) if request.contains(" http") => rest,
        _ => line,
    }
}

/// The request that a failure's first line names at its start.
pub(super) fn request(message: &str) -> Option<&str> {
    let line = message.lines().next().unwrap_or_default();
    let request = line.strip_suffix(sentence(message))?;
    Some(request.trim_end_matches(": ")).filter(|request| !request.is_empty())
}

/// The part of a sentence by which problems are compared. The same answer is the same problem,
/// whatever was expected instead, and so is the same sentence about another file of the run, or about
/// another job, whatever states that was seen in.
fn cause(sentence: &str) -> String {
    let sentence = sentence.split("; seen so far: ").next().unwrap_or(sentence);
    let parts = sentence.split_once(" instead of ");
    let answered = parts.filter(|(answer, _)| answer.starts_with("answered "));
    match answered.and_then(|(answer, rest)| Some((answer, rest.split_once(": ")?.1))) {
        Some((answer, body)) => format!("{answer}: {body}"),
        None => without_origin(sentence)
            .split(' ')
            .filter(|word| !is_of_one_file(word))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// The sentence without the origin of the page: pages of other origins show the same problem.
fn without_origin(sentence: &str) -> String {
    const PAGE: &str = "a page of origin ";
    let parts = sentence.split_once(PAGE).and_then(|(before, rest)| {
        let end = rest.find(") can")?;
        Some((before, &rest[end..]))
    });
    parts.map_or_else(
        || sentence.to_owned(),
        |(before, after)| format!("{before}{PAGE}{after}"),
    )
}

/// Whether a word is the name or the size of one of the run's files.
fn is_of_one_file(word: &str) -> bool {
    word.contains(leftovers::PREFIX)
        || word.parse::<f64>().is_ok()
        || ["Byte", "Bytes", "kB", "MB"].contains(&word.trim_end_matches(','))
}

/// What a failure's message tells to look at: the service, or what stands before it, with the status of
/// its answer if that was seen; and the setting.
pub(super) fn setting(message: &str) -> Option<(&str, &str)> {
    let places = message.match_indices('(');
    let mut groups = places.filter_map(|(start, _)| group(&message[start + 1..]));
    groups.find_map(|group| {
        let (subject, setting) = group.split_once(", ")?;
        is_subject(subject).then_some((subject, setting))
    })
}

/// The text up to the parenthesis that closes it.
fn group(text: &str) -> Option<&str> {
    let mut depth = 0_i32;
    let end = text.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth < 0
    })?;
    Some(&text[..end])
}

/// Whether the text names a service, or is like `502 from nginx before UserAPI`.
fn is_subject(text: &str) -> bool {
    const SERVICES: [&str; 5] = ["UserAPI", "S3", "Cognito", "WorkerAPI", "the workers"];
    let service = match text.split_once(" from ") {
        Some((status, sender)) if status.parse::<u16>().is_ok() => sender
            .rsplit_once("before ")
            .map_or(sender, |(_, service)| service),
        _ => text,
    };
    SERVICES.contains(&service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_setting_to_look_at() {
        assert_eq!(
            setting("the preflight is refused (UserAPI, CORSMiddleware allow_methods)"),
            Some(("UserAPI", "CORSMiddleware allow_methods"))
        );
        assert_eq!(setting("a (S3, b (c) d) e"), Some(("S3", "b (c) d")));
        for (message, subject) in [
            (
                "a: b (502 from nginx before UserAPI, its log)",
                "502 from nginx before UserAPI",
            ),
            (
                "(403 from before Cognito, its log)",
                "403 from before Cognito",
            ),
            (
                "failed (500): c (500 from UserAPI, its log)",
                "500 from UserAPI",
            ),
        ] {
            assert_eq!(setting(message), Some((subject, "its log")));
        }
        assert_eq!(setting("the job ended in error"), None);
        assert_eq!(
            setting("a page of origin null (opaque, sandboxed) can"),
            None
        );
    }

    #[test]
    fn a_sentence_leaves_the_request_out() {
        assert_eq!(
            sentence("list (GET http://a/b): no answer\nChrome: x"),
            "no answer"
        );
        assert_eq!(
            request("list (GET http://a/b): no answer\nChrome: x"),
            Some("list (GET http://a/b)")
        );
        assert_eq!(request("job 1 (n): it vanished"), None);
        assert_eq!(sentence("job 1 (n): it vanished"), "job 1 (n): it vanished");
    }

    #[test]
    fn an_answer_is_the_same_whatever_was_expected() {
        let same = |a, b| cause(a) == cause(b);
        assert!(same(
            "answered 401 instead of 200: no",
            "answered 401 instead of 200 or 404: no"
        ));
        assert!(!same(
            "answered 401 instead of 200: no",
            "answered 500 instead of 200: no"
        ));
        assert!(!same(
            "answered 401 instead of 200: no",
            "answered 401 instead of 200: yes"
        ));
    }

    #[test]
    fn a_cause_is_the_same_for_all_files() {
        let same = |a, b| cause(a) == cause(b);
        assert!(same(
            "data/integration_test_1/a was uploaded with 1 Byte, but the listing shows None",
            "data/integration_test_2/b was uploaded with 1.5 MB, but the listing shows None"
        ));
        assert!(!same(
            "data/integration_test_1/a was uploaded with 1 Byte, but the listing shows None",
            "data/integration_test_1/a was uploaded with 1 Byte, but another one was stored"
        ));
    }

    #[test]
    fn a_cause_is_the_same_for_all_jobs() {
        let vanished = |job: &str, seen: &str| {
            cause(&format!(
                "job 1 ({}{job}): the job vanished; seen so far: {seen}",
                leftovers::PREFIX
            ))
        };
        let (polled_early, polled_late) = ("queued at 0.0 s, pulled at 0.1 s", "queued at 0.0 s");
        assert_eq!(vanished("1_a", polled_early), vanished("1_b", polled_late));
    }

    #[test]
    fn a_cause_is_the_same_for_all_origins() {
        let same = |a, b| cause(a) == cause(b);
        assert!(same(
            "a page of origin null (opaque) can read the answer (200), but only http://a may (UserAPI, x)",
            "a page of origin http://b (other host) can read the answer (200), but only http://a may \
             (UserAPI, x)"
        ));
        assert!(!same(
            "a page of origin null (opaque) can read the answer (200), but only http://a may (UserAPI, x)",
            "a page of origin null (opaque) can read the answer (200), but only http://a may (S3, y)"
        ));
    }
}
