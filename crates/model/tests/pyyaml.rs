//! Every scalar of the files that `PyYAML` has read can be set, and is then read back with its type,
//! while everything else stays as it was; or a reason says why it cannot be set.

use std::{fs, path::Path};

use opencloud_model::application::yaml::{EditError, Scalar, set};
use opencloud_yaml::{Entry, Value, Written, read};

/// A value by its path: its number, which an alias shares, and how it is read.
#[derive(Clone, Debug, PartialEq)]
struct Leaf {
    path: String,
    number: usize,
    value: Value,
}

fn leaves(entry: Entry<'_>, path: &str, depth: usize, all: &mut Vec<Leaf>) {
    let members: Vec<_> = match entry.value() {
        // What contains itself has no end.
        _ if depth > 5 => return,
        Value::Mapping(pairs) => {
            let name = |key| entry.at(key).value().to_string();
            pairs
                .iter()
                .map(|(key, value)| (name(*key), *value))
                .collect()
        }
        Value::Sequence(items) => {
            let numbered = items.iter().enumerate();
            numbered
                .map(|(at, item)| (format!("[{at}]"), *item))
                .collect()
        }
        value => {
            all.push(Leaf {
                path: path.into(),
                number: entry.number(),
                value: value.clone(),
            });
            return;
        }
    };
    for (name, member) in members {
        let dot = if path.is_empty() { "" } else { "." };
        leaves(
            entry.at(member),
            &format!("{path}{dot}{name}"),
            depth + 1,
            all,
        );
    }
}

fn all(text: &str) -> Vec<Leaf> {
    let document = read(text).unwrap();
    let mut all = Vec::new();
    leaves(document.root(), "", 0, &mut all);
    all
}

/// NaN equals nothing, not even itself.
fn same(a: &Value, b: &Value) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

#[test]
fn a_scalar_that_is_set_is_read_back() {
    let values = [
        (Scalar::Bool(true), Value::Bool(true)),
        (Scalar::Int(-8), Value::Int((-8).into())),
        (Scalar::Float(1e-7), Value::Float(1e-7)),
        (Scalar::Float(f64::INFINITY), Value::Float(f64::INFINITY)),
        (Scalar::Text("cuda:0".into()), Value::Text("cuda:0".into())),
        (Scalar::Text("1:30".into()), Value::Text("1:30".into())),
        (
            Scalar::Text("it's, 'no'".into()),
            Value::Text("it's, 'no'".into()),
        ),
        (Scalar::Text(String::new()), Value::Text(String::new())),
    ];
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../yaml/tests/pyyaml");
    let (mut changed, mut refused) = (0, 0);
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let Ok(document) = read(&text) else {
            assert!(matches!(
                set(&text, "a", &Scalar::Int(1)),
                Err(EditError::Syntax(_))
            ));
            continue;
        };
        let before = all(&text);
        for leaf in before.iter().filter(|leaf| !leaf.path.contains('[')) {
            for (scalar, expected) in &values {
                let what = format!("{}: {} to {scalar:?}", path.display(), leaf.path);
                let edited = match set(&text, &leaf.path, scalar) {
                    Ok(edited) => edited,
                    Err(EditError::Missing(_)) if leaf.path.is_empty() => continue,
                    Err(
                        EditError::NotScalar(_) | EditError::Elsewhere(_) | EditError::Ambiguous(_),
                    ) => {
                        refused += 1;
                        continue;
                    }
                    Err(error) => panic!("{what}: {error}"),
                };
                changed += 1;
                let written = document.get(&leaf.path).unwrap().written();
                assert!(matches!(written, Written::Here(_)), "{what}");
                let after = all(&edited);
                assert_eq!(before.len(), after.len(), "{what}: {edited}");
                for (old, new) in before.iter().zip(&after) {
                    assert_eq!(old.path, new.path, "{what}: {edited}");
                    let expected = if old.number == leaf.number {
                        expected
                    } else {
                        &old.value
                    };
                    assert!(
                        same(&new.value, expected),
                        "{what}: {} in {edited}",
                        new.path
                    );
                }
            }
        }
    }
    assert!(
        changed > 400 && refused > 50,
        "{changed} changed, {refused} refused"
    );
}
