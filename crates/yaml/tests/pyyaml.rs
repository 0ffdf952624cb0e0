//! Every file of `tests/pyyaml` is read as `PyYAML` reads it: value, type and order, or refused by the
//! same part, on the same line and column. `answers.py` there writes the answers.

#[path = "support/typed.rs"]
mod typed;

use std::{fs, path::Path};

use serde_json::Value as Json;

/// The files that `PyYAML` reads and the reader here refuses, and why.
const REFUSED_HERE: [(&str, &str); 1] = [(
    "escape_surrogate",
    "Python makes a text of each half of the pair, which no UTF-8 file can hold",
)];

#[test]
fn every_file_is_read_as_pyyaml_reads_it() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pyyaml");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap();
        if let Some((_, reason)) = REFUSED_HERE.iter().find(|(file, _)| name == *file) {
            let ours = typed::answer(&text);
            assert_eq!(ours["refused"], "ValueError", "{reason}: {ours}");
            continue;
        }
        let answer = fs::read_to_string(path.with_extension("json")).unwrap();
        let answer: Json = serde_json::from_str(&answer).unwrap();
        let ours = typed::answer(&text);
        let expected = typed::in_our_form(&answer, &ours);
        if ours != expected {
            wrong.push(format!(
                "{}\n  ours   {ours}\n  PyYAML {expected}",
                path.display()
            ));
        }
    }
    assert!(count >= 90, "{count} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As many levels as `PyYAML` has, and neither time nor stack runs out at more.
#[test]
fn collections_are_nested_as_deeply_as_pyyaml_allows() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        let text = |depth| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert!(opencloud_yaml::read(&text(490)).is_ok(), "{open}");
        let error = opencloud_yaml::read(&text(50_000)).unwrap_err();
        assert_eq!(error.kind, opencloud_yaml::Kind::Depth, "{open}: {error}");
    }
}
