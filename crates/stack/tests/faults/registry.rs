//! The tables of faults and disturbances themselves.

use std::collections::{BTreeMap, BTreeSet};

use opencloud_stack::{Config, Disturbance, Fault, Stack, config::FileMode, faults};

fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(plain)
}

#[test]
fn names_are_plain_and_unique() {
    let faults = Fault::ALL.iter().map(|fault| (fault.name(), fault.about()));
    let disturbances = Disturbance::ALL.iter().map(|d| (d.name(), d.about()));
    let all: Vec<_> = faults.chain(disturbances).collect();
    let names: BTreeSet<_> = all.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), all.len(), "a name is used twice");
    for (name, about) in all {
        assert!(is_plain(name), "{name}");
        assert!(about.ends_with('.') && about.len() < 100, "{name}: {about}");
    }
}

#[test]
fn names_lead_back() {
    for fault in Fault::ALL {
        assert_eq!(fault.name().parse(), Ok(*fault));
    }
    for disturbance in Disturbance::ALL {
        assert_eq!(disturbance.name().parse(), Ok(*disturbance));
    }
    let error = "cors-no-header".parse::<Fault>().unwrap_err().to_string();
    assert!(error.contains("cors-no-headers"), "{error}");
    assert_eq!(error.lines().count(), 1);
    let error = "latenci".parse::<Disturbance>().unwrap_err().to_string();
    assert!(
        error.contains("disturbance") && error.contains("latency"),
        "{error}"
    );
}

#[test]
fn the_list_names_them_all() {
    let list = faults::list();
    for name in Fault::ALL.iter().map(|fault| fault.name()) {
        assert!(list.contains(&format!("  {name} ")), "{name}");
    }
    for name in Disturbance::ALL.iter().map(|d| d.name()) {
        assert!(list.contains(&format!("  {name} ")), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_other_file_mode_are_refused() {
    for (faults, disturbances, name) in [
        (vec![Fault::S3CorsNoRules], vec![], "fault s3-cors-no-rules"),
        (
            vec![],
            vec![Disturbance::UploadAnswers201],
            "disturbance upload-answers-201",
        ),
    ] {
        let config = Config {
            files: FileMode::Local,
            faults,
            disturbances,
            ..Config::default()
        };
        let error = Stack::start(config).await.unwrap_err();
        assert!(error.is_bad_input());
        assert_eq!(
            error.to_string(),
            format!("{name} exists only with user files in S3 (--files s3)")
        );
    }
}

/// An entry of the project's list of expectations.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    test: Option<String>,
    start: Option<String>,
    says: Vec<String>,
    frontend: Option<String>,
    #[serde(default)]
    hangs: bool,
}

#[test]
fn every_fault_has_an_expectation() {
    let text = include_str!("../../../../tests/faults.yaml");
    let expected: BTreeMap<String, Expectation> = serde_yaml::from_str(text).unwrap();
    let names: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    let listed: BTreeSet<_> = expected.keys().map(String::as_str).collect();
    assert_eq!(listed, names);
    for (name, expectation) in &expected {
        let is_named = |test: &String| test.contains("::");
        assert!(expectation.test.as_ref().is_none_or(is_named), "{name}");
        assert!(
            expectation.test.is_some() != expectation.start.is_some(),
            "{name}"
        );
        assert!(!expectation.says.is_empty(), "{name}");
        let frontend = expectation.frontend.as_deref();
        assert!(
            frontend.is_none_or(|origin| origin.starts_with("https://")),
            "{name}"
        );
    }
    assert!(expected["never-answers"].hangs);
}
