//! `junit.xml` by the rules of the schema that Jenkins validates with: what is allowed where, what
//! must be there, and how values look.

use opencloud_model::event::Failure;
use roxmltree::{Document, Node};

use super::{file, formats::samples};

/// What an element may be.
struct Rule {
    name: &'static str,
    within: &'static [&'static str],
    required: &'static [&'static str],
    optional: &'static [&'static str],
    has_text: bool,
}

const CASE: &[&str] = &["testcase"];
const WHY: &[&str] = &["message", "type"];

const fn rule(
    name: &'static str,
    within: &'static [&'static str],
    required: &'static [&'static str],
    optional: &'static [&'static str],
    has_text: bool,
) -> Rule {
    Rule {
        name,
        within,
        required,
        optional,
        has_text,
    }
}

const RULES: [Rule; 12] = [
    rule(
        "testsuites",
        &[""],
        &[],
        &["name", "time", "tests", "failures", "errors"],
        false,
    ),
    rule(
        "testsuite",
        &["testsuites"],
        &["name", "tests", "failures", "errors"],
        &["time", "skipped"],
        false,
    ),
    rule("properties", &["testsuite", "testcase"], &[], &[], false),
    rule("property", &["properties"], &["name", "value"], &[], false),
    rule(
        "testcase",
        &["testsuite"],
        &["name"],
        &["classname", "time"],
        false,
    ),
    rule("failure", CASE, &[], WHY, true),
    rule("error", CASE, &[], WHY, true),
    rule("skipped", CASE, &[], WHY, true),
    rule("flakyFailure", CASE, &["type"], &["message"], true),
    rule("rerunFailure", CASE, &["type"], &["message"], true),
    rule("system-out", CASE, &[], &[], true),
    rule(
        "stackTrace",
        &["flakyFailure", "rerunFailure"],
        &[],
        &[],
        true,
    ),
];

fn assert_valid(xml: &str) {
    let document = Document::parse(xml).unwrap();
    for element in document.descendants().filter(Node::is_element) {
        let name = element.tag_name().name();
        let rule = RULES.iter().find(|rule| rule.name == name);
        let rule = rule.unwrap_or_else(|| panic!("<{name}>"));
        let parent = element.parent_element();
        let parent = parent.map_or("", |parent| parent.tag_name().name());
        assert!(rule.within.contains(&parent), "<{name}> within <{parent}>");
        for required in rule.required {
            assert!(
                element.has_attribute(*required),
                "<{name}> without {required}"
            );
        }
        for attribute in element.attributes() {
            let (attribute, value) = (attribute.name(), attribute.value());
            let is_known = rule.required.contains(&attribute) || rule.optional.contains(&attribute);
            assert!(is_known, "<{name} {attribute}>");
            assert!(
                has_its_form(attribute, value),
                "<{name} {attribute}={value:?}>"
            );
        }
        let text = element.children().filter(Node::is_text);
        let text: String = text.filter_map(|text| text.text()).collect();
        assert!(rule.has_text || text.trim().is_empty(), "<{name}>: {text}");
        if name == "testsuite" {
            assert_counted(element);
        }
    }
}

fn has_its_form(attribute: &str, value: &str) -> bool {
    match attribute {
        "tests" | "failures" | "errors" | "skipped" => value.parse::<u32>().is_ok(),
        // No more than three digits follow the point.
        "time" => {
            let digits = value.split_once('.').map_or("", |(_, digits)| digits);
            value.parse::<f64>().is_ok_and(|time| time >= 0.0) && digits.len() <= 3
        }
        "name" => !value.is_empty(),
        _ => true,
    }
}

/// The numbers of a suite are those of its cases.
fn assert_counted(suite: Node<'_, '_>) {
    let cases = || {
        suite
            .children()
            .filter(|child| child.has_tag_name("testcase"))
    };
    let with = |kind| {
        let has = |case: &Node<'_, '_>| case.children().any(|child| child.has_tag_name(kind));
        cases().filter(has).count()
    };
    for (attribute, count) in [
        ("tests", cases().count()),
        ("failures", with("failure")),
        ("errors", with("error")),
        ("skipped", with("skipped")),
    ] {
        let told = suite.attribute(attribute).map(|told| told.parse().unwrap());
        assert_eq!(told.unwrap_or(0), count, "{attribute} of {suite:?}");
    }
}

#[test]
fn junit_keeps_to_its_schema() {
    for run in samples() {
        assert_valid(&file(&run, "junit.xml"));
    }
}

#[test]
fn a_case_tells_the_lines_of_its_step() {
    let xml = file(&super::super::samples::passing(), "junit.xml");
    let document = Document::parse(&xml).unwrap();
    let case = |node: &Node<'_, '_>| node.attribute("name") == Some("wait for running");
    let case = document.descendants().find(case).unwrap();
    let lines = case
        .children()
        .find(|child| child.has_tag_name("system-out"));
    let lines: Vec<_> = lines.unwrap().text().unwrap().lines().collect();
    assert_eq!(
        lines[..4],
        [
            "waiting for job 1 to be running, for 10 min 00 s at most",
            "job 1 is preprocessing after 0.20 s",
            "job 1 is running after 0.60 s",
            "job 1 was taken from a silent worker: timeout 1 (workers tried: ;worker-1)",
        ]
    );
    assert!(lines[4].starts_with("show job: GET http://localhost:8000/jobs/1: 200"));
}

/// A service of the stack may end while no test runs.
#[test]
fn what_ends_a_run_between_two_tests_is_a_case_of_its_own() {
    let mut run = super::super::samples::passing();
    run.failure = Some(Failure::stack("frontend has ended\nout of memory"));
    let xml = file(&run, "junit.xml");
    assert_valid(&xml);
    let document = Document::parse(&xml).unwrap();
    let failures = document
        .descendants()
        .filter(|node| node.has_tag_name("failure"));
    let failures: Vec<_> = failures.collect();
    let case = failures[0].parent_element().unwrap();
    assert_eq!(failures.len(), 1, "{xml}");
    assert_eq!(failures[0].attribute("type"), Some("stack"));
    assert_eq!(case.attribute("name"), Some("the run itself"));
}
