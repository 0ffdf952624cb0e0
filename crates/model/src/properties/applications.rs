use serde_yaml::{Mapping, Value};

use super::*;
use crate::application::{
    Application,
    yaml::{self, Scalar},
};

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        any::<bool>().prop_map(Scalar::Bool),
        any::<i64>().prop_map(Scalar::Int),
        any::<f64>()
            .prop_filter("a number", |value| !value.is_nan())
            .prop_map(Scalar::Float),
        "[a-z:#'\"{}, é~_.%@!&*-]{0,12}|yes|no|null|2020-01-01|1e7|0x1f|1_000|-|:|= 1"
            .prop_map(Scalar::Text),
    ]
}

fn as_value(scalar: &Scalar) -> Value {
    match scalar.clone() {
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => value.into(),
        Scalar::Float(value) => value.into(),
        Scalar::Text(value) => value.into(),
    }
}

/// A mapping of groups of keys, such as a parameter file is.
fn document() -> impl Strategy<Value = Mapping> {
    let value = scalar().prop_map(|scalar| as_value(&scalar)).boxed();
    let list = prop::collection::vec(value.clone(), 0..3).prop_map(Value::Sequence);
    let group =
        prop::collection::hash_map("[a-zA-Z_]{1,6}", prop_oneof![4 => value, 1 => list], 1..5);
    prop::collection::hash_map("[A-Z][a-z]{1,6}", group, 1..4).prop_map(|groups| {
        groups
            .into_iter()
            .map(|(name, group)| {
                let group: Mapping = group.into_iter().map(|(k, v)| (k.into(), v)).collect();
                (name.into(), group.into())
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn setting_a_scalar_changes_nothing_else(
        document in document(),
        value in scalar(),
        which in any::<prop::sample::Index>(),
        windows in any::<bool>(),
    ) {
        let keys: Vec<(String, String)> = document
            .iter()
            .flat_map(|(group, keys)| {
                let group = group.as_str().expect("a text").to_owned();
                let keys = keys.as_mapping().expect("a group").keys();
                keys.map(move |key| (group.clone(), key.as_str().expect("a text").to_owned()))
            })
            .collect();
        let (group, key) = which.get(&keys);
        let path = format!("{group}.{key}");
        let mut text = serde_yaml::to_string(&document).expect("YAML");
        if windows {
            text = text.replace('\n', "\r\n");
        }
        let mut expected: Value = serde_yaml::from_str(&text).expect("YAML");
        let old = &mut expected[group.as_str()][key.as_str()];
        let is_scalar = !old.is_sequence();
        match yaml::set(&text, &path, &value) {
            Err(error) => {
                assert_one_clear_line(&error.to_string());
                prop_assert!(!is_scalar, "{error} in {text}");
            }
            Ok(changed) => {
                prop_assert!(is_scalar, "{text}");
                *old = as_value(&value);
                let read: Value = serde_yaml::from_str(&changed).expect("still YAML");
                prop_assert_eq!(read, expected, "{}", changed);
                let place = text.bytes().zip(changed.bytes()).take_while(|(a, b)| a == b).count();
                let line = text[..place].rfind('\n').map_or(0, |at| at + 1);
                prop_assert_eq!(text[..line].lines().count(), changed[..line].lines().count());
                prop_assert_eq!(text.lines().count(), changed.lines().count());
            }
        }
    }

    #[test]
    fn any_text_can_be_edited_or_is_refused(text in text(), key in "[a-zA-Z0-9.]{0,4}") {
        if let Err(error) = yaml::set(&text, &key, &Scalar::Int(1)) {
            assert_one_clear_line(&error.to_string());
        }
    }

    #[test]
    fn any_application_file_is_sound_or_refused_in_a_line(
        text in text(),
        field in prop::sample::select(vec!["application", "file", "to", "set", "directory", "extra"]),
    ) {
        let good = include_str!("../../../../tests/applications/decode_v0_10_1_train.yaml");
        let line = good.lines().find(|line| line.contains(&format!("{field}:"))).unwrap_or_default();
        let start = line.find(':').map_or(0, |at| at + 1);
        let spoilt = good.replacen(line, &format!("{} {text}", &line[..start]), 1);
        for text in [text, spoilt] {
            match Application::parse("name", &text) {
                Err(error) => assert_one_clear_line(&error.to_string()),
                Ok(application) => for input in application.inputs {
                    let path = std::path::Path::new("folder").join(&input.file);
                    prop_assert_eq!(path.components().count(), 2);
                    prop_assert!(path.file_name().is_some_and(|name| *name == *input.file));
                },
            }
        }
    }
}

/// Neither runs out of stack or time on what is deep or long.
#[test]
fn deep_and_long_documents_end() {
    for text in [
        "[".repeat(5_000),
        "{a: ".repeat(2_000),
        "- ".repeat(20_000),
        "a: &a [*a]\n".repeat(1000),
        format!("a: {}", "'".repeat(100_000)),
        "a: 1\n".repeat(10_000),
        format!("a: &a {}\nb: [{}]", "x".repeat(1000), "*a,".repeat(1000)),
    ] {
        let begin = std::time::Instant::now();
        let _ = yaml::set(&text, "b", &Scalar::Int(1));
        let _ = Application::parse("name", &text);
        let beginning: String = text.chars().take(20).collect();
        assert!(
            begin.elapsed().as_secs() < 30,
            "{beginning}: {:?}",
            begin.elapsed()
        );
    }
}
